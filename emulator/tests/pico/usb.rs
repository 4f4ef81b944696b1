//! The USB serial port responds, after noise, half frames, hosts that do not read and new connections as well.

use std::{process::Command, time::Duration};

use anyhow::{Result, bail, ensure};
use thumbgan_emulator::{
    firmware,
    models::ModelFile,
    pico::{Pico, PicoFirmware, SerialPort, Usb, board},
    process::{cargo_workspace, root, run},
};
use thumbgan_protocol::{
    MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Receiver, Request, Response, frame,
};

/// Number of images that `verify` compares.
const IMAGES: &str = "50";
/// Input that a board must survive: text, half a frame, a frame with a wrong checksum, zeros, and more bytes than its
/// buffers hold.
const NOISE: [&[u8]; 5] = [
    b"hello?\r\n",
    b"\0\x05\x01\x02",
    b"\0\x03\x01\x01\x06abcd\0",
    b"\0\0\0",
    &[0x55; 3000],
];
/// Longest time for configuring the board, and for a response.
const CONFIGURATION: Duration = Duration::from_secs(2);
const RESPONSE: Duration = Duration::from_millis(500);
/// Time between two reads of the port.
const STEP: Duration = Duration::from_millis(5);

#[test]
fn responds_after_noise_and_new_connections() -> Result<()> {
    let mut host = Host::plug_in()?;
    for noise in NOISE {
        host.pico.send(noise)?;
        host.pico.run(RESPONSE)?;
        host.pico.send(b"\0")?;
        host.check("after noise")?;
    }
    let request = host.request(&Request::Hello)?;
    host.pico.send(&request[..request.len() / 2])?;
    host.pico.run(STEP)?;
    for outage in [10, 1500] {
        host.pico.set_usb(Usb::Detached)?;
        host.pico.run(Duration::from_millis(outage))?;
        host.connect()?;
        host.check("after a new connection within a request")?;
    }
    Ok(())
}

#[test]
fn keeps_running_for_a_host_that_does_not_read() -> Result<()> {
    let mut host = Host::plug_in()?;
    host.pico.set_usb(Usb::Silent)?;
    let generate = Request::Generate {
        class: Some(3),
        seed: 42,
    };
    for _ in 0..3 {
        let request = host.request(&generate)?;
        host.pico.send(&request)?;
    }
    let before = host.pico.counters().frames;
    host.pico.run(Duration::from_secs(6))?;
    let drawn = host.pico.counters().frames - before;
    ensure!(
        drawn >= 3,
        "in 6 s the gallery has drawn {drawn} images beside a host that does not read"
    );
    host.pico.set_usb(Usb::Open)?;
    host.check("after responses that the host did not read")
}

#[test]
fn board_commands_of_the_trainer() -> Result<()> {
    let model = ModelFile::read(None)?;
    let mut build = cargo_workspace("build");
    let trainer = firmware::built("trainer", build.args(["--tests", "--bin", "trainer"]))?;
    let port = SerialPort::open(Host::plug_in()?.pico)?;
    let command = |arguments: &[&str]| {
        let mut command = Command::new(&trainer);
        command.current_dir(root()).args(["board", "--port"]);
        run(command.arg(&port.path).args(arguments))
    };
    command(&["hello"])?;
    command(&["mode", "about"])?;
    let path = model.path.display().to_string();
    command(&["verify", "--count", IMAGES, "--model", &path])?;
    port.close()?;
    Ok(())
}

/// USB host of a board with the default model.
pub struct Host {
    pub pico: Pico,
    sequence: u8,
}

impl Host {
    /// Powers a board on by its USB connector.
    pub fn plug_in() -> Result<Self> {
        let firmware = PicoFirmware::build(&ModelFile::read(None)?)?;
        let mut host = Self {
            pico: Pico::boot(&firmware, Usb::Open)?,
            sequence: 0,
        };
        host.connect()?;
        Ok(host)
    }

    /// Connects the board, and waits until it is configured.
    pub fn connect(&mut self) -> Result<()> {
        self.pico.set_usb(Usb::Open)?;
        let end = self.pico.counters().time + CONFIGURATION;
        while !self.pico.is_configured() {
            ensure!(
                self.pico.counters().time < end,
                "the USB host cannot configure the board"
            );
            self.pico.run(STEP)?;
        }
        Ok(())
    }

    /// Returns the frame of a request with a new sequence number.
    pub fn request(&mut self, body: &Request<'_>) -> Result<Vec<u8>> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut buffer = [0; MAX_REQUEST_LEN];
        let message = Message {
            sequence: self.sequence,
            body: *body,
        };
        Ok(frame::encode(&message, &mut buffer)?.to_vec())
    }

    /// Checks that the board responds with its name.
    fn check(&mut self, situation: &str) -> Result<()> {
        let request = self.request(&Request::Hello)?;
        self.pico.send(&request)?;
        let mut receiver = Receiver::<MAX_RESPONSE_LEN>::new();
        let end = self.pico.counters().time + RESPONSE;
        while self.pico.counters().time < end {
            self.pico.run(STEP)?;
            for byte in self.pico.take_received() {
                let Some(encoded) = receiver.receive(byte) else {
                    continue;
                };
                if let Ok(Message {
                    sequence,
                    body: Response::Hello { board: name, .. },
                }) = frame::decode(encoded)
                    && sequence == self.sequence
                {
                    ensure!(name == board().name, "the board's name is {name:?}");
                    return Ok(());
                }
            }
        }
        bail!("the board does not respond {situation}")
    }
}
