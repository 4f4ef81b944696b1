//! Exchange of a board's model: uploads to simulated boards behind TCP ports, and UF2 files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use assert_cmd::assert::Assert;
use common::trainer;
use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;
use thumbgan_app::{App, RegionState, SCRATCH_LEN};
use thumbgan_core::{
    Model,
    latent::Distribution,
    model::{
        Activation, DenseShape, LatentSpec, LayerData, LayerShape, Metadata, Provenance,
        UpsampleConvShape, encode,
    },
};
use thumbgan_protocol::{
    ErrorResponse, FlashError, MAX_RESPONSE_LEN, Message, ModelStore, Response, Server, frame,
};

/// Length of the region in bytes.
const REGION: usize = 64 * 1024;
/// Bytes that are erased together.
const SECTOR: usize = 4096;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
        .with_extension("tgan")
}

/// Flash in memory that outlives the board.
#[derive(Clone)]
struct Flash(Vec<u8>);

impl ModelStore for Flash {
    fn sector_len(&self) -> usize {
        SECTOR
    }

    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn erase(&mut self, offset: usize) -> Result<(), FlashError> {
        self.0[offset..offset + SECTOR].fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), FlashError> {
        self.0[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}

/// Simulated board with the built-in model `digits-nano`.
#[derive(Clone)]
struct Device {
    name: &'static str,
    is_writable: bool,
    scratch_len: usize,
    flash: Arc<Mutex<Flash>>,
}

impl Device {
    fn new() -> Self {
        Self {
            name: "pico",
            is_writable: true,
            scratch_len: SCRATCH_LEN,
            flash: Arc::new(Mutex::new(Flash(vec![0xff; REGION]))),
        }
    }

    /// Returns the state of the region after a restart, and the name of the model that runs.
    fn restart(&self) -> (RegionState, String) {
        let (built_in, flash) = (
            fs::read(path("digits-nano")).unwrap(),
            self.flash.lock().unwrap(),
        );
        let mut scratch = vec![0; self.scratch_len];
        let app = App::with_region(&built_in, flash.bytes(), &mut scratch, || 0);
        (app.region(), app.model().unwrap().name().to_owned())
    }

    /// Runs `board` with this board; `spoil` modifies the bytes that the board sends, or unplugs it by returning false.
    fn run(
        &self,
        words: &[&str],
        spoil: impl FnMut(&mut Vec<u8>) -> bool + Send + 'static,
    ) -> Assert {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = format!("tcp:{}", listener.local_addr().unwrap());
        let device = self.clone();
        thread::spawn(move || device.serve(&listener.accept().unwrap().0, spoil));
        trainer()
            .args(["board", "--port", &port])
            .args(words)
            .assert()
    }

    /// Uploads a committed model.
    fn upload(&self, model: &Path) -> Assert {
        self.run(&["upload", model.to_str().unwrap()], |_| true)
    }

    /// Responds until the stream is closed or the board is unplugged.
    fn serve(&self, mut stream: &TcpStream, mut spoil: impl FnMut(&mut Vec<u8>) -> bool) {
        let built_in = fs::read(path("digits-nano")).unwrap();
        let mut scratch = vec![0; self.scratch_len];
        let mut server = Server::new(self.name, || 0).with_region(REGION, self.is_writable);
        let mut bytes = [0; 512];
        let mut flash = self.flash.lock().unwrap();
        while let Ok(count @ 1..) = stream.read(&mut bytes) {
            let mut sent = Vec::new();
            for byte in &bytes[..count] {
                let region = if server.is_uploading() {
                    &[]
                } else {
                    flash.bytes()
                };
                let mut app = App::with_region(&built_in, region, &mut scratch, || 0);
                sent.extend(server.receive(*byte, &mut app).map(<[u8]>::to_vec));
                drop(app);
                sent.extend(server.write_flash(&mut *flash).map(<[u8]>::to_vec));
            }
            for mut response in sent {
                if !spoil(&mut response) {
                    return;
                }
                // The host may have disconnected.
                let _ = stream.write_all(&response);
            }
        }
    }
}

#[test]
fn an_uploaded_model_runs_and_stays() {
    let device = Device::new();
    device.run(&["hello"], |_| true).success().stdout(contains(
        "region     65536 bytes, erased; the built-in model runs",
    ));
    device
        .upload(&path("digits-xs"))
        .success()
        .stdout(contains("pico: runs digits-xs, 30472 bytes, CRC-32 "));
    assert_eq!(device.restart(), (RegionState::Used, "digits-xs".into()));
    let said = contains("region     65536 bytes, its model runs").and(contains("digits-xs, 30472"));
    device.run(&["hello"], |_| true).success().stdout(said);
    let model = path("digits-xs");
    let words = ["verify", "--count", "4", "--model", model.to_str().unwrap()];
    device.run(&words, |_| true).success();
    let words = ["upload", "--json", model.to_str().unwrap()];
    let output = device.run(&words, |_| true).success();
    let json: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(
        (&json["board"], &json["bytes"]),
        (&"pico".into(), &30472.into())
    );
}

#[test]
fn hello_reports_a_damaged_region() {
    let device = Device::new();
    device.upload(&path("digits-xs")).success();
    device.flash.lock().unwrap().0[9000] ^= 1;
    let said = contains("invalid; the built-in model runs: model is damaged: CRC-32")
        .and(contains("model      digits-nano"));
    device.run(&["hello"], |_| true).success().stdout(said);
    let output = device.run(&["hello", "--json"], |_| true).success();
    let json: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(json["region"]["status"], "invalid");
    assert_eq!(json["region"]["bytes"], REGION);
    let error = json["region"]["error"].as_str().unwrap();
    assert!(error.contains("CRC-32"), "{error}");
}

#[test]
fn models_that_do_not_fit_the_board_change_nothing() {
    let device = Device::new();
    device.upload(&path("digits-xs")).success();
    device.upload(&path("digits")).failure().stderr(
        contains("digits.tgan has 94772 bytes and is too large for the board pico")
            .and(contains("region has 65536"))
            .and(contains("cargo xtask flash pico --model ")),
    );
    let small = Device {
        scratch_len: 1_000,
        ..device.clone()
    };
    small.upload(&path("digits-nano")).failure().stderr(
        contains("digits-nano.tgan cannot run on the board pico")
            .and(contains("and the firmware has 4000")),
    );
    let folder = tempdir().unwrap();
    let damaged = folder.path().join("damaged.tgan");
    let mut bytes = fs::read(path("digits-nano")).unwrap();
    bytes[3000] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    device
        .upload(&damaged)
        .failure()
        .stderr(contains("damaged.tgan: model is damaged"));
    assert_eq!(device.restart(), (RegionState::Used, "digits-xs".into()));
}

#[test]
fn boards_that_cannot_write_their_flash_name_the_other_ways() {
    for (name, remedies) in [
        (
            "pico2",
            &[
                "cargo xtask flash pico2 --model-only --model ",
                "trainer export --uf2 pico2 ",
            ][..],
        ),
        (
            "nrf52840-dk",
            &["cargo xtask flash nrf52840-dk --model-only --model "],
        ),
        ("qemu-lm3s6965", &["cargo xtask qemu --model "]),
        ("someone's own", &["build its firmware with the model "]),
    ] {
        let device = Device {
            name,
            is_writable: false,
            ..Device::new()
        };
        let failed = device.upload(&path("digits-xs")).failure();
        let message = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(
            message.contains(&format!("the board {name} cannot write its flash; ")),
            "{message}"
        );
        for remedy in remedies {
            assert!(message.contains(remedy), "no {remedy:?} in: {message}");
        }
    }
}

/// Replaces the response to the request for the region by that of a firmware that does not know it.
fn without_regions(response: &mut Vec<u8>) -> bool {
    let mut encoded = response[1..response.len() - 1].to_vec();
    let Message { sequence, body } = frame::decode::<Response<'_>>(&mut encoded).unwrap();
    if let Response::Region { .. } = body {
        let body = Response::Error(ErrorResponse::UnknownRequest);
        *response = frame::encode(&Message { sequence, body }, &mut [0; MAX_RESPONSE_LEN])
            .unwrap()
            .to_vec();
    }
    true
}

#[test]
fn firmware_without_model_regions_is_an_error_of_uploads_only() {
    let device = Device::new();
    device
        .run(&["hello"], without_regions)
        .success()
        .stdout(contains("digits-nano").and(contains("region").not()));
    let model = path("digits-xs");
    let words = ["upload", model.to_str().unwrap()];
    device.run(&words, without_regions).failure().stderr(
        contains("the firmware of the board pico is older than this program")
            .and(contains("`cargo xtask flash pico`")),
    );
    assert_eq!(device.restart().0, RegionState::Empty);
}

#[test]
fn a_board_that_is_unplugged_runs_its_built_in_model_until_the_upload_is_repeated() {
    let device = Device::new();
    device.upload(&path("digits-xs")).success();
    for responses in [2, 4, 20, 46] {
        let model = path("digits-nano");
        let mut sent = 0;
        let unplug = move |_: &mut Vec<u8>| {
            sent += 1;
            sent <= responses
        };
        let failed = device
            .run(&["upload", model.to_str().unwrap()], unplug)
            .failure();
        let message = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        let is_begun = responses > 2;
        assert_eq!(
            message.contains("the upload failed, and the board runs its built-in model: "),
            is_begun,
            "{message}"
        );
        assert!(
            message.contains("was closed: connect the board"),
            "{message}"
        );
        let (state, name) = device.restart();
        assert!(matches!(state, RegionState::Invalid(_)), "{responses}");
        assert_eq!(name, "digits-nano");
    }
    device.upload(&path("digits-xs")).success();
    assert_eq!(device.restart(), (RegionState::Used, "digits-xs".into()));
}

#[test]
fn an_upload_survives_text_and_transmission_errors() {
    let device = Device::new();
    let mut responses = 0;
    let spoil = move |response: &mut Vec<u8>| {
        responses += 1;
        let middle = response.len() / 2;
        match responses {
            3 | 10 => response[middle] ^= 4,
            20 => response.truncate(middle),
            _ => response.extend_from_slice(b"frame walk class=3 seed=1\r\n"),
        }
        true
    };
    let model = path("digits-nano");
    device
        .run(&["upload", model.to_str().unwrap()], spoil)
        .success();
    assert_eq!(device.restart(), (RegionState::Used, "digits-nano".into()));
}

#[test]
fn another_protocol_version_is_an_error_before_the_upload() {
    let device = Device::new();
    // A valid frame of protocol version 9.
    let body = [9, 1, 1];
    let mut other = vec![0, 8];
    other.extend(body);
    other.extend(thumbgan_core::crc32(&body).to_le_bytes());
    assert!(other[1..].iter().all(|byte| *byte != 0), "stuffed by hand");
    other.push(0);
    let model = path("digits-nano");
    let spoil = move |response: &mut Vec<u8>| {
        response.clone_from(&other);
        true
    };
    device
        .run(&["upload", model.to_str().unwrap()], spoil)
        .failure()
        .stderr(contains("has another protocol version").and(contains("protocol version 9")));
    assert_eq!(device.restart().0, RegionState::Empty);
}

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

/// Returns a model file that needs 3,923 words of scratch memory and more.
fn model_with_large_activations() -> Vec<u8> {
    const CHANNELS: u16 = 320;
    let dense = DenseShape {
        inputs: 1,
        outputs: 49 * CHANNELS,
        channels: CHANNELS,
        shift: 20,
        activation: Activation::Relu,
    };
    let conv = |side, inputs, activation| UpsampleConvShape {
        side,
        inputs,
        outputs: 1,
        shift: 20,
        activation,
    };
    let data = |weights: usize, channels: usize| LayerData {
        weights: vec![0; weights],
        biases: vec![0; channels],
        multipliers: vec![1; channels],
    };
    let channels = usize::from(CHANNELS);
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
                LayerShape::UpsampleConv(conv(7, CHANNELS, Activation::Relu)),
                data(9 * channels, 1),
            ),
            (
                LayerShape::UpsampleConv(conv(14, 1, Activation::Sigmoid)),
                data(9, 1),
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
                .and(contains("of scratch memory, and the firmware has 13072")),
        );
    let mut bytes = fs::read(model).unwrap();
    bytes[3000] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    export(folder.path(), &["--uf2", "pico", damaged.to_str().unwrap()])
        .failure()
        .stderr(contains("damaged.tgan: model is damaged"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
