//! Firmware of the ESP32-C3 boards in the simulator labwired: the pixels of its display are those that the host draws.

use anyhow::{Result, ensure};
use embedded_graphics::{pixelcolor::BinaryColor, prelude::*, primitives::Rectangle};
use thumbgan_app::{App, Canvas, draw_test_picture};
use thumbgan_emulator::{
    firmware,
    labwired::{self, Button, Memory, Outcome},
    models::{self, ModelFile},
};

/// Virtual time in milliseconds after which the first screen is on the display.
const START_UP: u32 = 60;
/// Part of the controller's memory that the panel of `esp32c3-oled` shows.
const SMALL: Rectangle = Rectangle::new(Point::new(28, 24), Size::new(72, 40));

/// Builds a board's firmware with the default model and returns its display after the start.
fn start(name: &str, held: &[Button]) -> Result<Memory> {
    let board = thumbgan_boards::find(name).expect("a board of the table");
    let elf = firmware::board_copy(board, &ModelFile::read(None)?)?;
    let Outcome { memory, stack } = labwired::run(&elf, START_UP, held)?;
    println!("{name}: {stack} bytes of stack");
    ensure!(
        board.stack_fits(stack),
        "{stack} bytes of stack exceed three quarters of {}",
        board.stack_budget
    );
    ensure!(memory.is_on, "the display is off");
    ensure!(memory.written >= 1024, "{} bytes", memory.written);
    Ok(memory)
}

/// Returns the gallery as the host draws it on a panel of this size. The simulator's random numbers are 0, and so is the
/// seed at which the firmware starts.
fn gallery(size: Size) -> Result<Canvas<BinaryColor>> {
    let (model, mut scratch) = (ModelFile::read(None)?, models::scratch());
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    app.set_seed(0);
    // As in the firmware, which then chooses the model.
    let state = app.state();
    drop(app);
    let mut app = App::new(&model.bytes, &mut scratch, || 0);
    app.resume(state);
    let mut canvas = Canvas::new(size);
    app.draw(&mut canvas)?;
    Ok(canvas)
}

/// Checks that the display shows `expected` in its part `visible`, and nothing outside of it.
fn check(memory: &Memory, visible: Rectangle, expected: &Canvas<BinaryColor>) {
    for at in Rectangle::new(Point::zero(), Size::new(128, 64)).points() {
        let wanted = expected.pixel(at - visible.top_left) == Some(BinaryColor::On);
        assert_eq!(
            memory.is_lit(at.x as usize, at.y as usize),
            wanted,
            "pixel {at}"
        );
    }
}

#[test]
fn the_display_of_128x64_pixels_shows_the_gallery() -> Result<()> {
    let visible = Rectangle::new(Point::zero(), Size::new(128, 64));
    check(
        &start("esp32c3-devkit", &[])?,
        visible,
        &gallery(visible.size)?,
    );
    Ok(())
}

#[test]
fn the_display_of_72x40_pixels_shows_the_gallery_at_its_offset() -> Result<()> {
    check(&start("esp32c3-oled", &[])?, SMALL, &gallery(SMALL.size)?);
    Ok(())
}

#[test]
fn act_at_start_up_shows_the_borders() -> Result<()> {
    let mut expected = Canvas::new(SMALL.size);
    draw_test_picture(&mut expected, "28,24")?;
    check(&start("esp32c3-oled", &[Button::Act])?, SMALL, &expected);
    Ok(())
}
