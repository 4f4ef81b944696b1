//! The GAN: a generator and a discriminator that train each other.

pub mod adam;
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

use std::{mem, thread};

use burn::{
    module::Module,
    optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer},
    prelude::*,
    tensor::TensorData,
};
use thumbgan_core::PIXELS;

use self::{
    adam::Adam, batches::Batch, discriminator::Discriminator, generator::Generator, part::Part,
    sigmoid::sigmoid,
};
use crate::{
    gan::preset::Recipe,
    random::{Purpose, latents, stream},
};

/// Both networks and their optimisers.
pub struct Gan {
    recipe: Recipe,
    seed: u64,
    device: Device,
    /// Latents and classes [N, inputs] to logits [N, 784]; the sigmoid of a logit is a pixel.
    pub generator: Generator,
    /// The generator that is kept: without gradients, averaged where the recipe says so.
    pub average: Option<Generator>,
    /// Images [N, 784] and classes to logits [N, 1], above 0 for real.
    pub discriminator: Discriminator,
    /// Adam's moments of the generator.
    pub generator_optimiser: ModuleOptimizer,
    /// Adam's moments of the discriminator.
    pub discriminator_optimiser: ModuleOptimizer,
}

/// What one step cost either side, in nats.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Losses {
    /// BCE(real, 1) + BCE(fake, 0).
    pub discriminator: f32,
    /// BCE(fake, 1).
    pub generator: f32,
}

impl Gan {
    /// Fresh networks, their weights drawn from `seed`.
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
        let (generator_optimiser, discriminator_optimiser) = (adam(), adam());
        Self {
            recipe,
            seed,
            device,
            generator,
            average,
            discriminator,
            generator_optimiser,
            discriminator_optimiser,
        }
    }

    /// One iteration, counted from 0, of `all`: the discriminator learns from `real` and as many fakes of the
    /// same classes, then the generator learns from the same fakes against the discriminator as it now is.
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
        let real = Part {
            images: rows(real.images, PIXELS, &self.device),
            classes: classes.clone(),
            sign: 1.0,
        };
        let fake = Part {
            images: pixels.clone(),
            classes: classes.clone(),
            sign: -1.0,
        };
        let discriminator = self.teach_discriminator(rate, iteration, real, fake);
        let fake = Part {
            images: pixels,
            classes,
            sign: 1.0,
        };
        let generator = self.teach_generator(rate, fake, logits, activity);
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

    /// The discriminator learns to tell real images from fakes, which it meets side by side.
    fn teach_discriminator(&mut self, rate: f64, iteration: u32, real: Part, fake: Part) -> f32 {
        let batch = self.recipe.batch as f32;
        let penalty = self
            .recipe
            .penalty
            .filter(|penalty| (iteration + 1).is_multiple_of(penalty.every));
        let learn = |(discriminator, part): (Discriminator, Part)| {
            let loss = part.loss(&discriminator) / batch;
            let steepness = penalty.and_then(|penalty| {
                let squares = discriminator.steepness(part.images, part.classes)?.sum() / batch;
                Some(squares * (penalty.weight / 2.0 * penalty.every as f32))
            });
            let total = steepness
                .into_iter()
                .fold(loss.clone(), |total, steepness| total + steepness);
            let gradients = GradientsParams::from_grads(total.backward(), &discriminator);
            (loss.into_scalar::<f32>(), gradients)
        };
        // Weights that share a graph cannot be differentiated side by side.
        let other = self.discriminator.clone().fork(&self.device);
        let parts = [(self.discriminator.clone(), real), (other, fake)];
        let mut gradients = GradientsAccumulator::new();
        let mut loss = 0.0;
        for (of_part, gradients_of_part) in self.each(parts, learn) {
            gradients.accumulate(&self.discriminator, gradients_of_part);
            loss += of_part;
        }
        // Weights that nobody else holds are changed where they lie.
        let discriminator = mem::take(&mut self.discriminator);
        self.discriminator =
            self.discriminator_optimiser
                .step(rate, discriminator, gradients.grads());
        loss
    }

    /// The generator learns to have its fakes taken for real: what the discriminator says of their pixels goes through
    /// the sigmoid to their `logits` and from there through the generator, with what its `activity` costs.
    fn teach_generator(
        &mut self,
        rate: f64,
        fake: Part,
        logits: Tensor<2>,
        activity: Option<Tensor<1>>,
    ) -> f32 {
        let batch = self.recipe.batch as f32;
        let discriminator = self.discriminator.clone().no_grad();
        let judge = |mut part: Part| {
            part.images = part.images.require_grad();
            let loss = part.loss(&discriminator) / batch;
            let gradient = part
                .images
                .grad(&loss.backward())
                .expect("the fakes' gradient was asked for");
            (loss.into_scalar::<f32>(), gradient)
        };
        let pixels = fake.images.clone().inner();
        let [first, second] = self.each(fake.halves(), judge);
        let gradient = Tensor::cat(vec![first.1, second.1], 0) * pixels.clone() * (1.0 - pixels);
        let said = (logits * Tensor::from_inner(gradient)).sum();
        let cost = activity
            .into_iter()
            .fold(said, |cost, activity| cost + activity);
        let gradients = GradientsParams::from_grads(cost.backward(), &self.generator);
        let generator = mem::take(&mut self.generator);
        self.generator = self.generator_optimiser.step(rate, generator, gradients);
        first.0 + second.0
    }

    /// Does `work` for both parts, at the same time on a thread each unless the networks are so small that it does not
    /// pay, or one thread is all there is (`RAYON_NUM_THREADS`).
    ///
    /// rayon's join would be cheaper, but a thread that waits in it takes up other work, here the other part, which may
    /// want a lock of burn's graph that this very thread holds.
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

    /// What it is trained by.
    pub const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The generator that is kept, without gradients.
    pub fn kept(&self) -> Generator {
        self.average
            .clone()
            .unwrap_or_else(|| self.generator.valid())
    }

    /// Where its tensors live, without gradients.
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

/// Labels as rows of zeros with a one, [N, classes]; `None` without classes.
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

/// What a generator takes: latents [N, latent], with the classes behind them if there are any.
fn inputs(latents: Tensor<2>, classes: Option<Tensor<2>>) -> Tensor<2> {
    match classes {
        Some(classes) => Tensor::cat(vec![latents, classes], 1),
        None => latents,
    }
}

/// Values as a tensor of rows of `length`.
pub fn rows(values: Vec<f32>, length: usize, device: &Device) -> Tensor<2> {
    let count = values.len() / length;
    Tensor::from_data(TensorData::new(values, [count, length]), device)
}
