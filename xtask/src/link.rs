//! The serial link of the emulated board: the trainer's `device` talks to it over QEMU's UART.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use thumbgan_protocol::{Answer, MAX_ANSWER, MAX_REQUEST, Parcel, Receiver, Request, frame};

use crate::{
    boards::{EMULATED, QEMU_ARM, Runner},
    firmware,
    model::ModelFile,
    setup,
    shell::{Running, root, run, tested},
};

/// Digits that are compared.
const COUNT: &str = "1000";

/// What a board must survive: text, half a frame, a frame with a bad check, zeros, and more than its buffers
/// hold.
const NOISE: [&[u8]; 5] = [
    b"hello?\r\n",
    b"\0\x05\x01\x02",
    b"\0\x03\x01\x01\x06abcd\0",
    b"\0\0\0",
    &[0x55; 3000],
];

/// The number of the request after it.
const NUMBER: u8 = 7;
/// How often that is sent, and how long each time is waited: noise may still fill the board's buffers.
const ATTEMPTS: u8 = 10;
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the wire is listened to at a time.
const LISTEN: Duration = Duration::from_millis(100);

/// Compares 1,000 digits of the emulated board, asked for through its UART, with those of this computer.
///
/// # Errors
/// When the firmware does not build or answer, or a byte differs.
pub fn check() -> Result<()> {
    setup::qemu()?;
    let model = ModelFile::read(None)?;
    let (_qemu, port) = start(&firmware::board(&EMULATED, &model)?)?;
    ask_after_noise(&port)?;
    let trainer = firmware::built(
        "trainer",
        tested("build").args(["--tests", "--bin", "trainer"]),
    )?;
    let device = |words: &[&str]| {
        let mut command = Command::new(&trainer);
        run(command
            .current_dir(root())
            .args(["device", "--port"])
            .arg(format!("tcp:{port}"))
            .args(words))
    };
    device(&["hello"])?;
    device(&["generate", "--class", "7", "--seed", "42"])?;
    device(&["bench", "--count", "20"])?;
    device(&["mode", "about"])?;
    let path = model.path.display().to_string();
    device(&["verify", "--count", COUNT, "--model", &path])
}

/// Sends noise and then, on the same connection, a request, which must be answered.
fn ask_after_noise(port: &str) -> Result<()> {
    let mut wire =
        TcpStream::connect(port).with_context(|| format!("QEMU does not listen on {port}"))?;
    wire.set_read_timeout(Some(LISTEN))?;
    for noise in NOISE {
        wire.write_all(noise).context("the board takes no noise")?;
    }
    let (mut receiver, mut request, mut bytes) =
        (Receiver::<MAX_ANSWER>::new(), [0; MAX_REQUEST], [0; 64]);
    let request = frame::encode(
        &Parcel {
            number: NUMBER,
            message: Request::Hello,
        },
        &mut request,
    )?;
    for _ in 0..ATTEMPTS {
        wire.write_all(request)?;
        // The board goes on talking, so silence is nothing to wait for.
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let count = match wire.read(&mut bytes) {
                Ok(count) => count,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    continue;
                }
                Err(error) => return Err(error).context("cannot read from QEMU"),
            };
            ensure!(count > 0, "QEMU has closed the connection");
            for &byte in &bytes[..count] {
                let Some(stuffed) = receiver.receive(byte) else {
                    continue;
                };
                if let Ok(Parcel {
                    number: NUMBER,
                    message: Answer::Hello { board, .. },
                }) = frame::decode(stuffed)
                {
                    ensure!(board == EMULATED.name, "the board calls itself {board}");
                    return Ok(());
                }
            }
        }
    }
    bail!("after noise the board answers nothing")
}

/// Boots `elf` with its UART on a port of this computer that is free, and gives HOST:PORT.
fn start(elf: &Path) -> Result<(Running, String)> {
    let Runner::Qemu(machine) = EMULATED.runner else {
        bail!("{} is not emulated", EMULATED.name)
    };
    let mut command = Command::new(QEMU_ARM);
    command.args(["-M", machine, "-display", "none", "-monitor", "none"]);
    // Without nodelay each answer waits for 40 ms: the UART hands over single bytes.
    command
        .args([
            "-serial",
            "tcp:127.0.0.1:0,server=on,wait=on,nodelay=on",
            "-kernel",
        ])
        .arg(elf);
    let mut qemu = Running::start(command.stdin(Stdio::null()).stderr(Stdio::piped()))?;
    let errors = qemu
        .0
        .stderr
        .take()
        .context("QEMU's messages were not piped")?;
    let mut lines = BufReader::new(errors).lines();
    let mut said = String::new();
    while let Some(line) = lines.next().transpose()? {
        if let Some(port) = listening(&line) {
            // Whatever else it has to say belongs to those who watch.
            thread::spawn(move || {
                lines
                    .map_while(Result::ok)
                    .for_each(|line| eprintln!("{line}"))
            });
            return Ok((qemu, port));
        }
        said = line;
    }
    bail!("QEMU does not wait for a connection; it said: {said}")
}

/// HOST:PORT of `... QEMU waiting for connection on: disconnected:tcp:HOST:PORT,server=on`.
fn listening(line: &str) -> Option<String> {
    let (_, address) = line.split_once("disconnected:tcp:")?;
    Some(address.split(',').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_the_one_that_qemu_has_taken() {
        let line = "qemu-system-arm: -serial tcp:127.0.0.1:0,server=on,wait=on: info: QEMU waiting for \
                    connection on: disconnected:tcp:127.0.0.1:44525,server=on";
        assert_eq!(listening(line).as_deref(), Some("127.0.0.1:44525"));
        assert_eq!(listening("qemu-system-arm: warning: something"), None);
    }
}
