//! `board` with simulated boards behind TCP ports.
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
use thumbgan_app::{App, SCRATCH_LEN};
use thumbgan_protocol::{MAX_RESPONSE_LEN, Message, Response, Server, frame};

fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
}

/// Returns the microseconds since the first call.
fn micros() -> u64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed().as_micros() as u64
}

/// Runs `board` with a board that has the model `digits-nano`; `spoil` modifies the bytes that the board sends.
fn board(words: &[&str], spoil: impl FnMut(&mut Vec<u8>) + Send + 'static) -> Assert {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("tcp:{}", listener.local_addr().unwrap());
    thread::spawn(move || serve(&listener.accept().unwrap().0, spoil));
    trainer()
        .args(["board", "--port", &port])
        .args(words)
        .assert()
}

/// Simulates a board: writes a line of text, then responds until the stream is closed.
fn serve(mut stream: &TcpStream, mut spoil: impl FnMut(&mut Vec<u8>)) {
    let file = fs::read(model("digits-nano.tgan")).unwrap();
    let mut scratch = vec![0; SCRATCH_LEN];
    let mut app = App::new(&file, &mut scratch, micros);
    let mut server = Server::new("memory", micros);
    let mut bytes = [0; 512];
    stream
        .write_all(b"frame gallery class=3 seed=1\r\n")
        .unwrap();
    // The host may have disconnected.
    let mut sender = stream;
    let mut send = |mut response: Vec<u8>| {
        spoil(&mut response);
        let _ = sender.write_all(&response);
    };
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        for byte in &bytes[..count] {
            server
                .receive(*byte, &mut app)
                .map(<[u8]>::to_vec)
                .into_iter()
                .for_each(&mut send);
        }
        while server.is_busy() {
            server
                .work(&mut app)
                .map(<[u8]>::to_vec)
                .into_iter()
                .for_each(&mut send);
        }
    }
}

#[test]
fn hello_describes_the_board() {
    let said = contains("memory, firmware 0.1.0, protocol 1")
        .and(contains("digits-nano, "))
        .and(contains("classes    10"));
    board(&["hello"], |_| {}).success().stdout(said);
}

/// Returns the JSON output of a board command.
fn told(words: &[&str]) -> Value {
    let output = board(&[words, &["--json"]].concat(), |_| {}).success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn json_has_the_same_information() {
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
fn a_boards_image_is_shown_and_saved() {
    let folder = tempdir().unwrap();
    let (host, board_image) = (
        folder.path().join("host.npy"),
        folder.path().join("new/board_image.png"),
    );
    let words = [
        "generate",
        "--class",
        "7",
        "--seed",
        "17",
        "--out",
        board_image.to_str().unwrap(),
    ];
    board(&words, |_| {}).success().stdout(contains("@"));
    trainer()
        .args(["sample", "--count", "1", "--seed", "17", "--model"])
        .arg(model("digits-nano.tgan"))
        .arg("--out")
        .arg(&host)
        .assert()
        .success();
    let host = fs::read(host).unwrap();
    let png = png::Decoder::new(std::io::BufReader::new(
        fs::File::open(board_image).unwrap(),
    ));
    let mut png = png.read_info().unwrap();
    let mut picture = vec![0; png.output_buffer_size().unwrap()];
    png.next_frame(&mut picture).unwrap();
    // The picture has a border of two pixels around the image.
    let inside: Vec<u8> = picture
        .chunks(32)
        .skip(2)
        .take(28)
        .flat_map(|row| row[2..30].to_vec())
        .collect();
    assert_eq!(inside, host[host.len() - 784..]);
}

#[test]
fn latents_are_lists_of_integers() {
    let latent: Vec<_> = (0..12)
        .map(|value| (value * 20 - 120).to_string())
        .collect();
    let words = ["generate", "--class", "0", "--latent"];
    let wrong = board(&[&words[..], &["1,-2"]].concat(), |_| {}).failure();
    wrong.stderr(contains("needs a latent of "));
    let file = fs::read(model("digits-nano.tgan")).unwrap();
    let length = usize::from(thumbgan_core::Model::parse(&file).unwrap().latent().len);
    let latent = latent
        .iter()
        .cycle()
        .take(length)
        .cloned()
        .collect::<Vec<_>>()
        .join(",");
    board(&[&words[..], &[&latent]].concat(), |_| {}).success();
}

#[test]
fn images_are_verified_despite_text_and_transmission_errors() {
    let mut responses = 0;
    let spoil = move |response: &mut Vec<u8>| {
        responses += 1;
        let middle = response.len() / 2;
        match responses % 40 {
            5 => response[middle] ^= 4,
            25 => response.truncate(middle),
            _ => response.extend_from_slice(b"frame walk class=3 seed=1\r\n"),
        }
    };
    let path = model("digits-nano.tgan");
    let words = ["verify", "--count", "60", "--model", path.to_str().unwrap()];
    board(&words, spoil)
        .success()
        .stdout(contains("memory: 60 images, 0 of 47040 bytes differ"));
    let words = ["verify", "--count", "1", "--model", path.to_str().unwrap()];
    board(&words, |_| {})
        .success()
        .stdout(contains("memory: 1 image, 0 of 784 bytes differ"));
}

#[test]
fn a_differing_pixel_is_found() {
    let mut digits = 0;
    let path = model("digits-nano.tgan");
    let words = ["verify", "--count", "10", "--model", path.to_str().unwrap()];
    let spoiled = board(&words, move |sent| {
        let mut stuffed = sent[1..sent.len() - 1].to_vec();
        let Message { sequence, body } = frame::decode(&mut stuffed).unwrap();
        let Response::Image { pixels, .. } = body else {
            return;
        };
        digits += 1;
        if digits == 4 {
            let mut pixels = pixels.to_vec();
            pixels[400] ^= 1;
            let body = Response::Image {
                crc32: thumbgan_core::crc32(&pixels),
                pixels: &pixels,
            };
            *sent = frame::encode(&Message { sequence, body }, &mut [0; MAX_RESPONSE_LEN])
                .unwrap()
                .to_vec();
        }
    });
    let said = contains("1 of 7840 bytes differ");
    spoiled
        .failure()
        .stdout(said)
        .stderr(contains("differ from the model's, first for seed 3"));
}

#[test]
fn another_model_is_an_error_before_the_comparison() {
    let path = model("digits-xs.tgan");
    let refused = board(&["verify", "--model", path.to_str().unwrap()], |_| {}).failure();
    refused.stderr(contains("has the model digits-nano").and(contains("digits-xs.tgan")));
}

#[test]
fn another_protocol_version_is_an_error() {
    // A valid frame of protocol version 9.
    let body = [9, 1, 1];
    let mut frame = vec![0, 8];
    frame.extend(body);
    frame.extend(thumbgan_core::crc32(&body).to_le_bytes());
    assert!(frame[1..].iter().all(|byte| *byte != 0), "stuffed by hand");
    frame.push(0);
    let refused = board(&["hello"], move |response| response.clone_from(&frame)).failure();
    refused.stderr(contains("protocol version 9"));
}

#[test]
fn bench_measures_an_image_and_mode_sets_the_mode() {
    board(&["bench", "--count", "5"], |_| {})
        .success()
        .stdout(contains("5 images, ").and(contains(" ms each")));
    board(&["bench", "--count", "1"], |_| {})
        .success()
        .stdout(contains("1 image, "));
    board(&["mode", "clock"], |_| {}).success();
    board(&["mode", "sleep"], |_| {})
        .failure()
        .stderr(contains("gallery"));
}

/// Returns the error for a port that cannot be opened.
fn port_error(port: &str) -> String {
    let failed = trainer()
        .args(["board", "--port", port, "hello"])
        .assert()
        .failure();
    String::from_utf8(failed.get_output().stderr.clone()).unwrap()
}

#[test]
fn the_cause_of_a_port_that_cannot_be_opened_stands_before_the_list_of_ports() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let missing = format!("{}x", file.display());
    for (port, cause) in [
        (missing.as_str(), "there is no such port; "),
        (file.to_str().unwrap(), "it is a file, not a serial port; "),
        (
            folder.path().to_str().unwrap(),
            "it is a folder, not a serial port; ",
        ),
        #[cfg(unix)]
        ("/dev/null", "it is not a serial port; "),
    ] {
        let message = port_error(port);
        let start = format!("error: cannot open {port}: {cause}");
        let rest = message.strip_prefix(&start);
        assert!(
            rest.is_some_and(|rest| rest.starts_with("serial ports: ")
                || rest.starts_with("no serial port found")),
            "{message}"
        );
    }
    let empty = port_error("");
    assert!(empty.contains("the name of the port is empty"), "{empty}");
}

#[cfg(unix)]
#[test]
fn a_port_that_is_a_broken_link_names_its_target() {
    let folder = tempdir().unwrap();
    let link = folder.path().join("board");
    std::os::unix::fs::symlink("ttyACM7", &link).unwrap();
    let message = port_error(link.to_str().unwrap());
    assert!(
        message.contains("it is a link to ttyACM7, which does not exist"),
        "{message}"
    );
}

#[test]
fn tcp_ports_that_cannot_be_connected_to_name_the_cause() {
    // The listener is closed: connecting fails.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = port_error(&format!("tcp:{free}"));
    let expected = format!(
        "cannot connect to tcp:{free}: the connection is refused, no program listens on port {}",
        free.port()
    );
    assert!(refused.contains(&expected), "{refused}");
    for port in [
        "tcp:",
        "tcp:localhost",
        "tcp::4321",
        "tcp:localhost:0",
        "tcp:localhost:x",
    ] {
        let malformed = port_error(port);
        assert!(
            malformed.contains(&format!(
                "cannot connect to {port}: it is not of the form tcp:HOST:PORT"
            )),
            "{malformed}"
        );
    }
    let unknown = port_error("tcp:no-such-host.invalid:4321");
    assert!(
        unknown.contains(
            "cannot connect to tcp:no-such-host.invalid:4321: the name of the host cannot be resolved"
        ),
        "{unknown}"
    );
}

#[test]
fn a_port_that_is_closed_names_the_remedy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("tcp:{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // The request is read before the stream is closed.
        let _ = stream.read(&mut [0; 512]);
    });
    let message = port_error(&port);
    assert!(
        message.contains(&format!(
            "{port} was closed: connect the board or start its emulator again"
        )),
        "{message}"
    );
}
