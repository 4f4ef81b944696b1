//! The device without its chip: two buttons go in, digits appear on any `DrawTarget` from 72x40 to 320x240.
//!
//! A board's program loops over [`App::tick`] and [`App::draw`]; pins, clocks and the display's driver stay
//! there. A broken model is not a crash but a screen that says what is wrong with it.
//!
//! ```
//! # use embedded_graphics::{mock_display::MockDisplay, pixelcolor::Gray8};
//! # use thumbgan_app::{App, Buttons};
//! # fn micros() -> u64 { 0 }
//! # fn pin_is_low() -> bool { false }
//! # fn main() {
//! # static MODEL: &[u8] = &[];
//! # let mut display = MockDisplay::<Gray8>::new();
//! # display.set_allow_overdraw(true);
//! # display.set_allow_out_of_bounds_drawing(true);
//! let mut app = App::new(MODEL, micros);
//! # for _ in 0..1 {
//! // loop {
//! app.tick(Buttons { mode: pin_is_low(), act: pin_is_low() });
//! match app.draw(&mut display) {
//!     // A display with a buffer is to be told what has changed.
//!     Ok(Some(changed)) => println!("{changed:?}"),
//!     // Nothing to do: sleep for up to 10 ms.
//!     Ok(None) => {}
//!     // The next call draws everything.
//!     Err(error) => println!("{error:?}"),
//! }
//! # }
//! # }
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod app;
mod buttons;
mod layout;
mod paint;
mod parts;
mod scene;
mod stage;
mod text;
mod time;

pub use app::{App, Clock};
pub use buttons::Buttons;
pub use scene::{Mode, Rate, Scene};
pub use time::Time;
