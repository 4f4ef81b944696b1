//! Portable graymap (PGM) files, which most image viewers open.

use std::{
    fs::File,
    io::{self, Write},
};

/// Writes 8-bit gray pixels, row by row, to a new file.
///
/// # Errors
/// If `path` exists or cannot be written, or the number of pixels is not a multiple of `width`.
pub fn write(path: &str, width: usize, pixels: &[u8]) -> io::Result<()> {
    if width == 0 || !pixels.len().is_multiple_of(width) {
        return Err(io::Error::other("pixels do not fill the rows"));
    }
    let name = |error: io::Error| io::Error::new(error.kind(), format!("{path}: {error}"));
    let mut file = File::create_new(path).map_err(name)?;
    writeln!(file, "P5 {width} {} 255", pixels.len() / width).map_err(name)?;
    file.write_all(pixels).map_err(name)?;
    println!("wrote {path}");
    Ok(())
}
