//! What is on the screen.

use crate::support::{Panel, model, press, start};
use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    image::GetPixel,
    pixelcolor::{
        BinaryColor, Gray8,
        raw::{BigEndian, RawU1},
    },
    prelude::*,
};
use thumbgan_app::{App, Key};
use thumbgan_core::{Generator, Model};

#[test]
fn the_digit_is_shown_twice_as_large() {
    let file = model("free", 0);
    let panel = Panel::of(&start(&file));
    let mut generator = Generator::<16>::new(Model::parse(&file).unwrap()).unwrap();
    let digit = generator.generate(None, 1).unwrap().pixels();
    let shown = panel.area((4, 60), (4, 60));
    for (index, grey) in shown.into_iter().enumerate() {
        let (x, y) = (index % 56 / 2, index / 56 / 2);
        assert_eq!(grey, digit[y * 28 + x], "pixel {x},{y}");
    }
}

#[test]
fn around_the_digit_nothing_is_left_of_before() {
    let file = model("free", 0);
    let panel = Panel::of(&start(&file));
    let frame = [
        panel.area((0, 66), (0, 4)),
        panel.area((0, 66), (60, 64)),
        panel.area((0, 4), (0, 64)),
        panel.area((60, 66), (0, 64)),
    ];
    assert!(frame.concat().iter().all(|&grey| grey == 0), "{panel:?}");
    assert!(panel.text().iter().all(|&grey| grey == 0 || grey == 255), "{panel:?}");
}

#[test]
fn the_text_follows_name_seed_step_class_and_time() {
    let (file, renamed) = (model("conditional", 10), model("another", 10));
    let text = |keys: &[Key], micros| {
        let mut app = start(&file);
        press(&mut app, keys);
        app.set_micros(micros);
        Panel::of(&app).text()
    };
    let texts = [
        text(&[], 0),
        text(&[Key::Up], 0),
        text(&[Key::Right], 0),
        text(&[Key::Select], 0),
        text(&[], 999),
        text(&[], 1_000),
        text(&[], 12_345),
        Panel::of(&start(&renamed)).text(),
    ];
    for (index, text) in texts.iter().enumerate() {
        assert!(!texts[..index].contains(text), "text {index} looks like an earlier one");
    }
    assert_eq!(text(&[], 12_345), text(&[], 12_399), "tenths of milliseconds");
}

#[test]
fn text_stays_on_the_panel_at_its_longest() {
    for name in
        ["", "a name that is much longer than the panel is wide", "\u{436}\u{f6}\u{4e16}\n\n\n\n\n\n\nx"]
    {
        let file = model(name, u8::MAX);
        let mut app = start(&file);
        press(&mut app, &[Key::Down; 2]);
        press(&mut app, &[Key::Right; 7]);
        press(&mut app, &[Key::Select; 254]);
        app.set_micros(u32::MAX);
        let state = app.state();
        assert_eq!((state.seed, state.step, state.class), (u64::MAX, 7, Some(254)));
        let panel = Panel::of(&app);
        assert!(panel.area((0, 66), (0, 4)).iter().all(|&grey| grey == 0), "{panel:?}");
        assert!(panel.area((60, 66), (0, 64)).iter().all(|&grey| grey == 0), "{panel:?}");
        assert!(panel.area((66, 128), (60, 64)).iter().all(|&grey| grey == 0), "{panel:?}");
    }
}

#[test]
fn the_time_has_its_place_even_at_the_longest() {
    let file = model("a name that is much longer than the panel is wide", u8::MAX);
    let mut app = start(&file);
    press(&mut app, &[Key::Down; 2]);
    let shown = |app: &mut App<'_>, micros| {
        app.set_micros(micros);
        Panel::of(app)
    };
    assert_ne!(shown(&mut app, u32::MAX), shown(&mut app, u32::MAX - 1_000));
}

#[test]
fn a_damaged_model_shows_why() {
    let mut file = model("free", 0);
    *file.last_mut().unwrap() ^= 1;
    let mut app = start(&file);
    assert_eq!(app.error(), Some(Model::parse(&file).unwrap_err()));
    let panel = Panel::of(&app);
    let lit = |rows| panel.area((0, 128), rows).iter().filter(|&&grey| grey > 128).count();
    assert!(lit((4, 12)) > 50, "a title\n{panel:?}");
    assert!(lit((20, 60)) > 150, "and a text\n{panel:?}");
    press(&mut app, &[Key::Up, Key::Right, Key::Select]);
    assert_eq!(Panel::of(&app), panel, "keys change nothing");
}

#[test]
fn errors_look_different() {
    let file = model("free", 0);
    let too_short = Panel::of(&App::new(&file[..100]));
    let no_model = Panel::of(&App::new(b"not a model at all"));
    let nothing = Panel::of(&App::new(&[]));
    assert_ne!(too_short, no_model);
    assert_ne!(no_model, nothing);
}

#[test]
fn a_two_colour_panel_shows_the_same_text() {
    let file = model("free", 0);
    let app = start(&file);
    let mut two =
        Framebuffer::<BinaryColor, RawU1, BigEndian, 128, 64, { buffer_size::<BinaryColor>(128, 64) }>::new();
    app.draw(&mut two).unwrap();
    let greys: Vec<u8> = (0..64)
        .flat_map(|y| (60..128).map(move |x| Point::new(x, y)))
        .map(|at| if two.pixel(at) == Some(BinaryColor::On) { Gray8::WHITE.luma() } else { 0 })
        .collect();
    assert_eq!(greys, Panel::of(&app).text());
}
