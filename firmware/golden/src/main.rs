//! Proves that this machine's digits are those of every other machine: generates the golden latents from the
//! model, compares each digit with what `core/tests/golden/` holds, and exits with status 0 only if none
//! differs. It reports by semihosting, so it runs under QEMU or a debugger.
#![no_std]
#![no_main]

use core::fmt;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
use thumbgan_core::{Digit, Fitting, Generator, Model, PIXELS, SCRATCH, SIDE};

/// CRC-32 of the pixels of latents 0, 1, 2, ..., each little-endian.
static CRCS: &[u8] = include_bytes!(concat!(env!("THUMBGAN_VECTORS"), ".crc"));
/// The pixels themselves of the first few.
static PIXEL_ROWS: &[u8] = include_bytes!(concat!(env!("THUMBGAN_VECTORS"), ".px"));

/// Differing digits that are printed; one that differs is seldom alone.
const PRINTED: u32 = 3;

#[entry]
fn main() -> ! {
    let status = match Model::parse(thumbgan_model::BYTES).and_then(Fitting::new) {
        Ok(model) => compare(model),
        Err(error) => {
            println!("FAIL model: {error}");
            ExitCode::FAILURE
        }
    };
    status.exit_process()
}

/// Generates and compares every golden digit.
fn compare(model: Fitting<'_, SCRATCH>) -> ExitCode {
    let mut generator = Generator::from(model);
    let classes = generator.model().classes();
    let (crcs, _) = CRCS.as_chunks();
    let mut known = PIXEL_ROWS.as_chunks::<PIXELS>().0.iter();
    let mut differ = 0;
    for (seed, crc) in (0..).zip(crcs) {
        let class = (classes > 0).then(|| (seed % u64::from(classes.max(1))) as u8);
        let expected = Golden { crc: u32::from_le_bytes(*crc), pixels: known.next() };
        let difference = match generator.generate(class, seed) {
            Ok(digit) => expected.difference(digit),
            Err(error) => {
                println!("FAIL latent {seed} {error}");
                return ExitCode::FAILURE;
            }
        };
        if let Some(difference) = difference {
            differ += 1;
            if differ <= PRINTED {
                println!("FAIL latent {seed} {difference}");
            }
        }
    }
    println!("golden: {} latents, {differ} differ", crcs.len());
    if differ == 0 && !crcs.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a digit must be.
struct Golden {
    crc: u32,
    pixels: Option<&'static [u8; PIXELS]>,
}

impl Golden {
    fn difference<'d>(&self, digit: &'d Digit) -> Option<Difference<'d>> {
        let pairs = || self.pixels.into_iter().flatten().zip(digit.pixels());
        if let Some((index, (&expected, &got))) =
            pairs().enumerate().find(|(_, (expected, got))| expected != got)
        {
            return Some(Difference::Pixel { x: index % SIDE, y: index / SIDE, expected, got });
        }
        (self.crc != digit.crc32()).then_some(Difference::Crc { expected: self.crc, digit })
    }
}

/// How a digit differs: in its first wrong pixel where the right ones are known, else as a whole.
enum Difference<'d> {
    Pixel { x: usize, y: usize, expected: u8, got: u8 },
    Crc { expected: u32, digit: &'d Digit },
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pixel { x, y, expected, got } => write!(f, "pixel {x},{y} expected {expected} got {got}"),
            Self::Crc { expected, digit } => {
                write!(f, "crc expected {expected:08x} got {:08x} pixels ", digit.crc32())?;
                digit.pixels().iter().try_for_each(|pixel| write!(f, "{pixel:02x}"))
            }
        }
    }
}
