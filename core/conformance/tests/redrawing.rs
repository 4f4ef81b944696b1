//! Partial redrawing when an image replaces another one.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded_graphics::{
    mock_display::MockDisplay,
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
use proptest::prelude::*;
use thumbgan_core::{
    GrayImage,
    graphics::{GrayscaleColor, ScaledImage, Theme},
};

/// Strategy for images with a few strokes.
fn any_image() -> impl Strategy<Value = GrayImage> {
    let dot = (0..GrayImage::SIDE, 0..GrayImage::SIDE, 1_usize..6, 1_u8..);
    proptest::collection::vec(dot, 0..4).prop_map(|strokes| {
        let mut image = GrayImage::new([0; GrayImage::PIXELS]);
        for (x, y, length, gray) in strokes {
            image
                .pixels_mut()
                .iter_mut()
                .skip(y * GrayImage::SIDE + x)
                .step_by(GrayImage::SIDE - 1)
                .take(length)
                .for_each(|at| *at = gray);
        }
        image
    })
}

/// Draws `old` and then `new` clipped to the foreground of both on one display, and all of `new` on another.
fn displays<C: GrayscaleColor + PixelColor>(
    [old, new]: [&GrayImage; 2],
    area: Rectangle,
    theme: Theme,
) -> [MockDisplay<C>; 2] {
    let mut displays = [MockDisplay::new(), MockDisplay::new()];
    displays[0].set_allow_overdraw(true);
    let (old, new) = (
        ScaledImage::new(old, area, theme),
        ScaledImage::new(new, area, theme),
    );
    old.draw(&mut displays[0]).unwrap();
    for foreground in [old.foreground_bounding_box(), new.foreground_bounding_box()] {
        new.clipped(&foreground).draw(&mut displays[0]).unwrap();
    }
    new.draw(&mut displays[1]).unwrap();
    displays
}

fn displays_agree<C: GrayscaleColor + PixelColor>(
    images: [&GrayImage; 2],
    area: Rectangle,
) -> bool {
    C::THEMES.iter().all(|&theme| {
        let [one, other] = displays::<C>(images, area, theme);
        area.points()
            .all(|at| one.get_pixel(at) == other.get_pixel(at))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes under miri")]
    fn redrawing_the_foreground_of_both_images_is_enough(
        old in any_image(),
        new in any_image(),
        width in 9_u32..60,
        height in 9_u32..60,
    ) {
        let area = Rectangle::new(Point::new(3, 2), Size::new(width, height));
        prop_assert!(displays_agree::<BinaryColor>([&old, &new], area));
        prop_assert!(displays_agree::<Gray4>([&old, &new], area));
        prop_assert!(displays_agree::<Rgb565>([&old, &new], area));
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn the_foreground_bounding_box_is_tight() {
    let mut image = GrayImage::new([0; GrayImage::PIXELS]);
    image.pixels_mut()[10 * GrayImage::SIDE + 7] = 200;
    let area = Rectangle::new(Point::new(5, 6), Size::new(84, 84));
    for &theme in Rgb565::THEMES {
        let foreground = ScaledImage::<Rgb565>::new(&image, area, theme).foreground_bounding_box();
        let pixel = Rectangle::new(Point::new(5 + 7 * 3, 6 + 10 * 3), Size::new_equal(3));
        assert_eq!(foreground.intersection(&pixel), pixel, "{theme:?}");
        assert!(
            foreground.size.width <= 7 && foreground.size.height <= 7,
            "{theme:?}: {foreground:?}"
        );
    }
    let empty = GrayImage::new([0; GrayImage::PIXELS]);
    let empty = ScaledImage::<Rgb565>::new(&empty, area, Rgb565::THEMES[0]);
    assert!(empty.foreground_bounding_box().is_zero_sized());
}
