//! Class names on the display.

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray8},
    prelude::*,
    primitives::Rectangle,
};
use thumbgan_app::{Mode, Time, ViewState};

use crate::support::{ACT, Device, SIZES, model, named};

const NUMERALS: &str = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9";
const CLOTHES: &str =
    "T-shirt/top\nTrouser\nPullover\nDress\nCoat\nSandal\nShirt\nSneaker\nBag\nAnkle boot";

/// Returns a view of each mode with one image.
fn single_image_views(class: u8) -> [ViewState; 3] {
    let (class, seed) = (Some(class), 5);
    [
        ViewState::Gallery {
            class,
            seed,
            held: false,
        },
        ViewState::Digit { class, seed },
        ViewState::Walk {
            class,
            seed,
            step: 0,
            rate: None,
        },
    ]
}

fn shown(file: &[u8], view: ViewState, size: Size) -> Vec<BinaryColor> {
    let mut device = Device::new(file);
    device.app.show(view);
    device.screen(size).all()
}

#[test]
fn every_mode_with_one_image_shows_the_class_name() {
    let (file, renamed) = (
        named("clothes", CLOTHES),
        named("clothes", &CLOTHES.replace("boot", "shoe")),
    );
    for (width, height) in SIZES {
        let size = Size::new(width, height);
        for (other, boot) in single_image_views(8).into_iter().zip(single_image_views(9)) {
            assert_eq!(
                shown(&file, other, size),
                shown(&renamed, other, size),
                "{other} on {width}x{height}"
            );
            assert_ne!(
                shown(&file, boot, size),
                shown(&renamed, boot, size),
                "{boot} on {width}x{height}"
            );
        }
    }
}

#[test]
fn class_names_do_not_change_the_image() {
    let long = CLOTHES.replace("Ankle boot", &"a boot for ankles of any length ".repeat(4));
    let (plain, named) = (model("plain", 10), named("named", &long));
    let view = ViewState::Digit {
        class: Some(9),
        seed: 5,
    };
    let image = |file| {
        let mut device = Device::new(file);
        device.app.show(view);
        device
            .screen::<Gray8>(Size::new(128, 64))
            .area(Rectangle::new(Point::zero(), Size::new_equal(64)))
    };
    assert!(image(&plain) == image(&named));
}

#[test]
fn names_that_are_numbers_change_nothing() {
    let (plain, numerals) = (model("numbers", 10), named("numbers", NUMERALS));
    let noon = Time::new(12, 0).unwrap();
    let clock = ViewState::Clock {
        from: noon,
        to: noon,
        series: 1,
        step: 0,
        set: None,
        colon: true,
    };
    for (width, height) in SIZES {
        let size = Size::new(width, height);
        for view in single_image_views(7).into_iter().chain([clock]) {
            assert_eq!(
                shown(&plain, view, size),
                shown(&numerals, view, size),
                "{view} {width}x{height}"
            );
        }
    }
}

#[test]
fn characters_missing_in_the_font_are_question_marks() {
    let (foreign, marks) = (
        named("letters", &CLOTHES.replace("Bag", "\u{436}\u{f6}\u{4e16}!")),
        named("letters", &CLOTHES.replace("Bag", "???!")),
    );
    let view = ViewState::Digit {
        class: Some(8),
        seed: 5,
    };
    let size = Size::new(128, 64);
    assert_eq!(shown(&foreign, view, size), shown(&marks, view, size));
}

#[test]
fn act_selects_more_than_ten_classes() {
    let names: Vec<String> = ('A'..='Z').map(String::from).collect();
    let file = named("letters", &names.join("\n"));
    let mut device = Device::in_mode(&file, Mode::Digit);
    let mut captions = Vec::new();
    for class in 0..26 {
        assert_eq!(device.field("class"), class.to_string());
        let panel = device.screen::<Gray8>(Size::new(128, 64));
        let caption = panel.area(Rectangle::new(Point::new(66, 0), Size::new(62, 64)));
        assert!(
            !captions.contains(&caption),
            "class {class} has the caption of an earlier one"
        );
        captions.push(caption);
        device.press(ACT);
    }
    assert_eq!(device.field("class"), "0");
}

#[test]
fn the_clock_needs_the_ten_digits() {
    let clock = |file: &[u8], to| {
        let view = ViewState::Clock {
            from: to,
            to,
            series: 1,
            step: 0,
            set: None,
            colon: true,
        };
        shown(file, view, Size::new(128, 64))
    };
    let runs = |file: &[u8]| {
        clock(file, Time::new(11, 11).unwrap()) != clock(file, Time::new(22, 22).unwrap())
    };
    assert!(runs(&model("ten", 10)));
    assert!(runs(&named(
        "digits and letters",
        &format!("{NUMERALS}\nA\nB")
    )));
    assert!(!runs(&named("clothes", CLOTHES)));
    assert!(!runs(&named("from one", "1\n2\n3\n4\n5\n6\n7\n8\n9\n0")));
    assert!(!runs(&model("nine", 9)));
    let (nine, none) = (model("nine", 9), model("none", 0));
    let noon = Time::new(12, 0).unwrap();
    assert_ne!(
        clock(&nine, noon),
        clock(&none, noon),
        "each shows its reason"
    );
}
