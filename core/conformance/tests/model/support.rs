//! Errors of files, and parameters of layers.

use thumbgan_core::{
    Model, ParseError,
    model::{Activation, LayerData, LayerShape},
};

pub const RELU: Activation = Activation::Relu;
pub const SIGMOID: Activation = Activation::Sigmoid;

/// Returns layer parameters that are all the same.
pub fn constant(shape: LayerShape, weight: i8, bias: i32, multiplier: u16) -> LayerData {
    LayerData {
        weights: vec![weight; shape.weight_count() as usize],
        biases: vec![bias; shape.channels()],
        multipliers: vec![multiplier; shape.channels()],
    }
}

/// Returns the error of an invalid file.
pub fn error(file: &[u8]) -> ParseError {
    Model::parse(file).expect_err("the file is invalid")
}
