//! Golden vectors on emulated machines: every digit that a core makes must be the host's, byte for byte.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use thumbgan_core::SIDE;

use crate::{
    boards::{MACHINES, Machine},
    firmware, machine,
    model::{self, ModelFile},
};

/// Golden vectors: latents 0 to 1,023.
pub const LATENTS: u32 = 1024;

/// Runs the golden vectors of every committed model on every machine.
///
/// # Errors
/// When they do not build, or a machine fails.
pub fn check() -> Result<()> {
    let models = model::committed()?;
    let mut failed = Vec::new();
    for machine in &MACHINES {
        for model in &models {
            let name = format!("{} ({}), {}", machine.name, machine.core, model.name());
            let elf = firmware::machine("golden", machine, model)?;
            let start = Instant::now();
            match emulate(machine, &elf, model, &name) {
                Ok(()) => println!("{name}: {:.1} s", start.elapsed().as_secs_f64()),
                Err(error) => {
                    println!("{name}: {error:#}");
                    failed.push(name);
                }
            }
        }
    }
    println!(
        "{} passed, {} failed",
        MACHINES.len() * models.len() - failed.len(),
        failed.len()
    );
    ensure!(
        failed.is_empty(),
        "golden vectors differ on {}",
        failed.join("; ")
    );
    Ok(())
}

/// Runs the comparison of kernels with their portable twins on every machine.
///
/// # Errors
/// When it does not build, or a machine fails.
pub fn twins() -> Result<()> {
    let model = ModelFile::read(None)?;
    let mut failed = Vec::new();
    for machine in &MACHINES {
        let name = format!("{} ({})", machine.name, machine.core);
        let elf = firmware::machine("twins", machine, &model)?;
        let mut last = String::new();
        let outcome = machine::run(machine, &elf, &[], |line| {
            println!("{name}: {line}");
            last = line;
            Ok(())
        });
        if outcome.is_err() || !last.ends_with(", 0 differ") {
            failed.push(name);
        }
    }
    println!(
        "{} passed, {} failed",
        MACHINES.len() - failed.len(),
        failed.len()
    );
    ensure!(
        failed.is_empty(),
        "kernels differ from their portable twins on {}",
        failed.join("; ")
    );
    Ok(())
}

/// Links a program that cannot panic for every kind of core: the linker refuses it if it can.
///
/// # Errors
/// When a panic can be reached.
pub fn panicless() -> Result<()> {
    let model = ModelFile::read(None)?;
    for machine in &MACHINES {
        firmware::machine("panicless", machine, &model).with_context(|| {
            format!(
                "on {} a panic can be reached from reading a model or generating a digit",
                machine.core
            )
        })?;
    }
    println!("{} passed, 0 failed", MACHINES.len());
    Ok(())
}

/// Runs one machine with one model to its end; `name` is that of the two.
fn emulate(machine: &Machine, elf: &Path, model: &ModelFile, name: &str) -> Result<()> {
    let mut last = String::new();
    machine::run(machine, elf, &[], |line| {
        println!("{name}: {}", explain(&line, &model.bytes)?);
        last = line;
        Ok(())
    })?;
    ensure!(
        last == format!("golden: {LATENTS} latents, 0 differ"),
        "no closing line, but {last:?}"
    );
    Ok(())
}

/// What a line of a machine's says; for a digit that differs, where it first does.
fn explain(line: &str, model: &[u8]) -> Result<String> {
    let Some((latent, pixels)) = differing(line) else {
        return Ok(line.to_owned());
    };
    let mut generator = model::generator(model)?;
    let expected = model::golden(&mut generator, latent)?.pixels();
    let place = expected
        .iter()
        .zip(&pixels)
        .enumerate()
        .find(|(_, (expected, got))| expected != got);
    Ok(match place {
        Some((at, (expected, got))) => {
            format!(
                "FAIL latent {latent} pixel {},{} expected {expected} got {got}",
                at % SIDE,
                at / SIDE
            )
        }
        None => {
            format!(
                "FAIL latent {latent}: the pixels are this host's, but not those of core/tests/golden"
            )
        }
    })
}

/// Latent and pixels of `FAIL latent N crc expected X got Y pixels HEX`.
fn differing(line: &str) -> Option<(u32, Vec<u8>)> {
    let (latent, rest) = line.strip_prefix("FAIL latent ")?.split_once(' ')?;
    let (_, hex) = rest.split_once(" pixels ")?;
    let digit = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let pixels: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(digit).collect();
    Some((
        latent.parse().ok()?,
        pixels.filter(|pixels| pixels.len() == SIDE * SIDE)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(pixels: &[u8]) -> String {
        pixels
            .iter()
            .fold(String::new(), |hex, pixel| hex + &format!("{pixel:02x}"))
    }

    #[test]
    fn the_first_differing_pixel_is_found() {
        let model = ModelFile::read(None).unwrap().bytes;
        let mut pixels = *model::golden(&mut model::generator(&model).unwrap(), 377)
            .unwrap()
            .pixels();
        let same = format!(
            "FAIL latent 377 crc expected 0 got 0 pixels {}",
            hex(&pixels)
        );
        assert!(
            explain(&same, &model)
                .unwrap()
                .contains("not those of core/tests/golden")
        );
        let expected = pixels[5 * SIDE + 12];
        pixels[5 * SIDE + 12] ^= 0x80;
        pixels[700] ^= 1;
        let line = format!(
            "FAIL latent 377 crc expected 0123abcd got 89ef0123 pixels {}",
            hex(&pixels)
        );
        let got = expected ^ 0x80;
        let explained = explain(&line, &model).unwrap();
        assert_eq!(
            explained,
            format!("FAIL latent 377 pixel 12,5 expected {expected} got {got}")
        );
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        for line in [
            "golden: 1024 latents, 0 differ",
            "FAIL latent 37 pixel 12,5 expected 200 got 199",
            "FAIL latent 377 crc expected 0 got 0 pixels 0011",
            "FAIL latent 377 crc expected 0 got 0 pixels \u{e9}\u{e9}",
        ] {
            assert_eq!(explain(line, &[]).unwrap(), line);
        }
    }
}
