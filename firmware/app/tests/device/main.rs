//! The device as its user sees it: buttons and time in, screens out.

mod clock;
mod modes;
mod screen;
mod support;
