//! The images of a step, in parts for a thread each.

use burn::{prelude::*, tensor::activation::log_sigmoid};

use super::discriminator::Discriminator;

/// Images that meet the discriminator together.
pub struct Part {
    /// [N, 784].
    pub images: Tensor<2>,
    /// One-hot, [N, classes].
    pub classes: Option<Tensor<2>>,
    /// What they should be taken for: 1 is real, -1 is fake, [N, 1].
    pub signs: Tensor<2>,
}

impl Part {
    /// Images and classes that should all be taken for the same.
    pub fn new(images: Tensor<2>, classes: Option<Tensor<2>>, sign: f32) -> Self {
        let signs = Tensor::full([images.dims()[0], 1], sign, &images.device());
        Self { images, classes, signs }
    }

    /// The sum over the images of the binary cross-entropy, in nats.
    pub fn loss(&self, discriminator: &Discriminator) -> Tensor<1> {
        let logits = discriminator.forward(self.images.clone(), self.classes.clone());
        -log_sigmoid(logits * self.signs.clone()).sum()
    }

    /// Both halves.
    pub fn halves(self) -> [Self; 2] {
        let count = self.images.dims()[0];
        let of = |rows: std::ops::Range<usize>| Self {
            images: self.images.clone().slice(rows.clone()),
            classes: self.classes.clone().map(|classes| classes.slice(rows.clone())),
            signs: self.signs.clone().slice(rows),
        };
        [of(0..count / 2), of(count / 2..count)]
    }
}
