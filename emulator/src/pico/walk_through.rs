//! A scripted session on the emulated Pico that reaches every mode, every theme in it, and every action.

use std::time::Duration;

use anyhow::{Result, ensure};
use image::RgbImage;
use thumbgan_app::ViewState;

use super::{Pico, PicoFirmware, Usb};
use crate::board::has_word;

const MODE: &str = "mode";
const THEME: &str = "mode-long";
const ACT: &str = "act";
const ACT_LONG: &str = "act-long";

/// Presses of buttons, and words of the state that must then be shown (`!=`: must not have this value).
const STEPS: [(&str, &str); 44] = [
    ("", "gallery held=false"),
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
    ("", "clock step=1024 set=-"),
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

/// Time after a press in which a frame of a moving image appears; a still image gets none.
const REACTION: Duration = Duration::from_millis(150);
/// Longest time until a state appears: the clock's digits change in 2.4 s.
const LONGEST: Duration = Duration::from_secs(3);

/// Boots a firmware with a conditional model, performs every step and calls `on_frame` with the state, the index of the
/// theme and the display after each. Returns the largest stack in bytes.
///
/// # Errors
/// If `on_frame` fails, the program stops, or a step does not lead to its state.
pub fn walk_through(
    firmware: &PicoFirmware,
    mut on_frame: impl FnMut(ViewState, u8, &RgbImage) -> Result<()>,
) -> Result<u64> {
    let mut pico = Pico::boot(firmware, Usb::Open)?;
    pico.run_to_frame(LONGEST)?;
    let mut theme = 0;
    for (press, words) in STEPS {
        if !press.is_empty() {
            pico.press(press.parse()?)?;
            theme += u8::from(press == THEME);
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
                "after the press {press:?} the Pico shows {line:?} instead of {words:?}"
            );
        }
    }
    pico.largest_stack()
}
