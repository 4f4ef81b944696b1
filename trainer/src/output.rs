//! Output macros that escape unprintable characters and do not panic. Standard output can be closed early (`head`), and a terminal can
//! disappear; neither may stop a training run, but the macros of std panic then.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

use crate::text::printable;

/// First error of standard output other than a closed pipe.
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

/// Writes to standard output, with unprintable characters escaped.
pub fn out(text: fmt::Arguments<'_>) {
    if let Err(error) = io::stdout()
        .lock()
        .write_all(printable(&text.to_string()).as_bytes())
        && error.kind() != ErrorKind::BrokenPipe
    {
        // Only the first error is reported.
        let _ = FAILURE.set(error);
    }
}

/// Writes to standard error, with unprintable characters escaped.
pub fn err(text: fmt::Arguments<'_>) {
    // An error of standard error cannot be reported anywhere.
    let _ = io::stderr()
        .lock()
        .write_all(printable(&text.to_string()).as_bytes());
}

/// Returns the first error of standard output, such as a full disk.
pub fn failure() -> Option<&'static io::Error> {
    FAILURE.get()
}
