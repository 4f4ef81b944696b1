//! What the keys do.

use crate::support::{Panel, model, press, start};
use thumbgan_app::{App, Key, STEPS};

/// The digit's part of the screen.
fn digit(app: &App<'_>) -> Vec<u8> {
    Panel::of(app).area((4, 60), (4, 60))
}

#[test]
fn starts_at_seed_1() {
    let (free, conditional) = (model("free", 0), model("conditional", 10));
    assert_eq!(start(&free).state().to_string(), "seed=1 step=0 class=- micros=0");
    assert_eq!(start(&conditional).state().to_string(), "seed=1 step=0 class=0 micros=0");
}

#[test]
fn up_and_down_change_the_seed_and_wrap() {
    let file = model("free", 0);
    let mut app = start(&file);
    let at_1 = digit(&app);
    press(&mut app, &[Key::Up]);
    assert_eq!(app.state().seed, 2);
    assert_ne!(digit(&app), at_1);
    press(&mut app, &[Key::Down]);
    assert_eq!((app.state().seed, digit(&app)), (1, at_1));
    press(&mut app, &[Key::Down, Key::Down]);
    assert_eq!(app.state().seed, u64::MAX);
    press(&mut app, &[Key::Up]);
    assert_eq!(app.state().seed, 0);
}

#[test]
fn up_and_down_leave_the_walk() {
    let file = model("free", 0);
    for (key, seed) in [(Key::Up, 2), (Key::Down, 0)] {
        let mut app = start(&file);
        press(&mut app, &[Key::Right, Key::Right, key]);
        assert_eq!((app.state().seed, app.state().step), (seed, 0));
    }
}

#[test]
fn eight_steps_right_are_the_next_seed() {
    let file = model("free", 0);
    let mut app = start(&file);
    let mut seen = vec![digit(&app)];
    for step in 1..STEPS {
        press(&mut app, &[Key::Right]);
        assert_eq!((app.state().seed, app.state().step), (1, step));
        assert!(!seen.contains(&digit(&app)), "step {step} must be new");
        seen.push(digit(&app));
    }
    press(&mut app, &[Key::Right]);
    let mut directly = start(&file);
    press(&mut directly, &[Key::Up]);
    assert_eq!((app.state(), digit(&app)), (directly.state(), digit(&directly)));
}

#[test]
fn left_takes_back_right() {
    let file = model("free", 0);
    let mut app = start(&file);
    press(&mut app, &[Key::Up, Key::Right, Key::Right]);
    let before = (app.state(), digit(&app));
    press(&mut app, &[Key::Right; 9]);
    press(&mut app, &[Key::Left; 9]);
    assert_eq!((app.state(), digit(&app)), before);
}

#[test]
fn the_walk_goes_past_the_last_seed() {
    let file = model("free", 0);
    let mut app = start(&file);
    press(&mut app, &[Key::Down, Key::Left]);
    assert_eq!((app.state().seed, app.state().step), (u64::MAX, STEPS - 1));
    press(&mut app, &[Key::Right]);
    assert_eq!((app.state().seed, app.state().step), (0, 0));
}

#[test]
fn select_picks_another_seed_without_classes() {
    let file = model("free", 0);
    let mut app = start(&file);
    press(&mut app, &[Key::Right, Key::Select]);
    let first = app.state();
    assert_eq!((first.step, first.class), (0, None));
    assert!(first.seed != 1 && first.seed < 100_000, "seed {}", first.seed);
    press(&mut app, &[Key::Select]);
    assert_ne!(app.state().seed, first.seed);
}

#[test]
fn select_goes_through_the_classes() {
    let file = model("conditional", 3);
    let mut app = start(&file);
    let mut digits = vec![digit(&app)];
    for class in [1, 2] {
        press(&mut app, &[Key::Select]);
        assert_eq!((app.state().seed, app.state().class), (1, Some(class)));
        assert!(!digits.contains(&digit(&app)), "class {class} must look different");
        digits.push(digit(&app));
    }
    press(&mut app, &[Key::Select]);
    assert_eq!((app.state().class, digit(&app)), (Some(0), digits[0].clone()));
}

#[test]
fn select_knows_the_most_classes_there_can_be() {
    let file = model("conditional", u8::MAX);
    let mut app = start(&file);
    press(&mut app, &[Key::Select; u8::MAX as usize]);
    assert_eq!((app.state().class, app.error()), (Some(0), None));
}
