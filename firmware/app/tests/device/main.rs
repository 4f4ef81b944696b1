//! The device as its user sees it: buttons and time in, screens out.

mod clock;
mod modes;
mod names;
mod screen;
mod support;
