//! Panels that show a part of their controller's pixels.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use thumbgan_app::App;
use thumbgan_core::graphics::GrayscaleColor;

use crate::Panel;

/// Display of which only a part is visible: its pixel (0, 0) is the first visible one.
pub struct Window<P> {
    panel: P,
    visible: Rectangle,
}

impl<P> Window<P> {
    /// Creates the visible part of `panel`.
    pub const fn new(panel: P, visible: Rectangle) -> Self {
        Self { panel, visible }
    }
}

impl<P> OriginDimensions for Window<P> {
    fn size(&self) -> Size {
        self.visible.size
    }
}

impl<P: DrawTarget> DrawTarget for Window<P> {
    type Color = P::Color;
    type Error = P::Error;

    fn draw_iter<I: IntoIterator<Item = Pixel<P::Color>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), P::Error> {
        self.panel.cropped(&self.visible).draw_iter(pixels)
    }

    fn fill_contiguous<I: IntoIterator<Item = P::Color>>(
        &mut self,
        area: &Rectangle,
        colors: I,
    ) -> Result<(), P::Error> {
        self.panel
            .cropped(&self.visible)
            .fill_contiguous(area, colors)
    }

    fn fill_solid(&mut self, area: &Rectangle, color: P::Color) -> Result<(), P::Error> {
        self.panel.cropped(&self.visible).fill_solid(area, color)
    }
}

impl<P: Panel<Color: GrayscaleColor>> Panel for Window<P> {
    async fn set_up(&mut self) -> Result<(), P::Error> {
        self.panel.set_up().await
    }

    fn draw_app(&mut self, app: &mut App<'_>) -> Result<Option<Rectangle>, P::Error> {
        app.draw(self)
    }

    async fn send(&mut self) -> Result<(), P::Error> {
        self.panel.send().await
    }
}
