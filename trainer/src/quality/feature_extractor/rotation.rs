//! Rotations by multiples of 90 degrees, the labels of images without labels (Gidaris et al., 2018).

use crate::data::{PIXELS, SIDE};

/// Number of rotations: by 0, 90, 180 and 270 degrees.
pub const ROTATIONS: usize = 4;

/// Returns an image of 784 pixels rotated clockwise by `turns` times 90 degrees.
pub fn rotated<T: Copy + Default>(image: &[T], turns: u8) -> [T; PIXELS] {
    let last = SIDE - 1;
    let mut out = [T::default(); PIXELS];
    for (place, pixel) in out.iter_mut().enumerate() {
        let (x, y) = (place % SIDE, place / SIDE);
        let (from_x, from_y) = match usize::from(turns) % ROTATIONS {
            0 => (x, y),
            1 => (y, last - x),
            2 => (last - x, last - y),
            _ => (last - y, x),
        };
        *pixel = image[from_y * SIDE + from_x];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_rotated_clockwise() {
        let mut image = [0_u8; PIXELS];
        image[1] = 7;
        // The pixel beside the upper left corner passes the other corners clockwise.
        for (turns, place) in [
            (0, 1),
            (1, 2 * SIDE - 1),
            (2, PIXELS - 2),
            (3, PIXELS - 2 * SIDE),
        ] {
            let found = rotated(&image, turns);
            assert_eq!(found.iter().position(|&gray| gray == 7), Some(place));
        }
        assert_eq!(rotated(&rotated(&image, 1), 3), image);
    }
}
