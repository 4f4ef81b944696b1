//! Evaluation of the generator during training.

use std::fmt;

use anyhow::Result;
use burn::prelude::Device;
use serde::{Deserialize, Serialize};
use thumbgan_core::Model;

use crate::{
    data::Dataset,
    export::float_reference::FloatGenerator,
    export::int8::Int8Generator,
    gan::Losses,
    quality::feature_extractor::FeatureExtractor,
    quality::{Classes, Reference, TestSet},
};

/// Images per evaluation, always of the same seeds.
const DIGITS: u64 = 5_000;
/// Images for the evaluation of a finished model.
pub const EVALUATED: u64 = 10_000;
/// Share of its expected frequency below which a class counts as nearly vanished.
const VANISHED: f64 = 0.2;
/// Discriminator loss in nats below which the discriminator is saturated; chance level is 1.386.
const SATURATED: f32 = 0.05;
/// Minimum conditional accuracy without a warning.
const MIN_ACCURACY: f64 = 0.7;

/// Evaluator of generators during a run.
pub struct Evaluator {
    extractor: FeatureExtractor,
    test: TestSet,
    device: Device,
}

/// Result of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// FID of 5,000 float images against the test set.
    pub fid: f64,
    /// Class distribution.
    #[serde(flatten)]
    pub classes: Classes,
}

impl Evaluator {
    /// Creates an evaluator for a dataset.
    ///
    /// # Errors
    /// If the dataset does not contain digits, the only data that the feature extractor was trained for.
    pub fn new(dataset: &Dataset, device: &Device) -> Result<Self> {
        let extractor = FeatureExtractor::load(device)?;
        let test = Reference::light(&extractor, dataset)?;
        Ok(Self {
            extractor,
            test,
            device: device.clone(),
        })
    }

    /// Evaluates a generator.
    pub fn extract(&self, float: &FloatGenerator) -> Quality {
        let wanted: Vec<_> = (0..DIGITS).map(|seed| float.sample_request(seed)).collect();
        let meant: Option<Vec<u8>> = wanted.iter().map(|&(_, class)| class).collect();
        self.evaluate_images(
            &float.draw(wanted.into_iter(), &self.device),
            meant.as_deref(),
        )
    }

    /// Evaluates the first images of a model.
    ///
    /// # Errors
    /// Never for a parsed model; passed on for the message.
    pub fn evaluate_int8(&self, model: &Model<'_>) -> Result<Quality> {
        let mut int8 = Int8Generator::new(model);
        let meant: Option<Vec<u8>> = (0..EVALUATED).map(|seed| int8.class(seed)).collect();
        let grays: Vec<f32> = int8
            .pixels(0..EVALUATED)?
            .into_iter()
            .map(f32::from)
            .collect();
        Ok(self.evaluate_images(&grays, meant.as_deref()))
    }

    /// Evaluates images of 784 pixels, 0 to 255, with the requested classes.
    pub fn evaluate_images(&self, grays: &[f32], meant: Option<&[u8]>) -> Quality {
        let features = self.extractor.extract(grays);
        Quality {
            fid: self.test.fid(&features),
            classes: Classes::of(&features, meant),
        }
    }
}

impl Quality {
    /// Returns warnings about a run that goes wrong; empty if it goes well.
    pub fn warnings(&self, losses: Losses) -> Vec<String> {
        let mut warnings = Vec::new();
        let due = DIGITS as f64 / self.classes.counts.len() as f64;
        let rare: Vec<String> = (0..)
            .zip(self.classes.counts)
            .filter(|(_, count)| (*count as f64) < VANISHED * due)
            .map(|(class, _): (u8, _)| class.to_string())
            .collect();
        if !rare.is_empty() {
            warnings.push(format!(
                "the generator hardly generates {}: mode collapse onto the other classes",
                rare.join(", ")
            ));
        }
        if self
            .classes
            .accuracy
            .is_some_and(|accuracy| accuracy < MIN_ACCURACY)
        {
            let wrong = (1.0 - self.classes.accuracy.unwrap_or(1.0)) * 100.0;
            warnings.push(format!(
                "{wrong:.0} % of the images are not of the requested class"
            ));
        }
        if losses.discriminator < SATURATED {
            warnings.push(format!(
                "the discriminator is saturated (loss {:.3}): the generator gets no useful gradient",
                losses.discriminator
            ));
        }
        warnings
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FID {:.2}", self.fid)?;
        match self.classes.accuracy {
            Some(accuracy) => write!(f, ", conditional accuracy {:.1} %", accuracy * 100.0),
            None => write!(
                f,
                ", KL divergence of classes {:.2} nats",
                self.classes.divergence
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(counts: [u64; 10], accuracy: Option<f64>) -> Quality {
        Quality {
            fid: 5.0,
            classes: Classes {
                counts,
                divergence: 0.0,
                accuracy,
            },
        }
    }

    fn losses(discriminator: f32) -> Losses {
        Losses {
            discriminator,
            generator: 1.0,
        }
    }

    #[test]
    fn a_normal_run_has_no_warnings() {
        assert_eq!(
            quality([500; 10], Some(0.98)).warnings(losses(1.0)),
            [""; 0]
        );
        assert_eq!(quality([500; 10], None).warnings(losses(1.0)), [""; 0]);
    }

    #[test]
    fn divergence_and_collapse_are_reported() {
        let mut counts = [600; 10];
        (counts[2], counts[7]) = (10, 99);
        let warnings = quality(counts, Some(0.4)).warnings(losses(0.01)).join("\n");
        for words in [
            "hardly generates 2, 7:",
            "60 % of the images",
            "saturated (loss 0.010)",
        ] {
            assert!(warnings.contains(words), "{warnings}");
        }
    }
}
