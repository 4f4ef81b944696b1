//! The firmware on the emulated board: what its display shows must be what the host draws, pixel by pixel.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use image::GrayImage;
use thumbgan_app::App;

use crate::{
    boards::EMULATED,
    firmware,
    frame::Frame,
    model::{self, ModelFile},
    picture,
    qemu::{
        Key::{self, Ctrl, Down, Left, Right, Up},
        Qemu,
    },
    shell,
};

/// Keys that reach every part of the app: wrapping seeds, a whole walk to the next seed, a walk back, and as
/// many picks as bring ten classes round to the first.
const KEYS: [Key; 32] = [
    Down, Down, Up, Up, Up, Up, Right, Right, Right, Left, Down, Ctrl, Right, Ctrl, Right, Right, Right,
    Right, Right, Right, Right, Right, Left, Down, Ctrl, Ctrl, Ctrl, Ctrl, Ctrl, Ctrl, Ctrl, Ctrl,
];

/// Checks and failures so far.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Compares every frame of a key sequence with each committed model and the screen of a broken one; gives the
/// default model's worst stack in bytes.
///
/// # Errors
/// When the firmware does not build or run, or a picture differs.
pub fn check() -> Result<u64> {
    let default = ModelFile::read(None)?;
    if folder().is_dir() {
        fs::remove_dir_all(folder())?;
    }
    let mut tally = Tally::default();
    for model in model::committed()?.iter().filter(|model| model.path != default.path) {
        check_frames(&firmware::board(&EMULATED, model)?, model, &mut tally)?;
    }
    let stack = check_frames(&firmware::board(&EMULATED, &default)?, &default, &mut tally)?;
    check_error_screen(&default, &mut tally)?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    ensure!(tally.failed == 0, "the display does not show what the host draws");
    Ok(stack)
}

/// The most stack that the firmware `elf` uses in the key sequence, in bytes.
///
/// # Errors
/// When QEMU or the firmware fails.
pub fn worst_stack(elf: &Path) -> Result<u64> {
    let mut qemu = Qemu::start(elf, None, false)?;
    let mut stack = Frame::parse(&qemu.line(Frame::START)?)?.stack;
    for key in KEYS {
        qemu.press(key)?;
        stack = stack.max(Frame::parse(&qemu.line(Frame::START)?)?.stack);
    }
    Ok(stack)
}

fn check_frames(elf: &Path, model: &ModelFile, tally: &mut Tally) -> Result<u64> {
    println!("with the model {}:", model.name());
    let mut app = App::new(&model.bytes);
    let mut qemu = Qemu::start(elf, None, true)?;
    let greeting = qemu.line("thumbgan ")?;
    let about = app.model().context("the app refuses the model")?;
    let card = format!("model {} {} bytes crc {:08x}", about.name(), about.size(), about.crc());
    ensure!(greeting.ends_with(&card), "the board says {greeting:?}, its model is: {card}");
    let mut stack = 0;
    for key in std::iter::once(None).chain(KEYS.map(Some)) {
        if let Some(key) = key {
            qemu.press(key)?;
            app.press(app_key(key));
        }
        let frame = Frame::parse(&qemu.line(Frame::START)?)?;
        app.generate();
        app.set_micros(frame.micros);
        stack = stack.max(frame.stack);
        let name = key.map_or("start".to_owned(), |key| key.to_string());
        ensure!(
            frame.state == app.state().to_string(),
            "after {name} the board is at {}, the host at {}",
            frame.state,
            app.state()
        );
        tally.compare(&name, &picture::expected(&app), &picture::shown(&qemu.screen()?)?)?;
    }
    Ok(stack)
}

/// Boots firmware with one bit of its model flipped.
fn check_error_screen(model: &ModelFile, tally: &mut Tally) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("broken.tgan");
    let mut bytes = model.bytes.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&path, &bytes)?;
    let app = App::new(&bytes);
    let error = app.error().context("a model with a flipped bit was taken for a good one")?;
    let expected = picture::expected(&app);
    let elf = firmware::board_unchecked(&EMULATED, &ModelFile { path, bytes: bytes.clone() })?;
    let mut qemu = Qemu::start(&elf, None, true)?;
    let line = qemu.line("error ")?;
    ensure!(line == format!("error {error}"), "the board says {line:?}, the host {error:?}");
    tally.compare("error screen", &expected, &picture::shown(&qemu.screen()?)?)
}

impl Tally {
    /// Counts one picture; of a wrong one it says where, and keeps both.
    fn compare(&mut self, name: &str, expected: &GrayImage, got: &GrayImage) -> Result<()> {
        let Some(difference) = picture::difference(expected, got) else {
            self.passed += 1;
            return Ok(());
        };
        self.failed += 1;
        let folder = folder();
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = |kind: &str| folder.join(format!("{}-{kind}.png", self.passed + self.failed));
        picture::save(expected, &file("expected"))?;
        picture::save(got, &file("got"))?;
        println!("FAIL {name}: {difference}; see {} and the one beside it", file("expected").display());
        Ok(())
    }
}

/// Where wrong pictures are kept.
fn folder() -> PathBuf {
    shell::root().join("target").join("panel")
}

/// The app's name for a key of the board.
const fn app_key(key: Key) -> thumbgan_app::Key {
    match key {
        Up => thumbgan_app::Key::Up,
        Down => thumbgan_app::Key::Down,
        Left => thumbgan_app::Key::Left,
        Right => thumbgan_app::Key::Right,
        Ctrl => thumbgan_app::Key::Select,
    }
}
