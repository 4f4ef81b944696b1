//! Uploads of a model over the USB serial port, and power failures at random instants of them.

use std::{
    env,
    thread::{self, available_parallelism},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use thumbgan_core::{Model, latent::SplitMix64};
use thumbgan_emulator::{
    models::{self, ModelFile},
    pico::{Usb, board},
};
use thumbgan_protocol::{BLOCK_LEN, Request, Response};

use crate::host::{Failure, Host};

/// Number of power failures, unless the variable [`VARIABLE`] has another one.
const FAILURES: u64 = 24;
const VARIABLE: &str = "THUMBGAN_POWER_FAILURES";
/// Time from the end of an upload to a power failure.
const STEP: Duration = Duration::from_millis(1);
/// Longest time for a response: that of erasing a sector, and of a frame.
const RESPONSE: Duration = Duration::from_secs(2);

/// Numbers of power failures after which the old, the new and the built-in model run.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    old: u64,
    new: u64,
    built_in: u64,
}

#[test]
fn a_power_failure_at_any_instant_of_an_upload_leaves_a_model_that_runs() -> Result<()> {
    let failures = env::var(VARIABLE).map_or(Ok(FAILURES), |number| number.parse())?;
    let threads = available_parallelism()?.get() as u64;
    let outcomes = thread::scope(|scope| {
        let share = |index: u64| (failures + index) / threads;
        let running: Vec<_> = (0..threads)
            .map(|index| scope.spawn(move || fail(share(index), SplitMix64::new(index))))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    let mut all = Outcome::default();
    for Outcome { old, new, built_in } in outcomes {
        all.old += old;
        all.new += new;
        all.built_in += built_in;
    }
    let Outcome { old, new, built_in } = all;
    println!(
        "{failures} power failures: the old model runs after {old}, the new one after {new}, the built-in one after \
         {built_in}"
    );
    // A failure in the short time after the last block, which leaves the new model, is rare.
    ensure!(old + new + built_in == failures && built_in > 0);
    Ok(())
}

/// Uploads models to a board whose power fails at `count` random instants, and restarts it each time.
fn fail(count: u64, mut random: SplitMix64) -> Result<Outcome> {
    let (built_in, files) = (ModelFile::read(None)?, files()?);
    let built_in = crc32(&built_in.bytes)?;
    let mut host = Host::plug_in()?;
    ensure!(host.running()? == built_in);
    let start = host.pico.counters().time;
    ensure!(host.upload(&files[0], None)?, "the upload is complete");
    let duration = host.pico.counters().time.saturating_sub(start);
    let mut before = host.running()?;
    ensure!(before == crc32(&files[0])?);

    let mut outcome = Outcome::default();
    for _ in 0..count {
        let file = &files[usize::from(before == crc32(&files[0])?)];
        let new = crc32(file)?;
        let after = random.next_u64() % (duration.as_nanos() as u64 * 21 / 20);
        let failure = Failure {
            at: host.pico.counters().time + Duration::from_nanos(after),
            seed: random.next_u64() as u32,
        };
        if host.upload(file, Some(failure))? {
            // The power fails after the upload.
            ensure!(host.running()? == new);
            host.pico.fail_power(STEP, failure.seed)?;
        }
        host.pico.power_on(Usb::Open)?;
        host.connect()?;
        let running = host.running()?;
        match running {
            crc if crc == new => outcome.new += 1,
            crc if crc == built_in => outcome.built_in += 1,
            crc if crc == before => outcome.old += 1,
            crc => bail!("after {failure:?} the model {crc:08x} runs"),
        }
        before = running;
    }
    // The flash still takes uploads.
    ensure!(host.upload(&files[0], None)?);
    ensure!(host.running()? == crc32(&files[0])?);
    Ok(outcome)
}

/// Returns two small models that differ in the names of their classes only.
fn files() -> Result<[Vec<u8>; 2]> {
    let committed = models::committed()?;
    let small = committed
        .iter()
        .find(|model| model.name() == "digits-nano")
        .context("models/ has no digits-nano.tgan")?;
    let names = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9";
    let named = models::with_class_names(&small.bytes, names)?;
    Ok([small.bytes.clone(), named])
}

fn crc32(file: &[u8]) -> Result<u32> {
    Ok(Model::parse(file)?.crc32())
}

impl Host {
    /// Uploads a file, up to a power failure; returns true if the upload is complete.
    fn upload(&mut self, file: &[u8], failure: Option<Failure>) -> Result<bool> {
        let file_len = file.len() as u32;
        let offsets = (BLOCK_LEN..file.len()).step_by(BLOCK_LEN).chain([0]);
        let blocks = offsets.map(|offset| Request::WriteBlock {
            offset: offset as u32,
            bytes: &file[offset..file.len().min(offset + BLOCK_LEN)],
        });
        let crc32 = crc32(file)?;
        let requests = [Request::BeginUpload { file_len }]
            .into_iter()
            .chain(blocks)
            .chain([Request::CommitUpload { crc32 }]);
        for request in requests {
            let done = |response: &Response<'_>| match response {
                Response::Done => Ok(()),
                other => bail!("unexpected response {other:?}"),
            };
            if self.respond(&request, RESPONSE, failure, done)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the CRC-32 of the model that runs.
    fn running(&mut self) -> Result<u32> {
        let hello = |response: &Response<'_>| match response {
            Response::Hello {
                board: name,
                model: Some(model),
                ..
            } if *name == board().name => Ok(model.crc32),
            other => bail!("unexpected response {other:?}"),
        };
        self.respond(&Request::Hello, RESPONSE, None, hello)?
            .context("the power failed")
    }
}
