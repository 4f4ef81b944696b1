//! Layout of the file around description and parameters (`docs/model-format.md`, section 1): the constants that reader
//! and writer share.

/// First four bytes of every model file.
pub const MAGIC: [u8; 4] = *b"TGAN";
/// Format version that this build reads and writes.
pub const FORMAT_VERSION: u16 = 3;

/// Bytes before the description: magic, version, description length, data length.
pub(super) const HEADER_LEN: usize = 12;
/// Bytes of the closing CRC-32.
pub(super) const CRC_LEN: usize = 4;
/// Alignment of the sections within the file.
pub(super) const ALIGNMENT: usize = 4;
