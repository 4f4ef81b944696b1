//! The emulated board's UART as a TCP server.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    thread,
};

use anyhow::{Context, Result, bail};
use tempfile::TempPath;

use super::qmp::command;
use crate::process::ChildGuard;

/// A running emulated board whose UART is a TCP server; it ends when this value is dropped.
#[derive(Debug)]
pub struct SerialBoard {
    /// Address of the UART, `HOST:PORT`.
    pub address: String,
    _process: ChildGuard,
    /// File that QEMU reads when a client connects.
    _elf: TempPath,
}

impl SerialBoard {
    /// Starts `elf` with its UART on a free port; the board boots when a client connects.
    ///
    /// # Errors
    /// If QEMU does not start or does not listen.
    pub fn start(elf: TempPath) -> Result<Self> {
        let mut command = command(&elf)?;
        command.args(["-display", "none", "-monitor", "none"]);
        // The UART sends single bytes: without `nodelay` each response is delayed by 40 ms.
        command.args(["-serial", "tcp:127.0.0.1:0,server=on,wait=on,nodelay=on"]);
        let mut process = ChildGuard::spawn(command.stdin(Stdio::null()).stderr(Stdio::piped()))?;
        let errors = process
            .0
            .stderr
            .take()
            .context("QEMU's messages were not piped")?;
        let mut lines = BufReader::new(errors).lines();
        let mut last = String::new();
        while let Some(line) = lines.next().transpose()? {
            if let Some(address) = listening_address(&line) {
                // Later messages are passed on.
                thread::spawn(move || {
                    lines
                        .map_while(Result::ok)
                        .for_each(|line| eprintln!("{line}"));
                });
                return Ok(Self {
                    address,
                    _process: process,
                    _elf: elf,
                });
            }
            last = line;
        }
        bail!("QEMU does not wait for a connection; its last message is {last:?}")
    }
}

/// Returns `HOST:PORT` of `... QEMU waiting for connection on: disconnected:tcp:HOST:PORT,server=on`.
fn listening_address(line: &str) -> Option<String> {
    let (_, address) = line.split_once("disconnected:tcp:")?;
    Some(address.split(',').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_port_in_the_message_of_qemu() {
        let line = "qemu-system-arm: -serial tcp:127.0.0.1:0,server=on,wait=on: info: QEMU waiting for \
                    connection on: disconnected:tcp:127.0.0.1:44525,server=on";
        assert_eq!(listening_address(line).as_deref(), Some("127.0.0.1:44525"));
        assert_eq!(
            listening_address("qemu-system-arm: warning: something"),
            None
        );
    }
}
