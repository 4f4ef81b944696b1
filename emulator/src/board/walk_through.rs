//! A scripted session on the emulated board that reaches every mode and every action in it.

use std::path::Path;

use anyhow::Result;
use image::RgbImage;

use super::{
    frame::Frame,
    qmp::{EmulatedBoard, Speed},
};

/// Keys to press, and words of the frame line that must then appear (`!=`: must not have this value). The steps cover
/// every mode, every action in it, and each arrow key once. Without classes, `class=` is always `-`.
const STEPS: [(&str, &str); 29] = [
    ("", "gallery seed=2 held=false"),
    ("ctrl", "gallery held=true"),
    ("ctrl", "gallery held=false"),
    ("up", "digit class=0"),
    ("ctrl", "digit class=1"),
    ("ctrl", "digit class=2"),
    ("ctrl-long", "digit class=2"),
    ("up-long", "digit class=2 theme=1"),
    ("up-long", "digit class=2 theme=2"),
    ("down", "walk class=2 frames=- theme=2"),
    ("up-long", "walk class=2 frames=- theme=3"),
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

/// Number of frames that are captured after each step; a still screen is the same in all of them.
const CAPTURES: usize = 3;

/// Boots `elf`, performs every step and calls `on_frame` with the captured frames; returns the board's first line.
///
/// Steps that need classes are skipped for an unconditional model.
///
/// # Errors
/// If `on_frame` fails, QEMU ends, or a step does not lead to its frame line.
pub fn walk_through(
    elf: &Path,
    is_conditional: bool,
    mut on_frame: impl FnMut(&Frame, &RgbImage) -> Result<()>,
) -> Result<String> {
    let mut board = EmulatedBoard::boot(elf, Speed::Chip, None, false)?;
    let greeting = board.wait_for_line("thumbgan ")?;
    for (key, words) in STEPS
        .into_iter()
        .filter(|step| is_conditional || !needs_classes(step))
    {
        if !key.is_empty() {
            board.press(key.parse()?)?;
        }
        let has_words = |line: &str| {
            words
                .split(' ')
                .all(|word| has_word(line, word, is_conditional))
        };
        board.wait_for(words, |line| {
            line.starts_with(Frame::START) && has_words(line)
        })?;
        for _ in 0..CAPTURES {
            let (frame, screenshot) = board.capture()?;
            on_frame(&frame, &screenshot)?;
        }
    }
    Ok(greeting)
}

/// Returns the most stack that the firmware `elf` with a conditional model uses in all modes, in bytes.
///
/// # Errors
/// If QEMU or the firmware fails.
pub fn largest_stack(elf: &Path) -> Result<u64> {
    let mut stack = 0;
    walk_through(elf, true, |frame, _| {
        stack = stack.max(frame.stack);
        Ok(())
    })?;
    Ok(stack)
}

/// Returns true for a step whose effect depends on classes: the choice of a class, or the clock.
fn needs_classes((key, words): &(&str, &str)) -> bool {
    let is_mode_with_classes = words.starts_with("digit ") || words.starts_with("clock ");
    is_mode_with_classes && (key.is_empty() || key.starts_with("ctrl"))
}

/// Returns true if a frame line has a word that begins with `word`, or, for `name!=value`, a field of this name with
/// another value.
pub fn has_word(line: &str, word: &str, is_conditional: bool) -> bool {
    let mut words = line.split(' ');
    if let Some((name, value)) = word.split_once("!=") {
        let mut fields = words.filter_map(|word| word.split_once('='));
        return fields.any(|(field, other)| field == name && other != value);
    }
    let word = if word.starts_with("class=") && !is_conditional {
        "class=-"
    } else {
        word
    };
    words.any(|found| found.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_words_by_their_beginning_or_by_another_value() {
        let line = "frame walk class=3 seed=12 frames=-";
        for (word, is_conditional, expected) in [
            ("walk", true, true),
            ("seed=1", true, true),
            ("class=3", true, true),
            ("class=2", true, false),
            ("class=2", false, false),
            ("frames!=-", true, false),
            ("frames!=0", true, true),
            ("theme!=0", true, false),
        ] {
            assert_eq!(has_word(line, word, is_conditional), expected, "{word}");
        }
        assert!(has_word("frame walk class=-", "class=2", false));
    }
}
