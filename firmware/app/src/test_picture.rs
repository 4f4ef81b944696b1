//! Test picture that shows the borders of a panel.

use embedded_graphics::{
    prelude::*,
    primitives::{PrimitiveStyle, Rectangle},
};
use thumbgan_core::graphics::GrayscaleColor;

use crate::{layout::font, text};

/// Draws a frame on the outermost pixels of the whole panel, and `caption` in its middle.
///
/// A panel whose offset in the controller's memory is set correctly shows all four sides of the frame, each one pixel wide.
///
/// # Errors
/// If the display fails; the error is that of the [`DrawTarget`].
pub fn draw_test_picture<D>(target: &mut D, caption: &str) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: GrayscaleColor,
{
    let theme = D::Color::THEMES[0];
    let panel = target.bounding_box();
    let inside = panel.offset(-1);
    target.fill_solid(&inside, theme.color(0))?;
    panel
        .into_styled(PrimitiveStyle::with_stroke(theme.color(u8::MAX), 1))
        .draw(target)?;
    let columns = caption.chars().count() as u32;
    let font = font(inside.size / 2, columns, 1);
    let cell = font.character_size;
    let size = Size::new(columns * cell.width, cell.height);
    let corner = panel.center() - (size - Size::new_equal(1)) / 2;
    let area = Rectangle::new(corner, size).intersection(&inside);
    text::line(caption, font, area, theme, target)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use embedded_graphics::pixelcolor::BinaryColor;

    use super::*;
    use crate::Canvas;

    #[test]
    fn only_the_outermost_pixels_and_the_caption_are_lit() {
        for size in [Size::new(72, 40), Size::new(128, 64), Size::new(77, 41)] {
            let mut canvas = Canvas::<BinaryColor>::new(size);
            draw_test_picture(&mut canvas, "28,24").unwrap();
            let panel = canvas.bounding_box();
            let (inside, middle) = (panel.offset(-1), panel.offset(-(size.height as i32 / 4)));
            let lit: Vec<_> = panel
                .points()
                .filter(|&at| canvas.pixel(at) == Some(BinaryColor::On))
                .collect();
            let frame = panel.points().filter(|at| !inside.contains(*at));
            assert!(frame.clone().all(|at| lit.contains(&at)), "{size}");
            let caption = lit.iter().filter(|at| inside.contains(**at));
            assert!(caption.clone().all(|at| middle.contains(*at)), "{size}");
            assert!(caption.count() > 20, "{size}");
            assert!(!canvas.pixels.contains(&None), "{size}: every pixel");
        }
    }
}
