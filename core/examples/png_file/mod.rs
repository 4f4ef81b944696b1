//! PNG files of the examples, without compression: an encoder crate would double the build time of the examples.
//!
//! Formats: PNG (RFC 2083), zlib (RFC 1950), stored blocks of deflate (RFC 1951, section 3.2.4).

use std::{error::Error, fs::File, io::Write};

/// Maximum length of a stored block, in bytes.
const BLOCK: usize = 65_535;

/// Writes 8-bit gray pixels, row by row, to a new file.
///
/// # Errors
/// If `path` exists or cannot be written.
///
/// # Panics
/// If `width` is 0.
pub fn write(path: &str, width: usize, pixels: &[u8]) -> Result<(), Box<dyn Error>> {
    let rows = pixels.chunks_exact(width);
    let size = [width, rows.len()].map(|side| (side as u32).to_be_bytes());
    // Bit depth 8, color type 0 (grayscale), compression, filter and interlace methods 0.
    let header = [size.as_flattened(), &[8, 0, 0, 0, 0]].concat();
    // Each row begins with its filter type: none.
    let filtered: Vec<u8> = rows.flat_map(|row| [&[0], row].concat()).collect();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut bytes, *b"IHDR", &header);
    chunk(&mut bytes, *b"IDAT", &zlib(&filtered));
    chunk(&mut bytes, *b"IEND", &[]);
    let name = |error| format!("{path}: {error}");
    let mut file = File::create_new(path).map_err(name)?;
    file.write_all(&bytes).map_err(name)?;
    println!("wrote {path}");
    Ok(())
}

/// Appends a chunk: length, type, data, CRC-32 of type and data.
fn chunk(bytes: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    bytes.extend((data.len() as u32).to_be_bytes());
    let start = bytes.len();
    bytes.extend(kind);
    bytes.extend(data);
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes[start..]);
    bytes.extend(crc.to_be_bytes());
}

/// Returns `data` as a zlib stream of stored blocks.
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let last = data.len().div_ceil(BLOCK).saturating_sub(1);
    for (index, block) in data.chunks(BLOCK).enumerate() {
        let len = block.len() as u16;
        stream.push(u8::from(index == last));
        stream.extend(len.to_le_bytes());
        stream.extend((!len).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(data).to_be_bytes());
    stream
}

/// Returns the Adler-32 checksum (RFC 1950, section 9).
fn adler32(data: &[u8]) -> u32 {
    let (a, b) = data.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}
