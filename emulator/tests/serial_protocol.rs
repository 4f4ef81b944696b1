//! The serial protocol of the emulated board over QEMU's UART: recovery from noise, and the trainer's `device` commands.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use thumbgan_boards::EMULATED;
use thumbgan_emulator::{
    board::SerialBoard,
    firmware,
    models::ModelFile,
    noise::NOISE,
    process::{cargo_workspace, root, run},
};
use thumbgan_protocol::{
    MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Receiver, Request, Response, frame,
};

/// Number of images that `verify` compares.
const IMAGES: &str = "1000";

/// Number of the request that follows the noise.
const SEQUENCE: u8 = 7;
/// Number of times the request is sent, since noise may still fill the board's buffers.
const ATTEMPTS: u8 = 10;
/// Wait for a response to each of them.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait of a single read.
const READ_TIMEOUT: Duration = Duration::from_millis(100);

#[test]
fn responds_after_noise() -> Result<()> {
    let board = start()?;
    let address = &board.address;
    let mut stream = TcpStream::connect(address)
        .with_context(|| format!("QEMU does not listen on {address}"))?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    for noise in NOISE {
        stream
            .write_all(noise)
            .context("the board accepts no input")?;
    }
    let mut request = [0; MAX_REQUEST_LEN];
    let hello = Message {
        sequence: SEQUENCE,
        body: Request::Hello,
    };
    let request = frame::encode(&hello, &mut request)?;
    let mut receiver = Receiver::<MAX_RESPONSE_LEN>::new();
    for _ in 0..ATTEMPTS {
        stream.write_all(request)?;
        if let Some(board) = receive_hello(&mut stream, &mut receiver)? {
            ensure!(board == EMULATED.name, "the board's name is {board:?}");
            return Ok(());
        }
    }
    bail!("after noise the board does not respond to {ATTEMPTS} requests")
}

/// Returns the board's name from the response to the request, or `None` after the timeout.
fn receive_hello(
    stream: &mut TcpStream,
    receiver: &mut Receiver<MAX_RESPONSE_LEN>,
) -> Result<Option<String>> {
    let mut bytes = [0; 64];
    // The board's log never pauses, so the wait ends by time.
    let deadline = Instant::now() + TIMEOUT;
    while Instant::now() < deadline {
        let count = match stream.read(&mut bytes) {
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                continue;
            }
            Err(error) => return Err(error).context("cannot read from QEMU"),
        };
        ensure!(count > 0, "QEMU has closed the connection");
        for &byte in &bytes[..count] {
            let Some(stuffed) = receiver.receive(byte) else {
                continue;
            };
            if let Ok(Message {
                sequence: SEQUENCE,
                body: Response::Hello { board, .. },
            }) = frame::decode(stuffed)
            {
                return Ok(Some(board.to_string()));
            }
        }
    }
    Ok(None)
}

#[test]
fn device_commands_of_the_trainer() -> Result<()> {
    let board = start()?;
    let mut build = cargo_workspace("build");
    let trainer = firmware::built("trainer", build.args(["--tests", "--bin", "trainer"]))?;
    let device = |arguments: &[&str]| {
        let mut command = Command::new(&trainer);
        command.current_dir(root()).args(["device", "--port"]);
        run(command
            .arg(format!("tcp:{}", board.address))
            .args(arguments))
    };
    device(&["hello"])?;
    device(&["generate", "--class", "7", "--seed", "42"])?;
    device(&["bench", "--count", "20"])?;
    device(&["mode", "about"])?;
    let model = ModelFile::read(None)?.path.display().to_string();
    device(&["verify", "--count", IMAGES, "--model", &model])
}

/// Starts the emulated board with the default model.
fn start() -> Result<SerialBoard> {
    SerialBoard::start(firmware::board_copy(&EMULATED, &ModelFile::read(None)?)?)
}
