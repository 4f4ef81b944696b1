//! Every chore of the project: `cargo xtask --help` lists them.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod bless;
mod boards;
mod browser;
mod canvas;
mod drawing;
mod emulate;
mod estimate;
mod files;
mod film;
mod firmware;
mod flash;
mod frame;
mod golden;
mod guide;
mod hour;
mod link;
mod machine;
mod model;
mod panel;
mod picture;
mod qemu;
mod report;
mod screens;
mod setup;
mod shell;
mod size;
mod test;
mod uf2;

/// Chores of the project
#[derive(Parser)]
#[command(bin_name = "cargo xtask", after_help = boards::list())]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install what is missing: Rust targets and components, QEMU, Chromium
    Setup,
    /// Check everything, on the host and on emulated chips
    Test {
        /// Only the steps with this in their names, such as golden
        #[arg(default_value = "")]
        only: String,
    },
    /// Build a board's firmware
    Build {
        /// The board; see the list below
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        board: Option<String>,
        /// Every board
        #[arg(long)]
        all: bool,
    },
    /// Run the firmware on the emulated board
    Qemu(emulate::Options),
    /// Build a board's firmware and write it to the board
    Flash {
        /// The board
        board: String,
        /// Model file to carry instead of models/digits.tgan
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
    },
    /// Show what the firmware takes of each board's memory, against its budget
    Size,
    /// Count the instructions of a digit on emulated cores, and compare with the accepted counts
    Bench(bench::Options),
    /// Write the golden vectors and screens anew from the models in models/, and the tables in docs/boards.md with the
    /// instructions of frames
    Bless,
    /// Film the emulated display for the README: docs/film.gif
    Film,
}

fn main() -> ExitCode {
    let outcome = run(Arguments::parse().chore);
    if let Err(error) = &outcome {
        eprintln!("error: {error:#}");
    }
    if outcome.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run(chore: Chore) -> Result<()> {
    match chore {
        Chore::Setup => setup::all(),
        Chore::Test { only } => test::test(&only),
        Chore::Build { board, all: _ } => firmware::build(board.as_deref()),
        Chore::Qemu(options) => emulate::emulate(&options),
        Chore::Flash { board, model } => flash::flash(&board, model.as_deref()),
        Chore::Size => size::size(None),
        Chore::Bench(options) => bench::bench(&options),
        Chore::Bless => bless::bless(),
        Chore::Film => film::film(),
    }
}
