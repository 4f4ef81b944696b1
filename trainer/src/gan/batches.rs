//! Batches of training images.

use crate::data::PIXELS;
use rand::seq::SliceRandom;

use crate::{
    data::Split,
    random::{Purpose, stream},
};

/// Iterator-like source of batches: every image occurs once per epoch, in an order that is a function of seed
/// and epoch.
#[derive(Debug)]
pub struct Batches<'d> {
    images: &'d Split,
    size: usize,
    seed: u64,
    epoch: u64,
    order: Vec<u32>,
}

/// Images with labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Pixels, 784 values from 0 to 1 per image.
    pub images: Vec<f32>,
    /// Class of each image.
    pub labels: Vec<u8>,
}

impl<'d> Batches<'d> {
    /// Creates a source of batches of `size` images.
    ///
    /// # Panics
    /// If there are fewer images than `size`.
    pub fn new(images: &'d Split, size: usize, seed: u64) -> Self {
        assert!(
            images.len() >= size,
            "{} images are fewer than a batch of {size}",
            images.len()
        );
        Self {
            images,
            size,
            seed,
            epoch: 0,
            order: shuffled(images.len(), seed, 0),
        }
    }

    /// Returns the batch of an iteration.
    pub fn get(&mut self, iteration: u32) -> Batch {
        let per_epoch = self.images.len() / self.size;
        let iteration = iteration as usize;
        let epoch = (iteration / per_epoch) as u64;
        if epoch != self.epoch {
            self.epoch = epoch;
            self.order = shuffled(self.images.len(), self.seed, epoch);
        }
        let start = iteration % per_epoch * self.size;
        let chosen = &self.order[start..start + self.size];
        let mut images = Vec::with_capacity(self.size * PIXELS);
        for &index in chosen {
            images.extend(
                self.images
                    .image(index as usize)
                    .iter()
                    .map(|&gray| f32::from(gray) / 255.0),
            );
        }
        Batch {
            images,
            labels: chosen
                .iter()
                .map(|&index| self.images.labels[index as usize])
                .collect(),
        }
    }
}

/// Returns a permutation of the numbers below `count` that is a function of seed and epoch.
pub fn shuffled(count: usize, seed: u64, epoch: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.shuffle(&mut stream(seed, Purpose::Order, epoch));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: u8) -> Split {
        Split {
            pixels: (0..count).flat_map(|n| [n; 784]).collect(),
            labels: vec![0; usize::from(count)],
        }
    }

    fn first_pixels(batch: &[f32]) -> Vec<u8> {
        batch
            .iter()
            .step_by(784)
            .map(|gray| (gray * 255.0).round() as u8)
            .collect()
    }

    #[test]
    fn an_epoch_holds_every_image_once_and_the_next_one_in_another_order() {
        let images = numbered(12);
        let mut batches = Batches::new(&images, 4, 1);
        let mut epoch = |from: u32| -> Vec<u8> {
            (from..from + 3)
                .flat_map(|iteration| first_pixels(&batches.get(iteration).images))
                .collect()
        };
        let (one, two) = (epoch(0), epoch(3));
        let sorted = |mut order: Vec<u8>| {
            order.sort_unstable();
            order
        };
        assert_eq!(sorted(one.clone()), (0..12).collect::<Vec<_>>());
        assert_eq!(sorted(two.clone()), (0..12).collect::<Vec<_>>());
        assert_ne!(one, two);
    }

    #[test]
    fn a_batch_depends_on_its_iteration_alone() {
        let images = numbered(12);
        let mut forwards = Batches::new(&images, 4, 1);
        let all: Vec<_> = (0..9).map(|iteration| forwards.get(iteration)).collect();
        assert_eq!(Batches::new(&images, 4, 1).get(7), all[7]);
    }
}
