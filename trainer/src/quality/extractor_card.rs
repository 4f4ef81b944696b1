//! Card of the feature extractor in Markdown.

use super::{
    Reference,
    feature_extractor::{
        FEATURES, FeatureExtractor,
        net::{CHANNELS, KERNEL},
        training::{BATCH, RATE, SHIFT, steps},
    },
};
use crate::{data::Dataset, files::hex};

/// Title and first words of the card.
const START: &str = "# Feature extractor\n\nThe classifier whose features";

/// Returns true for the content of the card of a feature extractor.
pub fn is_extractor_card(content: &[u8]) -> bool {
    content.starts_with(START.as_bytes())
}

/// Returns the card of a feature extractor that was trained with `seed` in `seconds` CPU seconds, in a file
/// of `bytes` bytes.
pub fn extractor_card(
    extractor: &FeatureExtractor,
    dataset: &Dataset,
    reference: &Reference,
    seed: u64,
    seconds: f64,
    bytes: usize,
) -> String {
    let [first, second] = CHANNELS;
    let real = &reference.real;
    let accuracy = |images| 100.0 * extractor.accuracy(images);
    let rows = [
        (
            "file",
            format!(
                "feature-extractor.bpk, {bytes} bytes, SHA-256 {}",
                hex(extractor.sha256())
            ),
        ),
        (
            "network",
            format!(
                "convolution {KERNEL}x{KERNEL} 1-{first}, ReLU, 2x2 max pooling, convolution {KERNEL}x{KERNEL} \
                 {first}-{second}, ReLU, 2x2 max pooling, dense {FEATURES}, ReLU (the features), dense {}",
                extractor.classes()
            ),
        ),
        (
            "dataset",
            format!("{}, SHA-256 {}", dataset.name, hex(&dataset.sha256)),
        ),
        (
            "training",
            format!(
                "{} epochs, batch size {BATCH}, random shifts of up to {SHIFT} pixels, Adam with a learning rate \
                 that rises to {RATE} and decays to 0, seed {seed}",
                steps(dataset.train.len()) * BATCH / dataset.train.len()
            ),
        ),
        (
            "accuracy",
            format!(
                "{:.2} % of the test set, {:.2} % of the training set",
                accuracy(&dataset.test),
                accuracy(&dataset.train)
            ),
        ),
        (
            "FID, training images against the test set",
            format!("{:.3}", real.fid_test[0]),
        ),
        (
            "FID, training images against other training images",
            format!("{:.3}", real.fid_train[0]),
        ),
        (
            "training images against the test set",
            format!(
                "precision {:.4}, recall {:.4}",
                real.precision_recall.precision, real.precision_recall.recall
            ),
        ),
        (
            "test images, nearest training image",
            format!(
                "median {:.3}, first percentile {:.3}",
                real.nearest_neighbors.median, real.nearest_neighbors.first_percentile
            ),
        ),
        ("time", format!("{seconds:.0} CPU seconds")),
        (
            "made by",
            format!("`cargo run -p trainer -- feature-extractor --seed {seed}`"),
        ),
    ];
    let table: String = rows
        .iter()
        .map(|(key, value)| format!("| {key} | {value} |\n"))
        .collect();
    format!(
        "{START} `trainer evaluate` compares. FIDs computed with other \
         networks are not comparable. The metrics of real images are the floor for generators; each compares {} images \
         (of the training set the first ones, and those after them).\n\n\
         | | |\n|---|---|\n{table}",
        dataset.test.len()
    )
}
