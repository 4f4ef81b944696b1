//! `device` against boards in memory, behind TCP ports as emulated ones are.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    thread,
    time::Instant,
};

use assert_cmd::assert::Assert;
use common::trainer;
use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;
use thumbgan_app::App;
use thumbgan_protocol::{Answer, Link, MAX_ANSWER, Parcel, frame};

fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
}

/// Microseconds since the first call.
fn micros() -> u64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed().as_micros() as u64
}

/// Runs `device` with a board that carries `digits-nano`; what the board sends goes through `spoil` first.
fn device(words: &[&str], spoil: impl FnMut(&mut Vec<u8>) + Send + 'static) -> Assert {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("tcp:{}", listener.local_addr().unwrap());
    thread::spawn(move || serve(&listener.accept().unwrap().0, spoil));
    trainer()
        .args(["device", "--port", &port])
        .args(words)
        .assert()
}

/// The board: it says a line of text, then answers until the wire is cut.
fn serve(mut wire: &TcpStream, mut spoil: impl FnMut(&mut Vec<u8>)) {
    let file = fs::read(model("digits-nano.tgan")).unwrap();
    let mut app = App::new(&file, micros);
    let mut link = Link::new("memory", micros);
    let mut bytes = [0; 512];
    wire.write_all(b"frame gallery class=3 seed=1\r\n").unwrap();
    // A host that has gone needs no answer.
    let mut sender = wire;
    let mut send = |mut answer: Vec<u8>| {
        spoil(&mut answer);
        let _ = sender.write_all(&answer);
    };
    while let Ok(count @ 1..) = wire.read(&mut bytes) {
        for byte in &bytes[..count] {
            link.receive(*byte, &mut app)
                .map(<[u8]>::to_vec)
                .into_iter()
                .for_each(&mut send);
        }
        while link.is_busy() {
            link.work(&mut app)
                .map(<[u8]>::to_vec)
                .into_iter()
                .for_each(&mut send);
        }
    }
}

#[test]
fn a_board_says_what_it_is() {
    let said = contains("memory, firmware 0.1.0, protocol 1")
        .and(contains("digits-nano, "))
        .and(contains("classes    10"));
    device(&["hello"], |_| {}).success().stdout(said);
}

/// What a device command tells scripts.
fn told(words: &[&str]) -> Value {
    let output = device(&[words, &["--json"]].concat(), |_| {}).success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn scripts_are_told_the_same_as_json() {
    let path = model("digits-nano.tgan");
    let hello = told(&["hello"]);
    assert_eq!(
        (&hello["board"], &hello["protocol"]),
        (&"memory".into(), &1.into())
    );
    let inspected = trainer()
        .args(["inspect", "--json"])
        .arg(&path)
        .output()
        .unwrap();
    let inspected: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    let card = hello["model"].as_object().unwrap();
    assert!(
        card.len() > 5 && card.iter().all(|(key, value)| inspected[key] == *value),
        "{card:?}"
    );
    let digit = told(&["generate", "--class", "7", "--seed", "17"]);
    let pixels: Vec<u8> = serde_json::from_value(digit["pixels"].clone()).unwrap();
    assert_eq!(
        digit["crc32"],
        format!("{:08x}", thumbgan_core::crc32(&pixels))
    );
    let verified = told(&["verify", "--count", "20", "--model", path.to_str().unwrap()]);
    assert_eq!(
        (&verified["differing"], &verified["bytes"]),
        (&0.into(), &(20 * 784).into())
    );
    assert_eq!(verified["first_seed"], Value::Null);
    let bench = told(&["bench", "--count", "5"]);
    let (ticks, hertz) = (
        bench["ticks"].as_f64().unwrap(),
        bench["hertz"].as_f64().unwrap(),
    );
    let milliseconds = bench["milliseconds"].as_f64().unwrap();
    assert!(
        milliseconds > 0.0 && (milliseconds - 200.0 * ticks / hertz).abs() < 1e-6,
        "{bench}"
    );
}

#[test]
fn a_digit_is_shown_and_saved_as_the_computer_would() {
    let folder = tempdir().unwrap();
    let (ours, theirs) = (
        folder.path().join("ours.npy"),
        folder.path().join("theirs.png"),
    );
    let words = [
        "generate",
        "--class",
        "7",
        "--seed",
        "17",
        "--out",
        theirs.to_str().unwrap(),
    ];
    device(&words, |_| {}).success().stdout(contains("@"));
    trainer()
        .args(["sample", "--count", "1", "--seed", "17", "--model"])
        .arg(model("digits-nano.tgan"))
        .arg("--out")
        .arg(&ours)
        .assert()
        .success();
    let ours = fs::read(ours).unwrap();
    let png = png::Decoder::new(std::io::BufReader::new(fs::File::open(theirs).unwrap()));
    let mut png = png.read_info().unwrap();
    let mut picture = vec![0; png.output_buffer_size().unwrap()];
    png.next_frame(&mut picture).unwrap();
    // Two pixels of a frame around the digit.
    let inside: Vec<u8> = picture
        .chunks(32)
        .skip(2)
        .take(28)
        .flat_map(|row| row[2..30].to_vec())
        .collect();
    assert_eq!(inside, ours[ours.len() - 784..]);
}

#[test]
fn latents_are_taken_as_numbers() {
    let latent: Vec<_> = (0..12)
        .map(|value| (value * 20 - 120).to_string())
        .collect();
    let words = ["generate", "--class", "0", "--latent"];
    let wrong = device(&[&words[..], &["1,-2"]].concat(), |_| {}).failure();
    wrong.stderr(contains("needs a latent of "));
    let file = fs::read(model("digits-nano.tgan")).unwrap();
    let length = usize::from(thumbgan_core::Model::parse(&file).unwrap().latent().length);
    let latent = latent
        .iter()
        .cycle()
        .take(length)
        .cloned()
        .collect::<Vec<_>>()
        .join(",");
    device(&[&words[..], &[&latent]].concat(), |_| {}).success();
}

#[test]
fn equal_digits_are_verified_in_spite_of_text_and_damage_on_the_wire() {
    let mut answers = 0;
    let spoil = move |answer: &mut Vec<u8>| {
        answers += 1;
        let middle = answer.len() / 2;
        match answers % 40 {
            5 => answer[middle] ^= 4,
            25 => answer.truncate(middle),
            _ => answer.extend_from_slice(b"frame walk class=3 seed=1\r\n"),
        }
    };
    let path = model("digits-nano.tgan");
    let words = ["verify", "--count", "60", "--model", path.to_str().unwrap()];
    device(&words, spoil)
        .success()
        .stdout(contains("memory: 60 images, 0 of 47040 bytes differ"));
}

#[test]
fn a_pixel_that_differs_is_found() {
    let mut digits = 0;
    let path = model("digits-nano.tgan");
    let words = ["verify", "--count", "10", "--model", path.to_str().unwrap()];
    let spoiled = device(&words, move |sent| {
        let mut stuffed = sent[1..sent.len() - 1].to_vec();
        let Parcel { number, message } = frame::decode(&mut stuffed).unwrap();
        let Answer::Digit { pixels, .. } = message else {
            return;
        };
        digits += 1;
        if digits == 4 {
            let mut pixels = pixels.to_vec();
            pixels[400] ^= 1;
            let message = Answer::Digit {
                crc: thumbgan_core::crc32(&pixels),
                pixels: &pixels,
            };
            *sent = frame::encode(&Parcel { number, message }, &mut [0; MAX_ANSWER])
                .unwrap()
                .to_vec();
        }
    });
    let said = contains("1 of 7840 bytes differ");
    spoiled
        .failure()
        .stdout(said)
        .stderr(contains("other digits than this computer, first of seed 3"));
}

#[test]
fn another_model_is_refused_before_anything_is_compared() {
    let path = model("digits-xs.tgan");
    let refused = device(&["verify", "--model", path.to_str().unwrap()], |_| {}).failure();
    refused.stderr(contains("carries the model digits-nano").and(contains("digits-xs.tgan")));
}

#[test]
fn a_board_of_another_version_is_told() {
    // A frame that is whole, of version 9.
    let body = [9, 1, 1];
    let mut frame = vec![0, 8];
    frame.extend(body);
    frame.extend(thumbgan_core::crc32(&body).to_le_bytes());
    assert!(frame[1..].iter().all(|byte| *byte != 0), "stuffed by hand");
    frame.push(0);
    let refused = device(&["hello"], move |answer| answer.clone_from(&frame)).failure();
    refused.stderr(contains("protocol version 9"));
}

#[test]
fn a_bench_gives_the_time_of_a_digit_and_modes_are_set() {
    device(&["bench", "--count", "5"], |_| {})
        .success()
        .stdout(contains("5 digits, ").and(contains(" ms each")));
    device(&["mode", "clock"], |_| {}).success();
    device(&["mode", "sleep"], |_| {})
        .failure()
        .stderr(contains("gallery"));
}

#[test]
fn what_cannot_be_opened_is_named() {
    let refused = trainer()
        .args(["device", "--port", "/no/such/port", "hello"])
        .assert()
        .failure();
    refused.stderr(contains("cannot open /no/such/port"));
    // Nobody listens there any more.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = trainer()
        .args(["device", "--port", &format!("tcp:{free}"), "hello"])
        .assert()
        .failure();
    refused.stderr(contains(format!("cannot connect to tcp:{free}")));
}
