//! Progress bars of the commands.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::text::count;

/// Starts a progress bar that counts to `total` and disappears at the end. If standard error is no terminal, it prints
/// one line instead, such as `generating 64 images` for the activity `generating` and the noun `image`.
///
/// # Errors
/// Never for the template below; passed on for the message.
pub fn start(activity: &str, total: u64, noun: &str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(total).with_finish(ProgressFinish::AndClear);
    bar.set_style(ProgressStyle::with_template(
        "{bar:24} {human_pos}/{human_len} {msg}, {eta} left",
    )?);
    bar.set_message(format!("{noun}s"));
    if bar.is_hidden() {
        errln!("{activity} {}", count(total as usize, noun));
    }
    Ok(bar)
}
