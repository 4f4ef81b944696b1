//! Generation of single images, with the activations of each layer.

use thumbgan_app::SCRATCH_LEN;
use thumbgan_core::{Generator, crc32, latent, model::MAX_LATENT};
use wasm_bindgen::prelude::*;

use crate::ModelFile;

/// Generator of single images. Images are 784 pixels, row by row: 0 is background, 255 is foreground.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Lab {
    file: ModelFile,
    scratch: Vec<u32>,
}

#[wasm_bindgen]
impl Lab {
    /// Creates a lab for a model.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &ModelFile) -> Self {
        Self {
            file: file.clone(),
            scratch: vec![0; SCRATCH_LEN],
        }
    }

    /// Returns the image of a class and a seed.
    ///
    /// # Errors
    /// If the class is not one of the model's, is missing, or is given for an unconditional model.
    pub fn generate(&mut self, class: Option<u8>, seed: u64) -> Result<Vec<u8>, JsError> {
        Ok(self.generator().generate(class, seed)?.pixels().into())
    }

    /// Returns the image of a class and a latent.
    ///
    /// # Errors
    /// As for [`Self::generate`], and if the latent has the wrong length.
    pub fn generate_from_latent(
        &mut self,
        class: Option<u8>,
        latent: &[i8],
    ) -> Result<Vec<u8>, JsError> {
        let mut generator = self.generator();
        Ok(generator
            .generate_from_latent(class, latent)?
            .pixels()
            .into())
    }

    /// Returns the activations of a hidden layer, 0 to 127: a vector or a feature map `[height, width, channels]`; nothing for
    /// the last layer.
    ///
    /// # Errors
    /// As for [`Self::generate_from_latent`].
    pub fn activations(
        &mut self,
        class: Option<u8>,
        latent: &[i8],
        layer: usize,
    ) -> Result<Option<Vec<i8>>, JsError> {
        let mut generator = self.generator();
        let activations = generator.activations_from_latent(class, latent, layer)?;
        Ok(activations.map(Into::into))
    }

    /// Returns the latent of a seed.
    pub fn latent(&self, seed: u64) -> Vec<i8> {
        let model = self.file.model();
        let mut latent = vec![0; model.latent_len()];
        model.sample_latent(seed, &mut latent);
        latent
    }
}

impl Lab {
    fn generator(&mut self) -> Generator<'_> {
        let model = self.file.model();
        Generator::new(model, &mut self.scratch).expect("the scratch memory was checked")
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

/// Returns the CRC-32 of bytes: of the pixels of an image, the value that QEMU and a board report.
#[wasm_bindgen(js_name = crc32)]
pub fn crc32_of(bytes: &[u8]) -> u32 {
    crc32(bytes)
}
