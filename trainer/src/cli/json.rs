//! What commands tell scripts.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use thumbgan_protocol::Card;

/// Prints `value` as JSON.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn print(value: &impl Serialize) -> Result<()> {
    outln!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A model in short, under the same keys whether a file or a board tells it.
pub fn card(card: &Card<'_>) -> Value {
    json!({
        "model": card.name,
        "bytes": card.bytes,
        "crc32": format!("{:08x}", card.crc),
        "latent": card.latent,
        "distribution": format!("{:?}", card.distribution),
        "classes": card.classes,
        "dataset": card.dataset,
        "fid": card.fid.map(|fid| f64::from(fid) / 1_000.0),
    })
}
