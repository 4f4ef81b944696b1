//! Connection to the UART of the emulated board: the lines of its log, and responses between them.

use std::{
    io::{Read, Write},
    mem,
    net::TcpStream,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use thumbgan_protocol::{
    MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Receiver as FrameReceiver, Request, Response, frame,
};

/// Longest wait for a part.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Part of the board's output.
#[derive(Debug)]
pub enum Part {
    /// Line of the log.
    Line(String),
    /// Bytes between two zeros: a response's frame.
    Frame(Vec<u8>),
}

/// Connection, whose output is read all the time so that the board never waits.
pub struct Connection {
    stream: TcpStream,
    parts: Receiver<Part>,
}

impl Connection {
    /// Starts reading.
    pub fn new(stream: TcpStream) -> Result<Self> {
        let mut input = stream.try_clone()?;
        let (sender, parts) = mpsc::channel();
        thread::spawn(move || {
            let (mut bytes, mut splitter) = ([0; 4096], Splitter::default());
            while let Ok(count @ 1..) = input.read(&mut bytes) {
                for part in bytes[..count]
                    .iter()
                    .filter_map(|byte| splitter.push(*byte))
                {
                    if sender.send(part).is_err() {
                        return;
                    }
                }
            }
        });
        Ok(Self { stream, parts })
    }

    /// Returns the next part; `None` if the board sends nothing for `timeout`.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Part>> {
        match self.parts.recv_timeout(timeout.min(TIMEOUT)) {
            Ok(part) => Ok(Some(part)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("QEMU has closed the connection"),
        }
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream
            .write_all(bytes)
            .context("the board accepts no input")
    }
}

/// Returns the frame of a request.
pub fn encode(sequence: u8, body: Request<'_>) -> Result<Vec<u8>> {
    let mut buffer = [0; MAX_REQUEST_LEN];
    Ok(frame::encode(&Message { sequence, body }, &mut buffer)?.to_vec())
}

/// Returns the response with this sequence number in a frame.
pub fn decode(bytes: &mut [u8], sequence: u8) -> Option<Response<'_>> {
    let message = frame::decode::<Response<'_>>(bytes).ok()?;
    (message.sequence == sequence).then_some(message.body)
}

/// Splitter of the output. Every byte counts for a frame and for a line, so that a frame which a reset of the board has cut off
/// does not hide what follows.
#[derive(Default)]
struct Splitter {
    frame: FrameReceiver<MAX_RESPONSE_LEN>,
    line: Vec<u8>,
}

impl Splitter {
    /// Processes a byte and returns the part that it completes.
    fn push(&mut self, byte: u8) -> Option<Part> {
        if let Some(frame) = self.frame.receive(byte) {
            self.line.clear();
            return Some(Part::Frame(frame.to_vec()));
        }
        match byte {
            0 => self.line.clear(),
            b'\n' => {
                let line = mem::take(&mut self.line);
                let line = String::from_utf8_lossy(&line);
                return Some(Part::Line(line.trim_end().to_owned()));
            }
            byte => self.line.push(byte),
        }
        None
    }
}
