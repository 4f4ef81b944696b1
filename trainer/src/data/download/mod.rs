//! Download of files from mirrors into the cache.

mod certificates;
mod client;
mod environment;
mod proxy;

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use super::{format::Format, idx};
use crate::files::{create_folder, hex, write_whole};

use client::Client;

pub(super) use environment::EnvironmentError;

/// Maximum size of a response in bytes.
const LIMIT: u64 = 64 << 20;

/// Downloads `name`.gz into `cache` from the first mirror that serves it with the SHA-256 `hash` of its
/// uncompressed bytes. A mirror that fails moves to the end of the list.
///
/// # Errors
/// If no mirror serves the file or it cannot be written. An [`EnvironmentError`] if an environment variable must be
/// corrected.
pub(super) fn fetch(
    cache: &Path,
    name: &str,
    hash: &str,
    mirrors: &mut [String],
) -> Result<PathBuf> {
    let file = format!("{name}.gz");
    let client = Client::new()?;
    let mut failures = Vec::new();
    while failures.len() < mirrors.len() {
        let url = format!("{}{file}", mirrors[0]);
        match get(&client, &url, hash) {
            Ok(bytes) => {
                let path = cache.join(file);
                create_folder(cache)?;
                // A parallel process may have written the same file; the caller verifies it.
                match write_whole(&path, &bytes) {
                    Err(error) if !path.is_file() => return Err(error),
                    _ => return Ok(path),
                }
            }
            Err(error) if error.is::<EnvironmentError>() => return Err(error),
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

fn get(client: &Client, url: &str, hash: &str) -> Result<Vec<u8>> {
    let mut answer = client.get(url)?;
    let body = answer.body_mut();
    let bar = progress(url, body.content_length());
    let mut bytes = Vec::new();
    let outcome = bar
        .wrap_read(body.with_config().limit(LIMIT).reader())
        .read_to_end(&mut bytes);
    bar.finish_and_clear();
    outcome?;
    match Format::of(&bytes) {
        Format::Gzip => {}
        page if page == Format::WEB_PAGE => bail!(
            "the response is {} instead of a gzip file; the network may ask for a login: open the URL in a browser",
            page.name()
        ),
        other => bail!("the response is {} instead of a gzip file", other.name()),
    }
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
