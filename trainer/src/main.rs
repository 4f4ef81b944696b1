//! The `trainer` program: `cargo run -p trainer` trains, `trainer --help` lists the rest.

use std::process::ExitCode;

use trainer::{
    commands::Cli,
    train::{Outcome, STOPPED},
};

/// Training frees and asks for the same large blocks all the time; mimalloc keeps them (a quarter faster).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How an error begins, where colours are seen; the style that clap gives its own.
const ERROR: clap::builder::styling::Style = *clap::builder::Styles::styled().get_error();

fn main() -> ExitCode {
    match Cli::read().run() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Stopped) => ExitCode::from(STOPPED),
        Err(error) => {
            anstream::eprintln!("{ERROR}error:{ERROR:#} {error:#}");
            ExitCode::FAILURE
        }
    }
}
