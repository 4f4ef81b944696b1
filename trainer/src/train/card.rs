//! The model's card: what a person wants to know of a model file, in Markdown.

use thumbgan_core::Model;

use super::{checkpoint::Progress, folder::Config};
use crate::{fidelity::Fidelity, files::hex, preset::Recipe};

/// The card of `model`.
pub fn card(
    model: &Model<'_>,
    recipe: &Recipe,
    config: &Config,
    progress: &Progress,
    fidelity: &Fidelity,
) -> String {
    let name = model.name();
    let widths = |widths: &[usize]| widths.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
    let provenance = model.provenance();
    let rows = [
        ("file", format!("{name}.tgan, {} bytes, CRC-32 {:08x}", model.size(), model.crc())),
        ("generator", format!("{}, ReLU, sigmoid; {} MACs a digit", widths(recipe.generator), model.macs())),
        ("discriminator", format!("{}, ReLU, one logit", widths(recipe.discriminator))),
        ("latent", format!("{} values, {:?}", model.latent().length, model.latent().distribution)),
        ("classes", if model.classes() == 0 { "none".into() } else { model.classes().to_string() }),
        ("scratch", format!("2 x {} bytes", model.scratch())),
        ("data set", format!("{}, SHA-256 {}", provenance.dataset, hex(&provenance.dataset_sha256))),
        (
            "training",
            format!("{} iterations of batch {}, seed {}", progress.iteration, recipe.batch, config.seed),
        ),
        (
            "optimiser",
            format!("Adam {}, betas {:?}, epsilon {:e}", recipe.learning_rate, recipe.betas, recipe.epsilon),
        ),
        (
            "last losses",
            format!("D {:.4}, G {:.4}", progress.losses.discriminator, progress.losses.generator),
        ),
        ("time", format!("{:.0} CPU seconds on the {} backend", progress.cpu_seconds, backend(config))),
        ("int8", fidelity.to_string()),
        ("made by", provenance.tool.to_owned()),
        ("licence", "MIT OR Apache-2.0, as the project; MNIST itself is CC BY-SA 3.0".to_owned()),
    ];
    let table: String = rows.iter().map(|(key, value)| format!("| {key} | {value} |\n")).collect();
    format!(
        "# {name}\n\n![the digits of seeds 0 to 63]({name}.png)\n\nThe digits of seeds 0 to 63, drawn by \
         `thumbgan-core` in int8.\n\n| | |\n|---|---|\n{table}"
    )
}

fn backend(config: &Config) -> String {
    format!("{:?}", config.backend).to_lowercase()
}
