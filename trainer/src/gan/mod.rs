//! The GAN: a generator and a discriminator that train each other.

pub mod adam;
pub mod batches;
pub mod nets;

use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    prelude::*,
    tensor::{
        TensorData,
        activation::{log_sigmoid, sigmoid},
    },
};
use thumbgan_core::PIXELS;

use self::{
    adam::Adam,
    nets::{Mlp, floats},
};
use crate::{
    preset::Recipe,
    random::{Purpose, latents, stream},
};

/// Both networks and their optimisers.
pub struct Gan {
    recipe: Recipe,
    seed: u64,
    device: Device,
    /// Latents [N, latent] to logits [N, 784]; the sigmoid of a logit is a pixel.
    pub generator: Mlp,
    /// Images [N, 784] to logits [N, 1], above 0 for real.
    pub discriminator: Mlp,
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
        let generator = Mlp::new(&recipe, recipe.generator, seed, 0, &device);
        let layers = recipe.generator.len() as u64;
        let discriminator = Mlp::new(&recipe, recipe.discriminator, seed, layers, &device);
        let adam = || Adam { betas: recipe.betas, epsilon: recipe.epsilon }.into();
        let (generator_optimiser, discriminator_optimiser) = (adam(), adam());
        Self { recipe, seed, device, generator, discriminator, generator_optimiser, discriminator_optimiser }
    }

    /// One iteration: the discriminator learns from `real` ([batch, 784] from 0 to 1, row by row) and as
    /// many fakes, then the generator learns from the same noise against the discriminator as it now is.
    pub fn step(&mut self, iteration: u32, real: Vec<f32>) -> Losses {
        let batch = self.recipe.batch;
        let real = Tensor::<2>::from_data(TensorData::new(real, [batch, PIXELS]), &self.device);
        let fake = sigmoid(self.generator.forward(self.noise(iteration)));

        let both = Tensor::cat(vec![real, fake.clone().detach()], 0);
        let logits = self.discriminator.forward(both);
        let [on_real, on_fake] = [0..batch, batch..2 * batch].map(|rows| logits.clone().slice(rows));
        let loss = bce_one(on_real) + bce_one(-on_fake);
        let discriminator = loss.clone().into_scalar();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.discriminator);
        let rate = self.recipe.learning_rate;
        self.discriminator = self.discriminator_optimiser.step(rate, self.discriminator.clone(), gradients);

        let loss = bce_one(self.discriminator.clone().no_grad().forward(fake));
        let generator = loss.clone().into_scalar();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.generator);
        self.generator = self.generator_optimiser.step(rate, self.generator.clone(), gradients);
        Losses { discriminator, generator }
    }

    /// What it is trained by.
    pub const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Pixels 0 to 1 of latents [N, latent], 784 each, row by row.
    pub fn draw(&self, latents: Vec<f32>) -> Vec<f32> {
        let latents = rows(latents, self.recipe.generator[0], &self.plain_device());
        floats(sigmoid(self.generator.valid().forward(latents)))
    }

    /// Where its tensors live, without gradients.
    pub fn plain_device(&self) -> Device {
        self.device.clone().inner()
    }

    fn noise(&self, iteration: u32) -> Tensor<2> {
        let (batch, length) = (self.recipe.batch, self.recipe.generator[0]);
        let mut random = stream(self.seed, Purpose::Noise, u64::from(iteration));
        rows(latents(self.recipe.latent, batch * length, &mut random), length, &self.device)
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
