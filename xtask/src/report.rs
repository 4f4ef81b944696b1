//! The trainer's HTML report in a real browser.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use image::RgbImage;
use serde::Deserialize;

use crate::{
    browser, setup,
    shell::{root, run, tested},
};

/// Where the trainer's test `report` leaves one.
const REPORT: &str = "target/tmp/report/run/report.html";
/// Put at the end of a copy of the report: it leaves in the document what the browser made of the page.
const PROBE: &str = r##"<script>
addEventListener("load", () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (element) => element.getBoundingClientRect().height > 40;
  document.documentElement.dataset.probe = JSON.stringify({
    images: all("img").filter((image) => image.naturalWidth > 100 && seen(image)).length,
    broken: all("img").filter((image) => image.naturalWidth === 0).length,
    charts: all("svg").filter(seen).length,
    bars: all("#classes rect").filter((bar) => bar.getBBox().height > 1).length,
    boards: all("#boards td:nth-child(5)").map((cell) => parseFloat(cell.textContent)),
    settings: all("#settings th").map((cell) => cell.textContent),
    fetched: performance.getEntriesByType("resource").filter((entry) => !entry.name.startsWith("data:")).length,
    overflow: document.documentElement.scrollWidth - innerWidth,
  });
});
</script></body>"##;
/// Before and after what the probe left; quotes inside are escaped.
const MARK: [&str; 2] = ["data-probe=\"", "\""];

#[derive(Debug, Deserialize)]
struct Probe {
    images: usize,
    broken: usize,
    charts: usize,
    bars: usize,
    boards: Vec<f64>,
    settings: Vec<String>,
    fetched: usize,
    overflow: f64,
}

/// Has the trainer's test leave a report, and looks at it.
///
/// # Errors
/// When something of it is missing or not seen.
pub fn check() -> Result<()> {
    setup::chromium()?;
    run(tested("test").args(["--test", "report"]))?;
    let folder = tempfile::tempdir()?;
    let report = root().join(REPORT);
    look(&report, &folder.path().join("probed.html"))?;
    let picture = browser::screenshot(&report, [1_000, 1_200], &folder.path().join("report.png"))?;
    see(&picture)
}

/// Has the browser count what it shows.
fn look(report: &Path, probed: &Path) -> Result<()> {
    let page =
        fs::read_to_string(report).with_context(|| format!("no report {}", report.display()))?;
    ensure!(
        page.contains("</body>"),
        "{} is cut short",
        report.display()
    );
    fs::write(probed, page.replace("</body>", PROBE))?;
    let probe = probe(&browser::document(probed)?)?;
    let Probe {
        images,
        broken,
        charts,
        bars,
        boards,
        settings,
        fetched,
        overflow,
    } = &probe;
    // Digits, a grid of the training, walks, float against int8, nearest images; losses, FID, classes.
    ensure!(
        *images == 5 && *broken == 0 && *charts == 3,
        "pictures are missing: {probe:?}"
    );
    ensure!(*bars >= 2, "the judge's classes have no bars: {probe:?}");
    ensure!(
        boards.len() >= 2 && boards.iter().all(|&time| time > 0.0),
        "boards lack times: {probe:?}"
    );
    ensure!(
        ["preset", "seed", "optimiser"]
            .iter()
            .all(|name| settings.iter().any(|seen| seen == name))
    );
    ensure!(*fetched == 0, "the report is not self-contained: {probe:?}");
    ensure!(
        *overflow <= 0.0,
        "the report is wider than its window: {probe:?}"
    );
    println!(
        "the report in a browser: {images} pictures, {charts} charts, {} boards",
        boards.len()
    );
    Ok(())
}

fn probe(document: &str) -> Result<Probe> {
    let (_, rest) = document
        .split_once(MARK[0])
        .context("the report's scripts did not run")?;
    let (text, _) = rest
        .split_once(MARK[1])
        .context("the document is cut short")?;
    serde_json::from_str(&text.replace("&quot;", "\"")).context("the probe's words are not JSON")
}

/// Whether the screenshot shows light paper with dark words, and dark pictures with lighter ink.
fn see(picture: &RgbImage) -> Result<()> {
    let count =
        |wanted: fn([u8; 3]) -> bool| picture.pixels().filter(|pixel| wanted(pixel.0)).count();
    let all = picture.pixels().len();
    let (white, dark) = (
        count(|rgb| rgb == [255; 3]),
        count(|rgb| rgb.iter().all(|&part| part < 48)),
    );
    ensure!(
        white > all / 10 && dark > all / 10,
        "{white} white and {dark} dark pixels of {all} are seen"
    );
    let greys = count(|[r, g, b]| r == g && g == b && (60..200).contains(&r));
    ensure!(
        greys > all / 1_000,
        "digits have edges of grey, but only {greys} pixels of {all} are"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_probe_is_read_out_of_the_document() {
        let json = r#"{"images":1,"broken":0,"charts":2,"bars":3,"boards":[1.5],"settings":["a"],"fetched":0,"overflow":0}"#;
        let document = format!(
            "<html lang=\"en\" data-probe=\"{}\"><body>",
            json.replace('"', "&quot;")
        );
        let probe = probe(&document).unwrap();
        assert_eq!(
            (probe.images, probe.charts, probe.boards),
            (1, 2, vec![1.5])
        );
        assert!(
            super::probe("<html></html>")
                .unwrap_err()
                .to_string()
                .contains("did not run")
        );
    }

    #[test]
    fn an_empty_page_is_not_taken_for_a_report() {
        assert!(see(&RgbImage::from_pixel(100, 100, Rgb([255; 3]))).is_err());
        let report = RgbImage::from_fn(100, 100, |x, y| {
            Rgb([if x < 50 {
                255
            } else if y < 50 {
                0
            } else {
                100
            }; 3])
        });
        see(&report).unwrap();
    }
}
