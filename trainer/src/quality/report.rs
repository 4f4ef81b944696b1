//! Report of an evaluation, as a table and as JSON.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Classes, ExtractorInfo, Memorization, Protocol, QualityMetrics,
    interpolation::InterpolationSmoothness,
};
use crate::text::count;

/// Results of `trainer evaluate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the model.
    pub model: String,
    /// CRC-32 of the model file.
    pub model_crc32: u32,
    /// Dataset of the comparison.
    pub dataset: String,
    /// SHA-256 of the dataset's training images, in hexadecimal.
    pub dataset_sha256: String,
    /// Feature extractor with its accuracy on the test set.
    pub feature_extractor: ExtractorInfo,
    /// Number of generated images.
    pub protocol: Protocol,
    /// Metrics of the int8 images.
    pub int8: QualityMetrics,
    /// Metrics of the float network, if it was given.
    pub float: Option<QualityMetrics>,
    /// Metrics of real images in place of generated ones.
    pub real: QualityMetrics,
    /// FID of real images against the test set, the floor for generators.
    pub fid_floor: f64,
    /// Mean FID of the int8 images against the test set, divided by the floor; `None` if that is 0.
    pub fid_multiple: Option<f64>,
    /// Smoothness of the int8 model's interpolations.
    pub walk: InterpolationSmoothness,
    /// Memorization of the int8 model.
    pub verdict: Memorization,
}

/// Keys that the JSON of every version has.
const KEYS: [&str; 7] = [
    "model", "dataset", "protocol", "int8", "real", "walk", "verdict",
];

impl Report {
    /// Returns true for the content of a JSON file with the results of an evaluation, also of an earlier version.
    pub fn is_json(content: &[u8]) -> bool {
        serde_json::from_slice::<serde_json::Value>(content)
            .is_ok_and(|value| KEYS.iter().all(|key| value.get(key).is_some()))
    }
}

/// Widths of the table's columns.
const NAMES: usize = 37;
const COLUMN: usize = 11;

/// Row of the table: name, value (for metrics and the FID of real images) and number of decimals.
type Row = (&'static str, fn(&QualityMetrics, f64) -> Option<f64>, usize);

const ROWS: [Row; 9] = [
    (
        "FID against the test set",
        |figures, _| Some(figures.mean_fid()),
        3,
    ),
    (
        "    divided by that of real images",
        |figures, floor| fid_multiple(figures.mean_fid(), floor),
        2,
    ),
    (
        "FID against the training set",
        |figures, _| Some(mean(&figures.fid_train)),
        3,
    ),
    (
        "precision",
        |figures, _| Some(figures.precision_recall.precision),
        4,
    ),
    (
        "recall",
        |figures, _| Some(figures.precision_recall.recall),
        4,
    ),
    (
        "conditional accuracy",
        |figures, _| figures.classes.accuracy,
        4,
    ),
    (
        "KL divergence of classes, nats",
        |figures, _| figures.classes.divergence,
        4,
    ),
    (
        "nearest training image, median",
        |figures, _| Some(figures.nearest_neighbors.median),
        3,
    ),
    (
        "nearest training image, percentile 1",
        |figures, _| Some(figures.nearest_neighbors.first_percentile),
        3,
    ),
];

/// Returns the mean of some values.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Returns a FID divided by that of real images; `None` if that is 0.
pub fn fid_multiple(fid: f64, floor: f64) -> Option<f64> {
    (floor > 0.0).then(|| fid / floor)
}

impl QualityMetrics {
    /// Returns the mean of the FIDs of all noise seeds against the test set.
    pub fn mean_fid(&self) -> f64 {
        mean(&self.fid_test)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Protocol {
            samples,
            noise_seeds,
        } = self.protocol;
        let Self {
            model,
            dataset,
            int8,
            float,
            real,
            walk,
            verdict,
            feature_extractor,
            fid_floor,
            ..
        } = self;
        let floor = *fid_floor;
        writeln!(
            f,
            "{model} against {dataset}: {samples} images for each of {}\n",
            count(noise_seeds as usize, "noise seed")
        )?;
        let title = |text: &str| format!("{text:>COLUMN$}");
        let titles = match float {
            Some(_) => [
                title("int8"),
                title("float"),
                title("difference"),
                title("real"),
            ]
            .concat(),
            None => [title("int8"), title("real")].concat(),
        };
        writeln!(f, "{:NAMES$}{titles}", "")?;
        for (name, figure, decimals) in ROWS {
            let number = |value: Option<f64>| match value {
                Some(value) => format!("{value:COLUMN$.decimals$}"),
                None => title("-"),
            };
            let mut cells = number(figure(int8, floor));
            if let Some(float) = float {
                cells += &number(figure(float, floor));
                cells += &title(&difference(figure(int8, floor), figure(float, floor)));
            }
            writeln!(f, "{name:NAMES$}{cells}{}", number(figure(real, floor)))?;
        }
        writeln!(f, "\nFID of each noise seed: {}", list(&int8.fid_test))?;
        if let Some(float) = float {
            writeln!(f, "of the float network:   {}", list(&float.fid_test))?;
        }
        writeln!(f, "feature extractor: {feature_extractor}")?;
        if !int8.classes.counts.is_empty() {
            writeln!(f, "classes: {}", counts(&int8.classes))?;
        }
        writeln!(
            f,
            "latent interpolation: a step changes a pixel by {:.1} gray levels on average,",
            walk.change
        )?;
        writeln!(
            f,
            "    at most by {:.1} times the mean of its interpolation",
            walk.jump
        )?;
        write!(f, "copies: {verdict}")
    }
}

/// Returns the difference between int8 and float value in percent of the float value.
fn difference(int8: Option<f64>, float: Option<f64>) -> String {
    match (int8, float) {
        (Some(int8), Some(float)) if float != 0.0 => {
            format!("{:+.2} %", (int8 - float) / float * 100.0)
        }
        _ => "-".into(),
    }
}

fn list(values: &[f64]) -> String {
    values
        .iter()
        .map(|value| format!("{value:.3}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn counts(classes: &Classes) -> String {
    let counts = classes
        .counts
        .iter()
        .enumerate()
        .map(|(class, count)| format!("{class}: {count}"));
    counts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::{NearestNeighbors, Origin, PrecisionRecall};

    fn figures(fid: &[f64], accuracy: Option<f64>) -> QualityMetrics {
        QualityMetrics {
            fid_test: fid.to_vec(),
            fid_train: fid.iter().map(|fid| fid / 2.0).collect(),
            precision_recall: PrecisionRecall {
                precision: 0.75,
                recall: 0.5,
            },
            classes: Classes {
                counts: vec![20; 10],
                divergence: Some(0.0),
                accuracy,
            },
            nearest_neighbors: NearestNeighbors {
                median: 4.0,
                first_percentile: 1.0,
            },
        }
    }

    fn report(float: Option<QualityMetrics>) -> Report {
        Report {
            model: "digits".into(),
            model_crc32: 1,
            dataset: "mnist".into(),
            dataset_sha256: "ab".into(),
            feature_extractor: ExtractorInfo {
                origin: Origin::Classes,
                sha256: "0123456789abcdef".into(),
                test_accuracy: 0.9026,
            },
            protocol: Protocol {
                samples: 200,
                noise_seeds: 2,
            },
            int8: figures(&[2.0, 2.04], None),
            float,
            real: figures(&[1.25], Some(0.9939)),
            fid_floor: 1.25,
            fid_multiple: Some(1.616),
            walk: InterpolationSmoothness {
                change: 3.25,
                jump: 1.5,
            },
            verdict: Memorization::SomeCopies,
        }
    }

    /// Returns the cells of the row that begins with `name`.
    fn row(table: &str, name: &str) -> Vec<String> {
        let line = table.lines().find(|line| line.starts_with(name)).unwrap();
        line[NAMES..]
            .split_whitespace()
            .map(ToOwned::to_owned)
            .collect()
    }

    #[test]
    fn the_table_shows_means_and_the_difference_of_int8_and_float() {
        let table = report(Some(figures(&[2.0, 2.0], None))).to_string();
        assert_eq!(
            row(&table, "FID against the test set"),
            ["2.020", "2.000", "+1.00", "%", "1.250"]
        );
        assert_eq!(
            row(&table, "FID against the training set"),
            ["1.010", "1.000", "+1.00", "%", "0.625"]
        );
        assert_eq!(
            row(&table, "conditional accuracy"),
            ["-", "-", "-", "0.9939"]
        );
        assert_eq!(
            row(&table, "    divided by that of real images"),
            ["1.62", "1.60", "+1.00", "%", "1.00"]
        );
        let extractor = "feature extractor: trained on this dataset (SHA-256 01234567), 90.3 % accuracy on the test set";
        assert!(table.contains(extractor), "{table}");
        assert!(
            table.contains("FID of each noise seed: 2.000, 2.040"),
            "{table}"
        );
        assert!(table.contains("partial memorization"), "{table}");
    }

    #[test]
    fn without_a_float_network_there_is_no_column_for_it() {
        let table = report(None).to_string();
        assert_eq!(row(&table, "recall"), ["0.5000", "0.5000"]);
        assert!(
            !table.contains("float") && !table.contains("difference"),
            "{table}"
        );
    }

    #[test]
    fn reports_are_read_back_from_json() {
        let report = report(Some(figures(&[0.1 + 0.2], Some(1.0 / 3.0))));
        let json = serde_json::to_string(&report).unwrap();
        assert!(Report::is_json(json.as_bytes()));
        assert!(!Report::is_json(&json.as_bytes()[..json.len() - 1]));
        assert!(!Report::is_json(br#"{"model": "digits", "int8": 1}"#));
        assert!(!Report::is_json(b"[1]"));
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }
}
