//! Buttons of the emulated Pico.

use std::{
    fmt::{self, Display},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, Result};

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

/// A press of a button, written `act` (short) or `act-long`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ButtonPress {
    /// The button.
    pub button: Button,
    /// True for a long press.
    pub is_long: bool,
}

impl ButtonPress {
    /// Returns the time for which the button is held; a long press is reported after 0.6 s.
    pub const fn hold_time(self) -> Duration {
        Duration::from_millis(if self.is_long { 700 } else { 100 })
    }
}

impl Display for ButtonPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.button.name())?;
        f.write_str(if self.is_long { "-long" } else { "" })
    }
}

impl FromStr for ButtonPress {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.strip_suffix("-long");
        let button = [Button::Mode, Button::Act]
            .into_iter()
            .find(|button| button.name() == name.unwrap_or(text));
        let button = button.with_context(|| {
            format!("no button {text:?}: a button is mode or act, with -long for a long press")
        })?;
        Ok(Self {
            button,
            is_long: name.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_press_as_displayed() {
        for button in [Button::Mode, Button::Act] {
            for is_long in [false, true] {
                let press = ButtonPress { button, is_long };
                assert_eq!(press.to_string().parse::<ButtonPress>().unwrap(), press);
            }
        }
        for wrong in ["", "long", "-long", "up", "act-short"] {
            let error = wrong.parse::<ButtonPress>().unwrap_err().to_string();
            assert!(error.contains("a button is mode or act"), "{error}");
        }
    }
}
