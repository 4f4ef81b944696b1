//! The device: what a board calls.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use thumbgan_core::{Fitting, Generator, Ink, Model, ModelError, SCRATCH};

use crate::{
    buttons::{Button, Buttons, Press},
    paint::{self, Inked, Painter},
    scene::{Mode, Scene},
    stage::Stage,
};

/// A board's clock: microseconds since some moment, never going back.
pub type Clock = fn() -> u64;

/// A running generator, or the error to show in its place.
#[derive(Clone, Debug)]
pub struct App<'m> {
    generator: Result<Generator<'m, SCRATCH>, ModelError>,
    clock: Clock,
    mode: Button,
    act: Button,
    stage: Stage,
    /// How things look: an index into the looks of the display's colour, which wraps.
    look: u8,
    /// What the display shows; `None` when that is not known.
    shown: Option<Shown>,
}

/// What a display shows.
#[derive(Clone, Copy, Debug)]
struct Shown {
    scene: Scene,
    look: u8,
    inked: Inked,
}

impl<'m> App<'m> {
    /// An app for the model file `model`, in the gallery at seed 1; a bad file becomes the error screen.
    pub fn new(model: &'m [u8], clock: Clock) -> Self {
        let (mode, act, look, shown) = (Button::default(), Button::default(), 0, None);
        match Model::parse(model).and_then(Fitting::new) {
            Ok(model) => {
                let generator = Generator::from(model);
                let stage = Stage::new(generator.model().classes(), clock());
                Self { stage, generator: Ok(generator), clock, mode, act, look, shown }
            }
            Err(error) => {
                Self { generator: Err(error), stage: Stage::new(0, clock()), clock, mode, act, look, shown }
            }
        }
    }

    /// Takes the buttons' levels and lets time pass. To be called at least every 10 ms where nothing is drawn,
    /// else once a frame; it debounces by itself.
    pub fn tick(&mut self, pressed: Buttons) {
        let now = (self.clock)();
        match self.mode.update(pressed.mode, now) {
            Some(Press::Short) => self.stage.enter(self.stage.scene().mode().next(), now),
            Some(Press::Long) => self.look = self.look.wrapping_add(1),
            None => {}
        }
        if let Some(press) = self.act.update(pressed.act, now) {
            self.stage.act(press, now);
        }
        self.stage.advance(now);
    }

    /// Makes and draws what has changed since it was last called, and gives the rectangle that it lies in; `None`
    /// if nothing has. The first call draws the whole of `target`, as does one after an error.
    ///
    /// # Errors
    /// Those of the target alone.
    pub fn draw<D>(&mut self, target: &mut D) -> Result<Option<Rectangle>, D::Error>
    where
        D: DrawTarget,
        D::Color: Ink,
    {
        let (scene, look) = (self.stage.scene(), self.look);
        let before = self.shown.take();
        let mut inked = Inked::default();
        let changed = match &mut self.generator {
            Err(_) if before.is_some() => None,
            Err(error) => Some(paint::broken(*error, look, target)?),
            Ok(generator) => {
                let kept = before.filter(|before| before.look == look);
                inked = kept.map(|kept| kept.inked).unwrap_or_default();
                let mut painter =
                    Painter { generator, look, clock: self.clock, inked: &mut inked, micros: None };
                let changed = painter.paint(kept.map(|kept| kept.scene), scene, target)?;
                if let Some(micros) = painter.micros {
                    self.stage.note_frame(micros);
                }
                changed
            }
        };
        self.shown = Some(Shown { scene, look, inked });
        Ok(changed)
    }

    /// Forgets what the display shows: the next [`App::draw`] draws everything.
    pub fn redraw(&mut self) {
        self.shown = None;
    }

    /// What is on the screen, or will be with the next [`App::draw`].
    pub fn scene(&self) -> Scene {
        self.stage.scene()
    }

    /// Puts `scene` on the screen. Time and presses change it from there.
    pub fn show(&mut self, scene: Scene) {
        self.stage.show(scene, (self.clock)());
    }

    /// Enters a mode.
    pub fn set_mode(&mut self, mode: Mode) {
        self.stage.enter(mode, (self.clock)());
    }

    /// How things look: an index into [`Ink::LOOKS`] of the display's colour, which wraps.
    pub fn look(&self) -> u8 {
        self.look
    }

    /// Changes how things look.
    pub fn set_look(&mut self, look: u8) {
        self.look = look;
    }

    /// The seed that the next digits' seeds count on from, the clock's too: at random where a board can, so that
    /// it does not begin alike each time. Small panels show six digits of a seed.
    pub fn set_seed(&mut self, seed: u64) {
        self.stage.set_seed(seed, (self.clock)());
    }

    /// Microseconds that the last digit took; 0 before the first.
    pub fn micros(&self) -> u32 {
        self.stage.micros()
    }

    /// The model that runs; `None` when it was refused.
    pub fn model(&self) -> Option<&Model<'m>> {
        self.generator.as_ref().ok().map(Generator::model)
    }

    /// Why there are no digits, if there are none.
    pub fn error(&self) -> Option<ModelError> {
        self.generator.as_ref().err().copied()
    }

    /// The generator, to be used between two calls of [`App::draw`]: the app keeps nothing in it.
    pub fn generator(&mut self) -> Option<&mut Generator<'m, SCRATCH>> {
        self.generator.as_mut().ok()
    }
}
