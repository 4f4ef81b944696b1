//! The device as its user sees it: keys in, screens out.

mod keys;
mod screen;
mod support;
