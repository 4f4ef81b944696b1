//! The display shows, in every mode and theme, what the host renders.

use std::{collections::BTreeSet, fs};

use anyhow::{Result, ensure};
use embedded_graphics::pixelcolor::Rgb565;
use thumbgan_app::{App, Mode};
use thumbgan_boards::Board;
use thumbgan_core::graphics::GrayscaleColor;
use thumbgan_emulator::{
    models::{self, ModelFile},
    pico::{self, PicoFirmware},
    process,
};

#[test]
fn every_mode_and_theme() -> Result<()> {
    check(pico::board())
}

#[test]
fn every_mode_and_theme_on_the_round_display() -> Result<()> {
    check(pico::round_board())
}

/// Compares the display of a board with the host's rendering in a session that reaches every mode and theme.
fn check(board: &'static Board) -> Result<()> {
    let model = ModelFile::read(None)?;
    let firmware = PicoFirmware::build_for(board, &model)?;
    let mut scratch = models::scratch();
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    let folder = process::target().join("display").join(board.name);
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let themes = Rgb565::THEMES.len();
    let (mut compared, mut differing, mut seen) = (0, Vec::new(), BTreeSet::new());
    let stack = pico::walk_through(&firmware, |view, theme, screen| {
        app.show(view);
        app.set_theme(theme);
        seen.insert((view.mode().to_string(), usize::from(theme) % themes));
        compared += 1;
        let path = |kind: &str| folder.join(format!("{compared:02}-{kind}.png"));
        screen.save(path("found"))?;
        let expected = pico::expected(board, &mut app)?;
        if *screen != expected {
            expected.save(path("expected"))?;
            differing.push(format!("{view} theme={theme}: {}", path("found").display()));
        }
        Ok(())
    })?;
    println!(
        "{}: {} of {compared} screens differ; {stack} bytes of stack",
        board.name,
        differing.len()
    );
    ensure!(differing.is_empty(), "screens differ: {differing:#?}");
    ensure!(
        seen.len() == Mode::ALL.len() * themes,
        "not every mode was seen in {themes} themes: {seen:?}"
    );
    ensure!(
        board.stack_fits(stack),
        "{stack} bytes of stack exceed three quarters of the budget of {}, {} bytes",
        board.name,
        board.stack_budget
    );
    Ok(())
}
