//! The model's card: what a person wants to know of a model file, in Markdown.

use thumbgan_core::Model;

use super::{checkpoint::Progress, folder::Config, watch::Quality};
use crate::{
    export::fidelity::Fidelity,
    files::hex,
    gan::preset::{DiscriminatorShape, GeneratorShape, GradientPenalty, MlpShape, Recipe},
};

/// The card of `model`.
pub fn card(
    model: &Model<'_>,
    recipe: &Recipe,
    config: &Config,
    progress: &Progress,
    fidelity: &Fidelity,
    quality: Option<&Quality>,
) -> String {
    let name = model.name();
    let provenance = model.provenance();
    let iterations = match progress.best {
        Some(best) if recipe.keeps_best && best.iteration < progress.iteration => {
            format!(
                "{} iterations, the best of {}",
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
                model.size(),
                model.crc()
            ),
        ),
        (
            "generator",
            format!("{}; {} MACs a digit", generator(recipe), model.macs()),
        ),
        ("discriminator", discriminator(recipe)),
        (
            "latent",
            format!(
                "{} values, {:?}",
                model.latent().length,
                model.latent().distribution
            ),
        ),
        (
            "classes",
            if model.classes() == 0 {
                "none".into()
            } else {
                model.classes().to_string()
            },
        ),
        ("scratch", format!("{} bytes", model.scratch())),
        (
            "data set",
            format!(
                "{}, SHA-256 {}",
                provenance.dataset,
                hex(&provenance.dataset_sha256)
            ),
        ),
        (
            "training",
            format!(
                "{iterations} of batch {}, seed {}",
                recipe.batch, config.seed
            ),
        ),
        ("optimiser", optimiser(recipe)),
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
            format!("{quality} (10,000 int8 digits of one noise seed)"),
        ));
    }
    rows.extend([
        ("made by", provenance.tool.to_owned()),
        (
            "licence",
            "MIT OR Apache-2.0, as the project; MNIST itself is CC BY-SA 3.0".to_owned(),
        ),
    ]);
    let table: String = rows
        .iter()
        .map(|(key, value)| format!("| {key} | {value} |\n"))
        .collect();
    let (shown, walks) = if model.classes() == 0 {
        ("seeds 0 to 63", "From one seed's latent to the next one's")
    } else {
        (
            "seeds 0 to 7: each row a latent, each column a class",
            "From seed 0's latent to seed 1's, a class a row",
        )
    };
    format!(
        "# {name}\n\n![digits]({name}.png)\n\nThe digits of {shown}, drawn by `thumbgan-core` in int8.\n\n\
         | | |\n|---|---|\n{table}\n![walks]({name}-walks.png)\n\n{walks}, in sixteen steps.\n"
    )
}

/// What a recipe decides.
pub fn recipe_rows(recipe: &Recipe) -> Vec<(&'static str, String)> {
    vec![
        ("generator", generator(recipe)),
        ("discriminator", discriminator(recipe)),
        (
            "latent",
            format!("{} values, {:?}", recipe.latent, recipe.distribution),
        ),
        ("batch", recipe.batch.to_string()),
        ("optimiser", optimiser(recipe)),
    ]
}

fn generator(recipe: &Recipe) -> String {
    match &recipe.generator {
        GeneratorShape::Dense(shape) => format!("{}, sigmoid", dense(recipe.inputs(), shape, 784)),
        GeneratorShape::Conv(shape) => {
            let [first, second] = shape.channels;
            format!(
                "dense {} to 7x7x{first}, ReLU, upsampling 3x3 convolution to 14x14x{second}, ReLU, the same to 28x28, \
                 sigmoid",
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

fn optimiser(recipe: &Recipe) -> String {
    let Recipe {
        learning_rate,
        betas,
        epsilon,
        last_rate,
        ..
    } = recipe;
    let falling = if *last_rate < 1.0 {
        format!(", from half-time in a line to {last_rate} of that")
    } else {
        String::new()
    };
    let penalty = recipe.penalty.map(|GradientPenalty { weight, every }| {
        format!("; R1 and R2 of {weight} every {every} iterations")
    });
    let sparsity = recipe
        .sparsity
        .map(|weight| format!("; {weight} for the mean activation of each hidden layer"));
    let averaging = recipe
        .averaging
        .map(|decay| format!("; weights averaged with {decay}"));
    format!(
        "Adam {learning_rate}, betas {betas:?}, epsilon {epsilon:e}{falling}{}{}{}",
        penalty.unwrap_or_default(),
        sparsity.unwrap_or_default(),
        averaging.unwrap_or_default()
    )
}
