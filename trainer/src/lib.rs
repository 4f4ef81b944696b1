//! Trains a GAN on handwritten digits, quantises its generator to int8 and writes the model file.
//!
//! Data flows one way: [`data`] -> [`gan`] -> [`quantise`] -> [`export`], and `thumbgan_core` runs the result.

// Tests capture what the macros of std print.
#[cfg(not(test))]
#[macro_use]
pub mod print;

pub mod backend;
pub mod commands;
pub mod data;
pub mod device;
pub mod evaluate;
pub mod export;
pub mod fidelity;
pub mod files;
pub mod float;
pub mod gan;
pub mod int8;
pub mod judge;
pub mod picture;
pub mod preset;
pub mod quantise;
pub mod random;
pub mod report;
pub mod settings;
pub mod sweep;
pub mod train;
