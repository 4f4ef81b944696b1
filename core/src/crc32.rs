//! CRC-32, the checksum of model files and images.

/// Returns the CRC-32 (ISO-HDLC, as in zip and PNG) of `bytes`.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    static CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    CRC.checksum(bytes)
}
