//! UF2 files of models.

use std::{fs, path::Path};

use assert_cmd::assert::Assert;
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;
use thumbgan_core::{
    Model,
    latent::Distribution,
    model::{
        Activation, DenseShape, LatentSpec, LayerData, LayerShape, Metadata, Provenance,
        UpsampleConvShape, encode,
    },
};

use crate::{
    common::trainer,
    support::{SECTOR, path},
};

/// Runs `export` in a folder.
fn export(folder: &Path, words: &[&str]) -> Assert {
    trainer()
        .current_dir(folder)
        .arg("export")
        .args(words)
        .assert()
}

#[test]
fn uf2_files_write_the_model_to_the_region_of_the_board() {
    let folder = tempdir().unwrap();
    let model = path("digits-xs");
    let model = model.to_str().unwrap();
    let file = fs::read(model).unwrap();
    for (board, drive, address, family) in [
        ("pico", "RPI-RP2", 0x101c_0000_u32, 0xe48b_ff56_u32),
        ("pico2", "RP2350", 0x103c_0000, 0xe48b_ff59),
    ] {
        let name = format!("digits-xs-{board}.uf2");
        export(folder.path(), &["--uf2", board, model])
            .success()
            .stdout(contains(&*name).and(contains(format!("the drive {drive}"))));
        let uf2 = fs::read(folder.path().join(name)).unwrap();
        let mut flash = Vec::new();
        for (index, block) in uf2.chunks(512).enumerate() {
            let word = |at: usize| u32::from_le_bytes(*block[4 * at..].first_chunk().unwrap());
            assert_eq!(word(3), address + 256 * index as u32);
            assert_eq!((word(4), word(7)), (256, family));
            flash.extend(&block[32..288]);
        }
        assert!(flash.len().is_multiple_of(SECTOR));
        let parsed = Model::parse_prefix(&flash).unwrap();
        assert_eq!(parsed.file_len(), file.len());
        assert_eq!(flash[..file.len()], file);
    }
}

#[test]
fn uf2_files_replace_no_file_without_force() {
    let folder = tempdir().unwrap();
    let model = path("digits-xs");
    let model = model.to_str().unwrap();
    fs::write(folder.path().join("model.uf2"), "mine").unwrap();
    let words = ["--uf2", "pico", model, "--out", "model.uf2"];
    export(folder.path(), &words)
        .failure()
        .stderr(contains("model.uf2 exists").and(contains("--force")));
    assert_eq!(fs::read(folder.path().join("model.uf2")).unwrap(), b"mine");
    export(folder.path(), &[&words[..], &["--force"]].concat()).success();
    assert_eq!(
        fs::read(folder.path().join("model.uf2")).unwrap()[..4],
        *b"UF2\n"
    );
    export(
        folder.path(),
        &["--uf2", "pico", model, "--out", "new/model.bin"],
    )
    .failure()
    .stderr(contains("does not end in .uf2"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Returns a model file whose second layer reads 15,680 bytes of activations and writes 6,272.
fn model_with_large_activations() -> Vec<u8> {
    const CHANNELS: u16 = 320;
    const LATER_CHANNELS: u16 = 32;
    let dense = DenseShape {
        inputs: 1,
        outputs: 49 * CHANNELS,
        channels: CHANNELS,
        shift: 20,
        activation: Activation::Relu,
    };
    let conv = |side, inputs, outputs, activation| UpsampleConvShape {
        side,
        inputs,
        outputs,
        shift: 20,
        activation,
    };
    let data = |weights: usize, channels: usize| LayerData {
        weights: vec![0; weights],
        biases: vec![0; channels],
        multipliers: vec![1; channels],
    };
    let [channels, later] = [CHANNELS, LATER_CHANNELS].map(usize::from);
    let provenance = Provenance {
        dataset: "none",
        dataset_sha256: [0; 32],
        iterations: 0,
        seed: 0,
        fid: None,
        tool: "test",
    };
    let metadata = Metadata {
        name: "large",
        class_count: 0,
        class_names: "",
        latent: LatentSpec {
            len: 1,
            distribution: Distribution::Uniform,
        },
        provenance,
    };
    encode(
        &metadata,
        &[
            (LayerShape::Dense(dense), data(49 * channels, channels)),
            (
                LayerShape::UpsampleConv(conv(7, CHANNELS, LATER_CHANNELS, Activation::Relu)),
                data(9 * channels * later, later),
            ),
            (
                LayerShape::UpsampleConv(conv(14, LATER_CHANNELS, 1, Activation::Sigmoid)),
                data(9 * later, 1),
            ),
        ],
    )
}

#[test]
fn uf2_files_are_made_only_for_boards_that_take_them() {
    let folder = tempdir().unwrap();
    let model = path("digits-xs");
    let model = model.to_str().unwrap();
    export(folder.path(), &["--uf2", "toaster", model])
        .failure()
        .stderr(contains("no such board").and(contains("pico, rp2040-round, pico2")));
    export(folder.path(), &["--uf2", "nrf52840-dk", model])
        .failure()
        .stderr(
            contains("the nRF52840-DK has no UF2 boot loader; boards that have one: pico, rp2040-round, pico2")
                .and(contains("cargo xtask flash nrf52840-dk --model-only")),
        );
    export(folder.path(), &[model])
        .code(2)
        .stderr(contains("--uf2"));
    let (large, damaged) = (
        folder.path().join("large.tgan"),
        folder.path().join("damaged.tgan"),
    );
    fs::write(&large, model_with_large_activations()).unwrap();
    export(folder.path(), &["--uf2", "pico", large.to_str().unwrap()])
        .failure()
        .stderr(
            contains("large.tgan cannot be exported")
                .and(contains("of scratch memory, and the firmware has 19216")),
        );
    let mut bytes = fs::read(model).unwrap();
    bytes[3000] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    export(folder.path(), &["--uf2", "pico", damaged.to_str().unwrap()])
        .failure()
        .stderr(contains("damaged.tgan: model is damaged"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
