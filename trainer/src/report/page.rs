//! HTML page of the report.

use base64::{Engine, prelude::BASE64_STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use thumbgan_core::Model;

use super::{Contents, Shown};

const STYLE: &str = "\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc }
table { border-collapse: collapse } th, td { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
td.number, th.number { text-align: right } #settings td { overflow-wrap: anywhere }
img { image-rendering: pixelated; width: 100% } svg { width: 100%; height: auto }
figure { margin: 1rem 0 } figcaption { color: #555 }
.few { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem } .few figure { margin: 0 }";

/// Start of the paragraph below the title, in the reports of all versions.
const SUMMARY: &str = "<p id=\"summary\">";

/// Returns the report as HTML.
pub fn page(contents: &Contents<'_>) -> String {
    let Contents {
        run,
        settings,
        losses,
        fid,
        grids,
        digits,
        walks,
        ..
    } = contents;
    let model = run.model;
    let title = title(model, &run.dataset.name);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                (generator())
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p id="summary" {
                    (model.file_len()) " bytes, " (model.macs()) " MACs per image"
                    @if let Ok(quality) = run.quality { "; " (quality) }
                    "."
                }
                @if let Ok(quality) = run.quality {
                    p id="extractor" { "Feature extractor of the evaluation: " (quality.extractor) "." }
                }
                (figure(digits))
                h2 { "Settings" }
                table id="settings" {
                    @for (name, value) in settings { tr { th scope="row" { (name) } td { (value) } } }
                }
                h2 { "Losses" }
                figure id="losses" { (PreEscaped(losses)) }
                h2 { "FID" }
                @match fid {
                    Some(svg) => figure id="fid" { (PreEscaped(svg)) },
                    None => p id="fid" { "Not measured: " (contents.not_evaluated) "." },
                }
                h2 { "Samples during training" }
                div id="grids" class="few" { @for grid in grids { (figure(grid)) } }
                h2 { "Latent interpolation" }
                (figure(walks))
                h2 { "Float and int8" }
                p { (run.fidelity) "." }
                (figure(&contents.fidelity))
                (classes(contents))
                h2 { "Nearest training images" }
                (figure(&contents.nearest))
                (boards(contents))
            }
        }
    };
    page.into_string()
}

/// Returns the title of the report of a model and its dataset.
fn title(model: &Model<'_>, dataset: &str) -> String {
    format!("{} on {dataset}", model.name())
}

/// Returns the mark of a report.
fn generator() -> Markup {
    html! { meta name="generator" content="thumbgan report"; }
}

/// Returns true for the content of a report, or of one that an earlier version, without the mark, has written for this
/// model and dataset.
pub fn is_report(content: &[u8], model: &Model<'_>, dataset: &str) -> bool {
    let content = String::from_utf8_lossy(content);
    let contains = |mark: Markup| content.contains(&mark.0);
    let is_earlier =
        || contains(html! { title { (title(model, dataset)) } }) && content.contains(SUMMARY);
    contains(generator()) || is_earlier()
}

fn figure(shown: &Shown) -> Markup {
    let data = format!(
        "data:image/png;base64,{}",
        BASE64_STANDARD.encode(&shown.png)
    );
    html! { figure { img src=(data) alt=(shown.caption); figcaption { (shown.caption) } } }
}

fn classes(contents: &Contents<'_>) -> Markup {
    html! {
        h2 { "Classes" }
        @match &contents.histogram {
            Some(svg) => {
                figure id="classes" {
                    (PreEscaped(svg))
                    figcaption { "Predicted classes of the int8 images; the line marks equal shares." }
                }
            }
            None => {
                p id="classes" { "Not measured: " (contents.not_evaluated) "." }
                (training(&contents.classes))
            }
        }
    }
}

/// Returns the classes of the training images with bars.
fn training(classes: &[(String, usize)]) -> Markup {
    let most = classes
        .iter()
        .map(|class| class.1)
        .max()
        .unwrap_or_default();
    html! {
        @if classes.is_empty() {
            p { "The training images have no labels." }
        } @else {
            p { "Training images of each class:" }
            table id="training" {
                @for (name, count) in classes {
                    tr {
                        th scope="row" { (name) } td class="number" { (count) }
                        td { progress value=(count) max=(most) {} }
                    }
                }
            }
        }
    }
}

fn boards(contents: &Contents<'_>) -> Markup {
    let number = |value: f64| format!("{value:.1}");
    html! {
        h2 { "Boards" }
        p {
            "Estimate: the model's MACs times the instructions per MAC that were counted for "
            code { (contents.counted) }
            ", at one cycle an instruction. A real chip takes longer: its flash has wait states, and some \
             instructions take several cycles. The program's own code takes flash and RAM besides."
        }
        table id="boards" {
            tr {
                th { "board" } th { "core" } th class="number" { "MHz" } th class="number" { "instructions" }
                th class="number" { "ms per image (minimum)" } th class="number" { "% of flash" }
                th class="number" { "% of RAM" }
            }
            @for estimate in &contents.boards {
                tr {
                    td { (estimate.board.title) } td { (estimate.board.core) }
                    td class="number" { (estimate.board.clock_hz / 1_000_000) } td class="number" { (estimate.instructions) }
                    td class="number" { (number(estimate.milliseconds)) }
                    td class="number" { (number(estimate.flash)) } td class="number" { (number(estimate.ram)) }
                }
            }
        }
    }
}
