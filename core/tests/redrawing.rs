//! A digit that takes another's place.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded_graphics::{
    mock_display::MockDisplay,
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
use proptest::prelude::*;
use thumbgan_core::{Digit, Ink, Look, PIXELS, SIDE};

/// A digit with a few strokes of ink on paper.
fn any_digit() -> impl Strategy<Value = Digit> {
    let dot = (0..SIDE, 0..SIDE, 1_usize..6, 1_u8..);
    proptest::collection::vec(dot, 0..4).prop_map(|strokes| {
        let mut digit = Digit::new([0; PIXELS]);
        for (x, y, length, grey) in strokes {
            digit
                .pixels_mut()
                .iter_mut()
                .skip(y * SIDE + x)
                .step_by(SIDE - 1)
                .take(length)
                .for_each(|at| *at = grey);
        }
        digit
    })
}

/// Draws `old`, then `new` only where either has ink; and `new` as a whole on a display of its own.
fn displays<C: Ink + PixelColor>(
    [old, new]: [&Digit; 2],
    area: Rectangle,
    look: Look,
) -> [MockDisplay<C>; 2] {
    let mut displays = [MockDisplay::new(), MockDisplay::new()];
    displays[0].set_allow_overdraw(true);
    let (old, new) = (old.within(area, look), new.within(area, look));
    old.draw(&mut displays[0]).unwrap();
    for inked in [old.ink(), new.ink()] {
        new.only(&inked).draw(&mut displays[0]).unwrap();
    }
    new.draw(&mut displays[1]).unwrap();
    displays
}

fn looks_alike<C: Ink + PixelColor>(digits: [&Digit; 2], area: Rectangle) -> bool {
    C::LOOKS.iter().all(|&look| {
        let [one, other] = displays::<C>(digits, area, look);
        area.points().all(|at| one.get_pixel(at) == other.get_pixel(at))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    #[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
    fn drawing_where_there_was_or_is_ink_is_enough(
        old in any_digit(),
        new in any_digit(),
        width in 9_u32..60,
        height in 9_u32..60,
    ) {
        let area = Rectangle::new(Point::new(3, 2), Size::new(width, height));
        prop_assert!(looks_alike::<BinaryColor>([&old, &new], area));
        prop_assert!(looks_alike::<Gray4>([&old, &new], area));
        prop_assert!(looks_alike::<Rgb565>([&old, &new], area));
    }
}

#[test]
#[cfg_attr(miri, ignore = "many pixels: minutes under miri")]
fn a_digit_is_inked_no_further_than_it_reaches() {
    let mut digit = Digit::new([0; PIXELS]);
    digit.pixels_mut()[10 * SIDE + 7] = 200;
    let area = Rectangle::new(Point::new(5, 6), Size::new(84, 84));
    for &look in Rgb565::LOOKS {
        let ink = digit.within::<Rgb565>(area, look).ink();
        let pixel = Rectangle::new(Point::new(5 + 7 * 3, 6 + 10 * 3), Size::new_equal(3));
        assert_eq!(ink.intersection(&pixel), pixel, "{look:?}");
        assert!(ink.size.width <= 7 && ink.size.height <= 7, "{look:?}: {ink:?}");
    }
    let empty = Digit::new([0; PIXELS]);
    assert!(empty.within::<Rgb565>(area, Rgb565::LOOKS[0]).ink().is_zero_sized());
}
