//! What is drawn, on panels of every kind and size.

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
use thumbgan_app::{App, Mode, Rate, Time, ViewState};
use thumbgan_core::{Generator, GrayscaleColor, Model, Scaling, Theme, latent::SplitMix64};

use crate::support::{ACT, Device, ErrorResponse, MODE, Panel, SIZES, model, named};

/// One view of every mode, at its longest.
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
        let classes = Model::parse(&file).expect("a sound model").class_count();
        for (width, height) in SIZES {
            for view in views() {
                device
                    .app
                    .show(if classes > 0 { view } else { unclassed(view) });
                for theme in 0..C::THEMES.len() {
                    device.app.set_theme(theme as u8);
                    // A pixel beside the panel, or one never given, fails the test.
                    let panel = device.screen::<C>(Size::new(width, height)).all();
                    let paper = C::THEMES[theme].color(0);
                    let spec = panel.into_iter().filter(|&color| color != paper).count();
                    assert!(spec > 100, "{view} on {width}x{height} in theme {theme}");
                }
            }
        }
    }
}

/// As the view is for a model without classes.
fn unclassed(view: ViewState) -> ViewState {
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
fn two_colours_of_every_size_are_filled_and_not_left() {
    on_every_size::<BinaryColor>();
}

#[test]
fn sixteen_greys_of_every_size_are_filled_and_not_left() {
    on_every_size::<Gray4>();
}

#[test]
fn colours_of_every_size_are_filled_and_not_left() {
    on_every_size::<Rgb565>();
}

#[test]
fn the_digit_fills_the_height_of_a_wide_panel() {
    let file = model("free", 0);
    let mut generator = Generator::<256>::new(Model::parse(&file).unwrap()).unwrap();
    let digit = *generator.generate(None, 1).unwrap().pixels();
    let mut device = Device::new(&file);
    // Theme 1 has blocks: 2x2 pixels for each of the digit's on 64 rows, in their middle.
    assert_eq!(Gray8::THEMES[1].scaling, Scaling::Blocks);
    device.app.set_theme(1);
    let panel = device.screen::<Gray8>(Size::new(128, 64));
    let shown = panel.area(Rectangle::new(Point::new(4, 4), Size::new_equal(56)));
    for (index, gray) in shown.into_iter().enumerate() {
        let (x, y) = (index % 56 / 2, index / 56 / 2);
        assert_eq!(gray.luma(), digit[y * 28 + x], "pixel {x},{y}");
    }
}

#[test]
fn drawing_what_has_changed_gives_what_drawing_everything_does() {
    let wide = Size::new(128, 64);
    draws_what_has_changed(&model("parts", 10), wide, 1500);
    let digits = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9";
    let names = "a name of two lines\nshort\na name that wants the smallest letters";
    draws_what_has_changed(&named("parts", &format!("{digits}\n{names}")), wide, 1500);
}

#[test]
fn that_is_so_in_every_layout_too() {
    for (width, height) in [(72, 40), (128, 128), (240, 240), (240, 320)] {
        draws_what_has_changed(&model("layouts", 10), Size::new(width, height), 150);
    }
}

/// Goes through so many steps, as many from each mode on.
fn draws_what_has_changed(file: &[u8], size: Size, steps: usize) {
    let mut device = Device::new(file);
    let mut panel = Panel::<Gray4>::new(size);
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
        let before = panel.clone();
        let changed = device
            .app
            .draw(&mut panel)
            .expect("all of it is on the panel");
        let view = device.app.view();
        assert!(
            panel.all() == device.clone_screen(size),
            "{size}, step {step}: {view}"
        );
        let stays = |at: &Point| !changed.is_some_and(|area| area.contains(*at));
        let place = |at: Point| at.y as usize * size.width as usize + at.x as usize;
        let mut outside = panel.bounding_box().points().filter(stays);
        assert!(
            outside.all(|at| panel.pixels[place(at)] == before.pixels[place(at)]),
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
        let mut panel = Panel::<Gray4>::new(Size::new(128, 64));
        let whole = Some(panel.bounding_box());
        assert_eq!(
            device.app.draw(&mut panel),
            Ok(whole),
            "{mode}: at first everything"
        );
        panel.patience = 0;
        assert_eq!(device.app.draw(&mut panel), Ok(None), "{mode}");
        panel.patience = usize::MAX;
        device.app.redraw();
        assert_eq!(
            device.app.draw(&mut panel),
            Ok(whole),
            "{mode}: everything when asked to"
        );
    }
}

#[test]
fn after_an_error_of_the_display_everything_is_drawn_anew() {
    let file = model("broken bus", 3);
    let mut device = Device::new(&file);
    let size = Size::new(128, 64);
    let mut panel = Panel::<Gray4>::new(size);
    device.app.draw(&mut panel).unwrap();
    device.wait(1000);
    panel.patience = 1000;
    assert_eq!(
        device.app.draw(&mut panel),
        Err(ErrorResponse::OutOfPatience)
    );
    panel = Panel::new(size);
    assert_eq!(device.app.draw(&mut panel), Ok(Some(panel.bounding_box())));
    assert_eq!(panel.all(), device.clone_screen(size));
}

#[test]
fn others_may_use_the_generator_between_frames() {
    let file = model("shared", 3);
    let mut device = Device::new(&file);
    let expected = device.clone_screen::<Gray4>(Size::new(128, 64));
    let digit = device
        .app
        .generator()
        .unwrap()
        .generate(Some(2), 99)
        .unwrap()
        .clone();
    let mut generator = Generator::<256>::new(Model::parse(&file).unwrap()).unwrap();
    assert_eq!(&digit, generator.generate(Some(2), 99).unwrap());
    assert_eq!(device.clone_screen::<Gray4>(Size::new(128, 64)), expected);
}

#[test]
fn the_text_follows_what_it_tells() {
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
            "text {index} themes like an earlier one"
        );
    }
}

#[test]
fn a_name_longer_than_its_line_is_cut() {
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
fn a_damaged_model_shows_why() {
    let mut file = model("free", 0);
    *file.last_mut().unwrap() ^= 1;
    let mut device = Device::new(&file);
    assert_eq!(device.app.error(), Some(Model::parse(&file).unwrap_err()));
    for (width, height) in SIZES {
        let panel = device.screen::<Gray8>(Size::new(width, height));
        assert!(
            panel.all().iter().filter(|gray| gray.luma() > 128).count() > 200,
            "{width}x{height}: a text"
        );
    }
    let mut panel = Panel::<Gray8>::new(Size::new(128, 64));
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
fn errors_look_different() {
    let file = model("free", 0);
    let screen = |bytes: &[u8]| Device::new(bytes).clone_screen::<BinaryColor>(Size::new(128, 64));
    let (too_short, no_model, nothing) = (
        screen(&file[..100]),
        screen(b"not a model at all"),
        screen(&[]),
    );
    assert_ne!(too_short, no_model);
    assert_ne!(no_model, nothing);
}

#[test]
fn two_colours_show_the_same_text_as_many() {
    let file = model("text", 3);
    let device = Device::in_mode(&file, Mode::About);
    let size = Size::new(128, 64);
    let two: Vec<bool> = device
        .clone_screen::<BinaryColor>(size)
        .into_iter()
        .map(BinaryColor::is_on)
        .collect();
    let many: Vec<bool> = device
        .clone_screen::<Gray8>(size)
        .iter()
        .map(|gray| gray.luma() == 255)
        .collect();
    assert_eq!(two, many);
}

#[test]
fn looks_have_their_papers_and_inks() {
    let paper = |theme: &Theme| (theme.color::<Rgb565>(0), theme.color::<Rgb565>(255));
    let themes: Vec<_> = Rgb565::THEMES.iter().map(paper).collect();
    assert!(
        themes.contains(&(Rgb565::BLACK, Rgb565::WHITE))
            && themes.contains(&(Rgb565::WHITE, Rgb565::BLACK))
    );
    assert!(themes.iter().all(|(paper, ink)| paper != ink));
    let file = model("paper", 3);
    let mut app = App::new(&file, || 0);
    app.set_theme(2);
    let mut panel = Panel::<Gray4>::new(Size::new(128, 64));
    app.draw(&mut panel).unwrap();
    let corner = panel.area(Rectangle::new(Point::new(120, 60), Size::new(8, 4)));
    assert!(
        corner.iter().all(|&gray| gray == Gray4::WHITE),
        "paper all over the panel"
    );
}
