//! Running a program on an emulated machine that reports by semihosting.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{boards::Machine, shell::Running};

/// The longest that one program may take; an idle host needs less than half a minute for any of them.
const WATCHDOG: Duration = Duration::from_mins(4);

/// Runs a program to its end and shows `see` each line that it prints.
///
/// # Errors
/// Those of `see`, when the program does not end with success, or not in time.
pub fn run(
    machine: &Machine,
    elf: &Path,
    arguments: &[&str],
    mut see: impl FnMut(String) -> Result<()>,
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
    let mut qemu = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let output = qemu
        .0
        .stdout
        .take()
        .context("QEMU's output was not piped")?;
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let deadline = Instant::now() + WATCHDOG;
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => see(line)?,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => bail!("not done after {} s", WATCHDOG.as_secs()),
        }
    }
    let status = qemu.0.wait()?;
    ensure!(status.success(), "QEMU ended with {status}");
    Ok(())
}

/// Runs a program that times work, with time counted by instructions, and gives the instructions of each part.
///
/// It prints `million` with the ticks of a million instructions, then `ticks` for each part.
///
/// # Errors
/// As [`run`], when it prints anything else, or when its timer stands still.
pub fn instructions(machine: &Machine, elf: &Path) -> Result<Vec<u64>> {
    let (mut million, mut ticks) = (0, Vec::new());
    run(machine, elf, &["-icount", "shift=6"], |line| {
        match line.split_once(' ') {
            Some(("million", number)) => million = number.parse()?,
            Some(("ticks", number)) => ticks.push(number.parse::<u64>()?),
            _ => bail!("{line}"),
        }
        Ok(())
    })?;
    ensure!(million > 0, "the machine's timer stands still");
    Ok(ticks
        .into_iter()
        .map(|ticks| (ticks * 1_000_000 + million / 2) / million)
        .collect())
}
