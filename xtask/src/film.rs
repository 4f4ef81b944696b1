//! `cargo xtask film`: what the emulated display shows of the latent walk and of the clock, as a moving picture.

use std::{borrow::Cow, path::Path};

use anyhow::{Context, Result};
use gif::{Encoder, Frame as Still, Repeat};
use image::GrayImage;

use crate::{
    boards::EMULATED,
    files::Pending,
    firmware,
    frame::Frame,
    model::ModelFile,
    picture,
    qemu::{Pace, Qemu},
    setup, shell,
};

/// Pixels of the film for each of the display's.
const ZOOM: usize = 3;
/// How long the walk is filmed, and the clock once its digits begin to change.
const WALK_MILLIS: u64 = 8_000;
const CLOCK_MILLIS: u64 = 3_500;
/// How long each picture is shown at least: two of the walk's frames, so that pictures come evenly even if the host
/// misses a frame.
const PICTURE_MILLIS: u64 = 50;
/// How long the time before is shown.
const STILL_MILLIS: u64 = 1_500;

/// Keys that lead to the walk of class 3 with its overlay.
const TO_WALK: &str = "up,ctrl,ctrl,ctrl,up,ctrl";
/// Keys that lead from there to a clock set to 12:34.
const TO_CLOCK: &str = "up,ctrl-long,ctrl,ctrl-long,ctrl,ctrl,ctrl-long,ctrl,ctrl,ctrl,ctrl-long,ctrl,ctrl,ctrl,ctrl,ctrl-long";

/// Pictures, and for how many milliseconds each is shown.
type Reel = Vec<(GrayImage, u64)>;

/// Writes `docs/film.gif` from what the default model's firmware shows.
///
/// # Errors
/// When the firmware does not build or run, or the file cannot be written.
pub fn film() -> Result<()> {
    let model = ModelFile::read(None)?;
    let path = shell::root().join("docs").join("film.gif");
    let file = Pending::new(&path)?;
    setup::qemu()?;
    let mut qemu = Qemu::start(
        &firmware::board(&EMULATED, &model)?,
        Pace::SlowMotion,
        None,
        false,
    )?;
    qemu.line(Frame::START)?;
    press(&mut qemu, TO_WALK)?;
    let known = |line: &str| {
        !["frames=- ", "frames=0 "]
            .iter()
            .any(|rate| line.contains(rate))
    };
    qemu.line_that("walk with its rate", |line| {
        line.contains("walk") && known(line)
    })?;
    let mut reel = shoot(&mut qemu, WALK_MILLIS)?;
    press(&mut qemu, TO_CLOCK)?;
    qemu.line_that("clock at 12:34", |line| {
        line.contains("to=12:34") && line.contains("set=- ")
    })?;
    reel.push((picture::shown(&qemu.settled()?.1)?, STILL_MILLIS));
    qemu.line_that("clock at 12:35", |line| line.contains("to=12:35"))?;
    reel.extend(shoot(&mut qemu, CLOCK_MILLIS)?);
    let gif = encode(&reel)?;
    file.finish(&gif)?;
    println!(
        "saved {} ({} pictures, {} bytes)",
        name(&path),
        reel.len(),
        gif.len()
    );
    Ok(())
}

fn press(qemu: &mut Qemu, keys: &str) -> Result<()> {
    keys.split(',').try_for_each(|key| qemu.press(key.parse()?))
}

/// The pictures of so many milliseconds of the board's time.
fn shoot(qemu: &mut Qemu, millis: u64) -> Result<Reel> {
    let (first, screen) = qemu.settled()?;
    let (mut reel, mut at) = (vec![(picture::shown(&screen)?, 0)], first.at);
    loop {
        let (frame, screen) = qemu.settled()?;
        if frame.at < at + PICTURE_MILLIS {
            continue;
        }
        if let Some((_, shown)) = reel.last_mut() {
            *shown = frame.at - at;
        }
        at = frame.at;
        if at >= first.at + millis {
            return Ok(reel);
        }
        reel.push((picture::shown(&screen)?, 0));
    }
}

/// The pictures as a GIF that begins anew at its end: of each only the part that has changed.
fn encode(reel: &[(GrayImage, u64)]) -> Result<Vec<u8>> {
    let (first, _) = reel.first().context("no pictures")?;
    let mut gif = Vec::new();
    let side = |pixels: u32| pixels as u16 * ZOOM as u16;
    let palette: Vec<u8> = (0..16)
        .flat_map(|level| [level * picture::STEP; 3])
        .collect();
    let mut encoder = Encoder::new(
        &mut gif,
        side(first.width()),
        side(first.height()),
        &palette,
    )?;
    encoder.set_repeat(Repeat::Infinite)?;
    let mut before: Option<&GrayImage> = None;
    let (mut time, mut shown) = (0, 0);
    for (picture, millis) in reel {
        // GIF counts in hundredths: what one picture has too little, the next has too much.
        time += millis;
        let delay = (time / 10 - shown) as u16;
        shown = time / 10;
        let (x, y, width, height) = changed(before, picture);
        let (left, top) = (side(x), side(y));
        encoder.write_frame(&Still {
            delay,
            left,
            top,
            width: side(width),
            height: side(height),
            buffer: Cow::Owned(levels(picture, (x, y, width, height))),
            ..Still::default()
        })?;
        before = Some(picture);
    }
    drop(encoder);
    Ok(gif)
}

/// Left, top, width and height of what differs between two pictures, at least one pixel.
fn changed(before: Option<&GrayImage>, picture: &GrayImage) -> (u32, u32, u32, u32) {
    let Some(before) = before else {
        return (0, 0, picture.width(), picture.height());
    };
    let differing = || {
        picture
            .enumerate_pixels()
            .filter(|(x, y, pixel)| before.get_pixel(*x, *y) != *pixel)
    };
    let (columns, rows) = (
        || differing().map(|(x, ..)| x),
        || differing().map(|(_, y, _)| y),
    );
    let ends = |first: Option<u32>, last: Option<u32>| (first.unwrap_or(0), last.unwrap_or(0));
    let (left, right) = ends(columns().min(), columns().max());
    let (top, bottom) = ends(rows().min(), rows().max());
    (left, top, right - left + 1, bottom - top + 1)
}

/// The levels of a part of a picture, enlarged.
fn levels(picture: &GrayImage, (left, top, width, height): (u32, u32, u32, u32)) -> Vec<u8> {
    let level = |x, y| picture.get_pixel(left + x, top + y).0[0] / picture::STEP;
    let row = |y| {
        (0..width)
            .flat_map(move |x| [level(x, y); ZOOM])
            .collect::<Vec<_>>()
    };
    (0..height).flat_map(|y| row(y).repeat(ZOOM)).collect()
}

fn name(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(shell::root()).unwrap_or(path).display()
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn a_film_plays_as_it_was_shot() {
        let mut picture = GrayImage::new(128, 64);
        let mut reel = vec![(picture.clone(), 75)];
        picture.put_pixel(5, 7, Luma([0x77]));
        picture.put_pixel(9, 6, Luma([0xff]));
        reel.push((picture.clone(), 84));
        reel.push((picture, 81));
        let gif = encode(&reel).unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::Indexed);
        let mut decoder = options.read_info(&*gif).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (384, 192));
        let mut delays = Vec::new();
        let mut stills = Vec::new();
        while let Some(still) = decoder.read_next_frame().unwrap() {
            delays.push(still.delay);
            stills.push(still.clone());
        }
        assert_eq!(delays, [7, 8, 9], "hundredths of a second, 0.24 s in all");
        let second = &stills[1];
        assert_eq!(
            (second.left, second.top, second.width, second.height),
            (15, 18, 15, 6)
        );
        let row = |y: usize| &second.buffer[y * 15..][..15];
        assert_eq!(row(0), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 15, 15]);
        assert_eq!(row(5), [7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(stills[2].buffer.len(), 9, "nothing has changed");
    }
}
