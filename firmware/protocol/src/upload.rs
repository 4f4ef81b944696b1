//! Upload of a model file into the model region of a board.
//!
//! The region is written so that power can be lost after any byte: the file's first block, with its magic number, is erased
//! first and written last, and the file's CRC-32 covers everything. A region whose upload was not completed is invalid, and the
//! built-in model runs. While an upload is in progress, no model borrows from the region, which the exclusive reference to the
//! [`ModelStore`] guarantees.

use core::{fmt, ops::Range};

use heapless::Vec;
use thumbgan_app::check_model;

use crate::{BLOCK_LEN, ErrorResponse, Request};

/// Flash memory of a board's model region.
pub trait ModelStore {
    /// Returns the number of bytes that are erased together, a multiple of [`BLOCK_LEN`].
    fn sector_len(&self) -> usize;

    /// Returns the content of the region.
    fn bytes(&self) -> &[u8];

    /// Erases the sector that starts at `offset` in the region: its bytes become 255.
    ///
    /// # Errors
    /// If the flash controller reports one.
    fn erase(&mut self, offset: usize) -> Result<(), FlashError>;

    /// Writes a block of at most [`BLOCK_LEN`] bytes that are erased. `offset` is a multiple of [`BLOCK_LEN`], the length one
    /// of four.
    ///
    /// # Errors
    /// If the flash controller reports one.
    fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), FlashError>;
}

/// Error of a flash controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashError;

impl fmt::Display for FlashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the flash controller reports an error")
    }
}

impl core::error::Error for FlashError {}

impl From<FlashError> for ErrorResponse {
    fn from(_: FlashError) -> Self {
        Self::FlashFailed
    }
}

/// Request that needs the flash.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one command, and no heap for its block"
)]
#[derive(Debug)]
pub enum Command {
    /// Start of an upload.
    Begin {
        /// Length of the file in bytes.
        file_len: usize,
    },
    /// Block of the file.
    Write {
        /// Offset of the block.
        offset: usize,
        /// Content.
        bytes: Vec<u8, { BLOCK_LEN + 1 }>,
    },
    /// End of the upload.
    Commit {
        /// CRC-32 of the file.
        crc32: u32,
        /// Length of the scratch memory in words.
        scratch_len: usize,
    },
}

impl Command {
    /// Returns the command of a request; `None` for a request that does not need the flash. Blocks that are too long are cut
    /// to a length that is still wrong.
    pub fn new(request: &Request<'_>, scratch_len: usize) -> Option<Self> {
        Some(match *request {
            Request::BeginUpload { file_len } => Self::Begin {
                file_len: file_len as usize,
            },
            Request::WriteBlock { offset, bytes } => Self::Write {
                offset: offset as usize,
                bytes: bytes.iter().take(BLOCK_LEN + 1).copied().collect(),
            },
            Request::CommitUpload { crc32 } => Self::Commit { crc32, scratch_len },
            _ => return None,
        })
    }

    /// Executes the command and returns the upload, or `None` after its end. An upload that fails is over.
    pub fn execute(
        self,
        upload: Option<Upload>,
        store: &mut impl ModelStore,
    ) -> Result<Option<Upload>, ErrorResponse> {
        let upload = || upload.ok_or(ErrorResponse::NoUpload);
        match self {
            Self::Begin { file_len } => Upload::begin(file_len, store).map(Some),
            Self::Write { offset, bytes } => {
                let mut upload = upload()?;
                upload.write(offset, &bytes, store)?;
                Ok(Some(upload))
            }
            Self::Commit { crc32, scratch_len } => {
                upload()?.commit(crc32, scratch_len, store)?;
                Ok(None)
            }
        }
    }
}

/// Upload in progress.
#[derive(Debug)]
pub struct Upload {
    file_len: usize,
    /// Offset of the next block; `None` after the last one.
    next: Option<usize>,
}

impl Upload {
    /// Starts an upload: erases the first sector.
    pub fn begin(file_len: usize, store: &mut impl ModelStore) -> Result<Self, ErrorResponse> {
        let capacity = store.bytes().len();
        if file_len > capacity {
            return Err(ErrorResponse::TooLarge {
                capacity: capacity as u32,
            });
        }
        erase(0, store)?;
        let mut upload = Self {
            file_len,
            next: Some(0),
        };
        upload.next = Some(upload.after(0));
        Ok(upload)
    }

    /// Writes a block. Does nothing if it is written already.
    pub fn write(
        &mut self,
        offset: usize,
        bytes: &[u8],
        store: &mut impl ModelStore,
    ) -> Result<(), ErrorResponse> {
        let range = self.block(offset).ok_or(ErrorResponse::UnexpectedBlock)?;
        if range.len() != bytes.len() {
            return Err(ErrorResponse::UnexpectedBlock);
        }
        if self.next != Some(offset) {
            let is_written = store.bytes().get(range) == Some(bytes);
            return is_written
                .then_some(())
                .ok_or(ErrorResponse::UnexpectedBlock);
        }
        if offset > 0 && offset.is_multiple_of(store.sector_len()) {
            erase(offset, store)?;
        }
        store.write(offset, bytes)?;
        if store.bytes().get(range) != Some(bytes) {
            return Err(ErrorResponse::FlashFailed);
        }
        self.next = (offset > 0).then(|| self.after(offset));
        Ok(())
    }

    /// Validates the file in the flash.
    pub fn commit(
        &self,
        crc32: u32,
        scratch_len: usize,
        store: &impl ModelStore,
    ) -> Result<(), ErrorResponse> {
        if self.next.is_some() {
            return Err(ErrorResponse::UnexpectedBlock);
        }
        match check_model(store.bytes(), scratch_len) {
            Ok(model) if model.crc32() == crc32 && model.file_len() == self.file_len => Ok(()),
            _ => Err(ErrorResponse::InvalidUpload),
        }
    }

    /// Returns the bytes of the block at `offset`; `None` if the file has no such block.
    fn block(&self, offset: usize) -> Option<Range<usize>> {
        let is_block = offset < self.file_len && offset.is_multiple_of(BLOCK_LEN);
        is_block.then(|| offset..self.file_len.min(offset + BLOCK_LEN))
    }

    /// Returns the offset of the block to be written after the one at `offset`: the first one is the last.
    fn after(&self, offset: usize) -> usize {
        self.block(offset + BLOCK_LEN)
            .map_or(0, |block| block.start)
    }
}

/// Erases a sector unless it is erased already.
fn erase(offset: usize, store: &mut impl ModelStore) -> Result<(), ErrorResponse> {
    let end = offset + store.sector_len();
    let is_erased = |store: &dyn ModelStore| {
        let sector = store.bytes().get(offset..end);
        sector.is_some_and(|sector| sector.iter().all(|byte| *byte == u8::MAX))
    };
    if !is_erased(store) {
        store.erase(offset)?;
    }
    is_erased(store)
        .then_some(())
        .ok_or(ErrorResponse::FlashFailed)
}
