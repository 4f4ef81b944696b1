//! Host's side of the serial protocol.

use thumbgan_core::crc32;
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

/// Response of a board. Fields that this response does not have are `undefined`.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardResponse {
    /// Name of the board in the board table.
    #[wasm_bindgen(readonly)]
    pub board: Option<String>,
    /// Version of the firmware.
    #[wasm_bindgen(readonly)]
    pub firmware: Option<String>,
    /// Model that the board runs.
    #[wasm_bindgen(readonly)]
    pub model: Option<BoardModel>,
    /// Generated image, 784 pixels.
    #[wasm_bindgen(readonly)]
    pub pixels: Option<Vec<u8>>,
    /// Error that the board reports, or that makes its response unusable.
    #[wasm_bindgen(readonly)]
    pub error: Option<String>,
}

/// Model that a board runs.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardModel {
    /// Name of the preset.
    #[wasm_bindgen(readonly)]
    pub name: String,
    /// CRC-32 of the file.
    #[wasm_bindgen(readonly)]
    pub crc32: u32,
    /// Length of the file in bytes.
    #[wasm_bindgen(readonly)]
    pub file_len: u32,
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

    /// Processes received bytes. Returns the response to the last request if they complete it. Ignores log text and noise.
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
                Some(BoardResponse::from_error(format!(
                    "the board's firmware and this page have different versions: {error}"
                )))
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
        match frame::encode(&message, &mut buffer) {
            Ok(frame) => frame.into(),
            Err(_) => unreachable!("a request without a latent fits"),
        }
    }
}

impl BoardResponse {
    /// Creates a response that consists of an error.
    fn from_error(error: String) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
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
            Response::Image { .. } => Self::from_error(
                "the CRC-32 of the received image is not the one that the board computed".into(),
            ),
            Response::Error(error) => Self::from_error(error.to_string()),
            Response::Bench { .. } | Response::Done | Response::Region { .. } => {
                Self::from_error("the board sent the response to another request".into())
            }
        }
    }
}

impl From<ModelInfo<'_>> for BoardModel {
    fn from(model: ModelInfo<'_>) -> Self {
        Self {
            name: model.name.into(),
            crc32: model.crc32,
            file_len: model.file_len,
        }
    }
}

#[cfg(test)]
mod tests {
    use thumbgan_protocol::ErrorResponse;

    use super::*;

    /// Returns the frame of a response under a sequence number.
    fn frame(sequence: u8, body: Response<'_>) -> Vec<u8> {
        let mut buffer = [0; MAX_RESPONSE_LEN];
        let message = Message { sequence, body };
        frame::encode(&message, &mut buffer).unwrap().into()
    }

    #[test]
    fn text_noise_and_responses_to_earlier_requests_are_ignored() {
        let mut link = Link::new();
        let (_, _) = (link.hello(), link.hello());
        let error = Response::Error(ErrorResponse::InvalidModel);
        let mut bytes = b"frame gallery class=3\n".to_vec();
        bytes.extend(frame(1, error));
        bytes.extend([0, 1, 2, 3, 0]);
        assert_eq!(link.receive(&bytes), None);
        let response = link.receive(&frame(2, error)).unwrap();
        assert!(response.error.unwrap().contains("model is invalid"));
    }

    #[test]
    fn an_image_with_another_crc32_is_an_error() {
        let mut link = Link::new();
        link.generate(None, 1);
        let pixels = &[7; 784];
        let good = Response::Image {
            crc32: crc32(pixels),
            pixels,
        };
        let response = link.receive(&frame(1, good)).unwrap();
        assert_eq!(response.pixels.unwrap(), pixels);
        link.generate(None, 2);
        let bad = Response::Image { crc32: 0, pixels };
        let response = link.receive(&frame(2, bad)).unwrap();
        assert!(response.pixels.is_none() && response.error.unwrap().contains("CRC-32"));
    }

    #[test]
    fn a_response_may_arrive_in_parts() {
        let mut link = Link::new();
        link.hello();
        let bytes = frame(
            1,
            Response::Hello {
                firmware: "1.2.3",
                board: "pico",
                model: None,
            },
        );
        let (start, end) = bytes.split_at(5);
        assert_eq!(link.receive(start), None);
        let response = link.receive(end).unwrap();
        assert_eq!(response.board.as_deref(), Some("pico"));
        assert_eq!(response.firmware.as_deref(), Some("1.2.3"));
    }
}
