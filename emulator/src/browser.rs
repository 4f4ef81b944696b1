//! Headless Chromium or Chrome.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use image::RgbImage;

use crate::process::{find_program, is_installed, output};

/// Names of the program on different systems.
const PROGRAMS: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
/// Option that limits the page's virtual time for loading, in milliseconds.
const TIME_BUDGET: &str = "--virtual-time-budget=10000";

/// Returns the name of an installed browser.
pub fn find() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| is_installed(program))
}

/// Returns the path of an installed browser.
pub fn path() -> Option<PathBuf> {
    find_program(find()?)
}

/// Returns a page's HTML after it has loaded and its scripts have run.
///
/// # Errors
/// If no browser is installed, or it fails.
pub fn document(page: &Path) -> Result<String> {
    output(
        browser()?
            .args([TIME_BUDGET, "--dump-dom"])
            .arg(address(page)?),
    )
}

/// Returns a screenshot of a page in a window of `[width, height]` pixels; `to` is the PNG file for it.
///
/// # Errors
/// If no browser is installed, or it fails.
pub fn screenshot(page: &Path, [width, height]: [u32; 2], to: &Path) -> Result<RgbImage> {
    let mut command = browser()?;
    command.args([TIME_BUDGET, &format!("--window-size={width},{height}")]);
    let mut option = OsString::from("--screenshot=");
    option.push(to);
    output(command.arg(option).arg(address(page)?))?;
    let image = image::open(to).with_context(|| format!("{} is not an image", to.display()))?;
    let image = image.into_rgb8();
    let size = image.dimensions();
    ensure!(
        size == (width, height),
        "the screenshot has {size:?} pixels, not {width} x {height}"
    );
    Ok(image)
}

fn browser() -> Result<Command> {
    let program =
        find().context("Chromium and Chrome are not installed: run `cargo xtask setup`")?;
    let mut command = Command::new(program);
    // Containers and root have no sandbox; only pages of this project are opened.
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
    ]);
    Ok(command)
}

fn address(page: &Path) -> Result<String> {
    let page = fs::canonicalize(page).with_context(|| format!("no page {}", page.display()))?;
    Ok(format!("file://{}", page.display()))
}
