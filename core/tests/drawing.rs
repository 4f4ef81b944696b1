//! What a display shows of a digit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded_graphics::{
    mock_display::MockDisplay,
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
use thumbgan_core::{Digit, Dither, Ink, Look, PIXELS, Palette, SIDE, Scaling};

fn ramp() -> Digit {
    Digit::new(std::array::from_fn(|place| (place % 256) as u8))
}

fn shown<C: Ink + PixelColor>(digit: &Digit, origin: Point, scale: u32) -> MockDisplay<C> {
    let mut display = MockDisplay::new();
    digit.at(origin, scale).draw(&mut display).unwrap();
    display
}

#[test]
#[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
fn every_pixel_becomes_a_square_of_its_grey() {
    let digit = ramp();
    let display = shown::<Gray8>(&digit, Point::new(3, 5), 2);
    for y in 0..SIDE as i32 {
        for x in 0..SIDE as i32 {
            let expected = Some(Gray8::new(digit.pixels()[(y * 28 + x) as usize]));
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let at = Point::new(3 + 2 * x + dx, 5 + 2 * y + dy);
                assert_eq!(display.get_pixel(at), expected, "pixel {x},{y}");
            }
        }
    }
    assert_eq!(display.affected_area().size, Size::new(56, 56));
}

#[test]
fn black_and_white_are_the_ends_of_every_colour() {
    let mut digit = Digit::new([0; PIXELS]);
    digit.pixels_mut()[1] = 255;
    let (paper, ink) = (Point::new(0, 0), Point::new(1, 0));
    let display = shown::<Gray4>(&digit, Point::zero(), 1);
    assert_eq!((display.get_pixel(paper), display.get_pixel(ink)), (Some(Gray4::BLACK), Some(Gray4::WHITE)));
    let display = shown::<Rgb565>(&digit, Point::zero(), 1);
    assert_eq!(
        (display.get_pixel(paper), display.get_pixel(ink)),
        (Some(Rgb565::BLACK), Some(Rgb565::WHITE))
    );
    let display = shown::<BinaryColor>(&digit, Point::zero(), 1);
    assert_eq!(display.get_pixel(paper), Some(BinaryColor::Off));
    assert_eq!(display.get_pixel(ink), Some(BinaryColor::On));
}

#[test]
#[cfg_attr(miri, ignore = "many pictures: minutes under miri")]
fn dithering_keeps_the_mean_grey() {
    for grey in [0, 32, 64, 100, 128, 200, 255] {
        let digit = Digit::new([grey; PIXELS]);
        let display = shown::<BinaryColor>(&digit, Point::zero(), 2);
        let lit =
            display.bounding_box().points().filter(|&at| display.get_pixel(at) == Some(BinaryColor::On));
        let mean = lit.count() as f64 * 255.0 / (56.0 * 56.0);
        assert!((mean - f64::from(grey)).abs() <= 9.0, "grey {grey} is shown as {mean:.0}");
    }
}

#[test]
fn dithering_of_a_half_grey_is_a_checkerboard() {
    let display = shown::<BinaryColor>(&Digit::new([128; PIXELS]), Point::zero(), 1);
    let row: String = (0..8)
        .map(|x| if display.get_pixel(Point::new(x, 0)) == Some(BinaryColor::On) { '#' } else { '.' })
        .collect();
    assert_eq!(row, "#.#.#.#.");
}

/// The greys of a digit that fills an area of this size, row by row.
fn within<C: Ink>(digit: &Digit, size: Size, look: Look) -> Vec<C> {
    /// A display that takes its pixels in order, as one without a buffer wants them.
    struct Strip<C>(Rectangle, embedded_graphics::primitives::rectangle::Points, Vec<C>);
    impl<C> Dimensions for Strip<C> {
        fn bounding_box(&self) -> Rectangle {
            self.0
        }
    }
    impl<C: PixelColor> DrawTarget for Strip<C> {
        type Color = C;
        type Error = Point;
        fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Point> {
            for Pixel(at, colour) in pixels {
                if self.1.next() != Some(at) {
                    return Err(at);
                }
                self.2.push(colour);
            }
            Ok(())
        }
    }
    let area = Rectangle::new(Point::new(5, 2), size);
    let mut strip = Strip(area, area.points(), Vec::new());
    digit.within(area, look).draw(&mut strip).unwrap();
    assert_eq!(strip.2.len(), (size.width * size.height) as usize);
    strip.2
}

fn smooth(palette: Palette) -> Look {
    Look { palette, dither: Dither::None, scaling: Scaling::Smooth }
}

#[test]
#[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
fn smooth_scaling_at_the_digits_own_size_changes_nothing() {
    let digit = ramp();
    let shown = within::<Gray8>(&digit, Size::new(28, 28), smooth(Palette::NIGHT));
    assert!(shown.iter().map(GrayColor::luma).eq(digit.pixels().iter().copied()));
}

#[test]
#[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
fn smooth_scaling_goes_straight_from_pixel_to_pixel() {
    // Columns 0, 9, 18 ...: a slope that stays one at any size.
    let digit = Digit::new(std::array::from_fn(|place| (place % SIDE * 9) as u8));
    for side in [20, 40, 64, 97, 200, 240, 320] {
        let shown = within::<Gray8>(&digit, Size::new_equal(side), smooth(Palette::NIGHT));
        let width = side as usize;
        let row = &shown[..width];
        assert!(shown.chunks(width).all(|other| other == row), "{side}: all rows alike");
        for (x, grey) in row.iter().enumerate() {
            // The middle of display pixel x, on the digit, whose own middles are at halves.
            let place = ((x as f64 + 0.5) * 28.0 / f64::from(side) - 0.5).clamp(0.0, 27.0);
            let expected = place * 9.0;
            assert!(
                (f64::from(grey.luma()) - expected).abs() <= 1.5,
                "{side}: column {x} is {}",
                grey.luma()
            );
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
fn a_narrow_area_shows_the_digits_middle() {
    let digit = ramp();
    for (size, left, top) in [(Size::new(20, 28), 4, 0), (Size::new(28, 20), 0, 4)] {
        for scaling in [Scaling::Blocks, Scaling::Smooth] {
            let shown = within::<Gray8>(&digit, size, Look { scaling, ..smooth(Palette::NIGHT) });
            for (place, grey) in shown.iter().enumerate() {
                let (x, y) = (left + place % size.width as usize, top + place / size.width as usize);
                assert_eq!(grey.luma(), digit.pixels()[y * SIDE + x], "{scaling:?} {x},{y}");
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
fn blocks_are_of_one_size_and_in_the_middle() {
    let digit = Digit::new([200; PIXELS]);
    let look = Look { scaling: Scaling::Blocks, ..smooth(Palette::NIGHT) };
    for side in [28_u32, 55, 56, 64, 84, 97, 240, 320] {
        let shown = within::<Gray8>(&digit, Size::new_equal(side), look);
        let block = side / 28;
        let inked = shown.iter().filter(|grey| grey.luma() == 200).count();
        assert_eq!(inked, (block * 28 * block * 28) as usize, "side {side}");
        let row = &shown[(side / 2 * side) as usize..][..side as usize];
        let before = row.iter().take_while(|grey| grey.luma() == 0).count() as u32;
        assert!(before.abs_diff((side - block * 28) / 2) <= 1, "side {side} begins at {before}");
    }
    let display = within::<Gray8>(&ramp(), Size::new_equal(90), look);
    for (place, grey) in display.iter().enumerate() {
        let (x, y) = ((place % 90).checked_sub(3), (place / 90).checked_sub(3));
        let pixel = x.zip(y).filter(|&(x, y)| x < 84 && y < 84);
        let expected = pixel.map_or(0, |(x, y)| ramp().pixels()[y / 3 * SIDE + x / 3]);
        assert_eq!(grey.luma(), expected, "place {place}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "many pictures: minutes under miri")]
fn diffused_errors_keep_the_mean_grey_better_than_a_pattern() {
    for grey in [16_u8, 32, 64, 100, 128, 200, 230, 255] {
        let digit = Digit::new([grey; PIXELS]);
        let look = Look { dither: Dither::FloydSteinberg, ..smooth(Palette::NIGHT) };
        let shown = within::<BinaryColor>(&digit, Size::new_equal(112), look);
        let lit = shown.iter().filter(|colour| colour.is_on()).count();
        let mean = lit as f64 * 255.0 / (112.0 * 112.0);
        assert!((mean - f64::from(grey)).abs() <= 3.0, "grey {grey} is shown as {mean:.1}");
        let levels = within::<Gray4>(&digit, Size::new_equal(112), look);
        let sum: f64 = levels.iter().map(|level| f64::from(level.luma()) * 17.0).sum();
        let mean = sum / (112.0 * 112.0);
        assert!((mean - f64::from(grey)).abs() <= 1.0, "grey {grey} is shown as {mean:.1} of 16 levels");
    }
}

#[test]
#[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
fn error_diffusion_is_that_of_floyd_and_steinberg() {
    let mut digit = ramp();
    digit.pixels_mut()[300..400].fill(90);
    let look = Look { dither: Dither::FloydSteinberg, ..smooth(Palette::NIGHT) };
    let shown = within::<BinaryColor>(&digit, Size::new(28, 28), look);
    // The textbook's way: a whole picture of sums in sixteenths, one row and one column more on each side.
    let mut sums = [[0_i32; 30]; 29];
    for (place, &grey) in digit.pixels().iter().enumerate() {
        let (x, y) = (place % SIDE + 1, place / SIDE);
        let wanted = (i32::from(grey) + ((sums[y][x] + 8) >> 4)).clamp(0, 255);
        let lit = wanted > 127;
        assert_eq!(shown[place].is_on(), lit, "pixel {},{y}", x - 1);
        let rest = wanted - if lit { 255 } else { 0 };
        sums[y][x + 1] += 7 * rest;
        sums[y + 1][x - 1] += 3 * rest;
        sums[y + 1][x] += 5 * rest;
        sums[y + 1][x + 1] += rest;
    }
}

#[test]
#[cfg_attr(miri, ignore = "many pictures: minutes under miri")]
fn blocks_too_small_for_a_pixel_are_smooth_and_show_the_whole_digit() {
    let digit = ramp();
    for size in [Size::new(17, 21), Size::new(27, 27), Size::new(1, 1)] {
        let blocks = Look { scaling: Scaling::Blocks, ..smooth(Palette::NIGHT) };
        let shown = within::<Gray8>(&digit, size, blocks);
        assert_eq!(shown, within(&digit, size, smooth(Palette::NIGHT)), "{size}");
    }
}

#[test]
fn colours_are_the_nearest_that_there_are() {
    let nearest = |value: u8, last: u32| {
        let distance = |level: &u32| (level * 255).abs_diff(u32::from(value) * last);
        (0..=last).min_by_key(distance).unwrap()
    };
    for value in 0..=255 {
        assert_eq!(u32::from(Gray4::nearest([value; 3]).luma()), nearest(value, 15), "{value}");
        let colour = Rgb565::nearest([value; 3]);
        let levels = [colour.r(), colour.g(), colour.b()].map(u32::from);
        assert_eq!(levels, [31, 63, 31].map(|last| nearest(value, last)), "{value}");
    }
    assert_eq!(Rgb565::nearest([7, 3, 7]), Rgb565::new(1, 1, 1));
}

#[test]
fn palettes_go_from_paper_to_ink_by_half() {
    for Palette { stops } in [Palette::NIGHT, Palette::PAPER, Palette::EMBER, Palette::FROST] {
        let look = smooth(Palette { stops });
        let [paper, half, ink] = stops.map(Rgb565::nearest);
        assert_eq!((look.colour::<Rgb565>(0), look.colour::<Rgb565>(255)), (paper, ink));
        let near = |one: u8, other: u8| one.abs_diff(other) <= 1;
        let middle = look.colour::<Rgb565>(127);
        assert!(near(middle.r(), half.r()) && near(middle.g(), half.g()) && near(middle.b(), half.b()));
    }
    for grey in 0..=255 {
        assert_eq!(smooth(Palette::NIGHT).colour::<Gray8>(grey).luma(), grey);
        assert_eq!(smooth(Palette::NIGHT).colour::<Gray4>(grey).luma(), grey >> 4);
    }
}
