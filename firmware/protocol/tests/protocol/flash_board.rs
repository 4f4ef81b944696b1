//! Test support: a board in memory that can write its model region.

use thumbgan_app::{App, SCRATCH_LEN};
use thumbgan_protocol::{
    BLOCK_LEN, ErrorResponse, FlashError, Message, ModelStore, RegionStatus, Request, Response,
    Server, frame::decode,
};

use crate::board::{MODEL, frames, request_frame, ticks};

/// Length of the region in bytes.
pub const REGION: usize = 32 * 1024;
/// Bytes that are erased together.
pub const SECTOR: usize = 4096;

/// Function that sees the content of a flash.
pub type Observer = Box<dyn FnMut(&[u8])>;

/// Flash in memory, on a multiple of four.
pub struct Flash {
    words: Vec<u32>,
    /// Number of bytes that were erased or written.
    pub changed: usize,
    /// Called after each byte that is erased or written.
    pub observe: Observer,
    /// Bytes that are written wrongly.
    pub worn: Option<usize>,
    /// True if blocks are written from their last byte.
    pub is_backward: bool,
}

impl Flash {
    pub fn new(content: &[u8]) -> Self {
        let mut flash = Self {
            words: vec![u32::MAX; REGION / 4],
            changed: 0,
            observe: Box::new(|_| {}),
            worn: None,
            is_backward: false,
        };
        bytes_mut(&mut flash.words)[..content.len()].copy_from_slice(content);
        flash
    }

    fn change(&mut self, offset: usize, value: u8) {
        let value = if self.worn == Some(offset) { 0 } else { value };
        bytes_mut(&mut self.words)[offset] = value;
        self.changed += 1;
        (self.observe)(bytes(&self.words));
    }
}

fn bytes(words: &[u32]) -> &[u8] {
    bytemuck::cast_slice(words)
}

fn bytes_mut(words: &mut [u32]) -> &mut [u8] {
    bytemuck::cast_slice_mut(words)
}

impl ModelStore for Flash {
    fn sector_len(&self) -> usize {
        SECTOR
    }

    fn bytes(&self) -> &[u8] {
        bytes(&self.words)
    }

    fn erase(&mut self, offset: usize) -> Result<(), FlashError> {
        assert!(offset.is_multiple_of(SECTOR));
        (offset..offset + SECTOR).for_each(|at| self.change(at, 0xff));
        Ok(())
    }

    fn write(&mut self, offset: usize, block: &[u8]) -> Result<(), FlashError> {
        assert!(offset.is_multiple_of(BLOCK_LEN) && block.len().is_multiple_of(4));
        for index in 0..block.len() {
            let index = if self.is_backward {
                block.len() - 1 - index
            } else {
                index
            };
            let old = bytes(&self.words)[offset + index];
            assert_eq!(old, 0xff, "byte {} is not erased", offset + index);
            self.change(offset + index, block[index]);
        }
        Ok(())
    }
}

/// Board that goes through its main loop with each request.
pub struct Board {
    pub flash: Flash,
    pub server: Server,
    pub scratch: Vec<u32>,
}

impl Board {
    /// Creates a board with `content` at the start of its model region.
    pub fn new(content: &[u8]) -> Self {
        Self {
            flash: Flash::new(content),
            server: Server::new("memory", ticks).with_region(REGION, true),
            scratch: vec![0; SCRATCH_LEN],
        }
    }

    /// Restarts the board.
    pub fn restart(&mut self) {
        self.server = Server::new("memory", ticks).with_region(REGION, true);
    }

    /// Processes received bytes and returns what the board sends.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Self {
            flash,
            server,
            scratch,
        } = self;
        let (mut sent, mut bytes) = (Vec::new(), bytes.iter());
        while !bytes.as_slice().is_empty() {
            let mut app = App::with_region(MODEL, flash.bytes(), scratch, ticks);
            while !server.is_uploading() {
                let Some(byte) = bytes.next() else { break };
                sent.extend(server.receive(*byte, &mut app).unwrap_or_default());
            }
            drop(app);
            let mut app = App::new(MODEL, scratch, ticks);
            while server.is_uploading() {
                sent.extend(server.write_flash(flash).unwrap_or_default());
                let Some(byte) = bytes.next() else { break };
                sent.extend(server.receive(*byte, &mut app).unwrap_or_default());
            }
        }
        sent
    }

    /// Generates one image of a running benchmark and returns what the board sends.
    pub fn work(&mut self) -> Vec<u8> {
        let mut app = App::with_region(MODEL, self.flash.bytes(), &mut self.scratch, ticks);
        self.server.work(&mut app).unwrap_or_default().to_vec()
    }

    /// Sends a request and calls `check` with the one response.
    pub fn request<T>(&mut self, request: Request<'_>, check: impl FnOnce(Response<'_>) -> T) -> T {
        let sent = self.receive(&request_frame(7, request));
        let mut responses = frames(&sent);
        assert_eq!(responses.len(), 1, "{request:?}: {sent:?}");
        let Message { body, .. } = decode(&mut responses[0]).unwrap();
        check(body)
    }

    /// Sends a request and returns its error.
    pub fn result(&mut self, request: Request<'_>) -> Result<(), ErrorResponse> {
        self.request(request, |response| match response {
            Response::Done => Ok(()),
            Response::Error(error) => Err(error),
            other => panic!("{other:?}"),
        })
    }

    /// Returns status and error of the region.
    pub fn region(&mut self) -> (RegionStatus, String) {
        self.request(Request::Region, |response| match response {
            Response::Region { status, error, .. } => (status, error.to_owned()),
            other => panic!("{other:?}"),
        })
    }

    /// Returns the CRC-32 of the model that the board runs.
    pub fn running(&mut self) -> u32 {
        self.request(Request::Hello, |response| match response {
            Response::Hello {
                model: Some(model), ..
            } => model.crc32,
            other => panic!("{other:?}"),
        })
    }
}
