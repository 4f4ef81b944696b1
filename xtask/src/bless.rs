//! Writing golden vectors and screens anew: what the committed models draw on this host becomes the expectation.

use anyhow::Result;

use crate::{
    files::Pending,
    golden::LATENTS,
    guide,
    model::{self, ModelFile},
    picture,
    screens::PANELS,
    shell,
};

/// Digits whose pixels are kept, not only their check values.
const WHOLE: u32 = 16;

/// Writes `core/tests/golden/<model>.crc` and `<model>.px` for every committed model,
/// `firmware/app/tests/golden/<panel>.png`, docs/frames.json, and the tables in docs/boards.md.
///
/// # Errors
/// When a model cannot be read, or a file cannot be written; its model's files are then as they were.
pub fn bless() -> Result<()> {
    let folder = shell::root().join("core").join("tests").join("golden");
    for model in model::committed()? {
        let (crcs, pixels) = vectors(&model)?;
        let file = |kind| folder.join(format!("{}.{kind}", model.name()));
        let (pending_crcs, pending_pixels) =
            (Pending::new(&file("crc"))?, Pending::new(&file("px"))?);
        pending_crcs.finish(&crcs)?;
        pending_pixels.finish(&pixels)?;
        println!("wrote {} ({LATENTS} check values)", file("crc").display());
        println!("wrote {} ({WHOLE} digits)", file("px").display());
    }
    for panel in &PANELS {
        let screens = panel.screens()?;
        let pending = Pending::new(&panel.path())?;
        pending.finish(&picture::png(&panel.sheet(&screens)?)?)?;
        println!(
            "wrote {} ({} screens)",
            panel.path().display(),
            screens.len()
        );
    }
    guide::bless()
}

/// CRC-32 of every digit, little endian, and the pixels of the first ones.
fn vectors(model: &ModelFile) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut generator = model::generator(&model.bytes)?;
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
        let (crcs, pixels) = vectors(&ModelFile::read(None).unwrap()).unwrap();
        assert_eq!(crcs.len(), 4 * LATENTS as usize);
        assert_eq!(pixels.len(), WHOLE as usize * PIXELS);
        for (crc, digit) in crcs.chunks(4).zip(pixels.chunks(PIXELS)) {
            assert_eq!(crc, crc32(digit).to_le_bytes());
        }
    }
}
