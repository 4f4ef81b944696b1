//! Drawing the parts that have changed.

use core::{fmt::Write as _, mem};

use embedded_graphics::{prelude::*, primitives::Rectangle};
use heapless::{String, Vec};
use thumbgan_core::{
    Digit, Generator, Ink, InputError, Look, ModelError, PIXELS, SCRATCH, latent, model::MAX_LATENT,
};

use crate::{
    app::Clock,
    layout::page,
    parts::{Morph, Part, Parts, Written},
    scene::Scene,
    text,
};

/// The look of this number in the looks of `C`.
fn look<C: Ink>(index: u8) -> Look {
    C::LOOKS.get(usize::from(index) % C::LOOKS.len()).copied().unwrap_or_default()
}

/// The digits of a scene, at most: those of the clock.
const DIGITS: usize = 4;

/// Outside of which part of its area each digit of a scene is paper alone.
pub type Inked = [Rectangle; DIGITS];

/// The smallest rectangle around two.
fn around(one: Rectangle, other: Rectangle) -> Rectangle {
    if one.is_zero_sized() {
        return other;
    }
    if other.is_zero_sized() {
        return one;
    }
    let end = |area: Rectangle| area.top_left + area.size;
    Rectangle::with_corners(
        one.top_left.component_min(other.top_left),
        end(one).component_max(end(other)) - Point::new(1, 1),
    )
}

/// The error screen; gives what it covers.
pub fn broken<D>(error: ModelError, index: u8, target: &mut D) -> Result<Rectangle, D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let (panel, look) = (target.bounding_box(), look::<D::Color>(index));
    target.clear(look.colour(0))?;
    let grid = page(panel);
    let mut words = String::<160>::new();
    // What does not fit is left out.
    let _ = write!(words, "MODEL ERROR\n{error}");
    text::paragraph(&words, grid.font, grid.area, look, target)?;
    Ok(panel)
}

/// What drawing a scene takes.
pub struct Painter<'a, 'm> {
    pub generator: &'a mut Generator<'m, SCRATCH>,
    pub look: u8,
    pub clock: Clock,
    /// Of the digits that the display shows.
    pub inked: &'a mut Inked,
    /// Microseconds that the last digit took, if one was made.
    pub micros: Option<u32>,
}

impl Painter<'_, '_> {
    /// Draws what `scene` has and `before` has not, and gives the rectangle that it lies in.
    pub fn paint<D>(
        &mut self,
        before: Option<Scene>,
        scene: Scene,
        target: &mut D,
    ) -> Result<Option<Rectangle>, D::Error>
    where
        D: DrawTarget,
        D::Color: Ink,
    {
        let panel = target.bounding_box();
        let before = before.filter(|before| before.mode() == scene.mode());
        if before.is_none() {
            target.clear(look::<D::Color>(self.look).colour(0))?;
            self.inked.fill(Rectangle::zero());
        }
        let mut changed = before.is_none().then_some(panel);
        for index in 0.. {
            let parts = Parts { scene, model: self.generator.model(), panel };
            let Some(part) = parts.get(index) else { break };
            let old = before.and_then(|scene| Parts { scene, ..parts }.get(index));
            if old.as_ref() == Some(&part) {
                continue;
            }
            let mut area = part.area();
            let font = parts.font();
            let look = look::<D::Color>(self.look);
            match part {
                Part::Digit(_, morph) => area = self.digit(index, area, morph, target)?,
                Part::Line(area, line) => text::line(&line, font, area, look, target)?,
                Part::Note(area, words) => text::paragraph(words, font, area, look, target)?,
                Part::Block(area, lit) => {
                    target.fill_solid(&area, look.colour(if lit { u8::MAX } else { 0 }))?;
                }
            }
            changed = Some(changed.map_or(area, |changed| around(changed, area)));
        }
        Ok(changed)
    }

    /// Makes the digit of this number and draws it where either it or the one that was there before has ink; gives
    /// that part of its area.
    fn digit<D>(
        &mut self,
        index: usize,
        area: Rectangle,
        morph: Morph,
        target: &mut D,
    ) -> Result<Rectangle, D::Error>
    where
        D: DrawTarget,
        D::Color: Ink,
    {
        let start = (self.clock)();
        let made = make(self.generator, morph);
        self.micros = Some((self.clock)().saturating_sub(start) as u32);
        debug_assert!(made.is_ok(), "class and latent are the model's own");
        let digit = made.as_ref().ok().and_then(Option::as_ref).unwrap_or(self.generator.digit());
        let placed = digit.within(area, look::<D::Color>(self.look));
        let ink = placed.ink();
        let part = self.inked.get_mut(index).map_or(area, |inked| around(mem::replace(inked, ink), ink));
        placed.only(&part).draw(target)?;
        Ok(part)
    }
}

/// Makes a digit on its way: in the generator where one is enough, else apart.
fn make(generator: &mut Generator<'_, SCRATCH>, morph: Morph) -> Result<Option<Digit>, InputError> {
    let Morph { from, to, step } = morph;
    let whole = |generator: &mut Generator<'_, SCRATCH>, written: Written| {
        generator.generate(written.class, written.seed).map(drop)
    };
    if step == 0 {
        return whole(generator, from).map(|()| None);
    }
    if step >= Morph::WAY {
        return whole(generator, to).map(|()| None);
    }
    let latent = latent_between(generator, from.seed, to.seed, step as f32 / Morph::WAY as f32);
    generator.generate_latent(from.class, &latent)?;
    if from.class == to.class {
        return Ok(None);
    }
    // Two digits in the same hand, one fading into the other.
    let mut digit = Digit::new([0; PIXELS]);
    digit.pixels_mut().copy_from_slice(generator.digit().pixels());
    let other = generator.generate_latent(to.class, &latent)?;
    for (grey, other) in digit.pixels_mut().iter_mut().zip(other.pixels()) {
        let mixed = u32::from(*grey) * (Morph::WAY - step) + u32::from(*other) * step;
        *grey = (mixed / Morph::WAY) as u8;
    }
    Ok(Some(digit))
}

/// The latent on the way from one seed's to another's.
fn latent_between(generator: &Generator<'_, SCRATCH>, from: u64, to: u64, way: f32) -> Vec<i8, MAX_LATENT> {
    let latent = generator.model().latent();
    let draw = |seed| {
        let mut values = Vec::<i8, MAX_LATENT>::new();
        // It fits: a model's latent is no longer.
        let _ = values.resize_default(usize::from(latent.length));
        latent.distribution.draw(seed, &mut values);
        values
    };
    let (from, to) = (draw(from), draw(to));
    let mut between = from.clone();
    latent::slerp(&from, &to, way, &mut between);
    between
}
