//! The display shows, in every mode and theme, what the host renders.

use std::fs;

use anyhow::{Result, ensure};
use thumbgan_app::App;
use thumbgan_emulator::{
    models::{self, ModelFile},
    pico::{self, PicoFirmware},
    process,
};

#[test]
fn every_mode_and_theme() -> Result<()> {
    let model = ModelFile::read(None)?;
    let firmware = PicoFirmware::build(&model)?;
    let mut scratch = models::scratch();
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    let folder = process::target().join("display").join("pico");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let (mut compared, mut differing) = (0, Vec::new());
    pico::walk_through(&firmware, |view, theme, screen| {
        app.show(view);
        app.set_theme(theme);
        compared += 1;
        let path = |kind: &str| folder.join(format!("{compared:02}-{kind}.png"));
        screen.save(path("found"))?;
        let expected = pico::expected(&mut app)?;
        if *screen != expected {
            expected.save(path("expected"))?;
            differing.push(format!("{view} theme={theme}: {}", path("found").display()));
        }
        Ok(())
    })?;
    println!("pico: {} of {compared} screens differ", differing.len());
    ensure!(differing.is_empty(), "screens differ: {differing:#?}");
    Ok(())
}
