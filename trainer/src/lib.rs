//! Trains a GAN on 28x28 images, quantizes its generator to int8 and writes the model file.
//!
//! Data flows one way: [`data`] -> [`gan`] -> [`export`] -> model file, which `thumbgan_core` runs. [`training`] drives
//! the first part, [`quality`] measures the int8 images, [`report`] and [`cli`] show the results.

#[macro_use]
pub mod output;

pub mod arguments;
pub mod board;
pub mod cli;
pub mod data;
pub mod export;
pub mod files;
pub mod gan;
pub mod png;
pub mod progress;
pub mod quality;
pub mod random;
pub mod report;
pub mod text;
pub mod training;
