//! Part of a training batch that one thread processes.

use burn::{prelude::*, tensor::activation::log_sigmoid};

use super::discriminator::Discriminator;

/// Images with one target.
pub struct Part {
    /// Images [N, 784].
    pub images: Tensor<2>,
    /// One-hot classes [N, classes].
    pub classes: Option<Tensor<2>>,
    /// Target: 1 for real, -1 for generated images.
    pub sign: f32,
}

impl Part {
    /// Returns the binary cross-entropy summed over the images, in nats.
    pub fn loss(&self, discriminator: &Discriminator) -> Tensor<1> {
        let logits = discriminator.forward(self.images.clone(), self.classes.clone());
        -log_sigmoid(logits * self.sign).sum()
    }

    /// Splits the part into two halves.
    pub fn halves(self) -> [Self; 2] {
        let count = self.images.dims()[0];
        let of = |rows: std::ops::Range<usize>| Self {
            images: self.images.clone().slice(rows.clone()),
            classes: self.classes.clone().map(|classes| classes.slice(rows)),
            sign: self.sign,
        };
        [of(0..count / 2), of(count / 2..count)]
    }
}
