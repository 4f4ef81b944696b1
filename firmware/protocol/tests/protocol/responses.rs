//! Responses of a board to requests.

use thumbgan_core::{Generator, Model};
use thumbgan_protocol::{ErrorResponse, Mode, PROTOCOL_VERSION, Request, Response};

use crate::board::{Board, MODEL, UNCONDITIONAL, checked, frames, request_frame};

#[test]
fn hello_identifies_board_and_model() {
    let model = Model::parse(MODEL).unwrap();
    Board::new(MODEL).request(Request::Hello, |response| {
        let Response::Hello {
            firmware,
            board,
            model: Some(info),
        } = response
        else {
            panic!("{response:?}")
        };
        assert_eq!((firmware, board), (env!("CARGO_PKG_VERSION"), "memory"));
        assert_eq!(
            (info.name, info.file_len as usize, info.crc32),
            ("digits-nano", MODEL.len(), model.crc32())
        );
        assert_eq!(
            (info.class_count, info.latent_len),
            (10, model.latent().len)
        );
        assert_eq!(
            (info.dataset, info.fid),
            (model.provenance().dataset, model.provenance().fid)
        );
    });
}

#[test]
fn images_equal_those_of_core() {
    let mut board = Board::new(MODEL);
    let model = Model::parse(MODEL).unwrap();
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model.clone(), &mut scratch).unwrap();
    for seed in [0, 1, u64::MAX] {
        let class = model.class_for_seed(seed);
        let expected = generator.generate(class, seed).unwrap().clone();
        board.request(Request::Generate { class, seed }, |response| {
            assert_eq!(
                response,
                Response::Image {
                    crc32: expected.crc32(),
                    pixels: expected.pixels()
                }
            );
        });
        let mut latent = vec![0; model.latent_len()];
        model.sample_latent(!seed, &mut latent);
        let expected = generator
            .generate_from_latent(class, &latent)
            .unwrap()
            .clone();
        let bytes: Vec<u8> = latent.iter().map(|value| value.cast_unsigned()).collect();
        board.request(
            Request::GenerateFromLatent {
                class,
                latent: &bytes,
            },
            |response| {
                assert_eq!(
                    response,
                    Response::Image {
                        crc32: expected.crc32(),
                        pixels: expected.pixels()
                    }
                );
            },
        );
    }
}

#[test]
fn classes_and_latents_that_do_not_fit_the_model_are_errors() {
    let (mut board, values) = (Board::new(MODEL), [0; 256]);
    let mut expect = |request, error| {
        board.request(request, |response| {
            assert_eq!(response, Response::Error(error));
        });
    };
    expect(
        Request::Generate {
            class: None,
            seed: 1,
        },
        ErrorResponse::Class { class_count: 10 },
    );
    expect(
        Request::Generate {
            class: Some(10),
            seed: 1,
        },
        ErrorResponse::Class { class_count: 10 },
    );
    let expected = Model::parse(MODEL).unwrap().latent().len;
    for length in [0, usize::from(expected) - 1, usize::from(expected) + 1, 256] {
        let latent = &values[..length];
        expect(
            Request::GenerateFromLatent {
                class: Some(1),
                latent,
            },
            ErrorResponse::LatentLength { expected },
        );
    }
    let mut board = Board::new(UNCONDITIONAL);
    let request = Request::Generate {
        class: Some(1),
        seed: 1,
    };
    board.request(request, |response| {
        assert_eq!(response, Response::Error(ErrorResponse::Unconditional));
    });
}

#[test]
fn a_board_without_a_valid_model_responds() {
    let mut board = Board::new(b"broken");
    board.request(Request::Hello, |response| {
        assert!(matches!(response, Response::Hello { model: None, .. }));
    });
    for request in [
        Request::Generate {
            class: None,
            seed: 1,
        },
        Request::Bench { count: 1 },
        Request::SetMode(Mode::Walk),
    ] {
        board.request(request, |response| {
            assert_eq!(response, Response::Error(ErrorResponse::InvalidModel));
        });
    }
}

#[test]
fn a_benchmark_reports_the_ticks_of_its_images() {
    for model in [MODEL, UNCONDITIONAL] {
        for count in [0, 1, 12] {
            Board::new(model).request(Request::Bench { count }, |response| {
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
fn a_request_cancels_a_running_benchmark() {
    let mut board = Board::new(MODEL);
    assert_eq!(
        board.receive_only(&request_frame(1, Request::Bench { count: u16::MAX })),
        []
    );
    for _ in 0..3 {
        assert_eq!(board.work(), [], "one image of many");
    }
    board.request(Request::SetMode(Mode::Walk), |response| {
        assert_eq!(response, Response::Done);
    });
    assert_eq!(board.work(), [], "the request canceled the benchmark");
}

#[test]
fn every_mode_of_the_protocol_is_the_mode_of_the_app() {
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
        board.request(Request::SetMode(mode), |response| {
            assert_eq!(response, Response::Done);
        });
        assert_eq!(board.app.view().mode(), shown);
    }
}

#[test]
fn valid_frames_with_unknown_messages_are_errors() {
    for (version, message, sequence) in [(PROTOCOL_VERSION + 1, 0, 0), (PROTOCOL_VERSION, 200, 9)] {
        let frame = checked(&[version, 9, message]);
        let mut responses = frames(&Board::new(MODEL).receive(&frame));
        let response = thumbgan_protocol::frame::decode(&mut responses[0]).unwrap();
        assert_eq!(
            (response.sequence, response.body),
            (sequence, Response::Error(ErrorResponse::UnknownRequest))
        );
    }
}
