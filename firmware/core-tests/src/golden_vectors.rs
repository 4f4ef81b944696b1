//! Compares the images of the golden seeds with the golden vectors and exits with status 0 only if none differs.
//!
//! Reports by semihosting, under QEMU or a debugger.
#![no_std]
#![no_main]

use core::fmt;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
use thumbgan_bundled_model::SCRATCH_LEN;
use thumbgan_core::{Generator, GrayImage, Model};

/// CRC-32 of the images of seeds 0, 1, 2, ..., little-endian.
static CRCS: &[u8] = include_bytes!(concat!(env!("THUMBGAN_VECTORS"), ".crc"));
/// Pixels of the first few images.
static PIXELS: &[u8] = include_bytes!(concat!(env!("THUMBGAN_VECTORS"), ".px"));

/// Maximum number of differing images that are printed.
const PRINTED: u32 = 3;

/// Runs the program.
#[entry]
fn main() -> ! {
    let mut scratch = [0; SCRATCH_LEN];
    let status = match Model::parse(thumbgan_bundled_model::BYTES) {
        Err(error) => failure(&error),
        Ok(model) => match Generator::new(model, &mut scratch) {
            Err(error) => failure(&error),
            Ok(mut generator) => compare(&mut generator),
        },
    };
    status.exit_process()
}

/// Reports an unusable model.
fn failure(error: &dyn fmt::Display) -> ExitCode {
    println!("FAIL model: {error}");
    ExitCode::FAILURE
}

/// Generates and compares every golden image.
fn compare(generator: &mut Generator<'_>) -> ExitCode {
    let (crcs, _) = CRCS.as_chunks();
    let mut pixels = PIXELS.as_chunks().0.iter();
    let mut differ = 0;
    for (seed, crc) in (0..).zip(crcs) {
        let expected = Golden {
            crc: u32::from_le_bytes(*crc),
            pixels: pixels.next(),
        };
        let class = generator.model().class_for_seed(seed);
        let difference = match generator.generate(class, seed) {
            Ok(image) => expected.difference(image),
            Err(error) => {
                println!("FAIL seed {seed} {error}");
                return ExitCode::FAILURE;
            }
        };
        if let Some(difference) = difference {
            differ += 1;
            if differ <= PRINTED {
                println!("FAIL seed {seed} {difference}");
            }
        }
    }
    println!("golden: {} seeds, {differ} differ", crcs.len());
    if differ == 0 && !crcs.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Golden vector of one image.
struct Golden {
    crc: u32,
    pixels: Option<&'static [u8; GrayImage::PIXELS]>,
}

impl Golden {
    /// Returns the difference between an image and its golden vector.
    fn difference<'i>(&self, image: &'i GrayImage) -> Option<Difference<'i>> {
        let mut pairs = self
            .pixels
            .into_iter()
            .flatten()
            .zip(image.pixels())
            .enumerate();
        if let Some((index, (&expected, &found))) =
            pairs.find(|(_, (expected, found))| expected != found)
        {
            let (x, y) = (index % GrayImage::SIDE, index / GrayImage::SIDE);
            return Some(Difference::Pixel {
                x,
                y,
                expected,
                found,
            });
        }
        (self.crc != image.crc32()).then_some(Difference::Crc {
            expected: self.crc,
            image,
        })
    }
}

/// Difference between an image and its golden vector.
enum Difference<'i> {
    /// First wrong pixel, where the golden pixels are known.
    Pixel {
        x: usize,
        y: usize,
        expected: u8,
        found: u8,
    },
    /// Wrong CRC-32.
    Crc { expected: u32, image: &'i GrayImage },
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pixel {
                x,
                y,
                expected,
                found,
            } => {
                write!(f, "pixel {x},{y} expected {expected} got {found}")
            }
            Self::Crc { expected, image } => {
                write!(
                    f,
                    "crc expected {expected:08x} got {:08x} pixels ",
                    image.crc32()
                )?;
                image
                    .pixels()
                    .iter()
                    .try_for_each(|pixel| write!(f, "{pixel:02x}"))
            }
        }
    }
}
