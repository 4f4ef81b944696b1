//! `cargo xtask web`: builds the web page and serves it on this machine.

use std::thread;

use anyhow::Result;
use thumbgan_emulator::{
    process::run,
    web::{self, Project, Server},
};

use crate::setup;

/// Options of `cargo xtask web`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only build the page into web/dist
    #[arg(long)]
    build_only: bool,
    /// Port of the page on this machine [default: 8080, or the next free one]
    #[arg(long, conflicts_with = "build_only")]
    port: Option<u16>,
    /// Measure the time to the first digit in Chromium instead of serving the page
    #[arg(long, conflicts_with = "build_only")]
    measure: bool,
}

/// Builds the page, prints its files and serves them until the process is stopped.
///
/// # Errors
/// If a tool is missing, the page cannot be built or its WebAssembly is too large, or no port can be opened.
pub fn web(options: &Options) -> Result<()> {
    setup::install_targets(&[web::TARGET])?;
    setup::install_packages(&web::folder())?;
    let size = web::build()?;
    println!(
        "WebAssembly without models: {size} bytes, limit {}",
        web::WASM_LIMIT
    );
    let dist = web::dist();
    println!("{}:", dist.display());
    for (name, size) in web::files(&dist)? {
        println!("{size:9}  {name}");
    }
    if options.build_only {
        return Ok(());
    }
    let server = Server::bind(&dist, options.port)?;
    let address = server.address()?;
    if options.measure {
        return measure(server, &address);
    }
    println!("The page is at {address} until Ctrl-C.");
    server.run()
}

/// Runs the benchmarks of the page.
fn measure(server: Server, address: &str) -> Result<()> {
    thread::spawn(move || server.run());
    let results = tempfile::tempdir()?;
    run(&mut web::playwright(
        Project::Measurements,
        address,
        results.path(),
    )?)
}
