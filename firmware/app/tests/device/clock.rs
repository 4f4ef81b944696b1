//! The clock: what it shows, how it changes, how it is set.

use embedded_graphics::{pixelcolor::Gray8, prelude::*};
use thumbgan_app::{Buttons, Mode, Time, ViewState};

use crate::support::{ACT, Device, MODE, model};

fn clock(model: &[u8]) -> Device<'_> {
    Device::in_mode(model, Mode::Clock)
}

/// A clock that has just been set to these digits by its button.
fn clock_at(model: &[u8], digits: [u8; 4]) -> Device<'_> {
    let mut device = clock(model);
    device.press_long(ACT);
    for digit in digits {
        (0..digit).for_each(|_| device.press(ACT));
        device.press_long(ACT);
    }
    device
}

fn time(hour: u8, minute: u8) -> String {
    Time::new(hour, minute).expect("a time").to_string()
}

#[test]
fn it_runs_from_midnight_without_being_set() {
    let file = model("clock", 10);
    let mut device = clock(&file);
    assert_eq!(device.field("to"), "00:00");
    device.wait(59_900);
    assert_eq!(device.field("to"), "00:00");
    device.wait(100);
    assert_eq!(
        (device.field("from"), device.field("to")),
        (time(0, 0), time(0, 1))
    );
    device.wait(9 * 60_000);
    assert_eq!(device.field("to"), "00:10");
}

#[test]
fn the_day_begins_anew_at_midnight() {
    let file = model("clock", 10);
    let mut device = clock_at(&file, [2, 3, 5, 9]);
    device.wait(59_000);
    assert_eq!(device.field("to"), time(23, 59));
    device.wait(1_000);
    assert_eq!(
        (device.field("from"), device.field("to")),
        (time(23, 59), time(0, 0))
    );
}

#[test]
fn it_keeps_time_in_other_modes_and_over_days() {
    let file = model("clock", 10);
    let mut device = clock_at(&file, [0, 7, 3, 0]);
    device.app.set_mode(Mode::Gallery);
    // Ten days and an hour, in one frame.
    device.pass(Buttons::default(), (10 * 24 + 1) * 3_600_000);
    device.app.set_mode(Mode::Clock);
    assert_eq!(device.field("to"), "08:30");
}

#[test]
fn every_minute_all_changed_digits_are_generated_from_the_left() {
    let file = model("clock", 10);
    let mut device = clock(&file);
    device.wait(59_000);
    let screen = |device: &mut Device<'_>| device.screen::<Gray8>(Size::new(128, 64)).all();
    let third = |screen: &[Gray8], part: usize| {
        screen
            .chunks(128)
            .flat_map(|row| row[32 * part..32 * part + 28].to_vec())
            .collect::<Vec<_>>()
    };
    let old = screen(&mut device);
    assert_eq!(device.field("step"), ViewState::CHANGED.to_string());
    device.wait(1_900);
    let middle = screen(&mut device);
    device.wait(1_600);
    let new = screen(&mut device);
    assert_eq!(
        device.field("step"),
        ViewState::CHANGED.to_string(),
        "it has come to rest"
    );
    assert_ne!(
        third(&old, 0),
        third(&new, 0),
        "the same hour in another hand"
    );
    assert_eq!(
        third(&middle, 0),
        third(&new, 0),
        "the first digit changes first"
    );
    assert_eq!(third(&middle, 3), third(&old, 3), "the last one last");
    let series = device.field("series");
    device.press(ACT);
    assert_ne!(device.field("series"), series, "ACT asks for another hand");
    device.wait(3_000);
    assert_ne!(screen(&mut device), new);
    assert_eq!(device.field("to"), "00:01");
}

#[test]
fn a_transition_blends_both_digits() {
    let file = model("clock", 10);
    let mut device = clock(&file);
    let (from, to) = (Time::new(0, 0).unwrap(), Time::new(11, 11).unwrap());
    let mut at = |step| {
        device.app.show(ViewState::Clock {
            from,
            to,
            series: 5,
            step,
            set: None,
            colon: true,
        });
        device.screen::<Gray8>(Size::new(128, 64)).all()
    };
    let (old, half, new) = (at(0), at(128), at(256));
    let distance = |one: &[Gray8], other: &[Gray8]| -> u32 {
        one.iter()
            .zip(other)
            .map(|(one, other)| u32::from(one.luma().abs_diff(other.luma())))
            .sum()
    };
    assert!(
        distance(&old, &half) < distance(&old, &new)
            && distance(&half, &new) < distance(&old, &new)
    );
}

#[test]
fn the_colon_blinks_once_per_second() {
    let file = model("clock", 10);
    let mut device = clock(&file);
    let mut beats = Vec::new();
    for _ in 0..4 {
        beats.push(device.field("colon"));
        device.wait(1_000);
    }
    assert_eq!(beats, ["true", "false", "true", "false"]);
}

#[test]
fn the_time_is_set_digit_by_digit() {
    let file = model("clock", 10);
    let mut device = clock(&file);
    device.wait(30_000);
    device.press_long(ACT);
    for (place, raises) in [2, 3, 5, 9].into_iter().enumerate() {
        assert_eq!(device.field("set"), place.to_string());
        (0..raises).for_each(|_| device.press(ACT));
        // However long one takes: the time stands still.
        device.wait(100_000);
        device.press_long(ACT);
    }
    assert_eq!(
        (device.field("set"), device.field("to")),
        ("-".into(), time(23, 59))
    );
    device.wait(59_000);
    assert_eq!(device.field("to"), time(23, 59), "its seconds begin at 0");
    device.wait(1_000);
    assert_eq!(device.field("to"), "00:00");
}

#[test]
fn every_press_gives_a_valid_time_and_all_digits_wrap_around() {
    let file = model("clock", 10);
    for (place, start) in [
        (0, [1, 9]),
        (1, [0, 9]),
        (1, [2, 3]),
        (2, [0, 0]),
        (3, [0, 0]),
    ] {
        let mut device = clock_at(&file, [start[0], start[1], 0, 0]);
        (0..=place).for_each(|_| device.press_long(ACT));
        let mut seen = Vec::new();
        while !seen.contains(&device.field("to")) {
            seen.push(device.field("to"));
            device.press(ACT);
        }
        let digits: Vec<_> = seen
            .iter()
            .map(|time| time.replace(':', "")[place..=place].to_owned())
            .collect();
        let expected = match (place, start) {
            (0, _) => 3,
            (1, [2, _]) => 4,
            (2, _) => 6,
            _ => 10,
        };
        assert!(
            seen.len() >= expected
                && (0..expected).all(|digit| digits.contains(&digit.to_string())),
            "{seen:?}"
        );
    }
}

#[test]
fn mode_leaves_the_setting_without_a_change() {
    let file = model("clock", 10);
    let mut device = clock_at(&file, [1, 2, 0, 0]);
    device.press_long(ACT);
    device.press(ACT);
    assert_eq!(device.field("to"), "22:00");
    device.press(MODE);
    assert_eq!(device.app.view().mode(), Mode::About);
    device.app.set_mode(Mode::Clock);
    assert_eq!(device.field("to"), "12:00");
}

#[test]
fn only_valid_times_are_constructed() {
    assert_eq!(Time::new(24, 0), None);
    assert_eq!(Time::new(0, 60), None);
    let last = Time::new(23, 59).unwrap();
    assert_eq!(
        (last.hour(), last.minute(), last.digits()),
        (23, 59, [2, 3, 5, 9])
    );
}
