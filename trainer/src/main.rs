//! The `trainer` program: `cargo run -p trainer` trains, `trainer --help` lists the rest.

use std::{fmt::Display, io::Write, process::ExitCode};

use trainer::{
    cli::Cli,
    output,
    training::{Outcome, STOPPED},
};

/// Training frees and asks for the same large blocks all the time; mimalloc keeps them (a quarter faster).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How an error begins, where colours are seen; the style that clap gives its own.
const ERROR: clap::builder::styling::Style = *clap::builder::Styles::styled().get_error();

fn main() -> ExitCode {
    match Cli::read().run() {
        Ok(Outcome::Done) => match output::failure() {
            Some(error) => failed(&format_args!("cannot write to standard output: {error}")),
            None => ExitCode::SUCCESS,
        },
        Ok(Outcome::Stopped) => ExitCode::from(STOPPED),
        Err(error) => failed(&format_args!("{error:#}")),
    }
}

/// Says what stood in the way.
fn failed(error: &dyn Display) -> ExitCode {
    // There is nowhere left to complain.
    let _ = writeln!(anstream::stderr(), "{ERROR}error:{ERROR:#} {error}");
    ExitCode::FAILURE
}
