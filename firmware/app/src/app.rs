//! Application that a board's program drives: buttons in, pixels out.

use core::fmt;

use embedded_graphics::{prelude::*, primitives::Rectangle};
use thumbgan_core::{
    Generator, Model, ParseError, ScratchError,
    graphics::{ContiguousRows, GrayscaleColor, RowTarget},
};

use crate::{
    buttons::{Button, Buttons, Press},
    controller::Controller,
    renderer::{Foregrounds, Renderer, draw_error, generate},
    time::Clock,
    view_state::{Mode, ViewState},
    widgets::Morph,
};

/// Scratch memory of the boards' firmware in 32-bit words: the image and 12 KiB of activations and workspace, enough for a
/// generator with feature maps 7x7x48 and 14x14x32.
pub const SCRATCH_LEN: usize = 196 + 3_072;

/// Generator, view state and buttons, or the model's error to show in their place.
#[derive(Debug)]
pub struct App<'m> {
    generator: Result<Generator<'m>, ModelError>,
    clock: Clock,
    mode_button: Button,
    act_button: Button,
    controller: Controller,
    /// Index into the themes of the display's color, which wraps around.
    theme: u8,
    /// Content of the display; `None` if unknown.
    shown: Option<Shown>,
    /// Image in the generator that [`App::prepare`] has left for the next frame.
    prepared: Option<Morph>,
}

/// Reason why the app has no generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// Invalid model file.
    Parse(ParseError),
    /// Model that needs more scratch memory than the firmware has.
    Scratch(ScratchError),
}

/// Content of a display.
#[derive(Clone, Copy, Debug)]
struct Shown {
    view: ViewState,
    theme: u8,
    foregrounds: Foregrounds,
}

impl<'m> App<'m> {
    /// Creates an app for a model file in the gallery at seed 1. An invalid model becomes the error screen.
    pub fn new(model: &'m [u8], scratch: &'m mut [u32], clock: Clock) -> Self {
        let generator = Model::parse(model)
            .map_err(ModelError::Parse)
            .and_then(|model| Generator::new(model, scratch).map_err(ModelError::Scratch));
        let class_count = generator
            .as_ref()
            .map_or(0, |generator| generator.model().class_count());
        Self {
            generator,
            clock,
            mode_button: Button::default(),
            act_button: Button::default(),
            controller: Controller::new(class_count, clock()),
            theme: 0,
            shown: None,
            prepared: None,
        }
    }

    /// Processes the buttons' levels and the time that has passed.
    ///
    /// Call it at least every 10 ms while nothing is drawn, else once per frame. It debounces the buttons.
    pub fn tick(&mut self, pressed: Buttons) {
        let now = (self.clock)();
        match self.mode_button.update(pressed.mode, now) {
            Some(Press::Short) => {
                self.controller
                    .enter(self.controller.view().mode().next(), now);
            }
            Some(Press::Long) => self.theme = self.theme.wrapping_add(1),
            None => {}
        }
        if let Some(press) = self.act_button.update(pressed.act, now) {
            self.controller.act(press, now);
        }
        self.controller.advance(now);
    }

    /// Draws what has changed since the last call and returns the rectangle that contains it; `None` if nothing has
    /// changed. The first call, and a call after an error, draws the whole display.
    ///
    /// # Errors
    /// If the display fails; the error is that of the [`DrawTarget`].
    pub fn draw<D>(&mut self, target: &mut D) -> Result<Option<Rectangle>, D::Error>
    where
        D: DrawTarget,
        D::Color: GrayscaleColor,
    {
        self.draw_rows(&mut ContiguousRows(target))
    }

    /// Draws like [`App::draw`], with the same pixels, on a display that takes rows in its own format.
    ///
    /// # Errors
    /// If the display fails; the error is that of the [`DrawTarget`].
    pub fn draw_rows<D>(&mut self, target: &mut D) -> Result<Option<Rectangle>, D::Error>
    where
        D: RowTarget,
        D::Color: GrayscaleColor,
    {
        let (view, theme) = (self.controller.view(), self.theme);
        let before = self.shown.take();
        let mut foregrounds = Foregrounds::default();
        let changed = match &mut self.generator {
            Err(_) if before.is_some() => None,
            Err(error) => Some(draw_error(error, theme, target)?),
            Ok(generator) => {
                let kept = before.filter(|before| before.theme == theme);
                foregrounds = kept.map(|kept| kept.foregrounds).unwrap_or_default();
                let mut renderer = Renderer {
                    generator,
                    theme,
                    clock: self.clock,
                    foregrounds: &mut foregrounds,
                    prepared: &mut self.prepared,
                    micros: None,
                };
                let changed = renderer.render(kept.map(|kept| kept.view), view, target)?;
                if let Some(micros) = renderer.micros {
                    self.controller.count_frame(micros);
                }
                changed
            }
        };
        self.shown = Some(Shown {
            view,
            theme,
            foregrounds,
        });
        Ok(changed)
    }

    /// Generates the image of the next [`App::draw`], if its view has a single one that is not on the display yet.
    ///
    /// A board calls it between [`App::tick`] and [`App::draw`] while the display still receives the preceding frame.
    pub fn prepare(&mut self) {
        let view = self.controller.view();
        let morph = Morph::single(view).filter(|_| {
            let shown = self.shown.filter(|shown| shown.theme == self.theme);
            shown.and_then(|shown| Morph::single(shown.view)) != Morph::single(view)
        });
        let (Some(morph), Ok(generator)) = (morph, &mut self.generator) else {
            return;
        };
        if self.prepared == Some(morph) {
            return;
        }
        let start = (self.clock)();
        if generate(generator, morph).is_ok() {
            self.prepared = Some(morph);
            let micros = (self.clock)().saturating_sub(start) as u32;
            self.controller.count_frame(micros);
        }
    }

    /// Marks the content of the display as unknown, so that the next [`App::draw`] draws everything.
    pub fn redraw(&mut self) {
        self.shown = None;
    }

    /// Returns the view that is on the display or will be after the next [`App::draw`].
    pub fn view(&self) -> ViewState {
        self.controller.view()
    }

    /// Sets the view. Time and buttons change it from there.
    pub fn show(&mut self, view: ViewState) {
        self.controller.show(view, (self.clock)());
    }

    /// Enters a mode.
    pub fn set_mode(&mut self, mode: Mode) {
        self.controller.enter(mode, (self.clock)());
    }

    /// Returns the theme, an index into [`GrayscaleColor::THEMES`] of the display's color that wraps around.
    pub fn theme(&self) -> u8 {
        self.theme
    }

    /// Sets the theme.
    pub fn set_theme(&mut self, theme: u8) {
        self.theme = theme;
    }

    /// Sets the seed that the following images count on from, in the clock as well. Boards set a random one at start-up.
    pub fn set_seed(&mut self, seed: u64) {
        self.controller.set_seed(seed, (self.clock)());
    }

    /// Returns the microseconds that the last image took; 0 before the first.
    pub fn micros(&self) -> u32 {
        self.controller.micros()
    }

    /// Returns the model; `None` if it is invalid.
    pub fn model(&self) -> Option<&Model<'m>> {
        self.generator.as_ref().ok().map(Generator::model)
    }

    /// Returns the error of an invalid model.
    pub fn error(&self) -> Option<ModelError> {
        self.generator.as_ref().err().copied()
    }

    /// Returns the generator for use between two calls of [`App::draw`]; the app keeps no state in it.
    pub fn generator(&mut self) -> Option<&mut Generator<'m>> {
        self.prepared = None;
        self.generator.as_mut().ok()
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => error.fmt(f),
            Self::Scratch(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ModelError {}
