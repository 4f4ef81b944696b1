//! JSON output for scripts.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use thumbgan_protocol::ModelInfo;

/// Prints `value` as JSON.
///
/// # Errors
/// If it cannot be represented as JSON.
pub fn print(value: &impl Serialize) -> Result<()> {
    outln!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Returns the summary of a model, with the same keys for a file and for a board.
pub fn model(info: &ModelInfo<'_>) -> Value {
    json!({
        "model": info.name,
        "bytes": info.file_len,
        "crc32": format!("{:08x}", info.crc32),
        "latent": info.latent_len,
        "distribution": format!("{:?}", info.distribution),
        "classes": info.class_count,
        "dataset": info.dataset,
        "fid": info.fid.map(|fid| f64::from(fid) / 1_000.0),
    })
}
