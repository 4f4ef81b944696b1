//! Robustness: text, partial frames, flipped bits and arbitrary bytes.

use proptest::{collection::vec, option, prelude::*};
use thumbgan_core_conformance::corpus::{changed, config};
use thumbgan_protocol::{
    ErrorResponse, FrameError, MAX_RESPONSE_LEN, Message, PROTOCOL_VERSION, Receiver, Request,
    Response, frame,
};

use crate::{
    board::{Board, MODEL, checked, frames, request_frame},
    properties::{check_board, check_payload, check_stream},
};

/// First byte of a benchmark request, which is excluded because it could take minutes.
const BENCH: u8 = 3;

/// Owned request.
#[derive(Clone, Debug)]
enum OwnedRequest {
    Hello,
    Generate(Option<u8>, u64),
    Latent(Option<u8>, Vec<u8>),
}

impl OwnedRequest {
    fn request(&self) -> Request<'_> {
        match self {
            Self::Hello => Request::Hello,
            Self::Generate(class, seed) => Request::Generate {
                class: *class,
                seed: *seed,
            },
            Self::Latent(class, latent) => Request::GenerateFromLatent {
                class: *class,
                latent,
            },
        }
    }
}

/// Strategy for requests.
fn any_request() -> impl Strategy<Value = OwnedRequest> {
    let class = || option::of(any::<u8>());
    prop_oneof![
        Just(OwnedRequest::Hello),
        (class(), any::<u64>()).prop_map(|(class, seed)| OwnedRequest::Generate(class, seed)),
        (class(), vec(any::<u8>(), 0..=256))
            .prop_map(|(class, latent)| OwnedRequest::Latent(class, latent)),
    ]
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn changed_streams_are_handled(bytes in changed("frames")) {
        check_stream(&bytes);
        check_payload(&bytes);
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn changed_conversations_are_handled(script in changed("board")) {
        check_board(&script);
    }
}

proptest! {
    #[test]
    fn requests_are_decoded_as_encoded(request in any_request(), sequence: u8) {
        let mut received = frames(&request_frame(sequence, request.request()));
        prop_assert_eq!(received.len(), 1);
        prop_assert_eq!(frame::decode(&mut received[0]), Ok(Message { sequence, body: request.request() }));
    }

    #[test]
    fn images_are_decoded_as_encoded(pixels in vec(any::<u8>(), 784), crc32: u32, sequence: u8) {
        let message = Message { sequence, body: Response::Image { crc32, pixels: &pixels } };
        let mut received = frames(frame::encode(&message, &mut [0; MAX_RESPONSE_LEN]).unwrap());
        prop_assert_eq!(frame::decode(&mut received[0]), Ok(message));
    }

    #[test]
    fn the_board_responds_after_arbitrary_bytes(noise in vec(any::<u8>(), 0..2000)) {
        let mut board = Board::new(MODEL);
        board.receive(&noise);
        board.request(Request::Hello, |response| assert!(matches!(response, Response::Hello { model: Some(_), .. })));
    }

    #[test]
    fn every_message_with_a_valid_crc_gets_a_response(message in vec(any::<u8>(), 0..270)) {
        prop_assume!(message.first() != Some(&BENCH));
        let frame = checked(&[&[PROTOCOL_VERSION, 5], &message[..]].concat());
        let mut responses = frames(&Board::new(MODEL).receive(&frame));
        prop_assert_eq!(responses.len(), 1);
        let response = frame::decode::<Response<'_>>(&mut responses[0]);
        prop_assert!(response.is_ok_and(|response| response.sequence == 5));
    }

    #[test]
    fn a_modified_frame_is_never_another_request(request in any_request(), at: usize, change in 1..=255_u8) {
        let mut sent = request_frame(3, request.request());
        let at = at % sent.len();
        sent[at] ^= change;
        for mut received in frames(&sent) {
            match frame::decode::<Request<'_>>(&mut received) {
                Ok(message) => prop_assert_eq!(message, Message { sequence: 3, body: request.request() }),
                Err(error) => prop_assert_eq!(error, FrameError::Noise),
            }
        }
    }

    #[test]
    fn text_between_frames_is_ignored(before in "\\PC{0,300}\n", after in "\\PC{0,300}\n") {
        let mut sent = before.into_bytes();
        sent.extend(request_frame(1, Request::Hello));
        sent.extend(after.into_bytes());
        sent.extend(request_frame(2, Request::Generate { class: None, seed: 1 }));
        let sent = Board::new(MODEL).receive(&sent);
        let mut responses = frames(&sent);
        prop_assert_eq!(responses.len(), 2);
        let response = frame::decode(&mut responses[1]);
        let body = Response::Error(ErrorResponse::Class { class_count: 10 });
        prop_assert_eq!(response, Ok(Message { sequence: 2, body }));
    }
}

#[test]
fn frames_up_to_the_maximum_length_are_received() {
    let mut receiver = Receiver::<4>::new();
    let given: Vec<_> = b"1234\x0012345\x0067\0\0"
        .iter()
        .filter_map(|byte| receiver.receive(*byte).map(|bytes| bytes.to_vec()))
        .collect();
    assert_eq!(given, [b"1234".to_vec(), b"67".to_vec()]);
}

#[test]
fn a_message_that_exceeds_the_buffer_is_an_error() {
    let body = Response::Image {
        crc32: 0,
        pixels: &[1; 784],
    };
    assert_eq!(
        frame::encode(&Message { sequence: 0, body }, &mut [0; 700]),
        Err(FrameError::TooLong)
    );
    assert_eq!(
        frame::encode(&Message { sequence: 0, body }, &mut []),
        Err(FrameError::TooLong)
    );
}
