//! One hour of the gallery on the emulated board, in less than a minute: idle time is skipped.

use anyhow::{Context, Result, bail, ensure};
use thumbgan_app::{App, Time, ViewState};
use thumbgan_boards::EMULATED;
use thumbgan_emulator::{
    board::{EmulatedBoard, Frame, Speed},
    firmware, models, screen,
};

/// Number of images of an hour, and a few more.
const IMAGES: u64 = 3605;
/// Number of images after which the gallery has done everything that it does.
const WARM_UP: u64 = 60;

/// Each image appears in its order and second, the stack does not grow, the last screen is the host's, and the clock
/// then shows one hour more.
#[test]
fn one_hour_of_the_gallery() -> Result<()> {
    let models = models::committed()?;
    // The result does not depend on the model, and the smallest one is the fastest.
    let model = models
        .iter()
        .min_by_key(|model| model.bytes.len())
        .context("models/ is empty")?;
    let elf = firmware::board_copy(&EMULATED, model)?;
    let mut board = EmulatedBoard::boot(&elf, Speed::FastForward, None, false)?;
    let mut warm_stack = None;
    for expected in 1..=IMAGES {
        let frame = Frame::parse(&board.wait_for_line(Frame::START)?)?;
        let ViewState::Gallery { seed, .. } = frame.view else {
            bail!("the board left the gallery: {frame:?}")
        };
        ensure!(
            seed == expected,
            "image {seed} appears instead of {expected}"
        );
        let second = frame.at / 1000;
        ensure!(
            second + 1 == seed,
            "image {seed} appears in second {second}"
        );
        if seed == WARM_UP {
            warm_stack = Some(frame.stack);
        }
        ensure!(
            warm_stack.is_none_or(|stack| frame.stack == stack),
            "the stack has grown to {} bytes after {seed} images",
            frame.stack
        );
    }
    let (frame, screenshot) = board.capture()?;
    let mut scratch = models::scratch();
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    app.show(frame.view);
    let found = screen::from_screenshot(&screenshot)?;
    let difference = screen::difference(&screen::expected(&mut app)?, &found);
    ensure!(
        difference.is_none(),
        "after an hour, {}",
        difference.unwrap_or_default()
    );
    for mode in ["digit", "walk", "clock"] {
        board.press("up".parse()?)?;
        board.wait_for_line(&format!("{}{mode} ", Frame::START))?;
    }
    let frame = board.capture()?.0;
    let ViewState::Clock { to, .. } = frame.view else {
        bail!("the board left the clock: {frame:?}")
    };
    // The line is written a little later than the clock is read.
    let times = [frame.at, frame.at - 200].map(|at| {
        let minutes = at / 60_000 % (24 * 60);
        Time::new((minutes / 60) as u8, (minutes % 60) as u8)
    });
    ensure!(
        to.hour() > 0 && times.contains(&Some(to)),
        "after {} ms the clock shows {to}",
        frame.at
    );
    println!(
        "{IMAGES} images of {}, {} bytes of stack, clock at {to}",
        model.name(),
        frame.stack
    );
    Ok(())
}
