//! `trainer board upload`: a model file into the flash of a board.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use indicatif::ProgressIterator;
use serde_json::{Value, json};
use thumbgan_boards::Runner;
use thumbgan_core::Model;
use thumbgan_protocol::{BLOCK_LEN, ErrorResponse, RegionStatus, Request, Response};

use super::{export::check_scratch, json};
use crate::{
    board::{Board, unexpected},
    export::int8,
    files::read,
};

/// Timeout of requests that erase the largest sector or validate the file.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Arguments of `trainer board upload`.
#[derive(Debug, clap::Args)]
pub struct UploadArgs {
    /// Model file
    model: PathBuf,
}

/// Model region of a board.
#[derive(Debug)]
pub struct Region {
    /// Length in bytes; 0 without one.
    capacity: u32,
    is_writable: bool,
    /// Scratch memory in 32-bit words.
    scratch_len: u32,
    status: RegionStatus,
    /// Error of an invalid region.
    error: String,
}

impl Region {
    /// Requests the description of the region; `None` from a firmware that is older than model regions.
    ///
    /// # Errors
    /// If the board does not respond.
    pub fn request(board: &mut Board) -> Result<Option<Self>> {
        let region = board.request(&Request::Region, |response| match *response {
            Response::Region {
                capacity,
                is_writable,
                scratch_len,
                status,
                error,
            } => Ok(Self {
                capacity,
                is_writable,
                scratch_len,
                status,
                error: error.to_owned(),
            }),
            ref other => Err(unexpected(other)),
        });
        match region {
            Err(error) if error.downcast_ref() == Some(&ErrorResponse::UnknownRequest) => Ok(None),
            region => region.map(Some),
        }
    }

    /// Describes the use of the region in a line.
    pub fn description(&self) -> String {
        let capacity = self.capacity;
        match self.status {
            RegionStatus::Empty if capacity == 0 => "none".to_owned(),
            RegionStatus::Empty => format!("{capacity} bytes, erased; the built-in model runs"),
            RegionStatus::Used => format!("{capacity} bytes, its model runs"),
            RegionStatus::Invalid => format!(
                "{capacity} bytes, invalid; the built-in model runs: {}",
                self.error
            ),
            RegionStatus::Uploading => {
                format!("{capacity} bytes, being written; the built-in model runs")
            }
        }
    }

    /// Returns the description as JSON.
    pub fn json(&self) -> Value {
        json!({
            "bytes": self.capacity,
            "writable": self.is_writable,
            "scratch": 4 * self.scratch_len,
            "status": match self.status {
                RegionStatus::Empty => "empty",
                RegionStatus::Used => "used",
                RegionStatus::Invalid => "invalid",
                RegionStatus::Uploading => "uploading",
            },
            "error": (!self.error.is_empty()).then_some(&self.error),
        })
    }

    /// Checks that a file can be uploaded to the board of this name.
    fn check(&self, name: &str, model: &Model<'_>, path: &Path) -> Result<()> {
        let file_len = model.file_len();
        ensure!(
            self.is_writable,
            "the board {name} cannot write its flash; {}",
            remedy(name, path)
        );
        ensure!(
            file_len as u64 <= self.capacity.into(),
            "{} has {file_len} bytes and is too large for the board {name}, whose model region has {}; choose a smaller \
             model, or write the firmware with the model: `cargo xtask flash {name} --model {}`",
            path.display(),
            self.capacity,
            path.display()
        );
        check_scratch(model, self.scratch_len as usize)
            .with_context(|| format!("{} cannot run on the board {name}", path.display()))
    }
}

/// Returns the other ways to exchange the model of a board.
fn remedy(name: &str, path: &Path) -> String {
    let path = path.display();
    let Some(board) = thumbgan_boards::find(name) else {
        return format!("build its firmware with the model {path}");
    };
    if let Runner::Qemu(_) = board.runner {
        return format!("run `cargo xtask qemu --model {path}`");
    }
    let flash = format!("run `cargo xtask flash {name} --model-only --model {path}`");
    match board.uf2 {
        Some(_) => format!("{flash}, or `trainer export --uf2 {name} {path}`"),
        None => flash,
    }
}

/// Uploads the file block by block and checks that the board runs it.
///
/// # Errors
/// If the model is invalid, does not fit the board, or the upload fails; the board then runs its built-in model.
pub fn run(board: &mut Board, args: &UploadArgs, json: bool) -> Result<()> {
    let path = &args.model;
    let file = read(path)?;
    let model = int8::parse(&file, path)?;
    let (name, _) = hello(board)?;
    let Some(region) = Region::request(board)? else {
        bail!(
            "the firmware of the board {name} is older than this program and takes no uploads; write this version's: \
             `cargo xtask flash {name}`"
        );
    };
    region.check(&name, &model, path)?;
    begin(board, file.len())?;
    blocks(board, &file)
        .and_then(|()| commit(board, model.crc32()))
        .context("the upload failed, and the board runs its built-in model")?;
    let (_, running) = hello(board)?;
    ensure!(
        running == Some(model.crc32()),
        "the board {name} does not run the uploaded model; its display shows the reason"
    );
    if json {
        json::print(&json!({ "board": name, "model": model.name(), "bytes": file.len() }))?;
    } else {
        outln!(
            "{name}: runs {}, {} bytes, CRC-32 {:08x}",
            model.name(),
            file.len(),
            model.crc32()
        );
    }
    Ok(())
}

/// Returns the name of the board and the CRC-32 of its model.
fn hello(board: &mut Board) -> Result<(String, Option<u32>)> {
    board.request(&Request::Hello, |response| match response {
        Response::Hello { board, model, .. } => {
            Ok(((*board).to_owned(), model.map(|info| info.crc32)))
        }
        other => Err(unexpected(other)),
    })
}

fn begin(board: &mut Board, file_len: usize) -> Result<()> {
    let file_len = u32::try_from(file_len)?;
    board.request_with_timeout(&Request::BeginUpload { file_len }, TIMEOUT, done)
}

/// Writes all blocks, the first one last.
fn blocks(board: &mut Board, file: &[u8]) -> Result<()> {
    let later = (BLOCK_LEN..file.len()).step_by(BLOCK_LEN);
    let offsets: Vec<_> = later.chain([0]).collect();
    for offset in offsets.into_iter().progress() {
        let end = file.len().min(offset + BLOCK_LEN);
        let request = Request::WriteBlock {
            offset: u32::try_from(offset)?,
            bytes: &file[offset..end],
        };
        board.request(&request, done)?;
    }
    Ok(())
}

fn commit(board: &mut Board, crc32: u32) -> Result<()> {
    board.request_with_timeout(&Request::CommitUpload { crc32 }, TIMEOUT, done)
}

/// Accepts the response [`Response::Done`] only.
pub fn done(response: &Response<'_>) -> Result<()> {
    if *response == Response::Done {
        Ok(())
    } else {
        Err(unexpected(response))
    }
}
