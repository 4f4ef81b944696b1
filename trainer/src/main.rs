//! The `trainer` program: `cargo run -p trainer` trains, `trainer --help` lists the rest.

use std::process::ExitCode;

use clap::Parser;
use trainer::commands::Cli;

/// Training frees and asks for the same large blocks all the time; mimalloc keeps them (a quarter faster).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
