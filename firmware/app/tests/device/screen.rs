//! Drawing on panels of every color and size.

use std::cell::Cell;

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
use thumbgan_app::{App, Buttons, Canvas, CanvasError, Mode, ModelError, Rate, Time, ViewState};
use thumbgan_core::{
    Generator, Model,
    graphics::{GrayscaleColor, Scaling, Theme},
    latent::SplitMix64,
};

use crate::support::{ACT, Device, MODE, SIZES, model, named, scratch};

/// Returns views of every mode with the longest texts.
fn views() -> [ViewState; 9] {
    let (class, seed) = (Some(2), u64::MAX);
    let time = |hour, minute| Time::new(hour, minute).expect("a time");
    let (from, to) = (time(19, 59), time(20, 0));
    let rate = Some(Rate {
        frames: u16::MAX,
        micros: u32::MAX,
    });
    let clock = |step, set| ViewState::Clock {
        from,
        to,
        series: u32::MAX,
        step,
        set,
        colon: true,
    };
    [
        ViewState::Gallery {
            class,
            seed,
            held: true,
        },
        ViewState::Digit { class, seed },
        ViewState::Walk {
            class,
            seed,
            step: 100,
            rate,
        },
        clock(300, None),
        clock(ViewState::CHANGED, None),
        clock(ViewState::CHANGED, Some(0)),
        clock(ViewState::CHANGED, Some(3)),
        ViewState::About { page: 0 },
        ViewState::About { page: 1 },
    ]
}

const LONG: &str = "a name that is much longer than the panel is wide \u{436}\u{f6}\u{4e16}\n\n\nx";

fn on_every_size<C: GrayscaleColor + std::fmt::Debug>() {
    let names =
        "a name of many words\n\u{436}\u{f6}\u{4e16}\nonewordthatistoolongforeverypanel".to_owned();
    for file in [
        model(LONG, 0),
        model(LONG, 3),
        model(LONG, 10),
        named(LONG, &(names + &"\nx".repeat(7))),
    ] {
        let mut device = Device::new(&file);
        let classes = Model::parse(&file).expect("a valid model").class_count();
        for (width, height) in SIZES {
            for view in views() {
                device.app.show(if classes > 0 {
                    view
                } else {
                    unconditional(view)
                });
                for theme in 0..C::THEMES.len() {
                    device.app.set_theme(theme as u8);
                    // A pixel outside of the panel or one that is never drawn fails the test.
                    let panel = device.screen::<C>(Size::new(width, height)).all();
                    let background = C::THEMES[theme].color(0);
                    let foreground = panel
                        .into_iter()
                        .filter(|&color| color != background)
                        .count();
                    assert!(
                        foreground > 100,
                        "{view} on {width}x{height} in theme {theme}"
                    );
                }
            }
        }
    }
}

/// Returns the view for an unconditional model.
fn unconditional(view: ViewState) -> ViewState {
    match view {
        ViewState::Gallery { seed, held, .. } => ViewState::Gallery {
            class: None,
            seed,
            held,
        },
        ViewState::Digit { seed, .. } => ViewState::Digit { class: None, seed },
        ViewState::Walk {
            seed, step, rate, ..
        } => ViewState::Walk {
            class: None,
            seed,
            step,
            rate,
        },
        other => other,
    }
}

#[test]
fn monochrome_panels_of_every_size_are_drawn_completely() {
    on_every_size::<BinaryColor>();
}

#[test]
fn grayscale_panels_of_every_size_are_drawn_completely() {
    on_every_size::<Gray4>();
}

#[test]
fn color_panels_of_every_size_are_drawn_completely() {
    on_every_size::<Rgb565>();
}

#[test]
fn the_image_fills_the_height_of_a_wide_panel() {
    let file = model("free", 0);
    let mut generator = Generator::new(Model::parse(&file).unwrap(), scratch()).unwrap();
    let image = *generator.generate(None, 1).unwrap().pixels();
    let mut device = Device::new(&file);
    // Theme 1 scales by integers: by 2 on 64 rows, centered.
    assert_eq!(Gray8::THEMES[1].scaling, Scaling::Integer);
    device.app.set_theme(1);
    let panel = device.screen::<Gray8>(Size::new(128, 64));
    let shown = panel.area(Rectangle::new(Point::new(4, 4), Size::new_equal(56)));
    for (index, gray) in shown.into_iter().enumerate() {
        let (x, y) = (index % 56 / 2, index / 56 / 2);
        assert_eq!(gray.luma(), image[y * 28 + x], "pixel {x},{y}");
    }
}

#[test]
fn partial_drawing_equals_complete_drawing() {
    let wide = Size::new(128, 64);
    compare_partial_and_complete_drawing(&model("parts", 10), wide, 1500);
    let digits = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9";
    let names = "a name of two lines\nshort\na name that wants the smallest letters";
    compare_partial_and_complete_drawing(
        &named("parts", &format!("{digits}\n{names}")),
        wide,
        1500,
    );
}

#[test]
fn partial_drawing_equals_complete_drawing_in_every_layout() {
    for (width, height) in [(72, 40), (128, 128), (240, 240), (240, 320)] {
        compare_partial_and_complete_drawing(&model("layouts", 10), Size::new(width, height), 150);
    }
}

/// Compares partial and complete drawing in `steps` steps, equally many for each mode.
fn compare_partial_and_complete_drawing(file: &[u8], size: Size, steps: usize) {
    let mut device = Device::new(file);
    let mut panel = Canvas::<Gray4>::new(size);
    let (mut random, mut drawn, mut whole) = (SplitMix64::new(1), 0, 0);
    let modes = Mode::ALL.len();
    for step in 0..steps {
        if step % (steps / modes) == 0 {
            device.app.set_mode(Mode::ALL[step * modes / steps]);
        }
        match random.next_u64() % 60 {
            0 => device.press(MODE),
            1 => device.press(ACT),
            2 => device.press_long(ACT),
            3 => device.press_long(MODE),
            _ => device.wait(10 * (random.next_u64() % 30)),
        }
        if step % 3 == 0 {
            device.app.prepare();
        }
        let before = panel.clone();
        let changed = device
            .app
            .draw(&mut panel)
            .expect("all pixels are inside of the panel");
        let view = device.app.view();
        assert!(
            panel.all() == device.expected_screen(size),
            "{size}, step {step}: {view}"
        );
        let unchanged = |at: &Point| !changed.is_some_and(|area| area.contains(*at));
        let index = |at: Point| at.y as usize * size.width as usize + at.x as usize;
        let mut outside = panel.bounding_box().points().filter(unchanged);
        assert!(
            outside.all(|at| panel.pixels[index(at)] == before.pixels[index(at)]),
            "{size}, step {step}: {view}"
        );
        if let Some(area) = changed {
            drawn += area.size.width * area.size.height;
            whole += size.width * size.height;
        }
    }
    assert!(drawn < whole * 2 / 3, "{size}: {drawn} of {whole} pixels");
}

#[test]
fn nothing_is_drawn_when_nothing_has_changed() {
    let file = model("still", 10);
    for mode in Mode::ALL {
        let mut device = Device::in_mode(&file, mode);
        let mut panel = Canvas::<Gray4>::new(Size::new(128, 64));
        let whole = Some(panel.bounding_box());
        assert_eq!(
            device.app.draw(&mut panel),
            Ok(whole),
            "{mode}: everything at first"
        );
        panel.limit = 0;
        assert_eq!(device.app.draw(&mut panel), Ok(None), "{mode}");
        panel.limit = u64::MAX;
        device.app.redraw();
        assert_eq!(
            device.app.draw(&mut panel),
            Ok(whole),
            "{mode}: everything after redraw"
        );
    }
}

#[test]
fn everything_is_drawn_after_a_display_error() {
    let file = model("broken bus", 3);
    let mut device = Device::new(&file);
    let size = Size::new(128, 64);
    let mut panel = Canvas::<Gray4>::new(size);
    device.app.draw(&mut panel).unwrap();
    device.wait(1000);
    panel.limit = panel.drawn + 1000;
    assert_eq!(device.app.draw(&mut panel), Err(CanvasError::Limit));
    panel = Canvas::new(size);
    assert_eq!(device.app.draw(&mut panel), Ok(Some(panel.bounding_box())));
    assert_eq!(panel.all(), device.expected_screen(size));
}

#[test]
fn the_generator_can_be_used_between_frames() {
    let file = model("shared", 3);
    let mut device = Device::new(&file);
    let expected = device.expected_screen::<Gray4>(Size::new(128, 64));
    let image = device
        .app
        .generator()
        .unwrap()
        .generate(Some(2), 99)
        .unwrap()
        .clone();
    let mut generator = Generator::new(Model::parse(&file).unwrap(), scratch()).unwrap();
    assert_eq!(&image, generator.generate(Some(2), 99).unwrap());
    assert_eq!(
        device.expected_screen::<Gray4>(Size::new(128, 64)),
        expected
    );
}

#[test]
fn a_prepared_image_is_not_generated_again() {
    thread_local! { static READINGS: Cell<u64> = const { Cell::new(0) } }
    /// Clock that advances by 20 ms with each reading; the generation of an image takes two.
    fn clock() -> u64 {
        READINGS.set(READINGS.get() + 1);
        READINGS.get() * 20_000
    }
    let file = model("prepared", 3);
    let mut app = App::new(&file, scratch(), clock);
    app.set_mode(Mode::Walk);
    let mut panel = Canvas::<Gray4>::new(Size::new(128, 64));
    for generator_used in [false, true] {
        app.tick(Buttons::default());
        app.prepare();
        if generator_used {
            let generator = app.generator().unwrap();
            generator.generate(Some(2), 99).unwrap();
        }
        let before = READINGS.get();
        assert!(app.draw(&mut panel).unwrap().is_some());
        let generated = READINGS.get() - before == 2;
        assert_eq!(generated, generator_used);
    }
}

#[test]
fn text_depends_on_every_field() {
    let (file, renamed) = (model("conditional", 10), model("another", 10));
    let size = Size::new(128, 64);
    let shown = |file: &[u8], view| {
        let mut device = Device::new(file);
        device.app.show(view);
        let panel = device.screen::<Gray8>(size);
        panel.area(Rectangle::new(Point::new(66, 0), Size::new(62, 64)))
    };
    let walk = |rate| ViewState::Walk {
        class: Some(1),
        seed: 5,
        step: 0,
        rate,
    };
    let rate = |frames, micros| Some(Rate { frames, micros });
    let texts = [
        shown(
            &file,
            ViewState::Gallery {
                class: Some(1),
                seed: 5,
                held: false,
            },
        ),
        shown(
            &file,
            ViewState::Gallery {
                class: Some(2),
                seed: 5,
                held: false,
            },
        ),
        shown(
            &file,
            ViewState::Gallery {
                class: Some(1),
                seed: 6,
                held: false,
            },
        ),
        shown(
            &file,
            ViewState::Digit {
                class: Some(1),
                seed: 5,
            },
        ),
        shown(&file, walk(None)),
        shown(&file, walk(rate(312, 12_345))),
        shown(&file, walk(rate(313, 12_345))),
        shown(&file, walk(rate(312, 12_446))),
        shown(&file, ViewState::About { page: 0 }),
        shown(&renamed, ViewState::About { page: 0 }),
    ];
    for (index, text) in texts.iter().enumerate() {
        assert!(
            !texts[..index].contains(text),
            "text {index} equals an earlier one"
        );
    }
}

#[test]
fn names_longer_than_the_line_are_cut() {
    let line = Rectangle::new(Point::new(2, 2), Size::new(124, 10));
    let shown = |name: &str| {
        Device::in_mode(&model(name, 0), Mode::About)
            .screen::<Gray8>(Size::new(128, 64))
            .area(line)
    };
    let name = "a-name-of-a-model-as-long-as-this-one-is-\u{436}";
    assert_eq!(shown(name), shown(&name[..32]));
    assert!(shown(name).iter().any(|gray| gray.luma() == 255));
}

#[test]
fn a_damaged_model_shows_its_error() {
    let mut file = model("free", 0);
    *file.last_mut().unwrap() ^= 1;
    let mut device = Device::new(&file);
    assert_eq!(
        device.app.error(),
        Some(ModelError::Parse(Model::parse(&file).unwrap_err()))
    );
    for (width, height) in SIZES {
        let panel = device.screen::<Gray8>(Size::new(width, height));
        assert!(
            panel.all().iter().filter(|gray| gray.luma() > 128).count() > 200,
            "{width}x{height}: a text"
        );
    }
    let mut panel = Canvas::<Gray8>::new(Size::new(128, 64));
    device.app.redraw();
    device.app.draw(&mut panel).unwrap();
    let shown = panel.clone();
    device.press(MODE);
    device.press(ACT);
    device.wait(5000);
    assert_eq!(
        device.app.draw(&mut panel),
        Ok(None),
        "buttons change nothing"
    );
    assert_eq!(panel, shown);
}

#[test]
fn different_errors_show_different_screens() {
    let file = model("free", 0);
    let screen =
        |bytes: &[u8]| Device::new(bytes).expected_screen::<BinaryColor>(Size::new(128, 64));
    let (too_short, no_model, nothing) = (
        screen(&file[..100]),
        screen(b"not a model at all"),
        screen(&[]),
    );
    assert_ne!(too_short, no_model);
    assert_ne!(no_model, nothing);
}

#[test]
fn text_is_the_same_on_monochrome_and_grayscale_panels() {
    let file = model("text", 3);
    let device = Device::in_mode(&file, Mode::About);
    let size = Size::new(128, 64);
    let two: Vec<bool> = device
        .expected_screen::<BinaryColor>(size)
        .into_iter()
        .map(BinaryColor::is_on)
        .collect();
    let many: Vec<bool> = device
        .expected_screen::<Gray8>(size)
        .iter()
        .map(|gray| gray.luma() == 255)
        .collect();
    assert_eq!(two, many);
}

#[test]
fn themes_have_distinct_background_and_foreground() {
    let colors = |theme: &Theme| (theme.color::<Rgb565>(0), theme.color::<Rgb565>(255));
    let themes: Vec<_> = Rgb565::THEMES.iter().map(colors).collect();
    assert!(
        themes.contains(&(Rgb565::BLACK, Rgb565::WHITE))
            && themes.contains(&(Rgb565::WHITE, Rgb565::BLACK))
    );
    assert!(
        themes
            .iter()
            .all(|(background, foreground)| background != foreground)
    );
    let file = model("theme", 3);
    let mut app = App::new(&file, scratch(), || 0);
    app.set_theme(2);
    let mut panel = Canvas::<Gray4>::new(Size::new(128, 64));
    app.draw(&mut panel).unwrap();
    let corner = panel.area(Rectangle::new(Point::new(120, 60), Size::new(8, 4)));
    assert!(
        corner.iter().all(|&gray| gray == Gray4::WHITE),
        "background all over the panel"
    );
}
