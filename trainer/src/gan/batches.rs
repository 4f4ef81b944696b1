//! Which training images go into which step.

use rand::seq::SliceRandom;
use thumbgan_core::PIXELS;

use crate::{
    data::Split,
    random::{Purpose, stream},
};

/// Real images in batches: every image once an epoch, in an order that seed and epoch decide.
#[derive(Debug)]
pub struct Batches<'d> {
    images: &'d Split,
    size: usize,
    seed: u64,
    epoch: u64,
    order: Vec<u32>,
}

/// Images with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// 784 values from 0 to 1 each, row by row.
    pub images: Vec<f32>,
    /// The class of each.
    pub labels: Vec<u8>,
}

impl<'d> Batches<'d> {
    /// Batches of `size` of these images.
    ///
    /// # Panics
    /// When there are fewer images than one batch needs.
    pub fn new(images: &'d Split, size: usize, seed: u64) -> Self {
        assert!(
            images.len() >= size,
            "{} images do not fill a batch of {size}",
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

    /// The images of one iteration.
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
                    .map(|&grey| f32::from(grey) / 255.0),
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

/// The numbers below `count` in the order that seed and epoch decide.
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
            .map(|grey| (grey * 255.0).round() as u8)
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
