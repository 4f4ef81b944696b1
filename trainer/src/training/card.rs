//! Model card in Markdown.

use thumbgan_core::Model;

use super::{checkpoint::Progress, evaluator::Quality, folder::Config};
use crate::{
    export::fidelity::Fidelity,
    files::hex,
    gan::preset::{DiscriminatorShape, GeneratorShape, GradientPenalty, MlpShape, Recipe},
};

/// Returns the card of `model`.
pub fn card(
    model: &Model<'_>,
    recipe: &Recipe,
    config: &Config,
    progress: &Progress,
    fidelity: &Fidelity,
    quality: Option<&Quality>,
) -> String {
    let name = model.name();
    let rows = rows(model, recipe, config, progress, fidelity, quality);
    let table: String = rows
        .iter()
        .map(|(key, value)| format!("| {key} | {value} |\n"))
        .collect();
    let (shown, walks) = if model.class_count() == 0 {
        (
            "seeds 0 to 63",
            "Latent interpolation between consecutive seeds",
        )
    } else {
        (
            "seeds 0 to 7: one row per latent, one column per class",
            "Latent interpolation from seed 0 to seed 1, one row per class",
        )
    };
    format!(
        "# {name}\n\n![digits]({name}.png)\n\nThe digits of {shown}, drawn by `thumbgan-core` in int8.\n\n\
         | | |\n|---|---|\n{table}\n![latent interpolation]({name}-walks.png)\n\n{walks}, in sixteen steps.\n"
    )
}

/// Returns the rows of the card.
fn rows(
    model: &Model<'_>,
    recipe: &Recipe,
    config: &Config,
    progress: &Progress,
    fidelity: &Fidelity,
    quality: Option<&Quality>,
) -> Vec<(&'static str, String)> {
    let name = model.name();
    let provenance = model.provenance();
    let iterations = match progress.best {
        Some(best) if recipe.keeps_best && best.iteration < progress.iteration => {
            format!(
                "{} iterations, the lowest FID of {}",
                best.iteration, progress.iteration
            )
        }
        _ => format!("{} iterations", progress.iteration),
    };
    let mut rows = vec![
        (
            "file",
            format!(
                "{name}.tgan, {} bytes, CRC-32 {:08x}",
                model.file_len(),
                model.crc32()
            ),
        ),
        (
            "generator",
            format!("{}; {} MACs per image", generator(recipe), model.macs()),
        ),
        ("discriminator", discriminator(recipe)),
        (
            "latent",
            format!(
                "{} values, {:?}",
                model.latent().len,
                model.latent().distribution
            ),
        ),
        (
            "classes",
            if model.class_count() == 0 {
                "none".into()
            } else {
                model.class_count().to_string()
            },
        ),
        (
            "scratch memory",
            format!("{} bytes", (4 * model.scratch_len())),
        ),
        (
            "dataset",
            format!(
                "{}, SHA-256 {}",
                provenance.dataset,
                hex(&provenance.dataset_sha256)
            ),
        ),
        (
            "training",
            format!(
                "{iterations}, batch size {}, seed {}",
                recipe.batch, config.seed
            ),
        ),
        ("optimizer", optimizer(recipe)),
        (
            "last losses",
            format!(
                "D {:.4}, G {:.4}",
                progress.losses.discriminator, progress.losses.generator
            ),
        ),
        (
            "time",
            format!(
                "{:.0} CPU seconds on the {} backend",
                progress.cpu_seconds,
                config.backend.name()
            ),
        ),
        ("int8", fidelity.to_string()),
    ];
    if let Some(quality) = quality {
        rows.push((
            "quality",
            format!("{quality} (10,000 int8 images, one noise seed)"),
        ));
    }
    rows.extend([
        ("made by", provenance.tool.to_owned()),
        (
            "license",
            "MIT OR Apache-2.0, as the project; MNIST itself is CC BY-SA 3.0".to_owned(),
        ),
    ]);
    rows
}

/// Returns the rows of the card that describe the recipe.
pub fn recipe_rows(recipe: &Recipe) -> Vec<(&'static str, String)> {
    vec![
        ("generator", generator(recipe)),
        ("discriminator", discriminator(recipe)),
        (
            "latent",
            format!("{} values, {:?}", recipe.latent, recipe.distribution),
        ),
        ("batch", recipe.batch.to_string()),
        ("optimizer", optimizer(recipe)),
    ]
}

fn generator(recipe: &Recipe) -> String {
    match &recipe.generator {
        GeneratorShape::Dense(shape) => format!("{}, sigmoid", dense(recipe.inputs(), shape, 784)),
        GeneratorShape::Conv(shape) => {
            let [first, second] = shape.channels;
            format!(
                "dense {} to 7x7x{first}, ReLU, upsampling 3x3 convolution to 14x14x{second}, ReLU, upsampling 3x3 convolution to \
                 28x28, sigmoid",
                recipe.inputs()
            )
        }
    }
}

fn discriminator(recipe: &Recipe) -> String {
    match &recipe.discriminator {
        DiscriminatorShape::Dense(shape) => dense(784, shape, 1),
        DiscriminatorShape::Conv {
            channels: [first, second],
            features,
        } => format!(
            "4x4 convolutions of stride 2 to {first} and {second} channels, dense to {features}, leaky ReLU, \
             projection on the class"
        ),
    }
}

fn dense(inputs: usize, shape: &MlpShape, outputs: usize) -> String {
    let widths = [&[inputs], shape.hidden, &[outputs]].concat();
    format!(
        "dense {}, ReLU",
        widths
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("-")
    )
}

fn optimizer(recipe: &Recipe) -> String {
    let Recipe {
        learning_rate,
        betas,
        epsilon,
        last_rate,
        ..
    } = recipe;
    let falling = if *last_rate < 1.0 {
        format!(", decaying linearly to {last_rate} of that in the second half")
    } else {
        String::new()
    };
    let penalty = recipe.penalty.map(|GradientPenalty { weight, every }| {
        format!("; R1 and R2 of {weight} every {every} iterations")
    });
    let sparsity = recipe.sparsity.map(|weight| {
        format!("; sparsity penalty {weight} times the mean activation of each hidden layer")
    });
    let averaging = recipe
        .averaging
        .map(|decay| format!("; EMA of the weights with decay {decay}"));
    format!(
        "Adam {learning_rate}, betas {betas:?}, epsilon {epsilon:e}{falling}{}{}{}",
        penalty.unwrap_or_default(),
        sparsity.unwrap_or_default(),
        averaging.unwrap_or_default()
    )
}
