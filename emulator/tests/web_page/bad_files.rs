//! Invalid model files, each with the firmware's message.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use thumbgan_app::{ModelError, SCRATCH_LEN, check_model};
use thumbgan_core::{
    Model, crc32,
    latent::SplitMix64,
    model::{Activation, DenseShape, LayerData, LayerShape, Metadata, UpsampleConvShape, encode},
};

use crate::expectations::write_file;

/// Number of changed copies of a model.
const CHANGED: usize = 200;
/// Length of a file's beginning in which bytes are changed: the header and the description of the layers.
const DESCRIPTION_LEN: u64 = 160;

/// File with the message for it.
#[derive(Debug, Serialize)]
pub struct BadFile {
    path: String,
    message: String,
}

/// Writes one file for each kind of fault, made of a valid model.
pub fn write(folder: &Path, valid: &[u8]) -> Result<Vec<BadFile>> {
    let changed = |at: usize, to: u8| {
        let mut file = valid.to_vec();
        file[at] = to;
        file
    };
    let layers = |shapes: &[LayerShape]| {
        let layers: Vec<_> = shapes.iter().map(|shape| (*shape, zeros(*shape))).collect();
        Model::parse(valid).map(|model| {
            let metadata = Metadata {
                class_count: 0,
                class_names: "",
                ..*model.metadata()
            };
            encode(&metadata, &layers)
        })
    };
    let inputs = Model::parse(valid)?.latent_len() as u16;
    let files = [
        ("text", b"An image of a digit\n".repeat(50)),
        ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1c".to_vec()),
        ("header-only", valid[..16].to_vec()),
        ("three-bytes", valid[..3].to_vec()),
        ("half", valid[..valid.len() / 2].to_vec()),
        ("one-byte-short", valid[..valid.len() - 1].to_vec()),
        (
            "flipped-bit",
            changed(valid.len() / 2, valid[valid.len() / 2] ^ 1),
        ),
        ("other-version", changed(4, 1)),
        ("trailing-byte", [valid, b"\0"].concat()),
        ("name-beyond-the-description", seal(changed(12, u8::MAX))),
        (
            "endless-description",
            seal([&valid[..8], &[255, 255, 255, 0], &valid[12..]].concat()),
        ),
        ("no-layers", layers(&[])?),
        (
            "few-pixels",
            layers(&[dense(inputs, 783, 783, Activation::Sigmoid)])?,
        ),
        (
            "too-much-scratch",
            layers(&[
                dense(inputs, 7 * 7 * 256, 256, Activation::Relu),
                upsample_conv(7, 256, 256, Activation::Relu),
                upsample_conv(14, 256, 1, Activation::Sigmoid),
            ])?,
        ),
    ];
    fs::create_dir_all(folder.join("bad"))?;
    let files = files.into_iter().map(|(name, bytes)| {
        let message = message(&bytes).with_context(|| format!("{name} is a valid model"))?;
        bad_file(
            &folder.join("bad").join(format!("{name}.tgan")),
            &bytes,
            message,
        )
    });
    let files = files.collect::<Result<Vec<_>>>()?;
    let mut messages: Vec<_> = files.iter().map(|file| &file.message).collect();
    messages.sort_unstable();
    messages.dedup();
    ensure!(messages.len() >= 10, "the messages are {messages:?}");
    Ok(files)
}

/// Writes copies of a model in which random bytes of the description are changed and the CRC-32 is right.
pub fn write_changed(folder: &Path, valid: &[u8]) -> Result<Vec<BadFile>> {
    fs::create_dir_all(folder.join("changed"))?;
    let mut random = SplitMix64::new(16);
    let mut files = Vec::new();
    while files.len() < CHANGED {
        let mut file = valid.to_vec();
        for _ in 0..=random.next_u64() % 3 {
            let at = 4 + (random.next_u64() % DESCRIPTION_LEN) as usize;
            file[at] = random.next_u64() as u8;
        }
        let file = seal(file);
        if let Some(message) = message(&file) {
            let path = folder.join("changed").join(format!("{}.tgan", files.len()));
            files.push(bad_file(&path, &file, message)?);
        }
    }
    Ok(files)
}

fn bad_file(path: &Path, bytes: &[u8], message: String) -> Result<BadFile> {
    write_file(path, bytes)?;
    Ok(BadFile {
        path: path.display().to_string(),
        message,
    })
}

/// Returns the firmware's message for a file; none for a usable model.
fn message(file: &[u8]) -> Option<String> {
    let error = match Model::parse(file) {
        Err(error) => ModelError::Parse(error),
        Ok(_) => check_model(file, SCRATCH_LEN).err()?,
    };
    Some(error.to_string())
}

/// Returns a file with the right CRC-32.
fn seal(mut file: Vec<u8>) -> Vec<u8> {
    let checked = file.len() - 4;
    let crc = crc32(&file[..checked]);
    file[checked..].copy_from_slice(&crc.to_le_bytes());
    file
}

fn dense(inputs: u16, outputs: u16, channels: u16, activation: Activation) -> LayerShape {
    LayerShape::Dense(DenseShape {
        inputs,
        outputs,
        channels,
        shift: 20,
        activation,
    })
}

fn upsample_conv(side: u8, inputs: u16, outputs: u16, activation: Activation) -> LayerShape {
    LayerShape::UpsampleConv(UpsampleConvShape {
        side,
        inputs,
        outputs,
        shift: 20,
        activation,
    })
}

/// Returns parameters for a layer, all of them 0 except the multipliers.
fn zeros(shape: LayerShape) -> LayerData {
    LayerData {
        weights: vec![0; shape.weight_count() as usize],
        biases: vec![0; shape.channels()],
        multipliers: vec![1; shape.channels()],
    }
}
