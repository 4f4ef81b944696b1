//! Application that a board's program drives: buttons in, pixels out.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use thumbgan_core::{
    Generator, Model,
    graphics::{ContiguousRows, GrayscaleColor, RowTarget},
};

use crate::{
    buttons::{Button, Buttons, Press},
    controller::Controller,
    region::{ModelError, RegionState, choose},
    renderer::{Foregrounds, Renderer, draw_error, generate},
    time::Clock,
    view_state::{Mode, ViewState},
    widgets::Morph,
};

/// Scratch memory of the boards' firmware in 32-bit words: the image and 18 KiB of activations and workspace, enough for a
/// generator with feature maps 7x7x48 and 14x14x64.
pub const SCRATCH_LEN: usize = 196 + 4_608;

/// Time in microseconds for which the error of an invalid model region is shown after start-up.
const NOTICE_MICROS: u64 = 5_000_000;

/// Generator, view state and buttons, or the model's error to show in their place.
#[derive(Debug)]
pub struct App<'m> {
    generator: Result<Generator<'m>, ModelError>,
    region: RegionState,
    /// Length of the scratch memory in 32-bit words.
    scratch_len: usize,
    /// End of the notice of an invalid model region; `None` if it is over.
    notice_end: Option<u64>,
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

/// State of an app that does not depend on its model: mode, theme, seeds, time of day and buttons.
#[derive(Clone, Debug)]
pub struct AppState {
    controller: Controller,
    mode_button: Button,
    act_button: Button,
    theme: u8,
}

/// Content of a display.
#[derive(Clone, Copy, Debug)]
struct Shown {
    /// True if an error covers the view.
    is_error: bool,
    view: ViewState,
    theme: u8,
    foregrounds: Foregrounds,
}

impl<'m> App<'m> {
    /// Creates an app for a model file in the gallery at seed 1. An invalid model becomes the error screen.
    pub fn new(model: &'m [u8], scratch: &'m mut [u32], clock: Clock) -> Self {
        Self::with_region(model, &[], scratch, clock)
    }

    /// Creates an app for the model file in `region`, a board's model region, or for the model file `built_in` if the region
    /// is erased or invalid. The error of an invalid region is shown for 5 seconds and as a page of the mode "about".
    pub fn with_region(
        built_in: &'m [u8],
        region: &'m [u8],
        scratch: &'m mut [u32],
        clock: Clock,
    ) -> Self {
        let scratch_len = scratch.len();
        let (model, state) = choose(region, built_in, scratch_len);
        let generator =
            model.and_then(|model| Generator::new(model, scratch).map_err(ModelError::Scratch));
        let class_count = generator
            .as_ref()
            .map_or(0, |generator| generator.model().class_count());
        let (is_invalid, now) = (matches!(state, RegionState::Invalid(_)), clock());
        Self {
            generator,
            region: state,
            scratch_len,
            notice_end: is_invalid.then_some(now.saturating_add(NOTICE_MICROS)),
            clock,
            mode_button: Button::default(),
            act_button: Button::default(),
            controller: Controller::new(class_count, about_pages(state), now),
            theme: 0,
            shown: None,
            prepared: None,
        }
    }

    /// Returns the state for an app with another model on the same board.
    pub fn state(&self) -> AppState {
        AppState {
            controller: self.controller.clone(),
            mode_button: self.mode_button,
            act_button: self.act_button,
            theme: self.theme,
        }
    }

    /// Continues from the state of another app: in the same mode, with the next image.
    pub fn resume(&mut self, state: AppState) {
        let AppState {
            mut controller,
            mode_button,
            act_button,
            theme,
        } = state;
        controller.change_model(
            self.model().map_or(0, Model::class_count),
            about_pages(self.region),
            (self.clock)(),
        );
        (self.controller, self.theme) = (controller, theme);
        (self.mode_button, self.act_button) = (mode_button, act_button);
    }

    /// Processes the buttons' levels and the time that has passed.
    ///
    /// Call it at least every 10 ms while nothing is drawn, else once per frame. It debounces the buttons.
    pub fn tick(&mut self, pressed: Buttons) {
        let now = (self.clock)();
        self.notice_end = self.notice_end.filter(|end| now < *end);
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
        let error = self.screen_error();
        let before = self.shown.take();
        let mut foregrounds = Foregrounds::default();
        let changed = match (&mut self.generator, error) {
            (_, Some((title, error))) => {
                let is_shown = before.is_some_and(|shown| shown.is_error && shown.theme == theme);
                (!is_shown)
                    .then(|| draw_error(title, &error, theme, target))
                    .transpose()?
            }
            (Err(_), None) => None,
            (Ok(generator), None) => {
                let kept = before.filter(|before| before.theme == theme && !before.is_error);
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
            is_error: error.is_some(),
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
        let kept = self
            .shown
            .filter(|shown| shown.theme == self.theme && !shown.is_error);
        let shown = kept.and_then(|shown| Morph::single(shown.view));
        let next = Morph::single(self.view()).filter(|next| Some(*next) != shown);
        let error = self.screen_error();
        let (Some(morph), None, Ok(generator)) = (next, error, &mut self.generator) else {
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

    /// Returns title and error that cover the view: of the model, or of the model region in its notice and its page.
    fn screen_error(&self) -> Option<(&'static str, ModelError)> {
        let is_noticed = self.notice_end.is_some() || self.view() == ViewState::REGION_PAGE;
        match (&self.generator, self.region) {
            (Err(error), _) => Some(("MODEL ERROR", *error)),
            (Ok(_), RegionState::Invalid(error)) if is_noticed => {
                Some(("MODEL REGION ERROR", error))
            }
            _ => None,
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

    /// Sets the time of day to `seconds` since midnight. The clock continues from there.
    pub fn set_time(&mut self, seconds: u32) {
        self.controller.set_time(seconds, (self.clock)());
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

    /// Returns the state of the board's model region.
    pub fn region(&self) -> RegionState {
        self.region
    }

    /// Returns the length of the scratch memory in 32-bit words.
    pub fn scratch_len(&self) -> usize {
        self.scratch_len
    }

    /// Returns the generator for use between two calls of [`App::draw`]; the app keeps no state in it.
    pub fn generator(&mut self) -> Option<&mut Generator<'m>> {
        self.prepared = None;
        self.generator.as_mut().ok()
    }
}

/// Returns the number of pages of the mode "about".
fn about_pages(region: RegionState) -> u8 {
    if matches!(region, RegionState::Invalid(_)) {
        3
    } else {
        2
    }
}
