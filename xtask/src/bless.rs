//! Writing the golden vectors anew: what `models/seed.tgan` draws on this host becomes the expectation.

use anyhow::Result;

use crate::{
    files::Pending,
    golden::LATENTS,
    model::{self, ModelFile},
    shell,
};

/// Digits whose pixels are kept, not only their check values.
const WHOLE: u32 = 16;

/// Writes `core/tests/golden/seed.crc` and `seed.px`.
///
/// # Errors
/// When the model cannot be read, or a file cannot be written; both are then as they were.
pub fn bless() -> Result<()> {
    let model = ModelFile::read(None)?;
    let (crcs, pixels) = vectors(&model.bytes)?;
    let folder = shell::root().join("core").join("tests").join("golden");
    std::fs::create_dir_all(&folder)?;
    let (crc_file, pixel_file) = (folder.join("seed.crc"), folder.join("seed.px"));
    let (pending_crcs, pending_pixels) = (Pending::new(&crc_file)?, Pending::new(&pixel_file)?);
    pending_crcs.finish(&crcs)?;
    pending_pixels.finish(&pixels)?;
    println!("wrote {} ({LATENTS} check values)", crc_file.display());
    println!("wrote {} ({WHOLE} digits)", pixel_file.display());
    Ok(())
}

/// CRC-32 of every digit, little endian, and the pixels of the first ones.
fn vectors(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut generator = model::generator(bytes)?;
    let (mut crcs, mut pixels) = (Vec::new(), Vec::new());
    for latent in 0..LATENTS {
        let digit = model::golden(&mut generator, latent)?;
        crcs.extend(digit.crc32().to_le_bytes());
        if latent < WHOLE {
            pixels.extend(digit.pixels());
        }
    }
    Ok((crcs, pixels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use thumbgan_core::{PIXELS, crc32};

    #[test]
    fn check_values_belong_to_the_pixels() {
        let (crcs, pixels) = vectors(&ModelFile::read(None).unwrap().bytes).unwrap();
        assert_eq!(crcs.len(), 4 * LATENTS as usize);
        assert_eq!(pixels.len(), WHOLE as usize * PIXELS);
        for (crc, digit) in crcs.chunks(4).zip(pixels.chunks(PIXELS)) {
            assert_eq!(crc, crc32(digit).to_le_bytes());
        }
    }
}
