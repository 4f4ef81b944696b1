//! A scripted session on the emulated Pico that reaches every mode, every theme in it, and every action.

use std::time::Duration;

use anyhow::{Result, ensure};
use image::RgbImage;
use thumbgan_app::ViewState;

use super::{Pico, PicoFirmware, Usb};
use crate::board::has_word;

/// Button of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Key A of the display board.
    Mode,
    /// Key B of the display board.
    Act,
}

impl Button {
    /// Returns the emulator's name of the button.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Act => "act",
        }
    }
}

/// Press of a button.
#[derive(Clone, Copy, Debug)]
struct Press {
    button: Button,
    is_long: bool,
}

impl Press {
    const fn new(button: Button, is_long: bool) -> Self {
        Self { button, is_long }
    }
}

const MODE: Option<Press> = Some(Press::new(Button::Mode, false));
const THEME: Option<Press> = Some(Press::new(Button::Mode, true));
const ACT: Option<Press> = Some(Press::new(Button::Act, false));
const ACT_LONG: Option<Press> = Some(Press::new(Button::Act, true));

/// Presses, and words of the state that must then be shown (`!=`: must not have this value).
const STEPS: [(Option<Press>, &str); 44] = [
    (None, "gallery held=false"),
    (ACT, "gallery held=true"),
    (THEME, "gallery held=true"),
    (THEME, "gallery held=true"),
    (THEME, "gallery held=true"),
    (THEME, "gallery held=true"),
    (ACT, "gallery held=false"),
    (ACT_LONG, "gallery held=false"),
    (MODE, "digit class=0"),
    (ACT, "digit class=1"),
    (ACT_LONG, "digit class=1"),
    (THEME, "digit class=1"),
    (THEME, "digit class=1"),
    (THEME, "digit class=1"),
    (THEME, "digit class=1"),
    (MODE, "walk class=1 frames=-"),
    (THEME, "walk class=1 frames=-"),
    (ACT, "walk class=1 frames!=-"),
    (THEME, "walk class=1 frames!=0"),
    (THEME, "walk class=1 frames!=0"),
    (ACT_LONG, "walk class=2 frames!=0"),
    (ACT, "walk class=2 frames=-"),
    (THEME, "walk class=2 frames=-"),
    (MODE, "clock from=00:0 to=00:0 set=-"),
    (None, "clock step=1024 set=-"),
    (ACT_LONG, "clock set=0"),
    (ACT, "clock set=0 to=10:0"),
    (ACT_LONG, "clock set=1"),
    (ACT, "clock set=1 to=11:0"),
    (ACT_LONG, "clock set=2"),
    (THEME, "clock set=2"),
    (THEME, "clock set=2"),
    (THEME, "clock set=2"),
    (THEME, "clock set=2"),
    (ACT_LONG, "clock set=3"),
    (ACT_LONG, "clock set=- to=11:0"),
    (ACT, "clock set=- step!=1024"),
    (MODE, "about page=0"),
    (ACT, "about page=1"),
    (THEME, "about page=1"),
    (THEME, "about page=1"),
    (THEME, "about page=1"),
    (THEME, "about page=1"),
    (MODE, "gallery held=false"),
];

/// Time for which a button is held: a long press is reported after 0.6 s.
const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_millis(700);
/// Time after a press in which a frame of a moving image appears; a still image gets none.
const REACTION: Duration = Duration::from_millis(150);
/// Longest time until a state appears: the clock's digits change in 2.4 s.
const LONGEST: Duration = Duration::from_secs(3);

/// Boots a firmware with a conditional model, performs every step and calls `on_frame` with the state, the index of the
/// theme and the display after each.
///
/// # Errors
/// If `on_frame` fails, the program stops, or a step does not lead to its state.
pub fn walk_through(
    firmware: &PicoFirmware,
    mut on_frame: impl FnMut(ViewState, u8, &RgbImage) -> Result<()>,
) -> Result<()> {
    let mut pico = Pico::boot(firmware, Usb::Open)?;
    pico.run_to_frame(LONGEST)?;
    let mut theme = 0;
    for (press, words) in STEPS {
        if let Some(Press { button, is_long }) = press {
            pico.set_button(button, true)?;
            pico.run(if is_long { LONG } else { SHORT })?;
            pico.set_button(button, false)?;
            // The firmware reads its buttons between frames.
            pico.run(SHORT)?;
            pico.settle()?;
            pico.run(SHORT)?;
            theme += u8::from(is_long && button == Button::Mode);
        }
        let end = pico.counters().time + LONGEST;
        loop {
            pico.run_to_frame(REACTION)?;
            let view = pico.settle()?;
            let line = view.to_string();
            if words.split(' ').all(|word| has_word(&line, word, true)) {
                on_frame(view, theme, &pico.screen()?)?;
                break;
            }
            ensure!(
                pico.counters().time < end,
                "after {press:?} the Pico shows {line:?} instead of {words:?}"
            );
        }
    }
    Ok(())
}
