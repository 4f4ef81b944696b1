//! Uploads over the serial protocol, and their errors.

use std::fs;

use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;
use thumbgan_app::RegionState;
use thumbgan_protocol::{ErrorResponse, MAX_RESPONSE_LEN, Message, Response, frame};

use crate::support::{Device, REGION, path};

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
