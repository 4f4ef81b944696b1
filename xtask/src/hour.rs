//! An hour of the gallery on the emulated board, in less than a minute: idle times are skipped.

use anyhow::{Context, Result, bail, ensure};
use thumbgan_app::{App, Scene, Time};

use crate::{
    boards::EMULATED,
    firmware,
    frame::Frame,
    model, picture,
    qemu::{Pace, Qemu},
};

/// Digits in an hour, and a few more.
const DIGITS: u64 = 3605;
/// Digits after which all that the gallery does has been done.
const WARM: u64 = 60;

/// Lets the gallery run: each digit must come in its turn and its second, the stack must not grow, the last
/// picture must be the host's, and the clock must then show one hour more.
///
/// # Errors
/// When the firmware does not build, or one of these is not so.
pub fn check() -> Result<()> {
    let models = model::committed()?;
    // The smallest model: what is tested here is the same in all.
    let model = models
        .iter()
        .min_by_key(|model| model.bytes.len())
        .context("no models")?;
    let mut qemu = Qemu::start(
        &firmware::board(&EMULATED, model)?,
        Pace::FastForward,
        None,
        false,
    )?;
    let mut warm = None;
    for expected in 1..=DIGITS {
        let frame = Frame::parse(&qemu.line(Frame::START)?)?;
        let Scene::Gallery { seed, .. } = frame.scene else {
            bail!("not the gallery: {frame:?}")
        };
        ensure!(
            seed == expected,
            "digit {seed} has come instead of {expected}"
        );
        let second = frame.at / 1000;
        ensure!(
            second + 1 == seed,
            "digit {seed} has come in second {second}"
        );
        if seed == WARM {
            warm = Some(frame.stack);
        }
        ensure!(
            warm.is_none_or(|warm| frame.stack == warm),
            "the stack has grown to {} bytes after {seed} digits",
            frame.stack
        );
    }
    let (frame, screen) = qemu.settled()?;
    let mut app = App::new(&model.bytes, || 0);
    app.show(frame.scene);
    let difference = picture::difference(&picture::expected(&mut app)?, &picture::shown(&screen)?);
    ensure!(
        difference.is_none(),
        "after an hour: {}",
        difference.unwrap_or_default()
    );
    for mode in ["digit", "walk", "clock"] {
        qemu.press("up".parse()?)?;
        qemu.line(&format!("{}{mode} ", Frame::START))?;
    }
    let frame = qemu.settled()?.0;
    let Scene::Clock { to, .. } = frame.scene else {
        bail!("not the clock: {frame:?}")
    };
    // The line is written a little after the scene has begun.
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
        "{DIGITS} digits of {}, {} bytes of stack, clock at {to}",
        model.name(),
        frame.stack
    );
    Ok(())
}
