//! The emulated board's display shows, in every mode, what the host renders, pixel by pixel.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use image::{GrayImage, RgbImage};
use thumbgan_app::App;
use thumbgan_boards::EMULATED;
use thumbgan_emulator::{
    board::{EmulatedBoard, Frame, Speed, walk_through},
    firmware,
    measure::sizes,
    models::{self, ModelFile},
    process, screen,
};

#[test]
fn every_mode_of_the_default_model() -> Result<()> {
    check_modes(&ModelFile::read(None)?)
}

#[test]
fn every_mode_of_unconditional_models() -> Result<()> {
    for model in &models::committed()? {
        if model.is_unconditional()? {
            check_modes(model)?;
        }
    }
    Ok(())
}

/// Compares the display in every mode with the host's images, and the RAM with the board's budget.
fn check_modes(model: &ModelFile) -> Result<()> {
    let elf = firmware::board_copy(&EMULATED, model)?;
    let mut scratch = models::scratch();
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    let about = app.model().context("the app rejects the model")?;
    let is_conditional = about.class_count() > 0;
    let card = format!(
        "model {} {} bytes crc {:08x}",
        about.name(),
        about.file_len(),
        about.crc32()
    );
    let mut comparison = Comparison::new(&model.name())?;
    let mut stack = 0;
    let greeting = walk_through(&elf, is_conditional, |frame, screenshot| {
        stack = stack.max(frame.stack);
        app.show(frame.view);
        app.set_theme(frame.theme);
        let expected = screen::expected(&mut app)?;
        comparison.compare(&frame.view.to_string(), &expected, screenshot)
    })?;
    ensure!(
        greeting.ends_with(&card),
        "the board prints {greeting:?} instead of {card:?}"
    );
    println!("{}: {stack} bytes of stack", model.name());
    let usage = sizes::read(&elf, &EMULATED)?;
    let excess = sizes::excess(&EMULATED, usage, model, Some(stack));
    ensure!(excess.is_empty(), "{}", excess.join("; "));
    comparison.finish()
}

#[test]
fn error_screen_of_a_damaged_model() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("broken.tgan");
    let mut bytes = ModelFile::read(None)?.bytes;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&path, &bytes)?;
    let mut scratch = models::scratch();
    let mut app = App::new(&bytes, &mut scratch, || 0);
    let error = app
        .error()
        .context("the app accepts a model with a flipped bit")?;
    let expected = screen::expected(&mut app)?;
    let model = ModelFile {
        path,
        bytes: bytes.clone(),
    };
    let elf = firmware::board_copy_unchecked(&EMULATED, &model)?;
    let mut board = EmulatedBoard::boot(&elf, Speed::Chip, None, true)?;
    let line = board.wait_for_line("error ")?;
    ensure!(
        line == format!("error {error}"),
        "the board prints {line:?} instead of {error:?}"
    );
    let mut comparison = Comparison::new("broken")?;
    comparison.compare("error screen", &expected, &board.screenshot()?)?;
    comparison.finish()
}

#[test]
fn the_model_of_the_region_runs_and_a_damaged_one_is_noticed() -> Result<()> {
    let built_in = ModelFile::read(None)?;
    let elf = firmware::board_copy(&EMULATED, &built_in)?;
    let committed = models::committed()?;
    let small = committed
        .iter()
        .find(|model| model.name() == "digits-nano")
        .context("models/ has no digits-nano.tgan")?;
    let mut comparison = Comparison::new("region")?;
    let mut scratch = models::scratch();

    let mut app = App::with_region(&built_in.bytes, &small.bytes, &mut scratch, || 0);
    let mut board = EmulatedBoard::boot_with_region(&elf, &small.bytes, Speed::Chip)?;
    let greeting = board.wait_for_line("thumbgan ")?;
    ensure!(greeting.contains("model digits-nano "), "{greeting}");
    board.wait_for_line("frame ")?;
    let (frame, screenshot) = board.capture()?;
    app.show(frame.view);
    let expected = screen::expected(&mut app)?;
    comparison.compare("model of the region", &expected, &screenshot)?;
    drop((app, board));

    let mut damaged = small.bytes.clone();
    damaged[5000] ^= 0x10;
    let mut app = App::with_region(&built_in.bytes, &damaged, &mut scratch, || 0);
    let notice = screen::expected(&mut app)?;
    let mut board = EmulatedBoard::boot_with_region(&elf, &damaged, Speed::FastForward)?;
    let greeting = board.wait_for_line("thumbgan ")?;
    ensure!(greeting.contains("model digits "), "{greeting}");
    let error = board.wait_for_line("model region: ")?;
    ensure!(error.contains("CRC-32"), "{error}");
    board.wait_for_line("frame ")?;
    let (_, screenshot) = board.capture()?;
    comparison.compare("notice", &notice, &screenshot)?;
    drop(app);
    // The built-in model goes on after the notice.
    board.wait_for("a frame after 6 s", |line| {
        Frame::parse(line).is_ok_and(|frame| frame.at >= 6000)
    })?;
    let (frame, screenshot) = board.capture()?;
    let mut app = App::new(&built_in.bytes, &mut scratch, || 0);
    app.show(frame.view);
    let expected = screen::expected(&mut app)?;
    comparison.compare("built-in model", &expected, &screenshot)?;
    comparison.finish()
}

/// Comparison of a board's screens with the host's; differing screens are saved.
struct Comparison {
    model: String,
    folder: PathBuf,
    compared: usize,
    differing: usize,
}

impl Comparison {
    /// Returns a comparison without screens and removes the differing screens of an earlier run.
    fn new(model: &str) -> Result<Self> {
        let folder = process::target().join("display").join(model);
        if folder.is_dir() {
            fs::remove_dir_all(&folder)?;
        }
        Ok(Self {
            model: model.to_owned(),
            folder,
            compared: 0,
            differing: 0,
        })
    }

    /// Compares one screen; a differing one is described and saved beside the expected one.
    fn compare(&mut self, name: &str, expected: &GrayImage, screenshot: &RgbImage) -> Result<()> {
        let found = screen::from_screenshot(screenshot)?;
        self.compared += 1;
        if let Some(difference) = screen::difference(expected, &found) {
            self.differing += 1;
            fs::create_dir_all(&self.folder)?;
            let path = |kind: &str| self.folder.join(format!("{}-{kind}.png", self.compared));
            screen::save(expected, &path("expected"))?;
            screen::save(&found, &path("found"))?;
            let saved = path("found");
            println!(
                "FAIL {}, {name}: {difference}; see {}",
                self.model,
                shown(&saved)
            );
        }
        Ok(())
    }

    /// Prints the counts and fails if a screen differs.
    fn finish(self) -> Result<()> {
        let Self {
            model,
            folder,
            compared,
            differing,
        } = self;
        println!("{model}: {differing} of {compared} screens differ");
        ensure!(
            differing == 0,
            "{model}: {differing} screens differ; see {}",
            shown(&folder)
        );
        Ok(())
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(process::root())
        .unwrap_or(path)
        .display()
        .to_string()
}
