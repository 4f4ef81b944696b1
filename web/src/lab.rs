//! Generation of single images, with the activations of each layer.

use self_cell::self_cell;
use thumbgan_core::{Generator, crc32, latent, model::MAX_LATENT};
use wasm_bindgen::prelude::*;

use crate::{ModelFile, memory::Memory};

/// Generator of single images. Images are 784 pixels, row by row: 0 is background, 255 is foreground.
#[wasm_bindgen]
pub struct Lab {
    running: Running,
}

self_cell!(
    struct Running {
        owner: Memory,
        #[covariant]
        dependent: Generator,
    }
);

#[wasm_bindgen]
impl Lab {
    /// Creates a lab for a model.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &ModelFile) -> Self {
        let running = Running::new(Memory::new(file), |memory| {
            let model = memory.file.model().clone();
            match Generator::new(model, memory.scratch.borrow_mut()) {
                Ok(generator) => generator,
                Err(_) => unreachable!("the scratch memory was checked"),
            }
        });
        Self { running }
    }

    /// Returns the image of a class and a seed.
    ///
    /// # Errors
    /// If the class is not one of the model's, is missing, or is given for an unconditional model.
    pub fn generate(&mut self, class: Option<u8>, seed: u64) -> Result<Vec<u8>, JsError> {
        self.call(|generator| Ok(generator.generate(class, seed)?.pixels().into()))
    }

    /// Returns the image of a class and a latent.
    ///
    /// # Errors
    /// If the latent has the wrong length, or the class is not one of the model's, is missing, or is given for an unconditional
    /// model.
    pub fn generate_from_latent(
        &mut self,
        class: Option<u8>,
        latent: &[i8],
    ) -> Result<Vec<u8>, JsError> {
        self.call(|generator| {
            let image = generator.generate_from_latent(class, latent)?;
            Ok(image.pixels().into())
        })
    }

    /// Returns the activations of a hidden layer, 0 to 127: a vector or a feature map `[height, width, channels]`. Returns
    /// `undefined` for the last layer.
    ///
    /// # Errors
    /// If the latent has the wrong length, or the class is not one of the model's, is missing, or is given for an unconditional
    /// model.
    pub fn activations(
        &mut self,
        class: Option<u8>,
        latent: &[i8],
        layer: usize,
    ) -> Result<Option<Vec<i8>>, JsError> {
        self.call(|generator| {
            let activations = generator.activations_from_latent(class, latent, layer)?;
            Ok(activations.map(Into::into))
        })
    }

    /// Returns the latent that is sampled from a seed.
    pub fn latent(&self, seed: u64) -> Vec<i8> {
        let model = self.running.borrow_dependent().model();
        let mut latent = vec![0; model.latent_len()];
        model.sample_latent(seed, &mut latent);
        latent
    }
}

impl Lab {
    /// Calls a function with the generator.
    fn call<T>(&mut self, call: impl FnOnce(&mut Generator<'_>) -> T) -> T {
        self.running
            .with_dependent_mut(|_, generator| call(generator))
    }
}

/// Returns the spherical interpolation between two latents at `t`, 0 to 1.
///
/// # Errors
/// If a latent is longer than any model's, or their lengths differ.
#[wasm_bindgen]
pub fn slerp(from: &[i8], to: &[i8], t: f32) -> Result<Vec<i8>, JsError> {
    if from.len() != to.len() || from.len() > MAX_LATENT {
        let message = format!("latents have {} and {} values", from.len(), to.len());
        return Err(JsError::new(&message));
    }
    let mut latent = vec![0; from.len()];
    latent::slerp(from, to, t, &mut latent);
    Ok(latent)
}

/// Returns the CRC-32 of bytes. For the pixels of an image, it is the value that a board reports.
#[wasm_bindgen(js_name = crc32)]
pub fn crc32_of(bytes: &[u8]) -> u32 {
    crc32(bytes)
}

#[cfg(test)]
mod tests {
    use thumbgan_app::SCRATCH_LEN;

    use super::*;
    use crate::test_models;

    #[test]
    fn images_of_a_seed_and_of_its_latent_are_those_of_core() {
        for file in test_models::committed() {
            let mut lab = Lab::new(&file);
            let mut scratch = vec![0; SCRATCH_LEN];
            let mut generator = Generator::new(file.model().clone(), &mut scratch).unwrap();
            for seed in [0, 7, u64::MAX] {
                let class = file.class_for_seed(seed);
                let expected = generator.generate(class, seed).unwrap();
                assert!(
                    lab.generate(class, seed)
                        .is_ok_and(|pixels| pixels == expected.pixels())
                );
                let latent = lab.latent(seed);
                let pixels = lab.generate_from_latent(class, &latent);
                assert!(pixels.is_ok_and(|pixels| pixels == expected.pixels()));
            }
        }
    }

    #[test]
    fn hidden_layers_have_activations_of_their_shape() {
        for file in test_models::committed() {
            let mut lab = Lab::new(&file);
            let latent = lab.latent(3);
            let class = file.class_for_seed(3);
            let layers = file.layers();
            for (index, layer) in layers.iter().enumerate() {
                let Ok(activations) = lab.activations(class, &latent, index) else {
                    panic!("{} layer {index}", file.name());
                };
                let len = activations.as_ref().map(Vec::len);
                let is_hidden = index + 1 < layers.len();
                let expected = layer.side * layer.side * layer.channels;
                assert_eq!(len, is_hidden.then_some(expected), "layer {index}");
                assert!(activations.is_none_or(|values| values.iter().any(|value| *value > 0)));
            }
        }
    }

    #[test]
    fn interpolation_starts_and_ends_at_its_latents() {
        let lab = Lab::new(&test_models::digits());
        let [from, to] = [1, 2].map(|seed| lab.latent(seed));
        assert!(slerp(&from, &to, 0.0).is_ok_and(|latent| latent == from));
        assert!(slerp(&from, &to, 1.0).is_ok_and(|latent| latent == to));
        assert!(slerp(&from, &to, 0.5).is_ok_and(|latent| latent != from && latent != to));
    }
}
