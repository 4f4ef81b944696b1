//! Chores of the project; `cargo xtask --help` lists them.
//!
//! Results go to standard output; set-up, commands and messages go to standard error.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod build;
mod film;
mod flash;
mod fuzz;
mod miri;
mod pico;
mod probe;
mod qemu;
mod sbom;
mod setup;
mod size;
mod snapshots;
mod test;
mod web;

/// Chores of the project
#[derive(Parser)]
#[command(bin_name = "cargo xtask", after_help = build::board_list())]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install missing tools: Rust targets and components, QEMU, Chromium, Node with packages, labwired, Slurm, cargo-deny
    Setup,
    /// Check everything, on the host and on emulated machines
    Test(test::Options),
    /// Build the firmware of a board or of all boards
    Build(build::Options),
    /// Run the firmware on the emulated board
    Qemu(qemu::Options),
    /// Run the firmware on an emulated Raspberry Pi Pico and save its display
    Pico(pico::Options),
    /// Build the firmware of a board and write it to the board
    Flash(flash::Options),
    /// Show the memory that the firmware uses on each board, and its budget
    Size,
    /// Count the instructions of an image on emulated cores, or measure the Pico, and compare with the snapshot
    Bench(bench::Options),
    /// Update the golden vectors, the screen snapshots, docs/frames.json and the tables in docs/boards.md
    #[command(alias = "bless")]
    Snapshots,
    /// Record the emulated display as a GIF file: docs/film.gif, which the README shows
    Film(film::Options),
    /// Run the fuzz targets of the model file, the serial protocol and the trainer's files
    Fuzz(fuzz::Options),
    /// Write a bill of materials (CycloneDX) of the trainer, the library, the web page and each board's firmware
    Sbom,
    /// Build the web page into web/dist and serve it on this machine
    Web(web::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<()> {
    match chore {
        Chore::Setup => setup::install_all(),
        Chore::Test(options) => test::test(&options),
        Chore::Build(options) => build::build(&options),
        Chore::Qemu(options) => qemu::qemu(&options),
        Chore::Pico(options) => pico::pico(&options),
        Chore::Flash(options) => flash::flash(&options),
        Chore::Size => size::size(true),
        Chore::Bench(options) => bench::bench(&options),
        Chore::Snapshots => snapshots::snapshots(),
        Chore::Film(options) => film::film(&options),
        Chore::Fuzz(options) => fuzz::fuzz(&options),
        Chore::Sbom => sbom::sbom(),
        Chore::Web(options) => web::web(&options),
    }
}
