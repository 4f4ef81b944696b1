//! The GAN: a generator and a discriminator that train each other.

pub mod adam;
pub mod averaging;
pub mod batches;
pub mod conv;
pub mod discriminator;
pub mod generator;
pub mod lowering;
pub mod mlp;
mod norm;

use burn::{
    module::Module,
    optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer},
    prelude::*,
    tensor::{
        TensorData,
        activation::{log_sigmoid, sigmoid},
    },
};
use thumbgan_core::PIXELS;

use self::{adam::Adam, batches::Batch, discriminator::Discriminator, generator::Generator};
use crate::{
    preset::Recipe,
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
        let adam = || Adam { betas: recipe.betas, epsilon: recipe.epsilon }.into();
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
        let real = rows(real.images, PIXELS, &self.device);
        let inputs = inputs(self.noise(iteration), classes.clone());
        let (logits, activity) = match self.recipe.sparsity {
            Some(weight) => {
                let (logits, activity) = self.generator.forward_with_activity(inputs);
                (logits, Some(activity * weight))
            }
            None => (self.generator.forward(inputs), None),
        };
        let fake = sigmoid(logits);
        let discriminator =
            self.teach_discriminator(rate, iteration, real, fake.clone().detach(), classes.as_ref());
        let generator = self.teach_generator(rate, fake, activity, classes.as_ref());
        if let (Some(average), Some(decay)) = (self.average.take(), self.recipe.averaging) {
            let young = 1.0 - 1.0 / (1.0 + 0.1 * f64::from(iteration + 1));
            self.average = Some(averaging::follow(average, &self.generator, decay.min(young)));
        }
        Losses { discriminator, generator }
    }

    /// Real images and fakes meet the discriminator side by side; their gradients then add up, in this order.
    fn teach_discriminator(
        &mut self,
        rate: f64,
        iteration: u32,
        real: Tensor<2>,
        fake: Tensor<2>,
        classes: Option<&Tensor<2>>,
    ) -> f32 {
        let penalty = self.recipe.penalty.filter(|penalty| (iteration + 1).is_multiple_of(penalty.every));
        let gradients = |discriminator: Discriminator, images: Tensor<2>, sign: f32| {
            let loss = bce_one(discriminator.forward(images.clone(), classes.cloned()) * sign);
            let steepness = penalty.and_then(|penalty| {
                let squares = discriminator.steepness(images, classes.cloned())?;
                Some(squares * (penalty.weight / 2.0 * penalty.every as f32))
            });
            let total = steepness.into_iter().fold(loss.clone(), |total, steepness| total + steepness);
            (loss, GradientsParams::from_grads(total.backward(), &discriminator))
        };
        // Weights that share a graph cannot be differentiated side by side.
        let other = self.discriminator.clone().fork(&self.device);
        let on_real = || gradients(self.discriminator.clone(), real, 1.0);
        let on_fake = || gradients(other, fake, -1.0);
        let ((real_loss, on_real), (fake_loss, on_fake)) = self.together(on_real, on_fake);
        let mut gradients = GradientsAccumulator::new();
        gradients.accumulate(&self.discriminator, on_real);
        gradients.accumulate(&self.discriminator, on_fake);
        self.discriminator =
            self.discriminator_optimiser.step(rate, self.discriminator.clone(), gradients.grads());
        real_loss.into_scalar::<f32>() + fake_loss.into_scalar::<f32>()
    }

    /// The two halves of the fakes meet the discriminator side by side; what it says of their pixels then goes
    /// through the generator as a whole, with what its `activity` costs.
    fn teach_generator(
        &mut self,
        rate: f64,
        fake: Tensor<2>,
        activity: Option<Tensor<1>>,
        classes: Option<&Tensor<2>>,
    ) -> f32 {
        let discriminator = self.discriminator.clone().no_grad();
        let batch = self.recipe.batch;
        let half = |rows: std::ops::Range<usize>| {
            let fake = fake.clone().detach().slice(rows.clone()).require_grad();
            let classes = classes.map(|classes| classes.clone().slice(rows.clone()));
            let loss =
                bce_one(discriminator.forward(fake.clone(), classes)) * (rows.len() as f64 / batch as f64);
            let gradient = fake.grad(&loss.backward()).expect("the fakes' gradient was asked for");
            (loss.into_scalar::<f32>(), gradient)
        };
        let (first, second) = self.together(|| half(0..batch / 2), || half(batch / 2..batch));
        let gradient = Tensor::from_inner(Tensor::cat(vec![first.1, second.1], 0));
        let cost = activity.into_iter().fold((fake * gradient).sum(), |cost, activity| cost + activity);
        let gradients = GradientsParams::from_grads(cost.backward(), &self.generator);
        self.generator = self.generator_optimiser.step(rate, self.generator.clone(), gradients);
        first.0 + second.0
    }

    /// Does both, at the same time on a thread each unless the networks are so small that it does not pay.
    ///
    /// rayon's join would be cheaper, but a thread that waits in it takes up other work, here the other half,
    /// which may want a lock of burn's graph that this very thread holds.
    fn together<A: Send, B: Send>(&self, a: impl FnOnce() -> A, b: impl FnOnce() -> B + Send) -> (A, B) {
        if matches!(self.discriminator, Discriminator::Dense(_)) {
            return (a(), b());
        }
        std::thread::scope(|scope| {
            let b = scope.spawn(b);
            (a(), b.join().expect("the other half does not panic"))
        })
    }

    /// What it is trained by.
    pub const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The generator that is kept, without gradients.
    pub fn kept(&self) -> Generator {
        self.average.clone().unwrap_or_else(|| self.generator.valid())
    }

    /// Where its tensors live, without gradients.
    pub fn plain_device(&self) -> Device {
        self.device.clone().inner()
    }

    fn noise(&self, iteration: u32) -> Tensor<2> {
        let (batch, length) = (self.recipe.batch, self.recipe.latent);
        let mut random = stream(self.seed, Purpose::Noise, u64::from(iteration));
        rows(latents(self.recipe.distribution, batch * length, &mut random), length, &self.device)
    }
}

/// Labels as rows of zeros with a one, [N, classes]; `None` without classes.
fn one_hot(labels: &[u8], classes: u8, device: &Device) -> Option<Tensor<2>> {
    let hot = |&label: &u8| (0..classes).map(move |class| f32::from(u8::from(class == label)));
    (classes > 0).then(|| rows(labels.iter().flat_map(hot).collect(), classes.into(), device))
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

/// Mean binary cross-entropy of logits that should say "real".
fn bce_one(logits: Tensor<2>) -> Tensor<1> {
    -log_sigmoid(logits).mean()
}
