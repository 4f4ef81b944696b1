//! Screen snapshots: every mode of the app, rendered on the host for several kinds of panel, one contact sheet a panel.

use std::path::PathBuf;

use anyhow::{Context, Result};
use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
};
use image::{GenericImage, RgbImage};
use thumbgan_app::{App, Mode, Rate, Time, ViewState};

use crate::{
    models::{self, ModelFile},
    process,
    render::render_rgb,
};

/// Number of screens in a row of a sheet.
const COLUMNS: u32 = 3;
/// Distance between two screens in pixels.
const GAP: u32 = 4;
/// Background of a sheet, a color that screens hardly have.
const BACKGROUND: image::Rgb<u8> = image::Rgb([96, 32, 128]);

/// A kind of panel.
#[derive(Debug)]
pub struct Panel {
    /// Name of the panel's sheet.
    pub name: &'static str,
    size: Size,
    render: fn(&mut App<'_>, Size) -> Result<RgbImage>,
}

/// A screen and its name.
pub type NamedScreen = (String, RgbImage);

/// The panels: one of each color type and the smallest one.
pub const PANELS: [Panel; 5] = [
    panel("mono-128x64", 128, 64, render_rgb::<BinaryColor>),
    panel("mono-72x40", 72, 40, render_rgb::<BinaryColor>),
    panel("gray4-128x64", 128, 64, render_rgb::<Gray4>),
    panel("rgb565-240x240", 240, 240, render_rgb::<Rgb565>),
    panel("rgb565-320x240", 320, 240, render_rgb::<Rgb565>),
];

const fn panel(
    name: &'static str,
    width: u32,
    height: u32,
    render: fn(&mut App<'_>, Size) -> Result<RgbImage>,
) -> Panel {
    Panel {
        name,
        size: Size::new(width, height),
        render,
    }
}

/// Returns the states on every sheet, in order, each with the index of its theme.
fn views() -> Option<[(ViewState, u8); 9]> {
    let clock = |from, to, step, set| ViewState::Clock {
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
            ViewState::Gallery {
                class: Some(3),
                seed: 42,
                held: false,
            },
            0,
        ),
        (
            ViewState::Gallery {
                class: Some(8),
                seed: 43,
                held: true,
            },
            1,
        ),
        (
            ViewState::Digit {
                class: Some(2),
                seed: 7,
            },
            2,
        ),
        (
            ViewState::Digit {
                class: Some(5),
                seed: 7,
            },
            3,
        ),
        (
            ViewState::Walk {
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
                ViewState::CHANGED,
                Some(2),
            ),
            0,
        ),
        (ViewState::About { page: 0 }, 0),
        (ViewState::About { page: 1 }, 0),
    ])
}

/// Class names of Fashion-MNIST.
const CLASS_NAMES: &str =
    "T-shirt/top\nTrouser\nPullover\nDress\nCoat\nSandal\nShirt\nSneaker\nBag\nAnkle boot";

/// Returns the states on every sheet of a model with [`CLASS_NAMES`], all in the first theme.
fn named_views() -> [ViewState; 3] {
    let rate = Some(Rate {
        frames: 131,
        micros: 71_900,
    });
    let (from, to) = (Time::default(), Time::default());
    [
        ViewState::Digit {
            class: Some(9),
            seed: 7,
        },
        ViewState::Walk {
            class: Some(0),
            seed: 10,
            step: 128,
            rate,
        },
        ViewState::Clock {
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
    /// Returns the path of the panel's sheet.
    pub fn path(&self) -> PathBuf {
        let folder = process::firmware("app").join("tests").join("golden");
        folder.join(self.name).with_extension("png")
    }

    /// Renders the panel's screens: every mode, the clock of each unconditional model, a broken model, and a model with
    /// class names.
    ///
    /// # Errors
    /// If a committed model cannot be read, or the app draws outside the panel.
    pub fn screens(&self) -> Result<Vec<NamedScreen>> {
        let default = ModelFile::read(None)?.bytes;
        let mut screens = Vec::new();
        self.render(&default, |app, render| {
            for (view, theme) in views().context("a time of the clock is invalid")? {
                app.show(view);
                app.set_theme(theme);
                screens.push((view.to_string(), render(app)?));
            }
            Ok(())
        })?;
        for model in models::committed()? {
            if model.is_unconditional()? {
                self.render(&model.bytes, |app, render| {
                    app.set_mode(Mode::Clock);
                    screens.push((format!("clock of {}", model.name()), render(app)?));
                    Ok(())
                })?;
            }
        }
        self.render(&default[1..], |app, render| {
            screens.push(("broken model".to_owned(), render(app)?));
            Ok(())
        })?;
        let named = models::with_class_names(&default, CLASS_NAMES)?;
        self.render(&named, |app, render| {
            for view in named_views() {
                app.show(view);
                screens.push((format!("{view}, with class names"), render(app)?));
            }
            Ok(())
        })?;
        Ok(screens)
    }

    /// Calls `session` with an app for `model` and a function that renders the app on the panel.
    fn render(
        &self,
        model: &[u8],
        session: impl FnOnce(&mut App<'_>, &dyn Fn(&mut App<'_>) -> Result<RgbImage>) -> Result<()>,
    ) -> Result<()> {
        let mut scratch = models::scratch();
        let mut app = App::new(model, &mut scratch, || 0);
        session(&mut app, &|app| (self.render)(app, self.size))
    }

    /// Arranges screens on one sheet.
    ///
    /// # Errors
    /// If a screen has another size than the panel.
    pub fn sheet(&self, screens: &[NamedScreen]) -> Result<RgbImage> {
        let rows = (screens.len() as u32).div_ceil(COLUMNS);
        let (width, height) = (self.size.width + GAP, self.size.height + GAP);
        let (width, height) = (COLUMNS * width + GAP, rows * height + GAP);
        let mut sheet = RgbImage::from_pixel(width, height, BACKGROUND);
        for ((_, screen), index) in screens.iter().zip(0..) {
            let (x, y) = self.position(index);
            sheet.copy_from(screen, x, y)?;
        }
        Ok(sheet)
    }

    /// Returns the top left corner of the screen `index` on the sheet.
    pub fn position(&self, index: u32) -> (u32, u32) {
        let (column, row) = (index % COLUMNS, index / COLUMNS);
        (
            GAP + column * (self.size.width + GAP),
            GAP + row * (self.size.height + GAP),
        )
    }
}
