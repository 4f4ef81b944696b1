//! Renderer: draws the widgets that differ between two view states.

use core::{
    fmt::{self, Display, Write as _},
    mem,
};

use embedded_graphics::{prelude::*, primitives::Rectangle};
use heapless::String;
use thumbgan_core::{
    GenerateError, Generator, GrayImage,
    graphics::{GrayscaleColor, RowTarget, ScaledImage, Theme},
    latent,
    model::MAX_LATENT,
};

use crate::{
    layout::{FONTS, full_panel_grid},
    text,
    time::Clock,
    view_state::ViewState,
    widgets::{Morph, Widget, Widgets},
};

/// Returns a theme of the color `C` by its index, which wraps around.
fn theme<C: GrayscaleColor>(index: u8) -> Theme {
    C::THEMES
        .get(usize::from(index) % C::THEMES.len())
        .copied()
        .unwrap_or_default()
}

/// Line of text.
type Line = String<32>;

/// Writer that cuts text at the capacity of a line.
struct Cut<'l>(&'l mut Line);

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars()
            .try_for_each(|letter| self.0.push(letter).map_err(|_| fmt::Error))
    }
}

/// Maximum number of images in a view: those of the clock.
const IMAGES: usize = 4;

/// Bounding box of the foreground of each image on the display.
pub type Foregrounds = [Rectangle; IMAGES];

/// Returns the bounding box of two rectangles.
fn union(one: Rectangle, other: Rectangle) -> Rectangle {
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

/// Draws an error with a title over the whole display and returns its area.
pub fn draw_error<D>(
    title: &str,
    error: &dyn Display,
    index: u8,
    target: &mut D,
) -> Result<Rectangle, D::Error>
where
    D: DrawTarget,
    D::Color: GrayscaleColor,
{
    let (panel, theme) = (target.bounding_box(), theme::<D::Color>(index));
    target.clear(theme.color(0))?;
    let grid = full_panel_grid(panel);
    let mut words = String::<160>::new();
    // Text beyond the capacity is cut.
    let _ = write!(words, "{title}\n{error}");
    text::paragraph(&words, grid.font, grid.area, theme, target)?;
    Ok(panel)
}

/// Resources for drawing a view.
pub struct Renderer<'a, 'm> {
    /// Generator of the images.
    pub generator: &'a mut Generator<'m>,
    /// Index of the theme.
    pub theme: u8,
    /// Clock that measures the generation of an image.
    pub clock: Clock,
    /// Foregrounds of the images on the display.
    pub foregrounds: &'a mut Foregrounds,
    /// Image in the generator; `None` if unknown.
    pub prepared: &'a mut Option<Morph>,
    /// Microseconds that the last image took, if one was generated.
    pub micros: Option<u32>,
}

impl Renderer<'_, '_> {
    /// Draws the widgets of `view` that differ from those of `before` and returns their bounding box.
    pub fn render<D>(
        &mut self,
        before: Option<ViewState>,
        view: ViewState,
        target: &mut D,
    ) -> Result<Option<Rectangle>, D::Error>
    where
        D: RowTarget,
        D::Color: GrayscaleColor,
    {
        let panel = target.bounding_box();
        let before = before.filter(|before| before.mode() == view.mode());
        if before == Some(view) {
            return Ok(None);
        }
        let theme = theme::<D::Color>(self.theme);
        if before.is_none() {
            target.clear(theme.color(0))?;
            self.foregrounds.fill(Rectangle::zero());
        }
        let mut changed = before.is_none().then_some(panel);
        let widgets = Widgets::new(view.mode(), self.generator.model(), panel);
        let font = widgets.font().unwrap_or(FONTS[0]);
        for index in 0.. {
            let model = self.generator.model();
            let Some(widget) = widgets.get(model, view, index) else {
                break;
            };
            if before.and_then(|before| widgets.get(model, before, index)) == Some(widget) {
                continue;
            }
            let mut area = widget.area();
            match widget {
                Widget::Image(_, morph) => area = self.image(index, area, morph, target)?,
                Widget::Line(area, caption) => {
                    let mut text = Line::new();
                    // Text beyond the capacity is cut.
                    let _ = write!(Cut(&mut text), "{caption}");
                    text::line(&text, font, area, theme, target)?;
                }
                Widget::Paragraph(area, words) => {
                    text::paragraph(words, font, area, theme, target)?;
                }
                Widget::Block(area, lit) => {
                    target.fill_solid(&area, theme.color(if lit { u8::MAX } else { 0 }))?;
                }
            }
            changed = Some(changed.map_or(area, |changed| union(changed, area)));
        }
        Ok(changed)
    }

    /// Generates an image, unless it is prepared, and draws the part of it where it or the preceding image has foreground.
    /// Returns that part.
    fn image<D>(
        &mut self,
        index: usize,
        area: Rectangle,
        morph: Morph,
        target: &mut D,
    ) -> Result<Rectangle, D::Error>
    where
        D: RowTarget,
        D::Color: GrayscaleColor,
    {
        let mut blended = None;
        if self.prepared.take() != Some(morph) {
            let start = (self.clock)();
            let generated = generate(self.generator, morph);
            self.micros = Some((self.clock)().saturating_sub(start) as u32);
            debug_assert!(generated.is_ok(), "class and latent are the model's own");
            blended = generated.ok().flatten();
        }
        let image = blended.as_ref().unwrap_or(self.generator.image());
        let image = ScaledImage::new(image, area, theme::<D::Color>(self.theme));
        let foreground = image.foreground_bounding_box();
        let part = self.foregrounds.get_mut(index).map_or(area, |shown| {
            union(mem::replace(shown, foreground), foreground)
        });
        image.clipped(&part).draw_rows(target)?;
        Ok(part)
    }
}

/// Generates the image of a morph. The result is in the generator, or returned if it is a blend of two images.
pub fn generate(
    generator: &mut Generator<'_>,
    morph: Morph,
) -> Result<Option<GrayImage>, GenerateError> {
    let Morph { from, to, step } = morph;
    if step == 0 || step >= Morph::STEPS {
        let spec = if step == 0 { from } else { to };
        return generator.generate(spec.class, spec.seed).map(|_| None);
    }
    let mut latents = [[0; MAX_LATENT]; 3];
    let latent = interpolated(
        generator,
        [from.seed, to.seed],
        morph.fraction(),
        &mut latents,
    );
    generator.generate_from_latent(from.class, latent)?;
    if from.class == to.class {
        return Ok(None);
    }
    // Classes cannot be interpolated in the model's input: both images have the same latent, and their pixels are blended.
    let mut blend = generator.image().clone();
    let other = generator.generate_from_latent(to.class, latent)?;
    for (gray, other) in blend.pixels_mut().iter_mut().zip(other.pixels()) {
        let sum = u32::from(*gray) * (Morph::STEPS - step) + u32::from(*other) * step;
        *gray = (sum / Morph::STEPS) as u8;
    }
    Ok(Some(blend))
}

/// Interpolates between the latents of two seeds.
fn interpolated<'l>(
    generator: &Generator<'_>,
    [from, to]: [u64; 2],
    t: f32,
    [start, end, latent]: &'l mut [[i8; MAX_LATENT]; 3],
) -> &'l [i8] {
    let len = generator.model().latent_len();
    let (start, end, latent) = (&mut start[..len], &mut end[..len], &mut latent[..len]);
    generator.model().sample_latent(from, start);
    generator.model().sample_latent(to, end);
    latent::slerp(start, end, t, latent);
    latent
}
