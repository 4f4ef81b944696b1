//! Tests of the program that runs rp2040js: the SPI bus, the display, and the flash at power failures.

use std::process::Command;

use anyhow::Result;
use thumbgan_emulator::{pico, process::run};

#[test]
fn bus_display_and_flash() -> Result<()> {
    let mut command = Command::new("node");
    run(command.current_dir(pico::runner_folder()).arg("--test"))
}
