//! Bits of the model region that flip while its model runs: the board keeps running, and at the next start the built-in model
//! runs and the error is reported.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use thumbgan_core::latent::SplitMix64;
use thumbgan_emulator::{
    models::{self, ModelFile},
    pico::{Button, ButtonPress, Usb, board},
};
use thumbgan_protocol::{Mode, RegionStatus, Request, Response};

use crate::host::Host;

/// Numbers of bits that flip together.
const FLIPS: [u64; 2] = [1, 1_000];
/// Time in each mode.
const MODE: Duration = Duration::from_millis(300);
/// Longest time for a response.
const RESPONSE: Duration = Duration::from_millis(500);
/// Time until a board is off.
const STEP: Duration = Duration::from_millis(1);

#[test]
fn the_board_keeps_running_and_the_next_start_finds_the_flips() -> Result<()> {
    let built_in = ModelFile::read(None)?;
    let models = models::committed()?;
    let Some(file) = models.iter().find(|model| model.name() == "digits-nano") else {
        bail!("models/ has no digits-nano.tgan")
    };
    let region = model_region();
    let mut random = SplitMix64::new(1);
    let mut host = Host::plug_in()?;
    let start = |host: &mut Host, file: &[u8]| {
        host.pico.fail_power(STEP, 1)?;
        host.pico.write_flash(region, file)?;
        host.pico.power_on(Usb::Open)?;
        host.connect()
    };
    for flips in FLIPS {
        start(&mut host, &file.bytes)?;
        ensure!(host.region()? == (RegionStatus::Used, String::new()));
        let mut flipped = file.bytes.clone();
        for _ in 0..flips {
            let bit = random.next_u64() as usize % (8 * flipped.len());
            flipped[bit / 8] ^= 1 << (bit % 8);
        }
        host.pico.write_flash(region, &flipped)?;
        host.run_all_modes()?;
        ensure!(host.region()?.0 == RegionStatus::Used);

        start(&mut host, &flipped)?;
        let (status, error) = host.region()?;
        ensure!(
            status == RegionStatus::Invalid && !error.is_empty(),
            "after {flips} flips the region is {status:?}: {error:?}"
        );
        ensure!(host.name()? == built_in.name());
        println!("{flips} flips: the board kept running; next start: {error}");
    }
    Ok(())
}

#[test]
fn a_name_that_is_no_text_any_more_is_not_drawn() -> Result<()> {
    let models = models::committed()?;
    let Some(file) = models.iter().find(|model| model.name() == "digits-nano") else {
        bail!("models/ has no digits-nano.tgan")
    };
    let region = model_region();
    let mut host = Host::plug_in()?;
    host.pico.fail_power(STEP, 1)?;
    host.pico.write_flash(region, &file.bytes)?;
    host.pico.power_on(Usb::Open)?;
    host.connect()?;
    ensure!(host.name()? == "digits-nano");
    // The highest bits of all letters of the names: each becomes the first byte of a longer character.
    let mut flipped = file.bytes.clone();
    let name = b"digits-nano";
    let Some(at) = flipped.windows(name.len()).position(|part| part == name) else {
        bail!("the file has no name")
    };
    for byte in &mut flipped[at..at + name.len()] {
        *byte |= 0xc0;
    }
    host.pico.write_flash(region, &flipped)?;
    host.run_all_modes()?;
    let name = host.name()?;
    ensure!(name == "?", "the board's model is {name:?}");
    Ok(())
}

/// Returns the offset of the model region in the flash.
fn model_region() -> u32 {
    let region = board().model_region.expect("the Pico has a model region");
    (region.memory.origin - board().flash.origin) as u32
}

impl Host {
    /// Runs each mode, with short presses of ACT, and checks that the board draws and responds.
    fn run_all_modes(&mut self) -> Result<()> {
        for mode in Mode::ALL {
            let done = |response: &Response<'_>| match response {
                Response::Done => Ok(()),
                other => bail!("unexpected response {other:?}"),
            };
            let before = self.pico.counters();
            self.respond(&Request::SetMode(mode), RESPONSE, None, done)?;
            let press = ButtonPress {
                button: Button::Act,
                is_long: false,
            };
            self.pico.press(press)?;
            self.pico.run(MODE)?;
            let counters = self.pico.counters().since(&before);
            ensure!(
                counters.frames > 0 && counters.resets == 0,
                "{mode:?}: {counters:?}"
            );
        }
        let generate = Request::Generate {
            class: Some(3),
            seed: 42,
        };
        let image = |response: &Response<'_>| match response {
            Response::Image { .. } => Ok(()),
            other => bail!("unexpected response {other:?}"),
        };
        self.respond(&generate, RESPONSE, None, image)?;
        Ok(())
    }

    /// Returns state and error of the model region.
    fn region(&mut self) -> Result<(RegionStatus, String)> {
        let region = |response: &Response<'_>| match response {
            Response::Region { status, error, .. } => Ok((*status, (*error).to_owned())),
            other => bail!("unexpected response {other:?}"),
        };
        let response = self.respond(&Request::Region, RESPONSE, None, region)?;
        response.ok_or_else(|| anyhow::anyhow!("the power failed"))
    }

    /// Returns the name of the running model.
    fn name(&mut self) -> Result<String> {
        let name = |response: &Response<'_>| match response {
            Response::Hello {
                model: Some(model), ..
            } => Ok(model.name.to_owned()),
            other => bail!("unexpected response {other:?}"),
        };
        let response = self.respond(&Request::Hello, RESPONSE, None, name)?;
        response.ok_or_else(|| anyhow::anyhow!("the power failed"))
    }
}
