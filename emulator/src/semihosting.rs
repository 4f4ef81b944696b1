//! Programs on emulated machines that report by semihosting.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{machines::Machine, process::ChildGuard};

/// Longest run of a program; on an idle host each needs less than half a minute.
const TIMEOUT: Duration = Duration::from_mins(4);

/// Runs a program to its end and calls `on_line` with each line that it prints.
///
/// # Errors
/// If `on_line` fails, the program exits with a failure, or the timeout expires.
pub fn run(
    machine: &Machine,
    elf: &Path,
    arguments: &[&str],
    mut on_line: impl FnMut(String) -> Result<()>,
) -> Result<()> {
    let mut command = Command::new(machine.qemu);
    command
        .args(["-M", machine.name])
        .args(machine.arguments)
        .args(arguments)
        .arg("-kernel")
        .arg(elf);
    command.args(["-display", "none", "-monitor", "none", "-serial", "null"]);
    command.args(["-semihosting-config", "enable=on,target=native"]);
    let mut qemu = ChildGuard::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let output = qemu
        .0
        .stdout
        .take()
        .context("QEMU's output was not piped")?;
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        lines.try_for_each(|line| sender.send(line))
    });
    let deadline = Instant::now() + TIMEOUT;
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => on_line(line)?,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                bail!(
                    "the program on {} has not ended after {} s",
                    machine.name,
                    TIMEOUT.as_secs()
                )
            }
        }
    }
    let status = qemu.0.wait()?;
    ensure!(
        status.success(),
        "the program on {} failed: QEMU ended with {status}",
        machine.name
    );
    Ok(())
}

/// Runs a program that times its parts and returns the executed instructions of each part.
///
/// QEMU advances virtual time by executed instructions (`-icount`), and the machine's timer follows virtual time. The
/// program prints `million` with the timer ticks of a million instructions, then `ticks` for each part.
///
/// # Errors
/// If the program fails, prints another line, or its timer does not advance.
pub fn count_instructions(machine: &Machine, elf: &Path) -> Result<Vec<u64>> {
    let (mut million, mut ticks) = (0, Vec::new());
    run(machine, elf, &["-icount", "shift=6"], |line| {
        match line.split_once(' ') {
            Some(("million", number)) => million = number.parse()?,
            Some(("ticks", number)) => ticks.push(number.parse::<u64>()?),
            _ => bail!("unexpected line from {}: {line}", machine.name),
        }
        Ok(())
    })?;
    ensure!(
        million > 0,
        "the timer of {} does not advance",
        machine.name
    );
    let instructions = |ticks: u64| (ticks * 1_000_000 + million / 2) / million;
    Ok(ticks.into_iter().map(instructions).collect())
}
