//! Validated model files.

use std::rc::Rc;

use self_cell::self_cell;
use thumbgan_app::{ModelError, SCRATCH_LEN, check_model};
use thumbgan_core::{
    Model,
    latent::Distribution,
    model::{Layer, LayerShape},
};
use wasm_bindgen::prelude::*;

/// Validated model file.
#[wasm_bindgen]
#[derive(Clone)]
pub struct ModelFile {
    parsed: Rc<Parsed>,
}

self_cell!(
    /// Bytes of a file with the model that borrows from them.
    struct Parsed {
        owner: AlignedBytes,
        #[covariant]
        dependent: Model,
    }
);

/// Bytes on a 4-byte boundary, as in flash.
#[derive(Debug)]
struct AlignedBytes {
    words: Vec<u32>,
    len: usize,
}

/// Shape of a layer.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerInfo {
    /// True for an upsampling convolution, false for a dense layer.
    #[wasm_bindgen(readonly)]
    pub convolution: bool,
    /// Width and height of the output feature map; 1 for the vector of a dense layer.
    #[wasm_bindgen(readonly)]
    pub side: usize,
    /// Channels of the output feature map, or length of the vector.
    #[wasm_bindgen(readonly)]
    pub channels: usize,
    /// Number of weights.
    #[wasm_bindgen(readonly)]
    pub weights: u32,
    /// Multiply-accumulate operations (MACs) per image if no input is 0.
    #[wasm_bindgen(readonly)]
    pub macs: u32,
}

#[wasm_bindgen]
impl ModelFile {
    /// Validates a model file as the firmware does, and copies it.
    ///
    /// # Errors
    /// The firmware's message for an invalid file, or for a model that needs more scratch memory than the firmware has.
    #[wasm_bindgen(constructor)]
    pub fn from_bytes(file: &[u8]) -> Result<Self, JsError> {
        Ok(Self::parse(file)?)
    }

    /// Name of the preset that the model was trained with.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.model().name().into()
    }

    /// Number of classes; 0 for an unconditional model.
    #[wasm_bindgen(getter)]
    pub fn class_count(&self) -> u8 {
        self.model().class_count()
    }

    /// Names of the classes; empty if they have none.
    #[wasm_bindgen(getter)]
    pub fn class_names(&self) -> Vec<String> {
        self.model().class_names().map(Into::into).collect()
    }

    /// Number of latent values.
    #[wasm_bindgen(getter)]
    pub fn latent_len(&self) -> usize {
        self.model().latent_len()
    }

    /// Scale of the latent: the real value of the int8 value 1.
    #[wasm_bindgen(getter)]
    pub fn latent_scale(&self) -> f32 {
        self.model().latent().distribution.scale()
    }

    /// Distribution of the latent: `uniform` or `normal`.
    #[wasm_bindgen(getter)]
    pub fn distribution(&self) -> String {
        let name = match self.model().latent().distribution {
            Distribution::Uniform => "uniform",
            Distribution::Normal => "normal",
        };
        name.into()
    }

    /// Length of the file in bytes.
    #[wasm_bindgen(getter)]
    pub fn file_len(&self) -> usize {
        self.as_slice().len()
    }

    /// CRC-32 of the file.
    #[wasm_bindgen(getter)]
    pub fn crc32(&self) -> u32 {
        self.model().crc32()
    }

    /// Scratch memory that the model needs, in 32-bit words.
    #[wasm_bindgen(getter)]
    pub fn scratch_len(&self) -> usize {
        self.model().scratch_len()
    }

    /// Multiply-accumulate operations (MACs) per image if no input is 0.
    #[wasm_bindgen(getter)]
    pub fn macs(&self) -> u32 {
        self.model().macs() as u32
    }

    /// Name of the training data; empty if unknown.
    #[wasm_bindgen(getter)]
    pub fn dataset(&self) -> String {
        self.model().provenance().dataset.into()
    }

    /// FID of the int8 images in thousandths, measured with one noise seed; `undefined` if it was not measured.
    #[wasm_bindgen(getter)]
    pub fn fid(&self) -> Option<u32> {
        self.model().provenance().fid
    }

    /// Returns the shapes of the layers.
    pub fn layers(&self) -> Vec<LayerInfo> {
        self.model().layers().iter().map(LayerInfo::from).collect()
    }

    /// Returns the class of a seed where classes shall be equally frequent, `seed % class_count`; `undefined` for an
    /// unconditional model.
    pub fn class_for_seed(&self, seed: u64) -> Option<u8> {
        self.model().class_for_seed(seed)
    }

    /// Returns a UF2 file that writes this model into the model region of a board. `board` is a name in the board table.
    ///
    /// # Errors
    /// If the board has no UF2 boot loader or no model region that is large enough.
    pub fn uf2(&self, board: &str) -> Result<Vec<u8>, JsError> {
        self.encode_uf2(board).map_err(|error| JsError::new(&error))
    }
}

impl ModelFile {
    /// Validates a model file as [`Self::from_bytes`] does.
    ///
    /// # Errors
    /// [`ModelError`] for an invalid file or one that needs more scratch memory than the firmware has.
    pub fn parse(file: &[u8]) -> Result<Self, ModelError> {
        let mut words = vec![0; file.len().div_ceil(4)];
        bytemuck::cast_slice_mut(&mut words)[..file.len()].copy_from_slice(file);
        let len = file.len();
        let bytes = AlignedBytes { words, len };
        let parsed = Parsed::try_new(bytes, |bytes| Model::parse(bytes.as_slice()))
            .map_err(ModelError::Parse)?;
        check_model(parsed.borrow_owner().as_slice(), SCRATCH_LEN)?;
        Ok(Self {
            parsed: Rc::new(parsed),
        })
    }

    /// Returns the content of the file.
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.parsed.borrow_owner().as_slice()
    }

    /// Returns the parsed model.
    pub(crate) fn model(&self) -> &Model<'_> {
        self.parsed.borrow_dependent()
    }

    /// Encodes the UF2 file that [`Self::uf2`] returns.
    fn encode_uf2(&self, board: &str) -> Result<Vec<u8>, String> {
        let (board, uf2) = thumbgan_boards::find(board)
            .and_then(|board| Some((board, board.uf2?)))
            .ok_or_else(|| format!("{board} is not a board with a UF2 boot loader"))?;
        let region = board
            .region_for(self.file_len() as u64)
            .map_err(|error| error.to_string())?;
        Ok(uf2.encode(region.memory.origin, self.as_slice()))
    }
}

impl AlignedBytes {
    fn as_slice(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }
}

impl From<&Layer<'_>> for LayerInfo {
    fn from(layer: &Layer<'_>) -> Self {
        let shape = layer.shape();
        let channels = shape.channels();
        let (convolution, side) = match shape {
            LayerShape::Dense(_) => (false, feature_map_side(layer.outputs() / channels)),
            LayerShape::UpsampleConv(shape) => (true, 2 * usize::from(shape.side)),
        };
        Self {
            convolution,
            side,
            channels: layer.outputs() / (side * side),
            weights: shape.weight_count() as u32,
            macs: layer.macs() as u32,
        }
    }
}

/// Returns the side of a square feature map of `positions`; 1 if they are not a square.
fn feature_map_side(positions: usize) -> usize {
    let side = positions.isqrt();
    if side * side == positions { side } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_models;

    #[test]
    fn invalid_files_have_the_message_of_the_firmware() {
        let valid = test_models::read("digits.tgan");
        let mut damaged = valid.clone();
        damaged[5_000] ^= 1;
        let longer = [valid.clone(), vec![0; 4]].concat();
        for file in [&[][..], &valid[..valid.len() / 2], &damaged, &longer] {
            let expected = Model::parse(file).unwrap_err().to_string();
            assert_eq!(ModelFile::parse(file).err().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn describes_the_model() {
        let file = test_models::digits();
        assert_eq!(file.name(), "digits");
        assert_eq!(file.class_count(), 10);
        assert_eq!(file.crc32(), file.model().crc32());
        assert_eq!(file.file_len(), test_models::read("digits.tgan").len());
        let layers = file.layers();
        let macs: u32 = layers.iter().map(|layer| layer.macs).sum();
        assert_eq!((macs, u64::from(macs)), (file.macs(), file.model().macs()));
        let maps: Vec<_> = layers
            .iter()
            .map(|layer| (layer.convolution, layer.side))
            .collect();
        assert_eq!(maps, [(false, 7), (true, 14), (true, 28)]);
        // Vectors that are no feature maps.
        let seed = ModelFile::parse(&test_models::read("seed.tgan")).unwrap();
        assert_eq!(seed.layers()[0].channels, 128);
        assert_eq!(seed.class_for_seed(1), None);
    }

    #[test]
    fn uf2_files_hold_the_model_at_the_address_of_the_region() {
        let file = test_models::digits();
        for board in thumbgan_boards::with_uf2() {
            let uf2 = file.encode_uf2(board.name).unwrap();
            let blocks = board.uf2.unwrap().decode(&uf2).unwrap();
            let origin = board.model_region.unwrap().memory.origin;
            assert_eq!(u64::from(blocks[0].0), origin);
            let content: Vec<u8> = blocks.iter().flat_map(|block| block.1).copied().collect();
            assert!(content.starts_with(file.as_slice()));
        }
        for board in ["nrf52840-dk", "toaster"] {
            let error = file.encode_uf2(board).unwrap_err();
            assert!(
                error.contains("not a board with a UF2 boot loader"),
                "{error}"
            );
        }
    }
}
