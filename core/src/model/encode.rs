//! Encoding: writes the model file that parsing reads.

use alloc::vec::Vec;

use super::{
    description::{Description, MAX_LAYERS, Metadata},
    layout::{ALIGNMENT, FORMAT_VERSION, MAGIC},
};
use crate::{
    crc32::crc32,
    layers::{Layer, LayerShape, TILE_ROWS, pack, unpack},
};

/// Parameters of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerData {
    /// Weights, -127 to 127: `[outputs, inputs]` of a dense layer, `[outputs, 3, 3, inputs]` of an upsampling convolution.
    pub weights: Vec<i8>,
    /// One bias per channel, in the scale of the accumulator.
    pub biases: Vec<i32>,
    /// One requantization multiplier per channel.
    pub multipliers: Vec<u16>,
}

impl From<&Layer<'_>> for LayerData {
    /// Unpacks the parameters of a parsed layer.
    fn from(layer: &Layer<'_>) -> Self {
        let (packed, columns) = (layer.weights(), usize::from(layer.shape().columns()));
        let rows = layer.shape().rows() as usize;
        let weight = |index: usize| {
            let (row, column) = (index / columns, index % columns);
            let (tile, row) = (row / TILE_ROWS as usize, row % TILE_ROWS as usize);
            let column = packed.get(tile * columns + column);
            column
                .and_then(|column| column.0.get(row))
                .map(|&byte| unpack(row, byte))
        };
        Self {
            weights: (0..rows * columns).filter_map(weight).collect(),
            biases: layer.channels().biases().collect(),
            multipliers: layer.channels().multipliers().collect(),
        }
    }
}

/// Returns the bytes of the model file.
///
/// # Panics
/// If there are more than [`MAX_LAYERS`] layers, a layer's data do not match its shape, or the description exceeds 65,535
/// bytes.
#[must_use]
pub fn encode(metadata: &Metadata<'_>, layers: &[(LayerShape, LayerData)]) -> Vec<u8> {
    let shapes = layers.iter().map(|(shape, _)| *shape);
    assert!(
        layers.len() <= MAX_LAYERS,
        "{} layers, the maximum is {MAX_LAYERS}",
        layers.len()
    );
    let description = Description {
        metadata: *metadata,
        layers: shapes.collect(),
    };
    let description = postcard::to_allocvec(&description).expect("a description is plain data");
    let mut data = Vec::new();
    for (shape, layer) in layers {
        assert_eq!(
            layer.weights.len() as u64,
            shape.weight_count(),
            "weights of {shape}"
        );
        assert_eq!(layer.biases.len(), shape.channels(), "biases of {shape}");
        assert_eq!(
            layer.multipliers.len(),
            shape.channels(),
            "multipliers of {shape}"
        );
        pack_tiles(&layer.weights, shape.columns().into(), &mut data);
        data.extend(layer.biases.iter().flat_map(|bias| bias.to_le_bytes()));
        data.extend(
            layer
                .multipliers
                .iter()
                .flat_map(|multiplier| multiplier.to_le_bytes()),
        );
        pad(&mut data);
    }
    let description_len =
        u16::try_from(description.len()).expect("the description is shorter than 64 KiB");
    let data_len = u32::try_from(data.len()).expect("the data are smaller than 4 GiB");
    let mut file = Vec::new();
    file.extend(MAGIC);
    file.extend(FORMAT_VERSION.to_le_bytes());
    file.extend(description_len.to_le_bytes());
    file.extend(data_len.to_le_bytes());
    file.extend(description);
    pad(&mut file);
    file.extend(data);
    file.extend(crc32(&file).to_le_bytes());
    file
}

/// Appends a weight matrix `[rows, columns]`, packed into tiles of four rows, the last one filled up with zeros: column by
/// column one byte per row (`docs/model-format.md`, section 4).
fn pack_tiles(weights: &[i8], columns: usize, packed: &mut Vec<u8>) {
    const ROWS: usize = TILE_ROWS as usize;
    for tile in weights.chunks((ROWS * columns).max(1)) {
        for column in 0..columns {
            for row in 0..ROWS {
                let weight = tile.get(row * columns + column).copied();
                packed.push(pack(row, weight.unwrap_or_default()));
            }
        }
    }
}

/// Appends zeros up to the alignment of the sections.
fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
}
