//! Widgets of a view: images, lines of text and blocks with their areas.
//!
//! In: a view state, the model and the panel. Out: a list of widgets. Views of one mode have the same widgets in the same
//! order, so the widgets that differ between two views are those to be drawn.

use embedded_graphics::{mono_font::MonoFont, prelude::*, primitives::Rectangle};
use thumbgan_core::Model;

use crate::{
    caption::Caption,
    layout::{ClockLayout, ImageLayout, TextGrid, full_panel_grid},
    view_state::{Mode, ViewState},
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

    /// Returns the image of a view that has a single one.
    pub fn single(view: ViewState) -> Option<Self> {
        let (class, from, to, step) = match view {
            ViewState::Walk {
                class, seed, step, ..
            } => (class, seed, seed.wrapping_add(1), eased(step.into())),
            ViewState::Gallery { class, seed, .. } | ViewState::Digit { class, seed } => {
                (class, seed, seed, 0)
            }
            ViewState::Clock { .. } | ViewState::About { .. } => return None,
        };
        let spec = |seed| ImageSpec { class, seed };
        Some(Self {
            from: spec(from),
            to: spec(to),
            step,
        })
    }

    /// Returns the progress, 0 to 1.
    pub const fn fraction(self) -> f32 {
        self.step as f32 / Self::STEPS as f32
    }
}

/// Element of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widget<'m> {
    /// Image or transition between two images.
    Image(Rectangle, Morph),
    /// Line of text.
    Line(Rectangle, Caption<'m>),
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

/// List of the widgets of the views of one mode.
#[derive(Clone, Copy)]
pub struct Widgets {
    /// True if the classes have names other than the class numbers.
    named: bool,
    layout: Layout,
}

/// Areas of the widgets.
#[derive(Clone, Copy)]
enum Layout {
    /// One image with captions.
    Image(ImageLayout),
    /// Time of day.
    Clock(ClockLayout),
    /// Lines of text on the whole panel.
    Text(TextGrid),
    /// Name of a mode and the reason why it is not available with the model.
    Unavailable(TextGrid, &'static str),
}

impl Widgets {
    /// Lays out a mode on a panel.
    pub fn new(mode: Mode, model: &Model<'_>, panel: Rectangle) -> Self {
        let layout = match (mode, unavailable(mode, model)) {
            (_, Some(reason)) => Layout::Unavailable(full_panel_grid(panel), reason),
            (Mode::Gallery | Mode::Digit | Mode::Walk, None) => {
                Layout::Image(ImageLayout::new(panel))
            }
            (Mode::Clock, None) => Layout::Clock(ClockLayout::new(panel)),
            (Mode::About, None) => Layout::Text(full_panel_grid(panel)),
        };
        Self {
            named: names_differ_from_numbers(model).any(|differs| differs),
            layout,
        }
    }

    /// Returns the grid of the lines.
    fn grid(&self) -> Option<TextGrid> {
        match self.layout {
            Layout::Image(ImageLayout { captions: grid, .. })
            | Layout::Text(grid)
            | Layout::Unavailable(grid, _) => Some(grid),
            Layout::Clock(_) => None,
        }
    }

    /// Returns the font of the lines; `None` for a mode without lines.
    pub fn font(&self) -> Option<&'static MonoFont<'static>> {
        self.grid().map(|grid| grid.font)
    }

    /// Returns the widget at `index` of a view in the mode of the list; `None` after the last one.
    pub fn get<'m>(&self, model: &Model<'m>, view: ViewState, index: usize) -> Option<Widget<'m>> {
        match self.layout {
            Layout::Image(layout) if index == 0 => {
                Morph::single(view).map(|morph| Widget::Image(layout.image, morph))
            }
            Layout::Image(_) => self.line(model, view, index - 1),
            Layout::Clock(layout) => clock(layout, view, index),
            Layout::Text(_) => self.line(model, view, index),
            Layout::Unavailable(..) if index == 0 => self.line(model, view, 0),
            Layout::Unavailable(grid, reason) if index == 1 => {
                let below = Size::new(0, 3 * grid.font.character_size.height / 2);
                let area = Rectangle::new(grid.area.top_left + below, grid.area.size - below);
                Some(Widget::Paragraph(area, reason))
            }
            Layout::Unavailable(..) => None,
        }
    }

    /// Returns the name of the view's class if the model has names other than the class numbers.
    fn class_name<'m>(&self, model: &Model<'m>, view: ViewState) -> Option<&'m str> {
        let (ViewState::Gallery { class, .. }
        | ViewState::Digit { class, .. }
        | ViewState::Walk { class, .. }) = view
        else {
            return None;
        };
        class
            .filter(|_| self.named)
            .and_then(|class| model.class_name(class))
    }

    /// Returns the line of text at `index`.
    fn line<'m>(&self, model: &Model<'m>, view: ViewState, index: usize) -> Option<Widget<'m>> {
        const CLASS: u32 = 2;
        let (grid, row) = (self.grid()?, u32::try_from(index).ok()?);
        let name = self.class_name(model, view);
        let area = match name {
            None => grid.line(row)?,
            Some(name) if row == CLASS => {
                return Some(Widget::Paragraph(grid.line_around(CLASS, row)?, name));
            }
            Some(_) => grid.line_around(CLASS, row)?,
        };
        let caption = Caption::new(view, index, model, name.is_some());
        Some(Widget::Line(area, caption))
    }
}

/// Returns the reason why a mode is not available with a model.
fn unavailable(mode: Mode, model: &Model<'_>) -> Option<&'static str> {
    match (mode, model.class_count()) {
        (Mode::Digit | Mode::Clock, 0) => Some("No classes in this model"),
        (Mode::Clock, classes)
            if classes < 10
                || names_differ_from_numbers(model)
                    .take(10)
                    .any(|differs| differs) =>
        {
            Some("Needs the digits 0 to 9")
        }
        _ => None,
    }
}

/// Returns for each class name whether it differs from the class number.
fn names_differ_from_numbers(model: &Model<'_>) -> impl Iterator<Item = bool> {
    model
        .class_names()
        .zip(0..)
        .map(|(name, class)| name.parse::<u8>() != Ok(class))
}

/// Returns a widget of the clock: four digits, two dots, four cursors.
fn clock<'m>(layout: ClockLayout, view: ViewState, index: usize) -> Option<Widget<'m>> {
    let ViewState::Clock {
        from,
        to,
        series,
        step,
        set,
        colon,
    } = view
    else {
        return None;
    };
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

/// Maps a step of 256 to one of [`Morph::STEPS`] by the smoothstep function 3 t^2 - 2 t^3.
fn eased(step: u16) -> u32 {
    let step = u32::from(step);
    (step * step * (768 - 2 * step)) >> 8
}
