//! Part of a training batch that one thread processes.

use burn::{prelude::*, tensor::activation::log_sigmoid};

use super::discriminator::Discriminator;

/// Images with one target.
pub struct Part {
    /// Images [N, 784].
    pub images: Tensor<2>,
    /// Image of the other kind and the same class for each image, [N, 784], for the relativistic loss: its logit is
    /// subtracted.
    pub rivals: Option<Tensor<2>>,
    /// One-hot classes [N, classes].
    pub classes: Option<Tensor<2>>,
    /// Target: 1 for real, -1 for generated images.
    pub sign: f32,
}

impl Part {
    /// Returns the binary cross-entropy summed over the images, in nats.
    pub fn loss(&self, discriminator: &Discriminator) -> Tensor<1> {
        let logits =
            |images: &Tensor<2>| discriminator.forward(images.clone(), self.classes.clone());
        let own = logits(&self.images);
        let compared = match &self.rivals {
            Some(rivals) => own - logits(rivals),
            None => own,
        };
        -log_sigmoid(compared * self.sign).sum()
    }

    /// Returns the squared gradient norms of the discriminator's logits at all images, summed; `None` for
    /// architectures without it.
    pub fn steepness(&self, discriminator: &Discriminator) -> Option<Tensor<1>> {
        let squares = |images: &Tensor<2>| {
            let squares = discriminator.steepness(images.clone(), self.classes.clone());
            squares.map(Tensor::sum)
        };
        let own = squares(&self.images)?;
        Some(match self.rivals.as_ref().and_then(squares) {
            Some(rivals) => own + rivals,
            None => own,
        })
    }

    /// Splits the part into two halves.
    pub fn halves(self) -> [Self; 2] {
        let count = self.images.dims()[0];
        let of = |rows: std::ops::Range<usize>| {
            let some = |tensor: &Tensor<2>| tensor.clone().slice(rows.clone());
            Self {
                images: some(&self.images),
                rivals: self.rivals.as_ref().map(some),
                classes: self.classes.as_ref().map(some),
                sign: self.sign,
            }
        };
        [of(0..count / 2), of(count / 2..count)]
    }
}
