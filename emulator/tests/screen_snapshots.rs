//! The app's screens on every panel are those of the committed contact sheets. Needs no QEMU.

use std::{error::Error, fs};

use image::imageops;
use thumbgan_emulator::{contact_sheet::PANELS, process};

#[test]
fn every_screen_equals_its_snapshot() -> Result<(), Box<dyn Error>> {
    let mut differing = Vec::new();
    for panel in &PANELS {
        let snapshot = image::open(panel.path())?.into_rgb8();
        let screens = panel.screens()?;
        let sheet = panel.sheet(&screens)?;
        assert_eq!(sheet.dimensions(), snapshot.dimensions(), "{}", panel.name);
        if sheet == snapshot {
            continue;
        }
        let folder = process::target().join("screens");
        fs::create_dir_all(&folder)?;
        let path = folder.join(panel.name).with_extension("png");
        sheet.save(&path)?;
        for ((name, screen), index) in screens.iter().zip(0..) {
            let ((x, y), (width, height)) = (panel.position(index), screen.dimensions());
            if *screen != imageops::crop_imm(&snapshot, x, y, width, height).to_image() {
                differing.push(format!("{}: {name}; see {}", panel.name, path.display()));
            }
        }
    }
    assert!(
        differing.is_empty(),
        "screens differ from their snapshots; after a look at them `cargo xtask snapshots` updates the \
         snapshots: {differing:#?}"
    );
    Ok(())
}
