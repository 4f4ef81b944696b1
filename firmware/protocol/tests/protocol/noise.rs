//! What else may be on the wire: text, halves of frames, flipped bits, anything.

use proptest::{collection::vec, option, prelude::*};
use thumbgan_protocol::{
    ErrorResponse, FrameError, MAX_RESPONSE, Message, PROTOCOL, Receiver, Request, Response, frame,
};

use crate::board::{Board, MODEL, checked, frames, request_frame};

/// How a bench begins; a random one would take minutes.
const BENCH: u8 = 3;

/// Any request that this version can write.
#[derive(Clone, Debug)]
enum Wish {
    Hello,
    Generate(Option<u8>, u64),
    Latent(Option<u8>, Vec<u8>),
}

impl Wish {
    fn request(&self) -> Request<'_> {
        match self {
            Self::Hello => Request::Hello,
            Self::Generate(class, seed) => Request::Generate {
                class: *class,
                seed: *seed,
            },
            Self::Latent(class, latent) => Request::GenerateLatent {
                class: *class,
                latent,
            },
        }
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    let class = || option::of(any::<u8>());
    prop_oneof![
        Just(Wish::Hello),
        (class(), any::<u64>()).prop_map(|(class, seed)| Wish::Generate(class, seed)),
        (class(), vec(any::<u8>(), 0..=256))
            .prop_map(|(class, latent)| Wish::Latent(class, latent)),
    ]
}

proptest! {
    #[test]
    fn every_request_arrives_as_it_was_sent(wish in wish(), number: u8) {
        let mut received = frames(&request_frame(number, wish.request()));
        prop_assert_eq!(received.len(), 1);
        prop_assert_eq!(frame::decode(&mut received[0]), Ok(Message { number, message: wish.request() }));
    }

    #[test]
    fn every_digit_arrives_as_it_was_sent(pixels in vec(any::<u8>(), 784), crc: u32, number: u8) {
        let message = Message { number, message: Response::Digit { crc, pixels: &pixels } };
        let mut received = frames(frame::encode(&message, &mut [0; MAX_RESPONSE]).unwrap());
        prop_assert_eq!(frame::decode(&mut received[0]), Ok(message));
    }

    #[test]
    fn any_bytes_leave_a_board_that_answers(noise in vec(any::<u8>(), 0..2000)) {
        let mut board = Board::new(MODEL);
        board.hear(&noise);
        board.ask(Request::Hello, |response| assert!(matches!(response, Response::Hello { card: Some(_), .. })));
    }

    #[test]
    fn any_message_with_a_good_check_is_answered(message in vec(any::<u8>(), 0..270)) {
        prop_assume!(message.first() != Some(&BENCH));
        let frame = checked(&[&[PROTOCOL, 5], &message[..]].concat());
        let mut responses = frames(&Board::new(MODEL).hear(&frame));
        prop_assert_eq!(responses.len(), 1);
        let response = frame::decode::<Response<'_>>(&mut responses[0]);
        prop_assert!(response.is_ok_and(|response| response.number == 5));
    }

    #[test]
    fn a_changed_frame_is_never_another_request(wish in wish(), at: usize, change in 1..=255_u8) {
        let mut sent = request_frame(3, wish.request());
        let at = at % sent.len();
        sent[at] ^= change;
        for mut received in frames(&sent) {
            match frame::decode::<Request<'_>>(&mut received) {
                Ok(message) => prop_assert_eq!(message, Message { number: 3, message: wish.request() }),
                Err(error) => prop_assert_eq!(error, FrameError::Noise),
            }
        }
    }

    #[test]
    fn text_between_frames_is_passed_over(before in "\\PC{0,300}\n", after in "\\PC{0,300}\n") {
        let mut sent = before.into_bytes();
        sent.extend(request_frame(1, Request::Hello));
        sent.extend(after.into_bytes());
        sent.extend(request_frame(2, Request::Generate { class: None, seed: 1 }));
        let heard = Board::new(MODEL).hear(&sent);
        let mut responses = frames(&heard);
        prop_assert_eq!(responses.len(), 2);
        let refused = frame::decode(&mut responses[1]);
        let message = Response::Error(ErrorResponse::Class { classes: 10 });
        prop_assert_eq!(refused, Ok(Message { number: 2, message }));
    }
}

#[test]
fn a_frame_as_long_as_may_be_is_taken_and_a_longer_one_is_not() {
    let mut receiver = Receiver::<4>::new();
    let given: Vec<_> = b"1234\x0012345\x0067\0\0"
        .iter()
        .filter_map(|byte| receiver.receive(*byte).map(|bytes| bytes.to_vec()))
        .collect();
    assert_eq!(given, [b"1234".to_vec(), b"67".to_vec()]);
}

#[test]
fn a_message_too_long_for_its_frame_is_told() {
    let message = Response::Digit {
        crc: 0,
        pixels: &[1; 784],
    };
    assert_eq!(
        frame::encode(&Message { number: 0, message }, &mut [0; 700]),
        Err(FrameError::TooLong)
    );
    assert_eq!(
        frame::encode(&Message { number: 0, message }, &mut []),
        Err(FrameError::TooLong)
    );
}
