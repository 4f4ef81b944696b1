//! `cargo xtask snapshots`: the committed models' images on this host become the expected results.

use anyhow::Result;
use thumbgan_boards::BOARDS;
use thumbgan_emulator::{
    contact_sheet::PANELS,
    files::AtomicFile,
    measure::{boards_doc, frames},
    models::{self, GOLDEN_VECTORS, ModelFile},
    process, screen,
};

use crate::setup;

/// Number of golden vectors whose pixels are stored, not only their check values.
const STORED_IMAGES: u32 = 16;

/// Writes `core/tests/golden/<model>.crc` and `<model>.px` for every committed model,
/// `firmware/app/tests/golden/<panel>.png`, docs/frames.json, and the tables in docs/boards.md.
///
/// # Errors
/// If a model cannot be read, a firmware cannot be built or counted, or a file cannot be written.
pub fn snapshots() -> Result<()> {
    let folder = process::root().join("core").join("tests").join("golden");
    for model in models::committed()? {
        let (crcs, pixels) = golden_vectors(&model)?;
        let path = |extension| folder.join(format!("{}.{extension}", model.name()));
        let (crc_file, pixel_file) = (
            AtomicFile::new(&path("crc"))?,
            AtomicFile::new(&path("px"))?,
        );
        crc_file.write(&crcs)?;
        pixel_file.write(&pixels)?;
        println!(
            "wrote {} ({GOLDEN_VECTORS} check values)",
            path("crc").display()
        );
        println!("wrote {} ({STORED_IMAGES} images)", path("px").display());
    }
    for panel in &PANELS {
        let screens = panel.screens()?;
        let path = panel.path();
        AtomicFile::new(&path)?.write(&screen::png(&panel.sheet(&screens)?)?)?;
        println!("wrote {} ({} screens)", path.display(), screens.len());
    }
    setup::install_targets(&BOARDS.map(|board| board.target))?;
    setup::install_qemu()?;
    frames::update_snapshot()?;
    boards_doc::update()
}

/// Returns the CRC-32 of every golden vector, little endian, and the pixels of the first ones.
fn golden_vectors(model: &ModelFile) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut generator = models::generator(&model.bytes)?;
    let (mut crcs, mut pixels) = (Vec::new(), Vec::new());
    for seed in 0..GOLDEN_VECTORS {
        let image = models::golden_image(&mut generator, seed)?;
        crcs.extend(image.crc32().to_le_bytes());
        if seed < STORED_IMAGES {
            pixels.extend(image.pixels());
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
        let (crcs, pixels) = golden_vectors(&ModelFile::read(None).unwrap()).unwrap();
        assert_eq!(crcs.len(), 4 * GOLDEN_VECTORS as usize);
        assert_eq!(pixels.len(), STORED_IMAGES as usize * PIXELS);
        for (crc, image) in crcs.chunks(4).zip(pixels.chunks(PIXELS)) {
            assert_eq!(crc, crc32(image).to_le_bytes());
        }
    }
}
