//! What the program says. Whoever reads it may leave early, as `head` does, and a terminal may be closed: that stops
//! nothing, a training run least of all. The macros of std panic then, so those of this crate take their place.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

/// Why standard output failed, other than by a reader who left.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// `print!` without its panic.
macro_rules! print {
    ($($text:tt)*) => { $crate::print::out(format_args!($($text)*)) };
}

/// `println!` without its panic.
macro_rules! println {
    ($($text:tt)*) => { $crate::print::out(format_args!("{}\n", format_args!($($text)*))) };
}

/// `eprintln!` without its panic.
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::print::err(format_args!("{}\n", format_args!($($text)*))) };
}

/// Writes to standard output.
pub fn out(text: fmt::Arguments<'_>) {
    if let Err(error) = io::stdout().lock().write_fmt(text)
        && error.kind() != ErrorKind::BrokenPipe
    {
        // The first reason is the one to tell.
        let _ = FAILURE.set(error);
    }
}

/// Writes to standard error.
pub fn err(text: fmt::Arguments<'_>) {
    // There is nowhere left to complain.
    let _ = io::stderr().lock().write_fmt(text);
}

/// Why something that was to be said could not be written, such as to a full disk.
pub fn failure() -> Option<&'static io::Error> {
    FAILURE.get()
}
