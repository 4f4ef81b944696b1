//! Displays that take rows in their own format show the same pixels as those that take colors.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::HashMap, convert::Infallible};

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
use thumbgan_core::{
    GrayImage,
    graphics::{GrayscaleColor, RowTarget, ScaledImage},
    latent::SplitMix64,
};

/// Display that takes runs of at most `run` pixels and checks their order.
struct RowDisplay<C> {
    run: usize,
    pixels: HashMap<Point, C>,
}

impl<C> Dimensions for RowDisplay<C> {
    fn bounding_box(&self) -> Rectangle {
        Rectangle::new(Point::zero(), Size::new_equal(400))
    }
}

impl<C: PixelColor> DrawTarget for RowDisplay<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let pixels = pixels.into_iter().map(|Pixel(at, color)| (at, color));
        self.pixels.extend(pixels);
        Ok(())
    }
}

impl<C: PixelColor> RowTarget for RowDisplay<C> {
    /// Color and a mark that distinguishes it from the color itself.
    type Pixel = (C, u8);

    fn pixel(color: C) -> (C, u8) {
        (color, 1)
    }

    fn fill_rows(
        &mut self,
        area: &Rectangle,
        mut fill: impl FnMut(Point, &mut [(C, u8)]),
    ) -> Result<(), Infallible> {
        let unset = (self.pixels[&Point::new(-1, -1)], 0);
        let mut row = vec![unset; area.size.width as usize];
        for y in area.rows() {
            row.fill(unset);
            let mut at = Point::new(area.top_left.x, y);
            for run in row.chunks_mut(self.run) {
                fill(at, run);
                for &mut (color, mark) in run {
                    assert_eq!(mark, 1, "pixel {at} was not filled");
                    self.pixels.insert(at, color);
                    at.x += 1;
                }
            }
        }
        Ok(())
    }
}

fn compare<C: GrayscaleColor>(image: &GrayImage, area: Rectangle, part: &Rectangle, run: usize) {
    let display = || RowDisplay {
        run,
        pixels: HashMap::from([(Point::new(-1, -1), C::nearest([0; 3]))]),
    };
    for &theme in C::THEMES {
        let image = ScaledImage::<C>::new(image, area, theme).clipped(part);
        let (mut rows, mut colors) = (display(), display());
        image.draw_rows(&mut rows).unwrap();
        image.draw(&mut colors).unwrap();
        assert!(rows.pixels == colors.pixels, "{area:?} {theme:?}");
        let drawn = image.bounding_box().size;
        assert_eq!(
            rows.pixels.len() as u32,
            drawn.width * drawn.height + 1,
            "{area:?} {theme:?}"
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn rows_and_colors_give_the_same_pixels() {
    let mut random = SplitMix64::new(1);
    let mut below = |end: u32| (random.next_u64() % u64::from(end)) as u32;
    for _ in 0..40 {
        let image = GrayImage::new(std::array::from_fn(|_| match below(3) {
            0 => 0,
            1 => 255,
            _ => below(256) as u8,
        }));
        let size = Size::new(1 + below(330), 1 + below(90));
        let area = Rectangle::new(Point::new(below(9) as i32, below(9) as i32), size);
        let corner = area.top_left + Size::new(below(size.width), below(size.height));
        let part = Rectangle::new(corner, Size::new(1 + below(100), 1 + below(100)));
        let run = 1 + below(340) as usize;
        compare::<BinaryColor>(&image, area, &part, run);
        compare::<Gray4>(&image, area, &part, run);
        compare::<Gray8>(&image, area, &part, run);
        compare::<Rgb565>(&image, area, &part, run);
    }
}
