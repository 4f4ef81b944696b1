//! The two screens: a digit with what is known of it, and an error.

use core::fmt::{self, Write as _};

use embedded_graphics::{prelude::*, primitives::Rectangle};
use heapless::String;
use thumbgan_core::{Generator, Ink, ModelError};

use crate::{
    HEIGHT, WIDTH,
    state::{Class, STEPS, State},
    text,
};

/// Free pixels around everything.
const MARGIN: u32 = 4;
/// Left edge of the text beside the digit.
const TEXT_LEFT: u32 = 66;
/// Display pixels along one side of a digit's pixel.
const SCALE: u32 = 2;

/// The digit, twice as large, and beside it the model's name and the state.
pub fn running<D, const N: usize>(
    generator: &Generator<'_, N>,
    state: State,
    target: &mut D,
) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    clear(target)?;
    let area = area_from(TEXT_LEFT);
    generator.digit().at(Point::new(MARGIN as i32, MARGIN as i32), SCALE).draw(target)?;
    let State { seed, step, class, micros } = state;
    let mut lines = String::<128>::new();
    // Of the name no more than the first line holds, so that the rest always has its place.
    let _ = write!(lines, "{:.12}\nseed {seed}\n", generator.model().name());
    let _ = write!(lines, "walk {step}/{STEPS}\nclass {}\n{}", Class(class), Duration { micros });
    text::write(&lines, area, target)
}

/// The error screen.
pub fn broken<D>(error: ModelError, target: &mut D) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    clear(target)?;
    let area = area_from(MARGIN);
    let title = Rectangle::new(area.top_left, Size::new(area.size.width, 8));
    text::write("MODEL ERROR", title, target)?;
    let mut words = String::<128>::new();
    let _ = write!(words, "{error}");
    let below = Point::new(0, 16);
    text::write(&words, Rectangle::new(area.top_left + below, area.size - Size::new(0, 16)), target)
}

fn clear<D>(target: &mut D) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    target.clear(D::Color::ink(0, Point::zero()))
}

/// The panel from `left` to its right edge, without the margin above and below.
fn area_from(left: u32) -> Rectangle {
    let size = Size::new(WIDTH - left, HEIGHT - 2 * MARGIN);
    Rectangle::new(Point::new(left as i32, MARGIN as i32), size)
}

/// Microseconds for people: `999 us`, `12.3 ms`.
struct Duration {
    micros: u32,
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.micros {
            micros @ ..1000 => write!(f, "{micros} us"),
            micros => write!(f, "{}.{} ms", micros / 1000, micros / 100 % 10),
        }
    }
}
