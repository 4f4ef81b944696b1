//! Device application without hardware access: two buttons in, pixels on any `DrawTarget` from 72x40 to 320x240 out.
//!
//! A board's program calls [`App::tick`] and [`App::draw`] in a loop and provides pins, clock and display driver. An invalid
//! model results in an error screen.
//!
//! ```
//! # use embedded_graphics::{mock_display::MockDisplay, pixelcolor::Gray8};
//! # use thumbgan_app::{App, Buttons, SCRATCH_LEN};
//! # fn micros() -> u64 { 0 }
//! # fn pin_is_low() -> bool { false }
//! # fn main() {
//! # static MODEL: &[u8] = &[];
//! # let mut display = MockDisplay::<Gray8>::new();
//! # display.set_allow_overdraw(true);
//! # display.set_allow_out_of_bounds_drawing(true);
//! let mut scratch = [0; SCRATCH_LEN];
//! let mut app = App::new(MODEL, &mut scratch, micros);
//! # for _ in 0..1 {
//! // loop {
//! app.tick(Buttons { mode: pin_is_low(), act: pin_is_low() });
//! match app.draw(&mut display) {
//!     // A display with a frame buffer needs to know what has changed.
//!     Ok(Some(changed)) => println!("{changed:?}"),
//!     // Nothing to do: sleep for up to 10 ms.
//!     Ok(None) => {}
//!     // The next call draws everything again.
//!     Err(error) => println!("{error:?}"),
//! }
//! # }
//! # }
//! ```
#![no_std]
#![forbid(unsafe_code)]

/// Doctest of the repository's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(feature = "canvas")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod app;
mod buttons;
#[cfg(feature = "canvas")]
mod canvas;
mod caption;
mod controller;
mod layout;
mod region;
mod renderer;
mod test_picture;
mod text;
mod time;
mod view_state;
mod widgets;

pub use app::{App, AppState, SCRATCH_LEN};
pub use buttons::Buttons;
#[cfg(feature = "canvas")]
pub use canvas::{Canvas, CanvasError};
pub use layout::FONTS;
pub use region::{ModelError, RegionState, check_model};
pub use test_picture::draw_test_picture;
pub use time::{Clock, Time};
pub use view_state::{Mode, Rate, ViewState};
