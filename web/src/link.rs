//! Host's side of the serial protocol.

use thumbgan_core::{crc32, latent::Distribution};
use thumbgan_protocol::{
    FrameError, MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, ModelInfo, Receiver, Request, Response,
    frame,
};
use wasm_bindgen::prelude::*;

/// Connection to a board: encodes requests, and decodes responses from received bytes.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Link {
    receiver: Receiver<MAX_RESPONSE_LEN>,
    /// Sequence number of the last request.
    sequence: u8,
}

/// Response of a board. The fields of other kinds of responses are absent.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardResponse {
    /// Name of the board in the board table.
    pub board: Option<String>,
    /// Version of the firmware.
    pub firmware: Option<String>,
    /// Model that the board runs.
    pub model: Option<BoardModel>,
    /// Generated image, 784 pixels.
    pub pixels: Option<Vec<u8>>,
    /// Reason why the board rejects the request.
    pub error: Option<String>,
}

/// Model that a board runs.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardModel {
    /// Name of the preset.
    pub name: String,
    /// CRC-32 of the file.
    pub crc32: u32,
    /// Length of the file in bytes.
    pub file_len: u32,
    /// Number of classes; 0 for an unconditional model.
    pub class_count: u8,
    /// Number of latent values.
    pub latent_len: u16,
    /// Distribution of the latent: `uniform` or `normal`.
    pub distribution: String,
    /// Name of the training data.
    pub dataset: String,
}

#[wasm_bindgen]
impl Link {
    /// Creates a connection.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the frame of a request for the board's identification.
    pub fn hello(&mut self) -> Vec<u8> {
        self.encode(Request::Hello)
    }

    /// Returns the frame of a request for the image of a class and a seed.
    pub fn generate(&mut self, class: Option<u8>, seed: u64) -> Vec<u8> {
        self.encode(Request::Generate { class, seed })
    }

    /// Processes received bytes. Returns the response to the last request if they complete it; text and noise are ignored.
    pub fn receive(&mut self, bytes: &[u8]) -> Option<BoardResponse> {
        bytes.iter().find_map(|byte| self.receive_byte(*byte))
    }
}

impl Link {
    /// Processes a received byte.
    fn receive_byte(&mut self, byte: u8) -> Option<BoardResponse> {
        let message = frame::decode::<Response<'_>>(self.receiver.receive(byte)?);
        match message {
            Ok(Message { sequence, body }) if sequence == self.sequence => Some(body.into()),
            Err(error @ (FrameError::Version { .. } | FrameError::Unknown { .. })) => {
                Some(BoardResponse {
                    error: Some(format!(
                        "the board's firmware and this page have different versions: {error}"
                    )),
                    ..BoardResponse::default()
                })
            }
            _ => None,
        }
    }

    /// Encodes a request under the next sequence number.
    fn encode(&mut self, body: Request<'_>) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let message = Message {
            sequence: self.sequence,
            body,
        };
        let mut buffer = [0; MAX_REQUEST_LEN];
        let frame = frame::encode(&message, &mut buffer);
        frame.expect("a request without a latent fits").into()
    }
}

impl From<Response<'_>> for BoardResponse {
    fn from(response: Response<'_>) -> Self {
        let empty = Self::default();
        match response {
            Response::Hello {
                firmware,
                board,
                model,
            } => Self {
                board: Some(board.into()),
                firmware: Some(firmware.into()),
                model: model.map(BoardModel::from),
                ..empty
            },
            Response::Image {
                crc32: expected,
                pixels,
            } if crc32(pixels) == expected => Self {
                pixels: Some(pixels.into()),
                ..empty
            },
            Response::Image { .. } => Self {
                error: Some(
                    "the image does not have the check value that the board computed".into(),
                ),
                ..empty
            },
            Response::Error(error) => Self {
                error: Some(error.to_string()),
                ..empty
            },
            Response::Bench { .. } | Response::Done | Response::Region { .. } => Self {
                error: Some("the board sent the response to another request".into()),
                ..empty
            },
        }
    }
}

impl From<ModelInfo<'_>> for BoardModel {
    fn from(model: ModelInfo<'_>) -> Self {
        let distribution = match model.distribution {
            Distribution::Uniform => "uniform",
            Distribution::Normal => "normal",
        };
        Self {
            name: model.name.into(),
            crc32: model.crc32,
            file_len: model.file_len,
            class_count: model.class_count,
            latent_len: model.latent_len,
            distribution: distribution.into(),
            dataset: model.dataset.into(),
        }
    }
}
