//! Every image that an emulated core generates equals the host's, byte for byte.

mod common;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use thumbgan_core::GrayImage;
use thumbgan_emulator::{
    firmware::{self, TestProgram},
    machines::{MACHINES, Machine},
    models::{self, GOLDEN_VECTORS, ModelFile},
    semihosting,
};

common::test_on_machines! { check, MACHINES;
    cortex_m0 "Cortex-M0", cortex_m3 "Cortex-M3", cortex_m4f "Cortex-M4F",
    cortex_m7 "Cortex-M7", cortex_m33 "Cortex-M33", rv32imac "RV32IMAC",
}

/// Runs the golden vectors of every committed model on a machine.
fn check(machine: &Machine) -> Result<()> {
    let mut failures = Vec::new();
    for model in &models::committed()? {
        let machine = machine.with_scratch(model.scratch_bytes()?);
        let name = format!("{} ({}), {}", machine.name, machine.core, model.name());
        let elf = firmware::test_program(TestProgram::GoldenVectors, machine, model)?;
        let start = Instant::now();
        let mut last = String::new();
        let outcome = semihosting::run(machine, &elf, &[], |line| {
            println!("{name}: {}", explain(&line, &model.bytes)?);
            last = line;
            Ok(())
        });
        let seconds = start.elapsed().as_secs_f64();
        if outcome.is_ok() && last == format!("golden: {GOLDEN_VECTORS} seeds, 0 differ") {
            println!("{name}: 0 of {GOLDEN_VECTORS} images differ, {seconds:.1} s");
        } else {
            failures.push(format!("{name}: {outcome:?}, last line {last:?}"));
        }
    }
    ensure!(
        failures.is_empty(),
        "images differ from the golden vectors: {failures:#?}"
    );
    Ok(())
}

/// Returns a line of the program; for an image that differs, with its first differing pixel.
fn explain(line: &str, model: &[u8]) -> Result<String> {
    let Some((seed, pixels)) = differing_image(line) else {
        return Ok(line.to_owned());
    };
    let expected = golden_image(model, seed)?;
    let expected = expected.pixels();
    let mut pairs = expected.iter().zip(&pixels).enumerate();
    Ok(
        match pairs.find(|(_, (expected, found))| expected != found) {
            Some((at, (expected, found))) => {
                let (x, y) = (at % GrayImage::SIDE, at / GrayImage::SIDE);
                format!("FAIL seed {seed}, pixel {x},{y}: expected {expected}, found {found}")
            }
            None => {
                format!(
                    "FAIL seed {seed}: the host's pixels, but not those of core/conformance/tests/golden"
                )
            }
        },
    )
}

/// Generates the image of a golden vector on the host.
fn golden_image(model: &[u8], seed: u64) -> Result<GrayImage> {
    let mut scratch = models::scratch();
    let mut generator = models::generator(model, &mut scratch)?;
    let class = generator.model().class_for_seed(seed);
    Ok(generator.generate(class, seed)?.clone())
}

/// Parses seed and pixels of `FAIL seed N crc expected X got Y pixels HEX`.
fn differing_image(line: &str) -> Option<(u64, Vec<u8>)> {
    let (seed, rest) = line.strip_prefix("FAIL seed ")?.split_once(' ')?;
    let (_, hex) = rest.split_once(" pixels ")?;
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let pixels: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
    Some((
        seed.parse().ok()?,
        pixels.filter(|pixels| pixels.len() == GrayImage::PIXELS)?,
    ))
}

#[test]
fn explains_a_differing_image_by_its_first_pixel() -> Result<()> {
    let hex = |pixels: &[u8]| {
        pixels
            .iter()
            .map(|pixel| format!("{pixel:02x}"))
            .collect::<String>()
    };
    let model = ModelFile::read(None)?.bytes;
    let mut pixels = *golden_image(&model, 377)?.pixels();
    let same = format!("FAIL seed 377 crc expected 0 got 0 pixels {}", hex(&pixels));
    assert!(explain(&same, &model)?.contains("not those of core/conformance/tests/golden"));
    let expected = pixels[5 * GrayImage::SIDE + 12];
    let found = expected ^ 0x80;
    pixels[5 * GrayImage::SIDE + 12] = found;
    pixels[700] ^= 1;
    let line = format!(
        "FAIL seed 377 crc expected 0123abcd got 89ef0123 pixels {}",
        hex(&pixels)
    );
    let message = format!("FAIL seed 377, pixel 12,5: expected {expected}, found {found}");
    assert_eq!(explain(&line, &model)?, message);
    Ok(())
}

#[test]
fn keeps_other_lines() -> Result<()> {
    for line in [
        "golden: 1024 seeds, 0 differ",
        "FAIL seed 37 pixel 12,5 expected 200 got 199",
        "FAIL seed 377 crc expected 0 got 0 pixels 0011",
        "FAIL seed 377 crc expected 0 got 0 pixels \u{e9}\u{e9}",
    ] {
        assert_eq!(explain(line, &[]).context(line)?, line);
    }
    Ok(())
}
