//! The device as its user sees it: buttons and time in, screens out.

mod clock;
mod modes;
mod names;
mod region;
mod screen;
mod support;
