//! The UART line that the firmware prints after each frame.

use anyhow::{Context, Result};
use thumbgan_app::{Rate, Time, ViewState};

/// A parsed frame line, such as
/// `frame gallery class=3 seed=42 held=false theme=0 took=12345 at=60000 stack=1820`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// State that the display shows.
    pub view: ViewState,
    /// Index of the theme.
    pub theme: u8,
    /// Milliseconds since the board was turned on.
    pub at: u64,
    /// Largest stack use so far in bytes.
    pub stack: u64,
}

impl Frame {
    /// Beginning of every frame line.
    pub const START: &str = "frame ";

    /// Parses a frame line.
    ///
    /// # Errors
    /// If the line is not a frame line, or one of its fields is missing or invalid.
    pub fn parse(line: &str) -> Result<Self> {
        Self::read(line).with_context(|| format!("invalid frame line {line:?}"))
    }

    fn read(line: &str) -> Option<Self> {
        let text = line.strip_prefix(Self::START)?;
        let fields = Fields(text);
        Some(Self {
            view: view(text)?,
            theme: fields.number("theme")?,
            at: fields.number("at")?,
            stack: fields.number("stack")?,
        })
    }
}

/// Parses a view state, such as `digit class=3 seed=42`; further fields are ignored.
///
/// # Errors
/// If a field is missing or invalid.
pub fn parse_view(text: &str) -> Result<ViewState> {
    view(text).with_context(|| format!("invalid view state {text:?}"))
}

fn view(text: &str) -> Option<ViewState> {
    let (mode, fields) = text.split_once(' ')?;
    let fields = Fields(fields);
    let class = || fields.optional("class");
    let seed = || fields.number("seed");
    Some(match mode {
        "gallery" => ViewState::Gallery {
            class: class()?,
            seed: seed()?,
            held: fields.number("held")?,
        },
        "digit" => ViewState::Digit {
            class: class()?,
            seed: seed()?,
        },
        "walk" => {
            let (frames, micros) = (fields.optional("frames")?, fields.optional("micros")?);
            let rate = frames
                .zip(micros)
                .map(|(frames, micros)| Rate { frames, micros });
            ViewState::Walk {
                class: class()?,
                seed: seed()?,
                step: fields.number("step")?,
                rate,
            }
        }
        "clock" => ViewState::Clock {
            from: fields.time("from")?,
            to: fields.time("to")?,
            series: fields.number("series")?,
            step: fields.number("step")?,
            set: fields.optional("set")?,
            colon: fields.number("colon")?,
        },
        "about" => ViewState::About {
            page: fields.number("page")?,
        },
        _ => return None,
    })
}

/// Fields of a line: words `name=value`.
struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0
            .split(' ')
            .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// Returns `Some(None)` for the value `-`, and `None` for a missing or invalid field.
    #[expect(
        clippy::option_option,
        reason = "a field that is missing differs from one without a value"
    )]
    fn optional<T: std::str::FromStr>(&self, name: &str) -> Option<Option<T>> {
        match self.text(name)? {
            "-" => Some(None),
            text => text.parse().ok().map(Some),
        }
    }

    fn time(&self, name: &str) -> Option<Time> {
        let (hour, minute) = self.text(name)?.split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_state_as_displayed() {
        let (from, to) = (Time::new(9, 59).unwrap(), Time::new(10, 0).unwrap());
        let rate = Some(Rate {
            frames: 312,
            micros: 12_345,
        });
        let views = [
            ViewState::Gallery {
                class: Some(3),
                seed: u64::MAX,
                held: true,
            },
            ViewState::Gallery {
                class: None,
                seed: 1,
                held: false,
            },
            ViewState::Digit {
                class: Some(9),
                seed: 7,
            },
            ViewState::Walk {
                class: Some(0),
                seed: 7,
                step: 255,
                rate: None,
            },
            ViewState::Walk {
                class: None,
                seed: 7,
                step: 0,
                rate,
            },
            ViewState::Clock {
                from,
                to,
                series: 5,
                step: 1024,
                set: None,
                colon: true,
            },
            ViewState::Clock {
                from,
                to,
                series: 5,
                step: 0,
                set: Some(3),
                colon: false,
            },
            ViewState::About { page: 1 },
        ];
        for view in views {
            let line = format!("frame {view} theme=2 took=99 at=60000 stack=1820");
            assert_eq!(
                Frame::parse(&line).unwrap(),
                Frame {
                    view,
                    theme: 2,
                    at: 60_000,
                    stack: 1820
                }
            );
        }
    }

    #[test]
    fn rejects_other_lines() {
        for line in [
            "",
            "thumbgan 0.1.0 model seed 120000 bytes crc 0123abcd",
            "frame about page=0 theme=0 took=1 at=1",
            "frame about page=- theme=0 took=1 at=1 stack=1",
            "frame clock from=24:00 to=00:00 series=1 step=0 set=- colon=true theme=0 took=1 at=1 stack=1",
            "frame dance class=1 seed=1 theme=0 took=1 at=1 stack=1",
        ] {
            assert!(
                Frame::parse(line).unwrap_err().to_string().contains(line),
                "{line}"
            );
        }
    }
}
