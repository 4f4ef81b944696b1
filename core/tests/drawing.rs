//! What a display shows of a digit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded_graphics::{
    mock_display::MockDisplay,
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
};
use thumbgan_core::{Digit, Ink, PIXELS, SIDE};

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
