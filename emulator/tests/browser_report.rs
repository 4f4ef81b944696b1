//! The trainer's HTML report in a browser: images and charts are visible, and nothing is fetched.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use image::{Rgb, RgbImage};
use serde::Deserialize;
use thumbgan_emulator::{
    browser,
    process::{cargo_workspace, run},
};

/// File that the trainer's test `report` leaves in the folder for temporary files of tests.
const REPORT: &str = "report/run/report.html";
/// Script for the end of a copy of the report: it stores measurements of the rendered page in the document.
const PROBE: &str = r##"<script>
addEventListener("load", () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.getBoundingClientRect().height > 40;
  document.documentElement.dataset.probe = JSON.stringify({
    images: all("img").filter((image) => image.naturalWidth > 100 && visible(image)).length,
    broken: all("img").filter((image) => image.naturalWidth === 0).length,
    charts: all("svg").filter(visible).length,
    bars: all("#classes rect").filter((bar) => bar.getBBox().height > 1).length,
    boards: all("#boards td:nth-child(5)").map((cell) => parseFloat(cell.textContent)),
    settings: all("#settings th").map((cell) => cell.textContent),
    fetched: performance.getEntriesByType("resource").filter((entry) => !entry.name.startsWith("data:")).length,
    overflow: document.documentElement.scrollWidth - innerWidth,
  });
});
</script></body>"##;
/// Text before and after the measurements, whose quotes are escaped.
const DELIMITERS: [&str; 2] = ["data-probe=\"", "\""];

/// Measurements of the rendered page.
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

#[test]
fn the_report_is_complete_in_a_browser() -> Result<()> {
    run(cargo_workspace("test").args(["--test", "report"]))?;
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join(REPORT);
    let folder = tempfile::tempdir()?;
    check_document(&report, &folder.path().join("probed.html"))?;
    let screenshot =
        browser::screenshot(&report, [1_000, 1_200], &folder.path().join("report.png"))?;
    check_screenshot(&screenshot)
}

/// Measures the page in the browser; `probed` is the path of a copy with the script.
fn check_document(report: &Path, probed: &Path) -> Result<()> {
    let page =
        fs::read_to_string(report).with_context(|| format!("no report {}", report.display()))?;
    ensure!(
        page.contains("</body>"),
        "{} is incomplete",
        report.display()
    );
    fs::write(probed, page.replace("</body>", PROBE))?;
    let probe = parse_probe(&browser::document(probed)?)?;
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
    // Samples, a grid of the training, latent walks, float against int8, nearest images; losses, FID, classes.
    ensure!(
        *images == 5 && *broken == 0 && *charts == 3,
        "images or charts are missing: {probe:?}"
    );
    ensure!(*bars >= 2, "the chart of classes has no bars: {probe:?}");
    let has_times = boards.len() >= 2 && boards.iter().all(|&time| time > 0.0);
    ensure!(has_times, "boards lack times: {probe:?}");
    for name in ["preset", "seed"] {
        ensure!(
            settings.iter().any(|setting| setting == name),
            "no setting {name}: {probe:?}"
        );
    }
    ensure!(*fetched == 0, "the report is not self-contained: {probe:?}");
    ensure!(
        *overflow <= 0.0,
        "the report is wider than its window: {probe:?}"
    );
    println!(
        "report: {images} images, {charts} charts, {} boards",
        boards.len()
    );
    Ok(())
}

fn parse_probe(document: &str) -> Result<Probe> {
    let rest = document
        .split_once(DELIMITERS[0])
        .context("the page's script did not run")?
        .1;
    let text = rest
        .split_once(DELIMITERS[1])
        .context("the document is incomplete")?
        .0;
    serde_json::from_str(&text.replace("&quot;", "\"")).context("the measurements are invalid JSON")
}

/// Checks for a white background with dark text, and dark images with gray edges.
fn check_screenshot(screenshot: &RgbImage) -> Result<()> {
    let count = |has_color: fn([u8; 3]) -> bool| {
        screenshot
            .pixels()
            .filter(|pixel| has_color(pixel.0))
            .count()
    };
    let all = screenshot.pixels().len();
    let white = count(|rgb| rgb == [255; 3]);
    let dark = count(|rgb| rgb.iter().all(|&channel| channel < 48));
    ensure!(
        white > all / 10 && dark > all / 10,
        "{white} white and {dark} dark pixels of {all} are too few"
    );
    let gray = count(|[r, g, b]| r == g && g == b && (60..200).contains(&r));
    ensure!(
        gray > all / 1_000,
        "{gray} gray pixels of {all} are too few for images"
    );
    Ok(())
}

#[test]
fn parses_the_measurements_in_a_document() {
    let json = r#"{"images":1,"broken":0,"charts":2,"bars":3,"boards":[1.5],"settings":["a"],"fetched":0,"overflow":0}"#;
    let escaped = json.replace('"', "&quot;");
    let document = format!("<html lang=\"en\" data-probe=\"{escaped}\"><body>");
    let probe = parse_probe(&document).unwrap();
    assert_eq!(
        (probe.images, probe.charts, probe.boards),
        (1, 2, vec![1.5])
    );
    let error = parse_probe("<html></html>").unwrap_err().to_string();
    assert!(error.contains("did not run"), "{error}");
}

#[test]
fn rejects_the_screenshot_of_an_empty_page() {
    assert!(check_screenshot(&RgbImage::from_pixel(100, 100, Rgb([255; 3]))).is_err());
    let report = RgbImage::from_fn(100, 100, |x, y| {
        let level = match (x < 50, y < 50) {
            (true, _) => 255,
            (false, true) => 0,
            (false, false) => 100,
        };
        Rgb([level; 3])
    });
    check_screenshot(&report).unwrap();
}
