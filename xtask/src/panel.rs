//! The firmware on the emulated board: what its display shows must be what the host draws, pixel by pixel.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use image::{GrayImage, RgbImage};
use thumbgan_app::App;
use thumbgan_core::Model;

use crate::{
    boards::EMULATED,
    firmware,
    frame::Frame,
    model::{self, ModelFile},
    picture,
    qemu::{Pace, Qemu},
    shell,
};

/// Keys to press, and words that a frame's line then comes to have (`!=`: has not): every mode and everything
/// that there is to do in it, each arrow key once. Without classes, `class=` is always `-`.
const STEPS: [(&str, &str); 29] = [
    ("", "gallery seed=2 held=false"),
    ("ctrl", "gallery held=true"),
    ("ctrl", "gallery held=false"),
    ("up", "digit class=0"),
    ("ctrl", "digit class=1"),
    ("ctrl", "digit class=2"),
    ("ctrl-long", "digit class=2"),
    ("up-long", "digit class=2 look=1"),
    ("up-long", "digit class=2 look=2"),
    ("down", "walk class=2 frames=- look=2"),
    ("up-long", "walk class=2 frames=- look=3"),
    ("ctrl-long", "walk class=3 frames=-"),
    ("ctrl", "walk class=3 frames!=-"),
    ("", "walk class=3 frames!=0"),
    ("left", "clock from=00:0 to=00:0 set=-"),
    ("", "clock step=1024 set=-"),
    ("ctrl", "clock series=2"),
    ("ctrl-long", "clock set=0"),
    ("ctrl", "clock set=0 to=10:0"),
    ("ctrl-long", "clock set=1"),
    ("ctrl", "clock set=1 to=11:0"),
    ("ctrl-long", "clock set=2"),
    ("ctrl", "clock set=2 to=11:1"),
    ("ctrl-long", "clock set=3"),
    ("ctrl", "clock set=3 to=11:1"),
    ("ctrl-long", "clock set=- to=11:1"),
    ("right", "about page=0"),
    ("ctrl", "about page=1"),
    ("up", "gallery held=false"),
];

/// Frames that are compared after each step; a picture that stands still is the same in all of them.
const COMPARED: usize = 3;

/// Checks and failures so far.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Compares the display in every mode, with the default model and with those that have no classes, and the
/// screen of a broken one; gives the default model's worst stack in bytes.
///
/// # Errors
/// When the firmware does not build or run, or a picture differs.
pub fn check() -> Result<u64> {
    let default = ModelFile::read(None)?;
    if folder().is_dir() {
        fs::remove_dir_all(folder())?;
    }
    let mut tally = Tally::default();
    for model in &model::committed()? {
        if Model::parse(&model.bytes)?.classes() == 0 {
            check_frames(&firmware::board(&EMULATED, model)?, model, &mut tally)?;
        }
    }
    let stack = check_frames(&firmware::board(&EMULATED, &default)?, &default, &mut tally)?;
    check_error_screen(&default, &mut tally)?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    ensure!(
        tally.failed == 0,
        "the display does not show what the host draws"
    );
    Ok(stack)
}

/// The most stack that the firmware `elf` uses in all its modes, in bytes.
///
/// # Errors
/// When QEMU or the firmware fails.
pub fn worst_stack(elf: &Path) -> Result<u64> {
    let mut stack = 0;
    walk_through(elf, true, |frame, _| {
        stack = stack.max(frame.stack);
        Ok(())
    })?;
    Ok(stack)
}

fn check_frames(elf: &Path, model: &ModelFile, tally: &mut Tally) -> Result<u64> {
    let mut app = App::new(&model.bytes, || 0);
    let about = app.model().context("the app refuses the model")?;
    let classes = about.classes() > 0;
    let card = format!(
        "model {} {} bytes crc {:08x}",
        about.name(),
        about.size(),
        about.crc()
    );
    let (mut stack, mut frames) = (0, 0);
    let greeting = walk_through(elf, classes, |frame, screen| {
        frames += 1;
        stack = stack.max(frame.stack);
        app.show(frame.scene);
        app.set_look(frame.look);
        let expected = picture::expected(&mut app)?;
        tally.compare(
            &frame.scene.to_string(),
            &expected,
            &picture::shown(screen)?,
        )
    })?;
    ensure!(
        greeting.ends_with(&card),
        "the board says {greeting:?}, its model is: {card}"
    );
    println!(
        "{}: {frames} frames compared, {stack} bytes of stack",
        model.name()
    );
    Ok(stack)
}

/// Boots `elf`, goes through [`STEPS`] and shows `see` what is on the display after each of them; gives the
/// board's first line.
fn walk_through(
    elf: &Path,
    classes: bool,
    mut see: impl FnMut(&Frame, &RgbImage) -> Result<()>,
) -> Result<String> {
    let mut qemu = Qemu::start(elf, Pace::Chip, None, false)?;
    let greeting = qemu.line("thumbgan ")?;
    for (key, words) in STEPS
        .into_iter()
        .filter(|step| classes || !needs_classes(step))
    {
        if !key.is_empty() {
            qemu.press(key.parse()?)?;
        }
        let reached = |line: &str| words.split(' ').all(|word| has(line, word, classes));
        qemu.line_that(words, |line| {
            line.starts_with(Frame::START) && reached(line)
        })?;
        for _ in 0..COMPARED {
            let (frame, screen) = qemu.settled()?;
            see(&frame, &screen)?;
        }
    }
    Ok(greeting)
}

/// Whether a step shows something only where there are classes: a choice, or time.
fn needs_classes((key, words): &(&str, &str)) -> bool {
    let refused = words.starts_with("digit ") || words.starts_with("clock ");
    refused && (key.is_empty() || key.starts_with("ctrl"))
}

/// Whether a frame's line has a word that begins so, or with `!=` one of that name and another value.
fn has(line: &str, word: &str, classes: bool) -> bool {
    let mut words = line.split(' ');
    if let Some((name, value)) = word.split_once("!=") {
        let mut fields = words.filter_map(|word| word.split_once('='));
        return fields.any(|(field, other)| field == name && other != value);
    }
    let wanted = if word.starts_with("class=") && !classes {
        "class=-"
    } else {
        word
    };
    words.any(|word| word.starts_with(wanted))
}

/// Boots firmware with one bit of its model flipped.
fn check_error_screen(model: &ModelFile, tally: &mut Tally) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("broken.tgan");
    let mut bytes = model.bytes.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&path, &bytes)?;
    let mut app = App::new(&bytes, || 0);
    let error = app
        .error()
        .context("a model with a flipped bit was taken for a good one")?;
    let expected = picture::expected(&mut app)?;
    let elf = firmware::board_unchecked(
        &EMULATED,
        &ModelFile {
            path,
            bytes: bytes.clone(),
        },
    )?;
    let mut qemu = Qemu::start(&elf, Pace::Chip, None, true)?;
    let line = qemu.line("error ")?;
    ensure!(
        line == format!("error {error}"),
        "the board says {line:?}, the host {error:?}"
    );
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
        println!(
            "FAIL {name}: {difference}; see {} and the one beside it",
            file("expected").display()
        );
        Ok(())
    }
}

/// Where wrong pictures are kept.
fn folder() -> PathBuf {
    shell::root().join("target").join("panel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginnings_and_by_what_they_are_not() {
        let line = "frame walk class=3 seed=12 frames=-";
        for (word, classes, expected) in [
            ("walk", true, true),
            ("seed=1", true, true),
            ("class=3", true, true),
            ("class=2", true, false),
            ("class=2", false, false),
            ("frames!=-", true, false),
            ("frames!=0", true, true),
            ("look!=0", true, false),
        ] {
            assert_eq!(has(line, word, classes), expected, "{word}");
        }
        assert!(has("frame walk class=-", "class=2", false));
    }
}
