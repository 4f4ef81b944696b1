//! Augmentation of the images that the discriminator sees (Zhao et al., 2020): with few training images it would otherwise
//! memorize them.
//!
//! A transform is linear in the pixels, so that its transpose propagates gradients.

use burn::{prelude::*, tensor::TensorData};
use rand::{Rng, RngExt};

use super::preset::Augmentation;
use crate::data::{PIXELS, SIDE};

/// One random transform per image of a batch.
#[derive(Clone, Debug)]
pub struct Transforms(Vec<Transform>);

/// Translation of an image by `shift`, then a square of zeros.
#[derive(Clone, Copy, Debug)]
struct Transform {
    /// Translation down and to the right, in pixels.
    shift: [i32; 2],
    /// Top left corner of the square, which may lie outside of the image.
    corner: [i32; 2],
    /// Side of the square.
    cutout: i32,
}

impl Transforms {
    /// Draws `count` transforms, with uniform translations and squares whose centers are uniform in the image.
    pub fn random(augmentation: Augmentation, count: usize, random: &mut impl Rng) -> Self {
        let [reach, cutout] = [augmentation.translation, augmentation.cutout].map(i32::from);
        let [least, most] = [-(cutout / 2), SIDE as i32 - (cutout + 1) / 2];
        let transforms = (0..count).map(|_| {
            let shift = [(); 2].map(|()| random.random_range(-reach..=reach));
            let corner = [(); 2].map(|()| random.random_range(least..=most));
            Transform {
                shift,
                corner,
                cutout,
            }
        });
        Self(transforms.collect())
    }

    /// Returns the transformed images [N, 784], without gradients; pixels from outside of an image are 0.
    pub fn apply(&self, images: Tensor<2>) -> Tensor<2> {
        self.copy(images, |seen, pixel| (pixel, seen))
    }

    /// Returns the gradients [N, 784] at the images from those at the transformed images.
    pub fn transpose(&self, gradients: Tensor<2>) -> Tensor<2> {
        self.copy(gradients, |seen, pixel| (seen, pixel))
    }

    /// Copies values on the host. `direction` returns source and target from the indices of a transformed pixel and of
    /// the pixel that it shows.
    fn copy(
        &self,
        from: Tensor<2>,
        direction: impl Fn(usize, usize) -> (usize, usize),
    ) -> Tensor<2> {
        let (device, shape) = (from.device(), from.dims());
        let from = super::mlp::floats(from);
        let mut to = vec![0.0; from.len()];
        let images = from.chunks_exact(PIXELS).zip(to.chunks_exact_mut(PIXELS));
        for (transform, (from, to)) in self.0.iter().zip(images) {
            for (seen, pixel) in transform.pixels() {
                let (source, target) = direction(seen, pixel);
                to[target] = from[source];
            }
        }
        Tensor::from_data(TensorData::new(to, shape), &device)
    }
}

impl Transform {
    /// Returns the indices of the transformed pixels that show a pixel of the image, with that pixel's index.
    fn pixels(&self) -> impl Iterator<Item = (usize, usize)> {
        let side = SIDE as i32;
        let Self {
            shift,
            corner,
            cutout,
        } = *self;
        let is_cut = move |place: [i32; 2]| {
            (0..2).all(|axis| (corner[axis]..corner[axis] + cutout).contains(&place[axis]))
        };
        let index = move |place: [i32; 2]| (place[0] * side + place[1]) as usize;
        let places = (0..side).flat_map(move |y| (0..side).map(move |x| [y, x]));
        places
            .filter(move |&place| !is_cut(place))
            .filter_map(move |place| {
                let source = [place[0] - shift[0], place[1] - shift[1]];
                let is_inside = source.iter().all(|at| (0..side).contains(at));
                is_inside.then(|| (index(place), index(source)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gan::{mlp::floats, rows},
        random::{Purpose, stream},
    };

    impl Transforms {
        /// Returns `count` copies of the transform of one image.
        pub(in crate::gan) fn repeated(&self, index: usize, count: usize) -> Self {
            Self(vec![self.0[index]; count])
        }
    }

    const BOTH: Augmentation = Augmentation {
        translation: 4,
        cutout: 14,
    };

    fn random(augmentation: Augmentation, count: usize) -> Transforms {
        Transforms::random(
            augmentation,
            count,
            &mut stream(1, Purpose::Augmentation, 0),
        )
    }

    /// Returns images of distinct pixels, none of them 0.
    fn images(count: usize) -> Tensor<2> {
        let values = (0..count * PIXELS).map(|place| 1.0 + (place * 37 % 1_009) as f32);
        rows(values.collect(), PIXELS, &Device::flex())
    }

    #[test]
    fn a_transform_translates_and_cuts_a_square() {
        let transform = Transform {
            shift: [2, -3],
            corner: [10, 20],
            cutout: 5,
        };
        let before = floats(images(1));
        let after = floats(Transforms(vec![transform]).apply(images(1)));
        let at = |image: &[f32], y: usize, x: usize| image[y * SIDE + x];
        assert!((at(&after, 5, 7) - at(&before, 3, 10)).abs() < f32::EPSILON);
        for (y, x) in [(1, 7), (5, 25), (10, 20), (14, 24)] {
            assert!(at(&after, y, x) == 0.0, "{y} {x}");
        }
        for (y, x) in [(9, 20), (15, 24), (10, 19), (2, 0)] {
            assert!(at(&after, y, x) > 0.0, "{y} {x}");
        }
    }

    #[test]
    fn squares_are_as_large_as_the_cutout_unless_they_cross_the_border() {
        let augmentation = Augmentation {
            translation: 0,
            ..BOTH
        };
        let seen = floats(random(augmentation, 200).apply(images(200)));
        let cut = |image: &[f32]| image.iter().filter(|&&value| value == 0.0).count();
        let counts: Vec<_> = seen.chunks_exact(PIXELS).map(cut).collect();
        assert!(
            counts.iter().all(|&count| (49..=196).contains(&count)),
            "{counts:?}"
        );
        assert!(counts.contains(&196));
    }

    #[test]
    fn the_transpose_is_that_of_the_transform() {
        let transforms = random(BOTH, 6);
        let (some, others) = (images(6), images(12).slice(6..12));
        let product = |a: Tensor<2>, b: Tensor<2>| (a * b).sum().into_scalar::<f32>();
        let seen = product(transforms.apply(some.clone()), others.clone());
        let back = product(some, transforms.transpose(others));
        assert!((seen / back - 1.0).abs() < 1e-4, "{seen} and {back}");
    }

    #[test]
    fn images_of_a_batch_have_different_transforms() {
        let same = images(1).repeat_dim(0, 8);
        let seen = floats(random(BOTH, 8).apply(same));
        let first = &seen[..PIXELS];
        assert!(
            seen.chunks_exact(PIXELS)
                .skip(1)
                .any(|image| image != first)
        );
    }
}
