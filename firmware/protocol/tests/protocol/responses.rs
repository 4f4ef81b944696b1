//! What a board responses.

use thumbgan_core::{Generator, Model, SCRATCH, latent::Distribution};
use thumbgan_protocol::{ErrorResponse, Mode, PROTOCOL, Request, Response};

use crate::board::{Board, MODEL, UNCONDITIONAL, checked, frames, request_frame};

#[test]
fn hello_tells_what_the_board_is() {
    let model = Model::parse(MODEL).unwrap();
    Board::new(MODEL).ask(Request::Hello, |response| {
        let Response::Hello {
            firmware,
            board,
            card: Some(card),
        } = response
        else {
            panic!("{response:?}")
        };
        assert_eq!((firmware, board), (env!("CARGO_PKG_VERSION"), "memory"));
        assert_eq!(
            (card.name, card.bytes as usize, card.crc),
            ("digits-nano", MODEL.len(), model.crc32())
        );
        assert_eq!((card.classes, card.latent), (10, model.latent().len));
        assert_eq!(
            (card.dataset, card.fid),
            (model.provenance().dataset, model.provenance().fid)
        );
    });
}

#[test]
fn digits_are_those_of_core() {
    let mut board = Board::new(MODEL);
    let mut generator = Generator::<SCRATCH>::new(Model::parse(MODEL).unwrap()).unwrap();
    for seed in [0, 1, u64::MAX] {
        let class = Some((seed % 10) as u8);
        let expected = generator.generate(class, seed).unwrap().clone();
        board.ask(Request::Generate { class, seed }, |response| {
            assert_eq!(
                response,
                Response::Digit {
                    crc: expected.crc32(),
                    pixels: expected.pixels()
                }
            );
        });
        let mut latent = vec![0; usize::from(generator.model().latent().len)];
        Distribution::Uniform.draw(!seed, &mut latent);
        let expected = generator
            .generate_from_latent(class, &latent)
            .unwrap()
            .clone();
        let bytes: Vec<u8> = latent.iter().map(|value| value.cast_unsigned()).collect();
        board.ask(
            Request::GenerateLatent {
                class,
                latent: &bytes,
            },
            |response| {
                assert_eq!(
                    response,
                    Response::Digit {
                        crc: expected.crc32(),
                        pixels: expected.pixels()
                    }
                );
            },
        );
    }
}

#[test]
fn what_does_not_fit_the_model_is_refused() {
    let (mut board, values) = (Board::new(MODEL), [0; 256]);
    let mut expect = |request, error| {
        board.ask(request, |response| {
            assert_eq!(response, Response::Error(error))
        })
    };
    expect(
        Request::Generate {
            class: None,
            seed: 1,
        },
        ErrorResponse::Class { classes: 10 },
    );
    expect(
        Request::Generate {
            class: Some(10),
            seed: 1,
        },
        ErrorResponse::Class { classes: 10 },
    );
    let expected = Model::parse(MODEL).unwrap().latent().len;
    for length in [0, usize::from(expected) - 1, usize::from(expected) + 1, 256] {
        let latent = &values[..length];
        expect(
            Request::GenerateLatent {
                class: Some(1),
                latent,
            },
            ErrorResponse::Latent { expected },
        );
    }
    let mut board = Board::new(UNCONDITIONAL);
    let request = Request::Generate {
        class: Some(1),
        seed: 1,
    };
    board.ask(request, |response| {
        assert_eq!(response, Response::Error(ErrorResponse::NoClasses))
    });
}

#[test]
fn a_board_without_a_model_still_answers() {
    let mut board = Board::new(b"broken");
    board.ask(Request::Hello, |response| {
        assert!(matches!(response, Response::Hello { card: None, .. }))
    });
    for request in [
        Request::Generate {
            class: None,
            seed: 1,
        },
        Request::Bench { count: 1 },
        Request::SetMode(Mode::Walk),
    ] {
        board.ask(request, |response| {
            assert_eq!(response, Response::Error(ErrorResponse::Model))
        });
    }
}

#[test]
fn a_bench_tells_the_ticks_of_its_digits() {
    for model in [MODEL, UNCONDITIONAL] {
        for count in [0, 1, 12] {
            Board::new(model).ask(Request::Bench { count }, |response| {
                assert_eq!(
                    response,
                    Response::Bench {
                        count,
                        ticks: count.into(),
                        hertz: 1_000_000
                    }
                );
            });
        }
    }
}

#[test]
fn the_longest_bench_keeps_no_board_from_its_next_request() {
    let mut board = Board::new(MODEL);
    assert_eq!(
        board.hear_only(&request_frame(1, Request::Bench { count: u16::MAX })),
        []
    );
    for _ in 0..3 {
        assert_eq!(board.work(), [], "one digit of many");
    }
    board.ask(Request::SetMode(Mode::Walk), |response| {
        assert_eq!(response, Response::Done)
    });
    assert_eq!(board.work(), [], "the request has ended the bench");
}

#[test]
fn modes_are_shown() {
    use thumbgan_app::Mode as Shown;
    let modes = [
        Mode::Walk,
        Mode::Clock,
        Mode::Digit,
        Mode::About,
        Mode::Gallery,
    ];
    let mut board = Board::new(MODEL);
    for (mode, shown) in modes.into_iter().zip([
        Shown::Walk,
        Shown::Clock,
        Shown::Digit,
        Shown::About,
        Shown::Gallery,
    ]) {
        board.ask(Request::SetMode(mode), |response| {
            assert_eq!(response, Response::Done)
        });
        assert_eq!(board.app.view().mode(), shown);
    }
}

#[test]
fn frames_that_are_whole_but_unknown_are_refused() {
    for (version, message, number) in [(PROTOCOL + 1, 0, 0), (PROTOCOL, 200, 9)] {
        let frame = checked(&[version, 9, message]);
        let mut responses = frames(&Board::new(MODEL).hear(&frame));
        let response = thumbgan_protocol::frame::decode(&mut responses[0]).unwrap();
        assert_eq!(
            (response.number, response.message),
            (number, Response::Error(ErrorResponse::Unknown))
        );
    }
}
