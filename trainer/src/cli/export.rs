//! `trainer export`: a model file in the formats of other tools.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use thumbgan_app::SCRATCH_LEN;
use thumbgan_boards::{Board, Uf2, with_uf2};
use thumbgan_core::Model;

use crate::{
    export::int8,
    files::{Draft, cannot, check_absent, create_parent, read},
    png::has_ending,
};

/// Arguments of `trainer export`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    model: PathBuf,
    /// Write a UF2 file with the model alone for this board; copied to the board's drive, it replaces the model and not
    /// the firmware
    #[arg(long, value_name = "BOARD", required = true)]
    uf2: String,
    /// Output [default: NAME-BOARD.uf2 in the current folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
}

/// Writes the UF2 file.
///
/// # Errors
/// If the model is invalid, the board is unknown, has no UF2 boot loader or too little memory for the model, or the output
/// cannot be written or would replace another file.
pub fn run(options: &Options) -> Result<()> {
    let (board, uf2) = find_board(&options.uf2)?;
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    let unusable = || format!("{} cannot be exported", options.model.display());
    check_scratch(&model, SCRATCH_LEN).with_context(unusable)?;
    let region = board
        .region_for(bytes.len() as u64)
        .with_context(unusable)?;
    let path = match &options.out {
        Some(path) => path.clone(),
        None => default_path(&options.model, board),
    };
    ensure!(
        has_ending(&path, "uf2"),
        "--out {}: the name does not end in .uf2, which the drive of the board expects; choose another name",
        path.display()
    );
    check_absent(&path, options.force)?;
    create_parent(&path)?;
    let mut draft = Draft::new(&path)?;
    draft
        .write_all(&uf2.encode(region.memory.origin, &bytes))
        .map_err(|error| cannot("write", &path, &error))?;
    if options.force {
        draft.finish()?;
    } else {
        draft.finish_new()?;
    }
    outln!(
        "{}: {} for the {}\nhold BOOTSEL while you connect the board by USB, then copy the file to the drive {}; the \
         firmware must be on the board already",
        path.display(),
        model.name(),
        board.title,
        uf2.drive
    );
    Ok(())
}

/// Returns the board of this name with its UF2 boot loader.
fn find_board(name: &str) -> Result<(&'static Board, Uf2)> {
    let boards = || {
        let names: Vec<_> = with_uf2().map(|board| board.name).collect();
        names.join(", ")
    };
    let board = thumbgan_boards::find(name).with_context(|| {
        format!(
            "--uf2 {name}: no such board; boards with a UF2 boot loader: {}",
            boards()
        )
    })?;
    let uf2 = board.uf2.with_context(|| {
        format!(
            "--uf2 {name}: the {} has no UF2 boot loader; boards that have one: {}; to write the model to this board, run \
             `cargo xtask flash {name} --model-only --model FILE`",
            board.title,
            boards()
        )
    })?;
    Ok((board, uf2))
}

/// Returns NAME-BOARD.uf2 for a model file NAME.tgan.
fn default_path(model: &Path, board: &Board) -> PathBuf {
    let mut name = model.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{}.uf2", board.name));
    PathBuf::from(name)
}

/// Checks that a model runs in the scratch memory of a board, in 32-bit words.
///
/// # Errors
/// If it needs more; the message has both lengths.
pub fn check_scratch(model: &Model<'_>, available: usize) -> Result<()> {
    let needed = model.scratch_len();
    ensure!(
        needed <= available,
        "the model {} needs {} bytes of scratch memory, and the firmware has {}; choose a smaller model",
        model.name(),
        4 * needed,
        4 * available
    );
    Ok(())
}
