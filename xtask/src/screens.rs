//! Golden screens: every mode on panels of several kinds, one sheet for each panel, to be looked at and kept.

use std::path::PathBuf;

use anyhow::{Context, Result};
use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
};
use image::{GenericImage, RgbImage};
use thumbgan_app::{App, Rate, Scene, Time};
use thumbgan_core::Model;

use crate::{
    canvas::Canvas,
    model::{self, ModelFile},
    shell,
};

/// Screens side by side on a sheet.
const COLUMNS: u32 = 3;
/// Pixels between them, and their colour, which no screen has much of.
const GAP: u32 = 4;
const GROUND: image::Rgb<u8> = image::Rgb([96, 32, 128]);

/// A kind of panel.
#[derive(Debug)]
pub struct Panel {
    /// Its sheet's name.
    name: &'static str,
    size: Size,
    shot: fn(&mut App<'_>, Size) -> Result<RgbImage>,
}

/// The panels: each kind of colour, and the smallest.
pub const PANELS: [Panel; 5] = [
    panel("mono-128x64", 128, 64, shot::<BinaryColor>),
    panel("mono-72x40", 72, 40, shot::<BinaryColor>),
    panel("gray4-128x64", 128, 64, shot::<Gray4>),
    panel("rgb565-240x240", 240, 240, shot::<Rgb565>),
    panel("rgb565-320x240", 320, 240, shot::<Rgb565>),
];

const fn panel(
    name: &'static str,
    width: u32,
    height: u32,
    shot: fn(&mut App<'_>, Size) -> Result<RgbImage>,
) -> Panel {
    Panel {
        name,
        size: Size::new(width, height),
        shot,
    }
}

fn shot<C: thumbgan_core::Ink + Into<embedded_graphics::pixelcolor::Rgb888>>(
    app: &mut App<'_>,
    size: Size,
) -> Result<RgbImage> {
    Ok(Canvas::<C>::showing(app, size)?.picture())
}

/// What is on every sheet, in order, and the look that it is in.
fn scenes() -> Option<[(Scene, u8); 9]> {
    let clock = |from, to, step, set| Scene::Clock {
        from,
        to,
        series: 12,
        step,
        set,
        colon: true,
    };
    let (nine, ten) = (Time::new(9, 59)?, Time::new(10, 0)?);
    let rate = Some(Rate {
        frames: 131,
        micros: 71_900,
    });
    Some([
        (
            Scene::Gallery {
                class: Some(3),
                seed: 42,
                held: false,
            },
            0,
        ),
        (
            Scene::Gallery {
                class: Some(8),
                seed: 43,
                held: true,
            },
            1,
        ),
        (
            Scene::Digit {
                class: Some(2),
                seed: 7,
            },
            2,
        ),
        (
            Scene::Digit {
                class: Some(5),
                seed: 7,
            },
            3,
        ),
        (
            Scene::Walk {
                class: Some(4),
                seed: 10,
                step: 128,
                rate,
            },
            0,
        ),
        (clock(nine, ten, 640, None), 0),
        (
            clock(
                Time::new(12, 34)?,
                Time::new(12, 34)?,
                Scene::CHANGED,
                Some(2),
            ),
            0,
        ),
        (Scene::About { page: 0 }, 0),
        (Scene::About { page: 1 }, 0),
    ])
}

/// What Fashion-MNIST's classes are called.
const CLOTHES: &str =
    "T-shirt/top\nTrouser\nPullover\nDress\nCoat\nSandal\nShirt\nSneaker\nBag\nAnkle boot";

/// What is on every sheet of a model whose classes have such names, in the first look.
fn named_scenes() -> [Scene; 3] {
    let rate = Some(Rate {
        frames: 131,
        micros: 71_900,
    });
    let (from, to) = (Time::default(), Time::default());
    [
        Scene::Digit {
            class: Some(9),
            seed: 7,
        },
        Scene::Walk {
            class: Some(0),
            seed: 10,
            step: 128,
            rate,
        },
        Scene::Clock {
            from,
            to,
            series: 0,
            step: 0,
            set: None,
            colon: true,
        },
    ]
}

impl Panel {
    /// Where its sheet lies.
    pub fn path(&self) -> PathBuf {
        shell::firmware("app")
            .join("tests")
            .join("golden")
            .join(self.name)
            .with_extension("png")
    }

    /// Its screens: those of [`scenes`], then the clock of a model without classes, the screen of a broken one, and
    /// those of a model whose classes have names.
    pub fn screens(&self) -> Result<Vec<(String, RgbImage)>> {
        let default = ModelFile::read(None)?;
        let mut app = App::new(&default.bytes, || 0);
        let mut screens = Vec::new();
        for (scene, look) in scenes().context("times of no day")? {
            app.show(scene);
            app.set_look(look);
            screens.push((scene.to_string(), (self.shot)(&mut app, self.size)?));
        }
        for file in model::committed()? {
            if Model::parse(&file.bytes)?.classes() == 0 {
                let mut app = App::new(&file.bytes, || 0);
                app.set_mode(thumbgan_app::Mode::Clock);
                screens.push((
                    format!("clock of {}", file.name()),
                    (self.shot)(&mut app, self.size)?,
                ));
            }
        }
        let mut broken = App::new(&default.bytes[1..], || 0);
        screens.push((
            "broken model".to_owned(),
            (self.shot)(&mut broken, self.size)?,
        ));
        let named = model::renamed(&default.bytes, CLOTHES)?;
        let mut named = App::new(&named, || 0);
        for scene in named_scenes() {
            named.show(scene);
            screens.push((
                format!("{scene}, named"),
                (self.shot)(&mut named, self.size)?,
            ));
        }
        Ok(screens)
    }

    /// The screens on one sheet.
    pub fn sheet(&self, screens: &[(String, RgbImage)]) -> Result<RgbImage> {
        let rows = (screens.len() as u32).div_ceil(COLUMNS);
        let (width, height) = (self.size.width + GAP, self.size.height + GAP);
        let mut sheet = RgbImage::from_pixel(COLUMNS * width + GAP, rows * height + GAP, GROUND);
        for ((_, screen), place) in screens.iter().zip(0..) {
            sheet.copy_from(
                screen,
                GAP + place % COLUMNS * width,
                GAP + place / COLUMNS * height,
            )?;
        }
        Ok(sheet)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::imageops;

    use super::*;

    #[test]
    fn every_screen_is_the_golden_one() {
        let mut wrong = Vec::new();
        for panel in &PANELS {
            let golden = image::open(panel.path()).unwrap().into_rgb8();
            let screens = panel.screens().unwrap();
            let sheet = panel.sheet(&screens).unwrap();
            assert_eq!(sheet.dimensions(), golden.dimensions(), "{}", panel.name);
            if sheet == golden {
                continue;
            }
            let folder = shell::root().join("target").join("screens");
            fs::create_dir_all(&folder).unwrap();
            let got = folder.join(panel.name).with_extension("png");
            sheet.save(&got).unwrap();
            for ((name, screen), place) in screens.iter().zip(0..) {
                let (width, height) = screen.dimensions();
                let (x, y) = (
                    GAP + place % COLUMNS * (width + GAP),
                    GAP + place / COLUMNS * (height + GAP),
                );
                if *screen != imageops::crop_imm(&golden, x, y, width, height).to_image() {
                    wrong.push(format!("{}: {name}; see {}", panel.name, got.display()));
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "look at them; `cargo xtask bless` accepts them: {wrong:#?}"
        );
    }
}
