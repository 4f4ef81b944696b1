//! The files of a board's firmware.

use std::fs;

use anyhow::{Context, Result};
use tempfile::TempPath;
use thumbgan_boards::Board;

use super::board;
use crate::{firmware, models::ModelFile};

/// The UF2 file that users copy to the board, and the ELF file of the same build, which explains its log.
#[derive(Debug)]
pub struct PicoFirmware {
    pub(super) board: &'static Board,
    pub(super) elf: Vec<u8>,
    uf2: Vec<u8>,
}

impl PicoFirmware {
    /// Builds the Pico's firmware with a model, as `cargo xtask build pico` does.
    ///
    /// # Errors
    /// If the build fails or a file cannot be read.
    pub fn build(model: &ModelFile) -> Result<Self> {
        Self::build_for(board(), model)
    }

    /// Builds the firmware of a board with an RP2040.
    ///
    /// # Errors
    /// As for [`Self::build`].
    pub fn build_for(board: &'static Board, model: &ModelFile) -> Result<Self> {
        let family = board.uf2.context("the board has no UF2 boot loader")?;
        let elf = firmware::board_copy(board, model)?;
        let uf2 = TempPath::try_from_path(firmware::write_uf2(board, family, &elf)?)?;
        Ok(Self {
            board,
            elf: fs::read(&elf)?,
            uf2: fs::read(&uf2)?,
        })
    }

    /// Returns the UF2 file's blocks with their offsets in the flash.
    pub(super) fn blocks(&self) -> Result<impl Iterator<Item = (u32, &[u8])>> {
        let uf2 = self.board.uf2.context("the board has no UF2 boot loader")?;
        let origin = self.board.flash.origin as u32;
        let blocks = uf2.decode(&self.uf2).map_err(anyhow::Error::msg)?;
        Ok(blocks
            .into_iter()
            .map(move |(address, bytes)| (address - origin, bytes)))
    }
}
