//! A real browser without a window: Chromium or Chrome.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use image::RgbImage;

use crate::shell::{output, present};

/// Programs that will do, as systems call them.
const PROGRAMS: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
/// Milliseconds of the page's own time that it is given to load.
const PATIENCE: &str = "--virtual-time-budget=10000";

/// The browser of this computer, if there is one.
pub fn find() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| present(program))
}

/// What a page is once it has loaded and its scripts have run, as HTML.
///
/// # Errors
/// When there is no browser, or it fails.
pub fn document(page: &Path) -> Result<String> {
    output(
        browser()?
            .args([PATIENCE, "--dump-dom"])
            .arg(address(page)?),
    )
}

/// What a page looks like in a window of this size.
///
/// # Errors
/// When there is no browser, or it fails.
pub fn screenshot(page: &Path, [width, height]: [u32; 2], to: &Path) -> Result<RgbImage> {
    let mut command = browser()?;
    command.args([PATIENCE, &format!("--window-size={width},{height}")]);
    let mut option = std::ffi::OsString::from("--screenshot=");
    option.push(to);
    output(command.arg(option).arg(address(page)?))?;
    let picture = image::open(to)
        .with_context(|| format!("{} is no picture", to.display()))?
        .into_rgb8();
    ensure!(
        picture.dimensions() == (width, height),
        "the screenshot is {:?}",
        picture.dimensions()
    );
    Ok(picture)
}

fn browser() -> Result<Command> {
    let mut command = Command::new(find().context("no Chromium or Chrome found")?);
    // Containers and root have no sandbox; the pages are our own.
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
    ]);
    Ok(command)
}

fn address(page: &Path) -> Result<String> {
    let page: PathBuf =
        fs::canonicalize(page).with_context(|| format!("no page {}", page.display()))?;
    Ok(format!("file://{}", page.display()))
}
