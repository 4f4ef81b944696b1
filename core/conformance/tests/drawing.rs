//! Images on displays: scaling, colors, dithering.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded_graphics::{
    mock_display::MockDisplay,
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
use thumbgan_core::{
    GrayImage,
    graphics::{Dither, GrayscaleColor, Palette, ScaledImage, Scaling, Theme},
};

fn ramp() -> GrayImage {
    GrayImage::new(std::array::from_fn(|index| (index % 256) as u8))
}

fn shown<C: GrayscaleColor + PixelColor>(
    image: &GrayImage,
    origin: Point,
    scale: u32,
) -> MockDisplay<C> {
    let mut display = MockDisplay::new();
    ScaledImage::with_scale(image, origin, scale)
        .draw(&mut display)
        .unwrap();
    display
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn integer_scaling_repeats_every_pixel() {
    let image = ramp();
    let display = shown::<Gray8>(&image, Point::new(3, 5), 2);
    for y in 0..GrayImage::SIDE as i32 {
        for x in 0..GrayImage::SIDE as i32 {
            let expected = Some(Gray8::new(image.pixels()[(y * 28 + x) as usize]));
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let at = Point::new(3 + 2 * x + dx, 5 + 2 * y + dy);
                assert_eq!(display.get_pixel(at), expected, "pixel {x},{y}");
            }
        }
    }
    assert_eq!(display.affected_area().size, Size::new(56, 56));
}

#[test]
fn background_and_foreground_are_black_and_white_in_every_color() {
    let mut image = GrayImage::new([0; GrayImage::PIXELS]);
    image.pixels_mut()[1] = 255;
    let (background, foreground) = (Point::new(0, 0), Point::new(1, 0));
    let display = shown::<Gray4>(&image, Point::zero(), 1);
    assert_eq!(
        (display.get_pixel(background), display.get_pixel(foreground)),
        (Some(Gray4::BLACK), Some(Gray4::WHITE))
    );
    let display = shown::<Rgb565>(&image, Point::zero(), 1);
    assert_eq!(
        (display.get_pixel(background), display.get_pixel(foreground)),
        (Some(Rgb565::BLACK), Some(Rgb565::WHITE))
    );
    let display = shown::<BinaryColor>(&image, Point::zero(), 1);
    assert_eq!(display.get_pixel(background), Some(BinaryColor::Off));
    assert_eq!(display.get_pixel(foreground), Some(BinaryColor::On));
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn ordered_dithering_preserves_the_mean() {
    for gray in [0, 32, 64, 100, 128, 200, 255] {
        let image = GrayImage::new([gray; GrayImage::PIXELS]);
        let display = shown::<BinaryColor>(&image, Point::zero(), 2);
        let lit = display
            .bounding_box()
            .points()
            .filter(|&at| display.get_pixel(at) == Some(BinaryColor::On));
        let mean = lit.count() as f64 * 255.0 / (56.0 * 56.0);
        assert!(
            (mean - f64::from(gray)).abs() <= 9.0,
            "gray {gray} is shown as {mean:.0}"
        );
    }
}

#[test]
fn ordered_dithering_of_the_middle_gray_is_a_checkerboard() {
    let display = shown::<BinaryColor>(&GrayImage::new([128; GrayImage::PIXELS]), Point::zero(), 1);
    let row: String = (0..8)
        .map(|x| {
            if display.get_pixel(Point::new(x, 0)) == Some(BinaryColor::On) {
                '#'
            } else {
                '.'
            }
        })
        .collect();
    assert_eq!(row, "#.#.#.#.");
}

/// Draws an image into an area of this size and returns its pixels in row-major order.
fn drawn<C: GrayscaleColor>(image: &GrayImage, size: Size, theme: Theme) -> Vec<C> {
    /// Display that accepts its pixels in row-major order only.
    struct Strip<C>(
        Rectangle,
        embedded_graphics::primitives::rectangle::Points,
        Vec<C>,
    );
    impl<C> Dimensions for Strip<C> {
        fn bounding_box(&self) -> Rectangle {
            self.0
        }
    }
    impl<C: PixelColor> DrawTarget for Strip<C> {
        type Color = C;
        type Error = Point;
        fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Point> {
            for Pixel(at, color) in pixels {
                if self.1.next() != Some(at) {
                    return Err(at);
                }
                self.2.push(color);
            }
            Ok(())
        }
    }
    let area = Rectangle::new(Point::new(5, 2), size);
    let mut strip = Strip(area, area.points(), Vec::new());
    ScaledImage::new(image, area, theme)
        .draw(&mut strip)
        .unwrap();
    assert_eq!(strip.2.len(), (size.width * size.height) as usize);
    strip.2
}

fn bilinear(palette: Palette) -> Theme {
    Theme {
        palette,
        dither: Dither::None,
        scaling: Scaling::Bilinear,
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn bilinear_scaling_at_the_original_size_changes_nothing() {
    let image = ramp();
    let shown = drawn::<Gray8>(&image, Size::new(28, 28), bilinear(Palette::WHITE_ON_BLACK));
    assert!(
        shown
            .iter()
            .map(GrayColor::luma)
            .eq(image.pixels().iter().copied())
    );
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn bilinear_scaling_preserves_a_linear_gradient() {
    // The columns are 0, 9, 18, ...: a gradient that stays linear at any size.
    let image = GrayImage::new(std::array::from_fn(|index| {
        (index % GrayImage::SIDE * 9) as u8
    }));
    for side in [20, 40, 64, 97, 200, 240, 320] {
        let shown = drawn::<Gray8>(
            &image,
            Size::new_equal(side),
            bilinear(Palette::WHITE_ON_BLACK),
        );
        let width = side as usize;
        let row = &shown[..width];
        assert!(
            shown.chunks(width).all(|other| other == row),
            "{side}: all rows alike"
        );
        for (x, gray) in row.iter().enumerate() {
            // Image coordinate of the center of display pixel x; image pixels have their centers at halves.
            let position = ((x as f64 + 0.5) * 28.0 / f64::from(side) - 0.5).clamp(0.0, 27.0);
            let expected = position * 9.0;
            assert!(
                (f64::from(gray.luma()) - expected).abs() <= 1.5,
                "{side}: column {x} is {}",
                gray.luma()
            );
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn a_narrow_area_shows_the_center_of_the_image() {
    let image = ramp();
    for (size, left, top) in [(Size::new(20, 28), 4, 0), (Size::new(28, 20), 0, 4)] {
        for scaling in [Scaling::Integer, Scaling::Bilinear] {
            let shown = drawn::<Gray8>(
                &image,
                size,
                Theme {
                    scaling,
                    ..bilinear(Palette::WHITE_ON_BLACK)
                },
            );
            for (index, gray) in shown.iter().enumerate() {
                let (x, y) = (
                    left + index % size.width as usize,
                    top + index / size.width as usize,
                );
                assert_eq!(
                    gray.luma(),
                    image.pixels()[y * GrayImage::SIDE + x],
                    "{scaling:?} {x},{y}"
                );
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn integer_scaling_is_centered_with_equal_squares() {
    let image = GrayImage::new([200; GrayImage::PIXELS]);
    let theme = Theme {
        scaling: Scaling::Integer,
        ..bilinear(Palette::WHITE_ON_BLACK)
    };
    for side in [28_u32, 55, 56, 64, 84, 97, 240, 320] {
        let shown = drawn::<Gray8>(&image, Size::new_equal(side), theme);
        let factor = side / 28;
        let foreground = shown.iter().filter(|gray| gray.luma() == 200).count();
        assert_eq!(
            foreground,
            (factor * 28 * factor * 28) as usize,
            "side {side}"
        );
        let row = &shown[(side / 2 * side) as usize..][..side as usize];
        let before = row.iter().take_while(|gray| gray.luma() == 0).count() as u32;
        assert!(
            before.abs_diff((side - factor * 28) / 2) <= 1,
            "side {side} starts at {before}"
        );
    }
    let display = drawn::<Gray8>(&ramp(), Size::new_equal(90), theme);
    for (index, gray) in display.iter().enumerate() {
        let (x, y) = ((index % 90).checked_sub(3), (index / 90).checked_sub(3));
        let pixel = x.zip(y).filter(|&(x, y)| x < 84 && y < 84);
        let expected = pixel.map_or(0, |(x, y)| ramp().pixels()[y / 3 * GrayImage::SIDE + x / 3]);
        assert_eq!(gray.luma(), expected, "index {index}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn error_diffusion_preserves_the_mean_better_than_ordered_dithering() {
    for gray in [16_u8, 32, 64, 100, 128, 200, 230, 255] {
        let image = GrayImage::new([gray; GrayImage::PIXELS]);
        let theme = Theme {
            dither: Dither::FloydSteinberg,
            ..bilinear(Palette::WHITE_ON_BLACK)
        };
        let shown = drawn::<BinaryColor>(&image, Size::new_equal(112), theme);
        let lit = shown.iter().filter(|color| color.is_on()).count();
        let mean = lit as f64 * 255.0 / (112.0 * 112.0);
        assert!(
            (mean - f64::from(gray)).abs() <= 3.0,
            "gray {gray} is shown as {mean:.1}"
        );
        let levels = drawn::<Gray4>(&image, Size::new_equal(112), theme);
        let sum: f64 = levels
            .iter()
            .map(|level| f64::from(level.luma()) * 17.0)
            .sum();
        let mean = sum / (112.0 * 112.0);
        assert!(
            (mean - f64::from(gray)).abs() <= 1.0,
            "gray {gray} is shown as {mean:.1} of 16 levels"
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn error_diffusion_uses_the_weights_of_floyd_and_steinberg() {
    let mut image = ramp();
    image.pixels_mut()[300..400].fill(90);
    let theme = Theme {
        dither: Dither::FloydSteinberg,
        ..bilinear(Palette::WHITE_ON_BLACK)
    };
    let shown = drawn::<BinaryColor>(&image, Size::new(28, 28), theme);
    // The textbook's way: a whole picture of sums in sixteenths, one row and one column more on each side.
    let mut sums = [[0_i32; 30]; 29];
    for (index, &gray) in image.pixels().iter().enumerate() {
        let (x, y) = (index % GrayImage::SIDE + 1, index / GrayImage::SIDE);
        let wanted = (i32::from(gray) + ((sums[y][x] + 8) >> 4)).clamp(0, 255);
        let lit = wanted > 127;
        assert_eq!(shown[index].is_on(), lit, "pixel {},{y}", x - 1);
        let rest = wanted - if lit { 255 } else { 0 };
        sums[y][x + 1] += 7 * rest;
        sums[y + 1][x - 1] += 3 * rest;
        sums[y + 1][x] += 5 * rest;
        sums[y + 1][x + 1] += rest;
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn blocks_too_small_for_a_pixel_are_smooth_and_show_the_whole_digit() {
    let image = ramp();
    for size in [Size::new(17, 21), Size::new(27, 27), Size::new(1, 1)] {
        let blocks = Theme {
            scaling: Scaling::Integer,
            ..bilinear(Palette::WHITE_ON_BLACK)
        };
        let shown = drawn::<Gray8>(&image, size, blocks);
        assert_eq!(
            shown,
            drawn(&image, size, bilinear(Palette::WHITE_ON_BLACK)),
            "{size}"
        );
    }
}

#[test]
fn colors_are_the_nearest_representable() {
    let nearest = |value: u8, last: u32| {
        let distance = |level: &u32| (level * 255).abs_diff(u32::from(value) * last);
        (0..=last).min_by_key(distance).unwrap()
    };
    for value in 0..=255 {
        assert_eq!(
            u32::from(Gray4::nearest([value; 3]).luma()),
            nearest(value, 15),
            "{value}"
        );
        let color = Rgb565::nearest([value; 3]);
        let levels = [color.r(), color.g(), color.b()].map(u32::from);
        assert_eq!(
            levels,
            [31, 63, 31].map(|last| nearest(value, last)),
            "{value}"
        );
    }
    assert_eq!(Rgb565::nearest([7, 3, 7]), Rgb565::new(1, 1, 1));
}

#[test]
fn palettes_go_from_background_to_foreground() {
    for Palette { stops } in [
        Palette::WHITE_ON_BLACK,
        Palette::BLACK_ON_WHITE,
        Palette::EMBER,
        Palette::FROST,
    ] {
        let theme = bilinear(Palette { stops });
        let [background, half, foreground] = stops.map(Rgb565::nearest);
        assert_eq!(
            (theme.color::<Rgb565>(0), theme.color::<Rgb565>(255)),
            (background, foreground)
        );
        let near = |one: u8, other: u8| one.abs_diff(other) <= 1;
        let middle = theme.color::<Rgb565>(127);
        assert!(
            near(middle.r(), half.r()) && near(middle.g(), half.g()) && near(middle.b(), half.b())
        );
    }
    for gray in 0..=255 {
        assert_eq!(
            bilinear(Palette::WHITE_ON_BLACK)
                .color::<Gray8>(gray)
                .luma(),
            gray
        );
        assert_eq!(
            bilinear(Palette::WHITE_ON_BLACK)
                .color::<Gray4>(gray)
                .luma(),
            gray >> 4
        );
    }
}
