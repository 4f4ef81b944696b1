//! Effects of buttons and time in each mode.

use embedded_graphics::{pixelcolor::Gray8, prelude::*};
use thumbgan_app::{Buttons, Canvas, Mode, ViewState};

use crate::support::{ACT, Device, MODE, model};

fn screen(device: &mut Device<'_>) -> Canvas<Gray8> {
    device.screen(Size::new(128, 64))
}

#[test]
fn the_mode_button_goes_through_every_mode_and_round() {
    for classes in [0, 10] {
        let file = model("round", classes);
        let mut device = Device::new(&file);
        let mut modes = vec![device.app.view().mode()];
        for _ in Mode::ALL {
            device.press(MODE);
            modes.push(device.app.view().mode());
        }
        assert_eq!(modes[..5], Mode::ALL);
        assert_eq!(modes[5], Mode::Gallery);
    }
}

#[test]
fn the_gallery_shows_a_new_digit_each_second() {
    let file = model("gallery", 10);
    let mut device = Device::new(&file);
    assert_eq!(device.field("seed"), "1");
    let mut seen = vec![screen(&mut device)];
    device.wait(990);
    assert_eq!(device.field("seed"), "1");
    for seed in 2..20 {
        device.wait(if seed == 2 { 10 } else { 1000 });
        assert_eq!(device.field("seed"), seed.to_string());
        let screen = screen(&mut device);
        assert!(!seen.contains(&screen), "seed {seed} has been shown before");
        seen.push(screen);
    }
}

#[test]
fn the_gallery_shows_every_class() {
    let file = model("classes", 10);
    let mut device = Device::new(&file);
    let mut seen = [0; 10];
    for _ in 0..200 {
        let class: usize = device.field("class").parse().unwrap();
        seen[class] += 1;
        device.wait(1000);
    }
    assert!(seen.iter().all(|count| (5..40).contains(count)), "{seen:?}");
}

#[test]
fn slow_frames_do_not_accumulate() {
    let file = model("slow", 10);
    let mut device = Device::new(&file);
    device.pass(Buttons::default(), 7_300);
    assert_eq!(device.field("seed"), "2");
    device.wait(990);
    assert_eq!(device.field("seed"), "2", "a whole second for each");
    device.wait(10);
    assert_eq!(device.field("seed"), "3");
}

#[test]
fn act_pauses_and_resumes_the_gallery() {
    let file = model("held", 0);
    let mut device = Device::new(&file);
    let running = screen(&mut device);
    device.press(ACT);
    device.wait(10_000);
    assert_eq!(
        (device.field("seed"), device.field("held")),
        ("1".into(), "true".into())
    );
    assert_ne!(screen(&mut device), running, "the screen says so");
    device.press(ACT);
    device.wait(910);
    assert_eq!(
        (device.field("seed"), device.field("held")),
        ("2".into(), "false".into())
    );
    device.press_long(ACT);
    assert_eq!(device.field("seed"), "3", "a long press is the next digit");
}

#[test]
fn act_goes_through_the_classes_and_redraws_when_long() {
    let file = model("digit", 3);
    let mut device = Device::in_mode(&file, Mode::Digit);
    let seed = device.field("seed");
    let mut screens = vec![screen(&mut device)];
    for class in ["1", "2"] {
        device.press(ACT);
        assert_eq!(
            (device.field("class"), device.field("seed")),
            (class.into(), seed.clone())
        );
        let screen = screen(&mut device);
        assert!(
            !screens.contains(&screen),
            "class {class} must theme different"
        );
        screens.push(screen);
    }
    device.press(ACT);
    assert_eq!(
        screen(&mut device),
        screens[0],
        "after the last class the first"
    );
    device.press(ACT);
    device.press_long(ACT);
    assert_eq!(device.field("class"), "1");
    assert_ne!(device.field("seed"), seed);
    device.wait(60_000);
    assert_eq!(device.field("class"), "1", "it stays");
}

/// Classes that a model may have.
const MOST: u8 = thumbgan_core::model::MAX_CLASSES as u8;

#[test]
fn the_maximum_number_of_classes_can_be_selected() {
    let file = model("most", MOST);
    let mut device = Device::in_mode(&file, Mode::Digit);
    for class in 1..MOST {
        device.press(ACT);
        assert_eq!(device.field("class"), class.to_string());
    }
    device.press(ACT);
    assert_eq!(device.field("class"), "0");
}

#[test]
fn the_interpolation_is_smooth_from_seed_to_seed() {
    let file = model("walk", 10);
    let mut device = Device::in_mode(&file, Mode::Walk);
    let digit = |device: &mut Device<'_>| {
        let panel = screen(device);
        panel
            .all()
            .chunks(128)
            .flat_map(|row| row[..64].to_vec())
            .map(|gray| gray.luma())
            .collect::<Vec<_>>()
    };
    let mut before = digit(&mut device);
    let (mut steps, mut greatest, mut whole) = (0, 0_u32, 0_u32);
    while device.app.view()
        != (ViewState::Walk {
            class: Some(0),
            seed: 3,
            step: 0,
            rate: None,
        })
    {
        device.wait(20);
        let now = digit(&mut device);
        let change: u32 = before
            .iter()
            .zip(&now)
            .map(|(before, now)| u32::from(before.abs_diff(*now)))
            .sum();
        greatest = greatest.max(change);
        whole += change;
        before = now;
        steps += 1;
    }
    assert_eq!(steps, 200 - 100, "two seconds for a seed");
    assert!(greatest * 20 < whole, "no jump: {greatest} of {whole}");
}

#[test]
fn the_interpolation_keeps_the_selected_class_until_a_long_press() {
    let file = model("class", 10);
    let mut device = Device::in_mode(&file, Mode::Digit);
    (0..7).for_each(|_| device.press(ACT));
    device.press(MODE);
    assert_eq!(
        (device.app.view().mode(), device.field("class")),
        (Mode::Walk, "7".into())
    );
    device.press_long(ACT);
    assert_eq!(device.field("class"), "8");
    let free = model("free", 0);
    let mut device = Device::in_mode(&free, Mode::Walk);
    device.press_long(ACT);
    assert_eq!(device.field("class"), "-");
}

#[test]
fn the_interpolation_overlay_shows_the_frame_rate() {
    let file = model("rate", 10);
    let mut device = Device::in_mode(&file, Mode::Walk);
    let mut panel = Canvas::<Gray8>::new(Size::new(128, 64));
    assert_eq!(device.field("frames"), "-");
    device.press(ACT);
    assert_eq!(device.field("frames"), "0", "none is known yet");
    for _ in 0..100 {
        device.wait(20);
        assert!(
            device.app.draw(&mut panel).unwrap().is_some(),
            "every frame is new"
        );
    }
    assert_eq!(device.field("frames"), "500", "tenths of 50 a second");
    device.press(ACT);
    assert_eq!(device.field("frames"), "-");
}

#[test]
fn about_has_two_pages() {
    let file = model("about", 10);
    let mut device = Device::in_mode(&file, Mode::About);
    let first = screen(&mut device);
    device.press(ACT);
    assert_ne!(screen(&mut device), first);
    device.press(ACT);
    assert_eq!(screen(&mut device), first);
}

#[test]
fn a_long_press_of_mode_changes_the_theme_only() {
    let file = model("theme", 10);
    let mut device = Device::in_mode(&file, Mode::Digit);
    let (view, first) = (device.app.view(), screen(&mut device));
    let mut themes = vec![first];
    for _ in 1..3 {
        device.press_long(MODE);
        assert_eq!(device.app.view(), view);
        let screen = screen(&mut device);
        assert!(
            !themes.contains(&screen),
            "theme {} is an earlier one",
            device.app.theme()
        );
        themes.push(screen);
    }
    device.press_long(MODE);
    assert_eq!(
        screen(&mut device),
        themes[0],
        "after the last theme the first"
    );
}

#[test]
fn conditional_modes_explain_an_unconditional_model() {
    let file = model("free", 0);
    let mut seen = Vec::new();
    for mode in [Mode::Digit, Mode::Clock] {
        let mut device = Device::in_mode(&file, mode);
        let screen = screen(&mut device);
        assert!(
            screen.all().iter().filter(|gray| gray.luma() > 128).count() > 300,
            "{mode}: a text"
        );
        device.press(ACT);
        device.press_long(ACT);
        device.wait(100_000);
        assert_eq!(
            self::screen(&mut device),
            screen,
            "{mode}: nothing to choose"
        );
        seen.push(screen);
    }
    assert_ne!(seen[0], seen[1], "each names its mode");
}

#[test]
fn buttons_continue_from_a_view_that_is_set() {
    let file = model("set", 10);
    let mut device = Device::new(&file);
    let (class, seed) = (Some(3), 70);
    device.app.show(ViewState::Digit { class, seed });
    device.press_long(ACT);
    let seed = 71;
    assert_eq!(device.app.view(), ViewState::Digit { class, seed });
    device.press(MODE);
    assert_eq!(
        (device.field("class"), device.field("seed")),
        ("3".into(), "72".into())
    );
}

#[test]
fn the_first_seed_is_configurable() {
    let file = model("seeds", 10);
    let mut device = Device::new(&file);
    device.app.set_seed(u64::MAX);
    assert_eq!(device.field("seed"), u64::MAX.to_string());
    device.wait(1000);
    assert_eq!(device.field("seed"), "0");
    device.app.set_seed(70);
    device.app.set_mode(Mode::Clock);
    assert_eq!(
        device.field("series"),
        "70",
        "the clock's digits are others too"
    );
}
