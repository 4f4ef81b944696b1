//! Command line program `trainer`: `cargo run -p trainer` trains, `trainer --help` lists the commands.

use std::{fmt::Display, io::Write, process::ExitCode};

use trainer::{
    cli::Cli,
    output,
    text::printable,
    training::{Outcome, STOPPED_EXIT_CODE},
};

/// Training allocates and frees large blocks all the time. mimalloc reuses them, which makes it a quarter
/// faster.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Style of the word `error:`, the same as clap's.
const ERROR: clap::builder::styling::Style = *clap::builder::Styles::styled().get_error();

fn main() -> ExitCode {
    match Cli::read().run() {
        Ok(Outcome::Done) => match output::failure() {
            Some(error) => failed(&format_args!("cannot write to standard output: {error}")),
            None => ExitCode::SUCCESS,
        },
        Ok(Outcome::Stopped) => ExitCode::from(STOPPED_EXIT_CODE),
        Err(error) => failed(&format_args!("{error:#}")),
    }
}

/// Prints the error and returns the exit code of a failure.
fn failed(error: &dyn Display) -> ExitCode {
    // Standard error cannot be written either.
    let _ = writeln!(
        anstream::stderr(),
        "{ERROR}error:{ERROR:#} {}",
        printable(&error.to_string())
    );
    ExitCode::FAILURE
}
