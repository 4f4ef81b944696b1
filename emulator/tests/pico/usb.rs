//! The USB serial port responds, after noise, half frames, hosts that do not read and new connections as well.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use thumbgan_emulator::{
    firmware,
    models::ModelFile,
    noise::NOISE,
    pico::{SerialPort, Usb, board},
    process::{cargo_workspace, root, run},
};
use thumbgan_protocol::{Request, Response};

use crate::host::Host;

/// Number of images that `verify` compares.
const IMAGES: &str = "50";
/// Longest time for a response.
const RESPONSE: Duration = Duration::from_millis(500);
/// Time from half a request to the outage.
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

impl Host {
    /// Checks that the board responds with its name.
    pub fn check(&mut self, situation: &str) -> Result<()> {
        let hello = |response: &Response<'_>| match response {
            Response::Hello { board: name, .. } => {
                ensure!(*name == board().name, "the board's name is {name:?}");
                Ok(())
            }
            other => bail!("unexpected response {other:?}"),
        };
        self.respond(&Request::Hello, RESPONSE, None, hello)
            .context(situation.to_owned())?
            .context("the power failed")
    }
}
