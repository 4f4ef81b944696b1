//! What the program says. Whoever reads it may leave early, as `head` does, and a terminal may be closed: that stops
//! nothing, a training run least of all. The macros of std panic then, so those of this crate take their place.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

/// Why standard output failed, other than by a reader who left.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// Writes to standard output like `print!`, but does not panic when it cannot be written.
macro_rules! out {
    ($($text:tt)*) => { $crate::output::out(format_args!($($text)*)) };
}

/// Writes a line to standard output like `println!`, but does not panic when it cannot be written.
macro_rules! outln {
    ($($text:tt)*) => { $crate::output::out(format_args!("{}\n", format_args!($($text)*))) };
}

/// Writes a line to standard error like `eprintln!`, but does not panic when it cannot be written.
macro_rules! errln {
    ($($text:tt)*) => { $crate::output::err(format_args!("{}\n", format_args!($($text)*))) };
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
