//! Sizes of images before they are scaled.

use std::fmt;

use super::SIDE;

/// Smallest and largest of the sizes of images, by the number of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Width and height.
    smallest: [usize; 2],
    /// Width and height.
    largest: [usize; 2],
}

impl Sizes {
    /// Sizes of images of 28x28 pixels.
    pub const MNIST: Self = Self::of([SIDE; 2]);

    /// Returns the sizes of images of one size.
    pub const fn of(size: [usize; 2]) -> Self {
        Self {
            smallest: size,
            largest: size,
        }
    }

    /// Returns the sizes of these images and others.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let pixels = |[width, height]: &[usize; 2]| width * height;
        Self {
            smallest: [self.smallest, other.smallest]
                .into_iter()
                .min_by_key(pixels)
                .unwrap_or(self.smallest),
            largest: [other.largest, self.largest]
                .into_iter()
                .max_by_key(pixels)
                .unwrap_or(self.largest),
        }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([width, height], [max_width, max_height]) = (self.smallest, self.largest);
        write!(f, "{width}x{height}")?;
        if self.smallest != self.largest {
            write!(f, " to {max_width}x{max_height}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_shown_from_the_smallest_to_the_largest() {
        assert_eq!(Sizes::MNIST.to_string(), "28x28");
        let all = [[40, 20], [20, 40], [10, 90], [16, 16]].map(Sizes::of);
        let sizes = all.into_iter().reduce(Sizes::with).unwrap();
        assert_eq!(sizes.to_string(), "16x16 to 10x90");
    }
}
