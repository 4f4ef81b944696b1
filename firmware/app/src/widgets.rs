//! Widgets of a view: images, lines of text and blocks with their areas.
//!
//! In: a view state, the model and the panel. Out: a list of widgets. Views of one mode have the same widgets in the same
//! order, so the widgets that differ between two views are those to be drawn.

use core::fmt::{self, Write as _};

use embedded_graphics::{mono_font::MonoFont, prelude::*, primitives::Rectangle};
use heapless::String;
use thumbgan_core::Model;

use crate::{
    layout::{ClockLayout, ImageLayout, TextGrid, full_panel_grid},
    view_state::{Mode, OrDash, Rate, ViewState},
};

/// Class and seed of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageSpec {
    /// Class; `None` for an unconditional model.
    pub class: Option<u8>,
    /// Seed of the latent.
    pub seed: u64,
}

/// Transition between two images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Morph {
    /// Image at step 0.
    pub from: ImageSpec,
    /// Image at step [`Morph::STEPS`].
    pub to: ImageSpec,
    /// Progress, 0 to [`Morph::STEPS`].
    pub step: u32,
}

impl Morph {
    /// Number of steps of a transition.
    pub const STEPS: u32 = 1 << 16;

    /// Returns the progress, 0 to 1.
    pub const fn fraction(self) -> f32 {
        self.step as f32 / Self::STEPS as f32
    }
}

/// Line of text.
pub type Line = String<32>;

/// Writer that cuts text at the capacity of a line.
struct Cut<'l>(&'l mut Line);

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars()
            .try_for_each(|letter| self.0.push(letter).map_err(|_| fmt::Error))
    }
}

/// Element of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Widget<'m> {
    /// Image or transition between two images.
    Image(Rectangle, Morph),
    /// Line of text.
    Line(Rectangle, Line),
    /// Wrapped text.
    Paragraph(Rectangle, &'m str),
    /// Rectangle in the foreground color if true, else in the background color.
    Block(Rectangle, bool),
}

impl Widget<'_> {
    /// Returns the area.
    pub const fn area(&self) -> Rectangle {
        let (Self::Image(area, _)
        | Self::Line(area, _)
        | Self::Paragraph(area, _)
        | Self::Block(area, _)) = self;
        *area
    }
}

/// List of the widgets of a view.
#[derive(Clone, Copy)]
pub struct Widgets<'a, 'm> {
    /// View state.
    pub view: ViewState,
    /// Model that generates the images.
    pub model: &'a Model<'m>,
    /// Area of the display.
    pub panel: Rectangle,
}

impl<'m> Widgets<'_, 'm> {
    /// Returns the font of the lines.
    pub fn font(&self) -> &'static MonoFont<'static> {
        self.captions().font
    }

    /// Returns the widget at `index`; `None` after the last one.
    pub fn get(&self, index: usize) -> Option<Widget<'m>> {
        if let Some(reason) = self.unavailable() {
            return self.unavailable_widget(reason, index);
        }
        match self.view {
            ViewState::Clock { .. } => self.clock(index),
            ViewState::About { .. } => self.line(index),
            _ if index == 0 => Some(self.single_image()),
            _ => self.line(index - 1),
        }
    }

    /// Returns the reason why the mode is not available with this model.
    fn unavailable(&self) -> Option<&'static str> {
        match (self.view.mode(), self.model.class_count()) {
            (Mode::Digit | Mode::Clock, 0) => Some("No classes in this model"),
            (Mode::Clock, classes)
                if classes < 10
                    || self
                        .names_differ_from_numbers()
                        .take(10)
                        .any(|differs| differs) =>
            {
                Some("Needs the digits 0 to 9")
            }
            _ => None,
        }
    }

    /// Returns for each class name whether it differs from the class number.
    fn names_differ_from_numbers(&self) -> impl Iterator<Item = bool> {
        self.model
            .class_names()
            .zip(0..)
            .map(|(name, class)| name.parse::<u8>() != Ok(class))
    }

    /// Returns the name of the view's class if the model has names other than the class numbers.
    fn class_name(&self) -> Option<&'m str> {
        let (ViewState::Gallery { class, .. }
        | ViewState::Digit { class, .. }
        | ViewState::Walk { class, .. }) = self.view
        else {
            return None;
        };
        let named = self.names_differ_from_numbers().any(|differs| differs);
        class
            .filter(|_| named)
            .and_then(|class| self.model.class_name(class))
    }

    /// Returns the grid of the lines.
    fn captions(&self) -> TextGrid {
        match self.view {
            ViewState::Gallery { .. } | ViewState::Walk { .. } => {
                ImageLayout::new(self.panel).captions
            }
            ViewState::Digit { .. } if self.unavailable().is_none() => {
                ImageLayout::new(self.panel).captions
            }
            _ => full_panel_grid(self.panel),
        }
    }

    /// Returns a widget of the screen that shows why a mode is not available.
    fn unavailable_widget(&self, reason: &'static str, index: usize) -> Option<Widget<'m>> {
        let grid = full_panel_grid(self.panel);
        match index {
            0 => self.line(0),
            1 => {
                let below = Size::new(0, 3 * grid.font.character_size.height / 2);
                let area = Rectangle::new(grid.area.top_left + below, grid.area.size - below);
                Some(Widget::Paragraph(area, reason))
            }
            _ => None,
        }
    }

    /// Returns the image of the views that have one.
    fn single_image(&self) -> Widget<'m> {
        let (from, to, step) = match self.view {
            ViewState::Walk {
                class, seed, step, ..
            } => (
                ImageSpec { class, seed },
                ImageSpec {
                    class,
                    seed: seed.wrapping_add(1),
                },
                eased(step.into()),
            ),
            ViewState::Gallery { class, seed, .. } | ViewState::Digit { class, seed } => {
                (ImageSpec { class, seed }, ImageSpec { class, seed }, 0)
            }
            ViewState::Clock { .. } | ViewState::About { .. } => {
                return Widget::Block(Rectangle::zero(), false);
            }
        };
        Widget::Image(ImageLayout::new(self.panel).image, Morph { from, to, step })
    }

    /// Returns a widget of the clock: four digits, two dots, four cursors.
    fn clock(&self, index: usize) -> Option<Widget<'m>> {
        let ViewState::Clock {
            from,
            to,
            series,
            step,
            set,
            colon,
        } = self.view
        else {
            return None;
        };
        let layout = ClockLayout::new(self.panel);
        match index {
            position @ 0..4 => {
                let spec = |class: u8, series: u32| ImageSpec {
                    class: Some(class),
                    seed: u64::from(series) * 4 + position as u64,
                };
                let step = step.saturating_sub(256 * position as u16).min(256);
                let from = spec(from.digits()[position], series.wrapping_sub(1));
                let to = spec(to.digits()[position], series);
                Some(Widget::Image(
                    layout.digits[position],
                    Morph {
                        from,
                        to,
                        step: eased(step),
                    },
                ))
            }
            dot @ 4..6 => Some(Widget::Block(layout.dots[dot - 4], colon)),
            cursor @ 6..10 => {
                let position = cursor - 6;
                let lit = set.map(usize::from) == Some(position);
                Some(Widget::Block(layout.cursor(position), lit))
            }
            _ => None,
        }
    }

    /// Returns the line of text at `index`.
    fn line(&self, index: usize) -> Option<Widget<'m>> {
        const CLASS: u32 = 2;
        let (captions, row) = (self.captions(), u32::try_from(index).ok()?);
        let area = match self.class_name() {
            None => captions.line(row)?,
            Some(name) if row == CLASS => {
                return Some(Widget::Paragraph(captions.line_around(CLASS, row)?, name));
            }
            Some(_) => captions.line_around(CLASS, row)?,
        };
        let mut text = Line::new();
        // Text beyond the capacity is cut.
        let _ = self.write(index, &mut Cut(&mut text));
        Some(Widget::Line(area, text))
    }

    /// Writes the text of the line at `index`; most lines are empty.
    fn write(&self, index: usize, text: &mut Cut<'_>) -> fmt::Result {
        let provenance = self.model.provenance();
        match (self.view, index) {
            (ViewState::Digit { .. }, 0) if self.class_name().is_some() => write!(text, "class"),
            (
                ViewState::Gallery { .. }
                | ViewState::Digit { .. }
                | ViewState::Walk { .. }
                | ViewState::Clock { .. },
                0,
            ) => {
                write!(text, "{}", self.view.mode())
            }
            (
                ViewState::Gallery { seed, .. }
                | ViewState::Digit { seed, .. }
                | ViewState::Walk { seed, .. },
                1,
            ) => {
                write!(text, "#{seed}")
            }
            (
                ViewState::Gallery { class, .. }
                | ViewState::Digit { class, .. }
                | ViewState::Walk { class, .. },
                2,
            ) => {
                write!(text, "class {}", OrDash(class))
            }
            (ViewState::Gallery { held: true, .. }, 3) => write!(text, "held"),
            (
                ViewState::Walk {
                    rate: Some(Rate { frames, .. }),
                    ..
                },
                3,
            ) => {
                write!(text, "{}.{}/s", frames / 10, frames % 10)
            }
            (
                ViewState::Walk {
                    rate: Some(Rate { micros, .. }),
                    ..
                },
                4,
            ) => match micros {
                0..1000 => write!(text, "{micros} us"),
                _ => write!(text, "{}.{} ms", micros / 1000, micros / 100 % 10),
            },
            (ViewState::About { page: 0 }, 0) => write!(text, "{}", self.model.name()),
            (ViewState::About { page: 0 }, 1) => match provenance.fid {
                Some(fid) => write!(text, "FID {}.{:02}", fid / 1000, fid % 1000 / 10),
                None => write!(text, "FID unknown"),
            },
            (ViewState::About { page: 0 }, 2) => write!(text, "{} bytes", self.model.file_len()),
            (ViewState::About { page: 0 }, 3) => write!(text, "CRC {:08x}", self.model.crc32()),
            (ViewState::About { page: 0 }, 4) => {
                write!(text, "{} classes", self.model.class_count())
            }
            (ViewState::About { .. }, 0) => write!(text, "{}", provenance.dataset),
            (ViewState::About { .. }, 1) => write!(text, "{} steps", provenance.iterations),
            (ViewState::About { .. }, 2) => write!(text, "seed {}", provenance.seed),
            (ViewState::About { .. }, 3) => write!(text, "{}", provenance.tool),
            _ => Ok(()),
        }
    }
}

/// Maps a step of 256 to one of [`Morph::STEPS`] by the smoothstep function 3 t^2 - 2 t^3.
fn eased(step: u16) -> u32 {
    let step = u32::from(step);
    (step * step * (768 - 2 * step)) >> 8
}
