//! What a scene consists of: digits, lines of text and blocks, each at its place.
//!
//! Scenes of one mode have the same parts in the same order, so that what differs between two of them is what
//! has to be drawn.

use core::fmt::{self, Write as _};

use embedded_graphics::{mono_font::MonoFont, prelude::*, primitives::Rectangle};
use heapless::String;
use thumbgan_core::Model;

use crate::{
    layout::{Face, Grid, Single, page},
    scene::{Mode, OrDash, Rate, Scene},
};

/// What a digit follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub class: Option<u8>,
    pub seed: u64,
}

/// A digit on the way from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Morph {
    pub from: Written,
    pub to: Written,
    /// How much of the way is behind, of [`Morph::WAY`].
    pub step: u32,
}

impl Morph {
    /// The whole way.
    pub const WAY: u32 = 1 << 16;
}

/// A line of text.
pub type Line = String<32>;

/// Writes into a line what fits, letter by letter.
struct Cut<'l>(&'l mut Line);

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|letter| self.0.push(letter).map_err(|_| fmt::Error))
    }
}

/// A part of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'m> {
    /// A digit.
    Digit(Rectangle, Morph),
    /// A line of text.
    Line(Rectangle, Line),
    /// A paragraph.
    Note(Rectangle, &'m str),
    /// A block, of ink or of paper.
    Block(Rectangle, bool),
}

impl Part<'_> {
    /// Where it is.
    pub const fn area(&self) -> Rectangle {
        let (Self::Digit(area, _) | Self::Line(area, _) | Self::Note(area, _) | Self::Block(area, _)) = self;
        *area
    }
}

/// What all parts of a scene have in common.
#[derive(Clone, Copy)]
pub struct Parts<'a, 'm> {
    pub scene: Scene,
    pub model: &'a Model<'m>,
    pub panel: Rectangle,
}

impl<'m> Parts<'_, 'm> {
    /// The font of its lines.
    pub fn font(&self) -> &'static MonoFont<'static> {
        self.captions().font
    }

    /// The part of this number, counted from 0; `None` after the last.
    pub fn get(&self, index: usize) -> Option<Part<'m>> {
        if let Some(obstacle) = self.obstacle() {
            return self.refusal(obstacle, index);
        }
        match self.scene {
            Scene::Clock { .. } => self.clock(index),
            Scene::About { .. } => self.line(index),
            _ if index == 0 => Some(self.single()),
            _ => self.line(index - 1),
        }
    }

    /// What keeps the model from this mode, if anything does.
    fn obstacle(&self) -> Option<&'static str> {
        match (self.scene.mode(), self.model.classes()) {
            (Mode::Digit | Mode::Clock, 0) => Some("No classes in this model"),
            (Mode::Clock, classes) if classes < 10 || self.telling_names().take(10).any(|tells| tells) => {
                Some("Needs the digits 0 to 9")
            }
            _ => None,
        }
    }

    /// For each class with a name, whether that says more than the class's number.
    fn telling_names(&self) -> impl Iterator<Item = bool> {
        self.model.class_names().zip(0..).map(|(name, class)| name.parse::<u8>() != Ok(class))
    }

    /// What the scene's class is called, if the model's names say more than numbers.
    fn class_name(&self) -> Option<&'m str> {
        let (Scene::Gallery { class, .. } | Scene::Digit { class, .. } | Scene::Walk { class, .. }) =
            self.scene
        else {
            return None;
        };
        let named = self.telling_names().any(|tells| tells);
        class.filter(|_| named).and_then(|class| self.model.class_name(class))
    }

    /// The places of lines.
    fn captions(&self) -> Grid {
        match self.scene {
            Scene::Gallery { .. } | Scene::Walk { .. } => Single::new(self.panel).captions,
            Scene::Digit { .. } if self.obstacle().is_none() => Single::new(self.panel).captions,
            _ => page(self.panel),
        }
    }

    /// A screen that says why there is none.
    fn refusal(&self, obstacle: &'static str, index: usize) -> Option<Part<'m>> {
        let grid = page(self.panel);
        match index {
            0 => self.line(0),
            1 => {
                let below = Size::new(0, 3 * grid.font.character_size.height / 2);
                let area = Rectangle::new(grid.area.top_left + below, grid.area.size - below);
                Some(Part::Note(area, obstacle))
            }
            _ => None,
        }
    }

    /// The one digit of most scenes.
    fn single(&self) -> Part<'m> {
        let (from, to, step) = match self.scene {
            Scene::Walk { class, seed, step, .. } => {
                (Written { class, seed }, Written { class, seed: seed.wrapping_add(1) }, eased(step.into()))
            }
            Scene::Gallery { class, seed, .. } | Scene::Digit { class, seed } => {
                (Written { class, seed }, Written { class, seed }, 0)
            }
            Scene::Clock { .. } | Scene::About { .. } => return Part::Block(Rectangle::zero(), false),
        };
        Part::Digit(Single::new(self.panel).digit, Morph { from, to, step })
    }

    fn clock(&self, index: usize) -> Option<Part<'m>> {
        let Scene::Clock { from, to, series, step, set, colon } = self.scene else { return None };
        let face = Face::new(self.panel);
        match index {
            place @ 0..4 => {
                let written = |class: u8, series: u32| Written {
                    class: Some(class),
                    seed: u64::from(series) * 4 + place as u64,
                };
                let step = step.saturating_sub(256 * place as u16).min(256);
                let from = written(from.digits()[place], series.wrapping_sub(1));
                let to = written(to.digits()[place], series);
                Some(Part::Digit(face.digits[place], Morph { from, to, step: eased(step) }))
            }
            dot @ 4..6 => Some(Part::Block(face.dots[dot - 4], colon)),
            mark @ 6..10 => Some(Part::Block(face.mark(mark - 6), set.map(usize::from) == Some(mark - 6))),
            _ => None,
        }
    }

    fn line(&self, index: usize) -> Option<Part<'m>> {
        const CLASS: u32 = 2;
        let (captions, place) = (self.captions(), u32::try_from(index).ok()?);
        let area = match self.class_name() {
            None => captions.line(place)?,
            Some(name) if place == CLASS => {
                return Some(Part::Note(captions.line_around(CLASS, place)?, name));
            }
            Some(_) => captions.line_around(CLASS, place)?,
        };
        let mut text = Line::new();
        // What does not fit is left out.
        let _ = self.write(index, &mut Cut(&mut text));
        Some(Part::Line(area, text))
    }

    /// Writes the line of this number; most have nothing to say.
    fn write(&self, index: usize, text: &mut Cut<'_>) -> fmt::Result {
        let provenance = self.model.provenance();
        match (self.scene, index) {
            (Scene::Digit { .. }, 0) if self.class_name().is_some() => write!(text, "class"),
            (Scene::Gallery { .. } | Scene::Digit { .. } | Scene::Walk { .. } | Scene::Clock { .. }, 0) => {
                write!(text, "{}", self.scene.mode())
            }
            (Scene::Gallery { seed, .. } | Scene::Digit { seed, .. } | Scene::Walk { seed, .. }, 1) => {
                write!(text, "#{seed}")
            }
            (Scene::Gallery { class, .. } | Scene::Digit { class, .. } | Scene::Walk { class, .. }, 2) => {
                write!(text, "class {}", OrDash(class))
            }
            (Scene::Gallery { held: true, .. }, 3) => write!(text, "held"),
            (Scene::Walk { rate: Some(Rate { frames, .. }), .. }, 3) => {
                write!(text, "{}.{}/s", frames / 10, frames % 10)
            }
            (Scene::Walk { rate: Some(Rate { micros, .. }), .. }, 4) => match micros {
                0..1000 => write!(text, "{micros} us"),
                _ => write!(text, "{}.{} ms", micros / 1000, micros / 100 % 10),
            },
            (Scene::About { page: 0 }, 0) => write!(text, "{}", self.model.name()),
            (Scene::About { page: 0 }, 1) => match provenance.fid {
                Some(fid) => write!(text, "FID {}.{:02}", fid / 1000, fid % 1000 / 10),
                None => write!(text, "FID unknown"),
            },
            (Scene::About { page: 0 }, 2) => write!(text, "{} bytes", self.model.size()),
            (Scene::About { page: 0 }, 3) => write!(text, "CRC {:08x}", self.model.crc()),
            (Scene::About { page: 0 }, 4) => write!(text, "{} classes", self.model.classes()),
            (Scene::About { .. }, 0) => write!(text, "{}", provenance.dataset),
            (Scene::About { .. }, 1) => write!(text, "{} steps", provenance.iterations),
            (Scene::About { .. }, 2) => write!(text, "seed {}", provenance.seed),
            (Scene::About { .. }, 3) => write!(text, "{}", provenance.tool),
            _ => Ok(()),
        }
    }
}

/// A step of 256 as one of [`Morph::WAY`], with a slow start and a slow end: 3 t^2 - 2 t^3.
fn eased(step: u16) -> u32 {
    let step = u32::from(step);
    (step * step * (768 - 2 * step)) >> 8
}
