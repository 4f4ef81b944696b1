//! Download of files from mirrors into the cache.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use super::idx;
use crate::files::{hex, write_whole};

/// Timeout of name resolution and connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Timeout without a received byte.
const STALL: Duration = Duration::from_secs(30);
/// Timeout of a whole file.
const OVERALL: Duration = Duration::from_mins(10);
/// Maximum size of a response in bytes.
const LIMIT: u64 = 64 << 20;

/// Downloads `name`.gz into `cache` from the first mirror that serves it with the SHA-256 `hash` of its
/// uncompressed bytes. A mirror that fails moves to the end of the list.
pub(super) fn fetch(
    cache: &Path,
    name: &str,
    hash: &str,
    mirrors: &mut [String],
) -> Result<PathBuf> {
    let file = format!("{name}.gz");
    let mut failures = Vec::new();
    while failures.len() < mirrors.len() {
        let url = format!("{}{file}", mirrors[0]);
        match get(&url, hash) {
            Ok(bytes) => {
                let path = cache.join(file);
                fs::create_dir_all(cache).with_context(|| {
                    format!("cannot create the cache folder {}", cache.display())
                })?;
                write_whole(&path, &bytes)?;
                return Ok(path);
            }
            Err(error) => {
                let failure = format!("{url}: {error:#}");
                mirrors.rotate_left(1);
                if failures.len() + 1 < mirrors.len() {
                    errln!("warning: {failure}; trying {}", mirrors[0]);
                }
                failures.push(failure);
            }
        }
    }
    bail!(
        "{file} is not in {} and no mirror served it:\n    {}",
        cache.display(),
        failures.join("\n    ")
    )
}

fn get(url: &str, hash: &str) -> Result<Vec<u8>> {
    let agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(STALL))
        .timeout_global(Some(OVERALL))
        .accept_encoding("identity")
        .build()
        .new_agent();
    let mut answer = agent.get(url).call()?;
    let body = answer.body_mut();
    let bar = progress(url, body.content_length());
    let mut bytes = Vec::new();
    let outcome = bar
        .wrap_read(body.with_config().limit(LIMIT).reader())
        .read_to_end(&mut bytes);
    bar.finish_and_clear();
    outcome?;
    let content =
        idx::gunzip(bytes.as_slice()).context("the response is not a complete gzip file")?;
    let found = hex(&Sha256::digest(content));
    ensure!(
        found == hash,
        "the response has SHA-256 {found}, expected {hash}"
    );
    Ok(bytes)
}

fn progress(url: &str, length: Option<u64>) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{wide_msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
    )
    .expect("the template is well formed");
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    bar.with_style(style).with_message(url.to_owned())
}
