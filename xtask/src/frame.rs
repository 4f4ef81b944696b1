//! What the firmware says on its UART after each frame.

use anyhow::{Context, Result};
use thumbgan_app::{Rate, Scene, Time};

/// `frame gallery class=3 seed=42 held=false look=0 took=12345 at=60000 stack=1820`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the display shows.
    pub scene: Scene,
    /// In which look.
    pub look: u8,
    /// Milliseconds since the board was turned on.
    pub at: u64,
    /// Most bytes of stack used so far.
    pub stack: u64,
}

impl Frame {
    /// How every such line begins.
    pub const START: &str = "frame ";

    /// Reads such a line.
    ///
    /// # Errors
    /// When it is not of this form.
    pub fn parse(line: &str) -> Result<Self> {
        Self::read(line).with_context(|| format!("not a frame line: {line:?}"))
    }

    fn read(line: &str) -> Option<Self> {
        let (mode, fields) = line.strip_prefix(Self::START)?.split_once(' ')?;
        let fields = Fields(fields);
        Some(Self {
            scene: scene(mode, &fields)?,
            look: fields.number("look")?,
            at: fields.number("at")?,
            stack: fields.number("stack")?,
        })
    }
}

/// The scene of this mode.
fn scene(mode: &str, fields: &Fields<'_>) -> Option<Scene> {
    let class = || fields.optional("class");
    let seed = || fields.number("seed");
    Some(match mode {
        "gallery" => Scene::Gallery {
            class: class()?,
            seed: seed()?,
            held: fields.number("held")?,
        },
        "digit" => Scene::Digit {
            class: class()?,
            seed: seed()?,
        },
        "walk" => {
            let (frames, micros) = (fields.optional("frames")?, fields.optional("micros")?);
            let rate = frames
                .zip(micros)
                .map(|(frames, micros)| Rate { frames, micros });
            Scene::Walk {
                class: class()?,
                seed: seed()?,
                step: fields.number("step")?,
                rate,
            }
        }
        "clock" => Scene::Clock {
            from: fields.time("from")?,
            to: fields.time("to")?,
            series: fields.number("series")?,
            step: fields.number("step")?,
            set: fields.optional("set")?,
            colon: fields.number("colon")?,
        },
        "about" => Scene::About {
            page: fields.number("page")?,
        },
        _ => return None,
    })
}

/// Words `name=value`.
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

    /// `-` for none; the outer option is none for what is no number either.
    #[expect(
        clippy::option_option,
        reason = "missing from the line, and none by its own word"
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
    fn every_scene_is_read_as_it_is_written() {
        let (from, to) = (Time::new(9, 59).unwrap(), Time::new(10, 0).unwrap());
        let rate = Some(Rate {
            frames: 312,
            micros: 12_345,
        });
        let scenes = [
            Scene::Gallery {
                class: Some(3),
                seed: u64::MAX,
                held: true,
            },
            Scene::Gallery {
                class: None,
                seed: 1,
                held: false,
            },
            Scene::Digit {
                class: Some(9),
                seed: 7,
            },
            Scene::Walk {
                class: Some(0),
                seed: 7,
                step: 255,
                rate: None,
            },
            Scene::Walk {
                class: None,
                seed: 7,
                step: 0,
                rate,
            },
            Scene::Clock {
                from,
                to,
                series: 5,
                step: 1024,
                set: None,
                colon: true,
            },
            Scene::Clock {
                from,
                to,
                series: 5,
                step: 0,
                set: Some(3),
                colon: false,
            },
            Scene::About { page: 1 },
        ];
        for scene in scenes {
            let line = format!("frame {scene} look=2 took=99 at=60000 stack=1820");
            assert_eq!(
                Frame::parse(&line).unwrap(),
                Frame {
                    scene,
                    look: 2,
                    at: 60_000,
                    stack: 1820
                }
            );
        }
    }

    #[test]
    fn other_lines_are_refused() {
        for line in [
            "",
            "thumbgan 0.1.0 model seed 120000 bytes crc 0123abcd",
            "frame about page=0 look=0 took=1 at=1",
            "frame about page=- look=0 took=1 at=1 stack=1",
            "frame clock from=24:00 to=00:00 series=1 step=0 set=- colon=true look=0 took=1 at=1 stack=1",
            "frame dance class=1 seed=1 look=0 took=1 at=1 stack=1",
        ] {
            assert!(
                Frame::parse(line).unwrap_err().to_string().contains(line),
                "{line}"
            );
        }
    }
}
