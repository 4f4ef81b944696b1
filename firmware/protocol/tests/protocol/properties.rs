//! Properties that hold for every input, shared by the property tests and the fuzz targets in `fuzz/`. Each function panics if
//! its property does not hold.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use thumbgan_protocol::{
    FrameError, MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, PROTOCOL_VERSION, Receiver, Request,
    Response,
    frame::{self, decode},
};

use crate::{
    board::{checked, frames, request_frame, wait},
    flash_board::Board,
};

/// First byte of a benchmark request, whose response follows after its last image.
const BENCH: u8 = 3;
/// Maximum number of images that one conversation generates for benchmarks.
const MAX_IMAGES: u8 = 8;

/// Checks a byte stream in both directions: its frames are the bytes between zeros that are not too long, each of them is a
/// message or noise, and a frame after the stream is received whatever came before. The receiver takes one byte at a time, so it
/// does not matter how a transport splits the stream.
pub fn check_stream(bytes: &[u8]) {
    let requests = received::<MAX_REQUEST_LEN>(bytes);
    assert_eq!(requests, between_zeros(bytes, MAX_REQUEST_LEN));
    let responses = received::<MAX_RESPONSE_LEN>(bytes);
    assert_eq!(responses, between_zeros(bytes, MAX_RESPONSE_LEN));
    for frame in &responses {
        check_frame(frame);
    }
    let (sequence, body) = (9, Request::Hello);
    let followed = [bytes, &request_frame(sequence, body)].concat();
    let mut last = frames(&followed).pop().expect("the last frame is received");
    assert_eq!(decode(&mut last), Ok(Message { sequence, body }));
}

/// Checks the frame of a payload with the right CRC-32: it is received if it is not too long, and its first byte, the version,
/// decides about the error.
pub fn check_payload(payload: &[u8]) {
    let frame = checked(payload);
    let Some(encoded) = frames(&frame).pop() else {
        assert!(frame.len() > MAX_RESPONSE_LEN, "{frame:?}");
        return;
    };
    check_frame(&encoded);
    let error = match *payload {
        [] | [PROTOCOL_VERSION] => FrameError::Noise,
        [PROTOCOL_VERSION, sequence, ..] => FrameError::Unknown { sequence },
        [found, ..] => FrameError::Version { found },
    };
    if let Err(found) = decode::<Request<'_>>(&mut encoded.clone()) {
        assert_eq!(found, error);
    }
}

/// Returns the bytes that a receiver returns for a stream.
fn received<const N: usize>(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut receiver = Receiver::<N>::new();
    let frames = bytes
        .iter()
        .filter_map(|byte| receiver.receive(*byte).map(|frame| frame.to_vec()));
    frames.collect()
}

/// Returns the runs of 1 to `max` bytes that a zero ends.
fn between_zeros(bytes: &[u8], max: usize) -> Vec<Vec<u8>> {
    let mut runs: Vec<_> = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    runs.pop();
    runs.retain(|run| (1..=max).contains(&run.len()));
    runs
}

/// Checks that the bytes between two zeros are a request and a response, or not, without a panic.
fn check_frame(encoded: &[u8]) {
    check_decoding::<Request<'_>>(&mut encoded.to_vec(), &mut Vec::new());
    check_decoding::<Response<'_>>(&mut encoded.to_vec(), &mut Vec::new());
}

/// Checks that a decoded message is decoded again from its encoding, and that an error has one line.
fn check_decoding<'b, B>(encoded: &'b mut [u8], again: &'b mut Vec<u8>)
where
    B: Serialize + Deserialize<'b> + PartialEq + Debug,
{
    match decode::<B>(encoded) {
        Ok(message) => {
            let mut buffer = [0; MAX_RESPONSE_LEN];
            // A message may be decoded from a longer encoding than its own, never from a shorter one.
            let frame = frame::encode(&message, &mut buffer).expect("the message fits");
            again.extend(frame.iter().filter(|byte| **byte != 0));
            assert_eq!(decode(again), Ok(message));
        }
        Err(error) => {
            assert_ne!(error, FrameError::TooLong);
            assert!(!error.to_string().contains('\n'), "{error:?}");
        }
    }
}

/// Checks a board that receives what `script` says, with pauses and restarts between: it sends nothing but responses, one for
/// each request, never before it, and still responds afterwards.
pub fn check_board(script: &[u8]) {
    let (mut board, mut script) = (Board::new(&[]), script);
    let mut images = 0;
    for sequence in (0..=u8::MAX).cycle() {
        let Some((&step, rest)) = script.split_first() else {
            break;
        };
        script = rest;
        match step {
            // Bytes that are no frame, or by chance one.
            0..=63 => {
                let bytes = take(&mut script, step.into());
                let zeros = bytes.split(|byte| *byte == 0).count() - 1;
                let sent = responses(&board.receive(bytes));
                assert!(sent.len() <= zeros, "{sent:?} to {bytes:?}");
            }
            // A payload with the right CRC-32. The bytes before it may be the start of a frame that its first zero ends.
            64..=191 => {
                board.receive(&[0]);
                let length = take(&mut script, 1).first().copied().unwrap_or_default();
                let message = take(&mut script, length.into());
                let sent = responses(
                    &board.receive(&checked(&[&[PROTOCOL_VERSION, sequence], message].concat())),
                );
                match message.first() {
                    Some(&BENCH) => assert!(sent.iter().all(|found| *found == sequence)),
                    _ => assert_eq!(sent, [sequence], "{message:?}"),
                }
            }
            192..=223 => wait(u64::from(step - 192) * 1_000_000),
            224..=247 if images < MAX_IMAGES => {
                images += 1;
                assert!(responses(&board.work()).len() <= 1);
            }
            224..=247 => {}
            248..=255 => board.restart(),
        }
    }
    board.receive(&[0]);
    board.request(Request::Hello, |response| {
        assert!(
            matches!(response, Response::Hello { model: Some(_), .. }),
            "{response:?}"
        );
    });
}

/// Splits up to `count` bytes off the front.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count.min(bytes.len()));
    *bytes = rest;
    taken
}

/// Returns the sequence numbers of the responses in what a board sent, which contains nothing else.
fn responses(sent: &[u8]) -> Vec<u8> {
    let found = frames(sent);
    let length: usize = found.iter().map(|frame| frame.len() + 2).sum();
    assert_eq!(length, sent.len(), "bytes between responses");
    let decoded = found.into_iter().map(|mut frame| {
        let message = decode::<Response<'_>>(&mut frame).expect("the board sends responses");
        if let Response::Error(error) = message.body {
            assert!(!error.to_string().contains('\n'), "{error:?}");
        }
        message.sequence
    });
    decoded.collect()
}
