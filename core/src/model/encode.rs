//! Writing a model file: the exact inverse of parsing.

use alloc::vec::Vec;

use super::{
    crc32,
    format::{Description, FORMAT_VERSION, MAGIC},
};

/// The numbers of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerData {
    /// Weights -127 to 127, output by output: one for every input of a dense layer, 3 x 3 x channels in (row,
    /// column, channel) of an upsampling convolution.
    pub weights: Vec<i8>,
    /// One bias for each channel, in units of the accumulator.
    pub biases: Vec<i32>,
    /// One multiplier for each channel.
    pub multipliers: Vec<u16>,
}

/// The bytes of the model file.
///
/// # Panics
/// When `data` does not match the layers of `description` in number and shape, or the description is longer
/// than 65,535 bytes.
pub fn encode(description: &Description<'_>, data: &[LayerData]) -> Vec<u8> {
    assert_eq!(description.layers.len(), data.len(), "layers described and given");
    let text = postcard::to_allocvec(description).expect("a description is plain data");
    let mut numbers = Vec::new();
    for (shape, layer) in description.layers.iter().zip(data) {
        assert_eq!(layer.weights.len() as u64, shape.weights(), "weights of {shape}");
        assert_eq!(layer.biases.len(), shape.channels(), "biases of {shape}");
        assert_eq!(layer.multipliers.len(), shape.channels(), "multipliers of {shape}");
        numbers.extend(pack(&layer.weights, shape.columns().into()));
        numbers.extend(layer.biases.iter().flat_map(|bias| bias.to_le_bytes()));
        numbers.extend(layer.multipliers.iter().flat_map(|multiplier| multiplier.to_le_bytes()));
        pad(&mut numbers);
    }
    let description_len = u16::try_from(text.len()).expect("a description below 64 KiB");
    let data_len = u32::try_from(numbers.len()).expect("data below 4 GiB");
    let mut file = Vec::new();
    file.extend(MAGIC);
    file.extend(FORMAT_VERSION.to_le_bytes());
    file.extend(description_len.to_le_bytes());
    file.extend(data_len.to_le_bytes());
    file.extend(text);
    pad(&mut file);
    file.extend(numbers);
    file.extend(crc32(&file).to_le_bytes());
    file
}

/// Rows of `columns` weights in tiles of four rows, filled up with rows of zeros: for each column a byte of each
/// row, those of the first and the third row with 128 added (docs/model-format.md, section 4).
fn pack(weights: &[i8], columns: usize) -> Vec<u8> {
    let byte = |row: usize, column: usize| {
        let weight = weights.get(row * columns + column).copied().unwrap_or_default().cast_unsigned();
        if row.is_multiple_of(2) { weight.wrapping_add(128) } else { weight }
    };
    let rows = weights.len() / columns.max(1);
    let tiles = (0..rows).step_by(4);
    tiles
        .flat_map(|tile| (0..columns).flat_map(move |column| (tile..tile + 4).map(move |row| (row, column))))
        .map(|(row, column)| byte(row, column))
        .collect()
}

/// Zeros up to the next multiple of four.
fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}
