//! `cargo xtask snapshots`: the committed models' images on this host become the expected results.

use anyhow::Result;
use thumbgan_boards::BOARDS;
use thumbgan_emulator::{
    contact_sheet::PANELS,
    files::AtomicFile,
    measure::{boards_doc, frames},
    models::{self, GOLDEN_IMAGES, GOLDEN_VECTORS},
    process, screen,
};

use crate::setup;

/// Writes `core/conformance/tests/golden/<model>.crc` and `<model>.px` for every committed model,
/// `firmware/app/tests/golden/<panel>.png`, docs/frames.json, and the tables in docs/boards.md.
///
/// # Errors
/// If a model cannot be read, a firmware cannot be built or counted, or a file cannot be written.
pub fn snapshots() -> Result<()> {
    let folder = process::root().join("core/conformance/tests/golden");
    for model in models::committed()? {
        let (crcs, pixels) = models::golden_vectors(&model)?;
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
        println!("wrote {} ({GOLDEN_IMAGES} images)", path("px").display());
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
