//! The judge's card: what a person wants to know of it, in Markdown.

use super::{
    CLASSES, FEATURES, Judge,
    net::{CHANNELS, KERNEL},
    training::{BATCH, EPOCHS, RATE, SHIFT},
};
use crate::{data::Dataset, files::hex, quality::Reference};

/// The card of a judge that was trained with `seed` in so many CPU seconds, in a file of `bytes` bytes.
pub fn card(
    judge: &Judge,
    dataset: &Dataset,
    reference: &Reference,
    seed: u64,
    seconds: f64,
    bytes: usize,
) -> String {
    let [first, second] = CHANNELS;
    let real = &reference.real;
    let accuracy = |images| 100.0 * judge.look_at(images).accuracy(&images.labels);
    let rows = [
        (
            "file",
            format!("judge.bpk, {bytes} bytes, SHA-256 {}", hex(judge.sha256())),
        ),
        (
            "network",
            format!(
                "convolution {KERNEL}x{KERNEL} 1-{first}, ReLU, 2x2 maximum, convolution {KERNEL}x{KERNEL} \
                 {first}-{second}, ReLU, 2x2 maximum, dense {FEATURES}, ReLU (the features), dense {CLASSES}"
            ),
        ),
        (
            "data set",
            format!("{}, SHA-256 {}", dataset.name, hex(&dataset.sha256)),
        ),
        (
            "training",
            format!(
                "{EPOCHS} epochs of batch {BATCH}, images moved by up to {SHIFT} pixels, Adam with a step size \
                 that rises to {RATE} and falls to 0, seed {seed}"
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
                real.manifold.precision, real.manifold.recall
            ),
        ),
        (
            "test images, nearest training image",
            format!(
                "median {:.3}, one in a hundred {:.3}",
                real.neighbours.median, real.neighbours.first_percentile
            ),
        ),
        ("time", format!("{seconds:.0} CPU seconds")),
        (
            "made by",
            format!("`cargo run -p trainer -- judge --seed {seed}`"),
        ),
    ];
    let table: String = rows
        .iter()
        .map(|(key, value)| format!("| {key} | {value} |\n"))
        .collect();
    format!(
        "# judge\n\nThe classifier by whose features `trainer evaluate` compares generated digits with real \
         ones. Figures hold for this judge alone: FIDs by other networks have other scales. Those of real \
         images are the floor, each of {} images (of the training set, the first ones and those after them).\n\n\
         | | |\n|---|---|\n{table}",
        dataset.test.len()
    )
}
