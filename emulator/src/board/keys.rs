//! Keys of the emulated board.

use std::{
    fmt::{self, Display},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, Result};

/// A key of the emulated board, named as in QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Arrow key up: the button MODE, as are all arrow keys.
    Up,
    /// Arrow key down: the button MODE.
    Down,
    /// Arrow key left: the button MODE.
    Left,
    /// Arrow key right: the button MODE.
    Right,
    /// Control key: the button ACT.
    Ctrl,
}

impl Key {
    /// Every key.
    const ALL: [Self; 5] = [Self::Up, Self::Down, Self::Left, Self::Right, Self::Ctrl];

    /// Returns QEMU's name of the key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::Ctrl => "ctrl",
        }
    }
}

/// A press of a key, written `ctrl` (short) or `ctrl-long`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPress {
    /// The key.
    pub key: Key,
    /// True for a long press.
    pub long: bool,
}

impl KeyPress {
    /// Returns the time for which the key is held.
    ///
    /// A long press takes far more than the firmware's 0.6 s, since a busy host loses ticks of the board's timer.
    pub const fn hold_time(self) -> Duration {
        Duration::from_millis(if self.long { 2500 } else { 200 })
    }
}

impl Display for KeyPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key.name())?;
        f.write_str(if self.long { "-long" } else { "" })
    }
}

impl FromStr for KeyPress {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.strip_suffix("-long");
        let key = Key::ALL
            .into_iter()
            .find(|key| key.name() == name.unwrap_or(text));
        let key = key.with_context(|| {
            format!(
                "no key {text:?}: a key is up, down, left, right or ctrl, with -long for a long press"
            )
        })?;
        Ok(Self {
            key,
            long: name.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_press_as_displayed() {
        for key in Key::ALL {
            for long in [false, true] {
                let press = KeyPress { key, long };
                assert_eq!(press.to_string().parse::<KeyPress>().unwrap(), press);
            }
        }
    }

    #[test]
    fn rejects_unknown_keys() {
        for wrong in ["", "long", "-long", "enter", "up-short"] {
            let error = wrong.parse::<KeyPress>().unwrap_err().to_string();
            assert!(error.contains("ctrl"), "{wrong}");
        }
    }
}
