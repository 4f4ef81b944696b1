//! GAN: networks, losses, optimizer and recipes.
//!
//! In: batches of real images. Out: a trained generator, as layers for [`crate::export`].

pub mod adam;
pub mod augmentation;
pub mod averaging;
pub mod backend;
pub mod batches;
pub mod conv;
pub mod discriminator;
pub mod generator;
pub mod lowering;
pub mod mlp;
mod norm;
mod part;
pub mod preset;
mod sigmoid;
#[cfg(test)]
mod tests;
pub mod tuning;

use std::{mem, thread};

use crate::data::PIXELS;
use burn::{
    module::Module,
    optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer},
    prelude::*,
    tensor::TensorData,
};

use self::{
    adam::Adam, augmentation::Transforms, batches::Batch, discriminator::Discriminator,
    generator::Generator, part::Part, sigmoid::sigmoid,
};
use crate::{
    gan::preset::{Loss, Recipe},
    random::{Purpose, latents, stream},
};

/// Generator and discriminator with their optimizers.
pub struct Gan {
    recipe: Recipe,
    seed: u64,
    device: Device,
    /// Generator: latents and classes [N, inputs] to logits [N, 784]; the sigmoid of a logit is a pixel.
    pub generator: Generator,
    /// Exported generator without gradients: the exponential moving average of the weights, if the recipe has
    /// one.
    pub average: Option<Generator>,
    /// Discriminator: images [N, 784] and classes to logits [N, 1], positive for real images.
    pub discriminator: Discriminator,
    /// Optimizer of the generator with Adam's moments.
    pub generator_optimizer: ModuleOptimizer,
    /// Optimizer of the discriminator with Adam's moments.
    pub discriminator_optimizer: ModuleOptimizer,
}

/// Losses of one step, in nats.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Losses {
    /// Discriminator loss: BCE(real, 1) + BCE(fake, 0), relativistic: BCE(real - fake, 1).
    pub discriminator: f32,
    /// Generator loss: BCE(fake, 1), relativistic: BCE(fake - real, 1).
    pub generator: f32,
}

impl Gan {
    /// Creates networks with weights drawn from `seed`.
    pub fn new(recipe: Recipe, seed: u64, device: &Device) -> Self {
        let device = device.clone().autodiff();
        let generator = Generator::new(&recipe, seed, &device);
        let average = recipe.averaging.map(|_| generator.valid());
        let discriminator = Discriminator::new(&recipe, seed, &device);
        let adam = || {
            Adam {
                betas: recipe.betas,
                epsilon: recipe.epsilon,
            }
            .into()
        };
        let (generator_optimizer, discriminator_optimizer) = (adam(), adam());
        Self {
            recipe,
            seed,
            device,
            generator,
            average,
            discriminator,
            generator_optimizer,
            discriminator_optimizer,
        }
    }

    /// Runs iteration `iteration` (from 0) of `all`: updates the discriminator with `real` and as many
    /// generated images of the same classes, then the generator with the same generated images and the
    /// updated discriminator.
    pub fn step(&mut self, iteration: u32, all: u32, real: Batch) -> Losses {
        let rate = self.recipe.rate(iteration, all);
        let classes = one_hot(&real.labels, self.recipe.classes, &self.device);
        let inputs = inputs(self.noise(iteration), classes.clone());
        let (logits, activity) = match self.recipe.sparsity {
            Some(weight) => {
                let (logits, activity) = self.generator.forward_with_activity(inputs);
                (logits, Some(activity * weight))
            }
            None => (self.generator.forward(inputs), None),
        };
        let pixels = sigmoid(logits.clone().detach());
        let real = rows(real.images, PIXELS, &self.device);
        let transforms = self.transforms(iteration);
        let [real, fake] = match &transforms {
            Some([of_real, of_fake]) => [of_real.apply(real), of_fake.apply(pixels.clone())],
            None => [real, pixels.clone()],
        };
        let parts = self.discriminator_parts(real.clone(), fake.clone(), classes.as_ref());
        let discriminator = self.teach_discriminator(rate, iteration, parts);
        let fake = Part {
            images: fake,
            rivals: (self.recipe.loss == Loss::Relativistic).then_some(real),
            classes,
            sign: 1.0,
        };
        let gradient = |seen: Tensor<2>| match &transforms {
            Some([_, of_fake]) => of_fake.transpose(seen),
            None => seen,
        };
        let (generator, gradient) = self.pixel_gradient(fake, gradient);
        self.teach_generator(rate, gradient, pixels, logits, activity);
        if let (Some(average), Some(decay)) = (self.average.take(), self.recipe.averaging) {
            let young = 1.0 - 1.0 / (1.0 + 0.1 * f64::from(iteration + 1));
            self.average = Some(averaging::follow(
                average,
                &self.generator,
                decay.min(young),
            ));
        }
        Losses {
            discriminator,
            generator,
        }
    }

    /// Returns the transforms of the real and of the generated images of an iteration, if the recipe has an
    /// augmentation.
    fn transforms(&self, iteration: u32) -> Option<[Transforms; 2]> {
        let augmentation = self.recipe.augmentation?;
        let mut random = stream(self.seed, Purpose::Augmentation, u64::from(iteration));
        Some([(); 2].map(|()| Transforms::random(augmentation, self.recipe.batch, &mut random)))
    }

    /// Returns the two parts of the discriminator's batch: real and generated images, or, for the relativistic loss,
    /// halves of the pairs.
    fn discriminator_parts(
        &self,
        real: Tensor<2>,
        fake: Tensor<2>,
        classes: Option<&Tensor<2>>,
    ) -> [Part; 2] {
        let part = |images, rivals, sign| Part {
            images,
            rivals,
            classes: classes.cloned(),
            sign,
        };
        match self.recipe.loss {
            Loss::NonSaturating => [part(real, None, 1.0), part(fake, None, -1.0)],
            Loss::Relativistic => part(real, Some(fake), 1.0).halves(),
        }
    }

    /// Updates the discriminator with both parts of a batch.
    fn teach_discriminator(&mut self, rate: f64, iteration: u32, parts: [Part; 2]) -> f32 {
        let batch = self.recipe.batch as f32;
        let penalty = self
            .recipe
            .penalty
            .filter(|penalty| (iteration + 1).is_multiple_of(penalty.every));
        let learn = |(discriminator, part): (Discriminator, Part)| {
            let loss = part.loss(&discriminator) / batch;
            let steepness = penalty.and_then(|penalty| {
                let squares = part.steepness(&discriminator)? / batch;
                Some(squares * (penalty.weight / 2.0 * penalty.every as f32))
            });
            let total = steepness
                .into_iter()
                .fold(loss.clone(), |total, steepness| total + steepness);
            let gradients = GradientsParams::from_grads(total.backward(), &discriminator);
            (loss.into_scalar::<f32>(), gradients)
        };
        // Weights that share a graph cannot be differentiated on two threads.
        let other = self.discriminator.clone().fork(&self.device);
        let [first, second] = parts;
        let parts = [(self.discriminator.clone(), first), (other, second)];
        let mut gradients = GradientsAccumulator::new();
        let mut loss = 0.0;
        for (of_part, gradients_of_part) in self.each(parts, learn) {
            gradients.accumulate(&self.discriminator, gradients_of_part);
            loss += of_part;
        }
        // Weights without another owner are updated in place.
        let discriminator = mem::take(&mut self.discriminator);
        self.discriminator =
            self.discriminator_optimizer
                .step(rate, discriminator, gradients.grads());
        loss
    }

    /// Returns the generator's loss for the images that the discriminator sees, and its gradient with respect to the
    /// generated pixels. `propagate` is the transpose of the augmentation of the generated images.
    fn pixel_gradient(
        &self,
        fake: Part,
        propagate: impl FnOnce(Tensor<2>) -> Tensor<2>,
    ) -> (f32, Tensor<2>) {
        let batch = self.recipe.batch as f32;
        let discriminator = self.discriminator.clone().no_grad();
        let extractor = |mut part: Part| {
            part.images = part.images.require_grad();
            let loss = part.loss(&discriminator) / batch;
            let gradient = part
                .images
                .grad(&loss.backward())
                .expect("the fakes' gradient was asked for");
            (loss.into_scalar::<f32>(), gradient)
        };
        let [first, second] = self.each(fake.halves(), extractor);
        let gradient = propagate(Tensor::cat(vec![first.1, second.1], 0));
        (first.0 + second.0, gradient)
    }

    /// Updates the generator. The gradient of its loss with respect to the pixels is multiplied by the derivative of
    /// the sigmoid, which gives the gradient at `logits`, and propagated through the generator together with the
    /// sparsity penalty of `activity`.
    fn teach_generator(
        &mut self,
        rate: f64,
        gradient: Tensor<2>,
        pixels: Tensor<2>,
        logits: Tensor<2>,
        activity: Option<Tensor<1>>,
    ) {
        let pixels = pixels.inner();
        let gradient = gradient * pixels.clone() * (1.0 - pixels);
        let said = (logits * Tensor::from_inner(gradient)).sum();
        let cost = activity
            .into_iter()
            .fold(said, |cost, activity| cost + activity);
        let gradients = GradientsParams::from_grads(cost.backward(), &self.generator);
        let generator = mem::take(&mut self.generator);
        self.generator = self.generator_optimizer.step(rate, generator, gradients);
    }

    /// Runs `work` for both parts, on two threads unless the networks are too small to benefit or only one
    /// thread is available (`RAYON_NUM_THREADS`).
    ///
    /// rayon's `join` would be cheaper, but a thread that waits in it executes other tasks, here possibly the
    /// other part, which can deadlock on a lock of burn's graph that this thread holds.
    fn each<P: Send, R: Send>(
        &self,
        [first, second]: [P; 2],
        work: impl Fn(P) -> R + Sync,
    ) -> [R; 2] {
        if matches!(self.discriminator, Discriminator::Dense(_))
            || rayon::current_num_threads() == 1
        {
            return [work(first), work(second)];
        }
        thread::scope(|scope| {
            let second = scope.spawn(|| work(second));
            [
                work(first),
                second.join().expect("the other part does not panic"),
            ]
        })
    }

    /// Returns the recipe.
    pub const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Returns the exported generator without gradients.
    pub fn kept(&self) -> Generator {
        self.average
            .clone()
            .unwrap_or_else(|| self.generator.valid())
    }

    /// Returns the device of its tensors, without gradients.
    pub fn plain_device(&self) -> Device {
        self.device.clone().inner()
    }

    fn noise(&self, iteration: u32) -> Tensor<2> {
        let (batch, length) = (self.recipe.batch, self.recipe.latent);
        let mut random = stream(self.seed, Purpose::Noise, u64::from(iteration));
        rows(
            latents(self.recipe.distribution, batch * length, &mut random),
            length,
            &self.device,
        )
    }
}

/// Returns labels as one-hot rows [N, classes]; `None` without classes.
fn one_hot(labels: &[u8], classes: u8, device: &Device) -> Option<Tensor<2>> {
    let hot = |&label: &u8| (0..classes).map(move |class| f32::from(u8::from(class == label)));
    (classes > 0).then(|| {
        rows(
            labels.iter().flat_map(hot).collect(),
            classes.into(),
            device,
        )
    })
}

/// Returns the generator's input: latents [N, latent] followed by the classes, if any.
fn inputs(latents: Tensor<2>, classes: Option<Tensor<2>>) -> Tensor<2> {
    match classes {
        Some(classes) => Tensor::cat(vec![latents, classes], 1),
        None => latents,
    }
}

/// Returns values as a tensor of rows of `length`.
pub fn rows(values: Vec<f32>, length: usize, device: &Device) -> Tensor<2> {
    let count = values.len() / length;
    Tensor::from_data(TensorData::new(values, [count, length]), device)
}
