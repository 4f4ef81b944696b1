//! The images of a step, in parts for a thread each.

use burn::{prelude::*, tensor::activation::log_sigmoid};

use super::discriminator::Discriminator;

/// Images that meet the discriminator together.
pub struct Part {
    /// [N, 784].
    pub images: Tensor<2>,
    /// One-hot, [N, classes].
    pub classes: Option<Tensor<2>>,
    /// What they should all be taken for: 1 is real, -1 is fake.
    pub sign: f32,
}

impl Part {
    /// The sum over the images of the binary cross-entropy, in nats.
    pub fn loss(&self, discriminator: &Discriminator) -> Tensor<1> {
        let logits = discriminator.forward(self.images.clone(), self.classes.clone());
        -log_sigmoid(logits * self.sign).sum()
    }

    /// Both halves.
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
