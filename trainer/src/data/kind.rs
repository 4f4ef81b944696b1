//! Kind of custom dataset that a folder or file seems to be, by its content.

use std::path::Path;

use super::{
    csv::table,
    format::{Format, Needed},
    idx, layout,
};
use crate::files::visible;

/// Returns the name of the kind on the command line: `idx`, `numpy`, `csv` or `images`.
pub(super) fn kind(path: &Path) -> Option<&'static str> {
    let holds = |is_read: fn(&Path) -> bool| {
        // Pipes are not opened, which would wait for their writers.
        let is_read = |path: &Path| path.is_file() && is_read(path);
        is_read(path) || visible(path, is_read).is_ok_and(|found| !found.is_empty())
    };
    if holds(idx::is_file) {
        Some("idx")
    } else if holds(is_numpy) {
        Some("numpy")
    } else if holds(is_table) {
        Some("csv")
    } else {
        (path.is_dir() && layout::has_images(path)).then_some("images")
    }
}

fn is_numpy(path: &Path) -> bool {
    Format::of_file(path).is_ok_and(|format| Needed::Numpy.is_met_by(format))
}

/// Returns true for a table of images.
fn is_table(path: &Path) -> bool {
    matches!(Format::of_file(path), Ok(Format::Csv)) && table::Layout::read(path).is_ok()
}
