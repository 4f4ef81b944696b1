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
    quality::{Classes, ExtractorInfo, Reference, TestSet, check_test_set, fid_multiple},
};

/// Images per evaluation, always of the same seeds.
const SAMPLES: u64 = 5_000;
/// Images for the evaluation of a finished model.
pub const EVALUATED: u64 = 10_000;
/// Share of its frequency in the test set below which a class counts as nearly vanished.
const VANISHED: f64 = 0.2;
/// Discriminator loss in nats below which the discriminator is saturated; chance level is 1.386.
const SATURATED: f32 = 0.05;
/// Minimum conditional accuracy without a warning, as a share of the accuracy on the test set.
const MIN_ACCURACY: f64 = 0.7;

/// Evaluator of generators during a run.
pub struct Evaluator {
    extractor: FeatureExtractor,
    test: TestSet,
    device: Device,
}

/// Result of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// FID of 5,000 float images against the test set.
    pub fid: f64,
    /// Class distribution.
    #[serde(flatten)]
    pub classes: Classes,
}

/// Quality of the images of a finished model.
#[derive(Clone, Debug, PartialEq)]
pub struct FinalQuality {
    /// Quality of the int8 images.
    pub int8: Quality,
    /// FID of real images in place of the generated ones; `None` if there are too few training images.
    pub floor: Option<f64>,
    /// Feature extractor.
    pub extractor: ExtractorInfo,
}

impl Evaluator {
    /// Creates an evaluator for a dataset. Unless its feature extractor is built in or in the user's cache, it is
    /// trained.
    ///
    /// # Errors
    /// If the test set is too small.
    pub fn new(dataset: &Dataset, device: &Device) -> Result<Self> {
        check_test_set(dataset)?;
        let extractor = FeatureExtractor::for_dataset(dataset, device)?;
        let test = Reference::light(&extractor, dataset)?;
        Ok(Self {
            extractor,
            test,
            device: device.clone(),
        })
    }

    /// Evaluates a generator.
    pub fn extract(&self, float: &FloatGenerator) -> Quality {
        let wanted: Vec<_> = (0..SAMPLES)
            .map(|seed| float.sample_request(seed))
            .collect();
        let meant: Option<Vec<u8>> = wanted.iter().map(|&(_, class)| class).collect();
        self.evaluate_images(
            &float.draw(wanted.into_iter(), &self.device),
            meant.as_deref(),
        )
    }

    /// Evaluates the first images of a model for the dataset of this evaluator.
    ///
    /// # Errors
    /// Never for a parsed model; passed on for the message.
    pub fn evaluate_int8(&self, model: &Model<'_>, dataset: &Dataset) -> Result<FinalQuality> {
        let mut int8 = Int8Generator::new(model);
        let meant: Option<Vec<u8>> = (0..EVALUATED).map(|seed| int8.class(seed)).collect();
        let grays: Vec<f32> = int8
            .pixels(0..EVALUATED)?
            .into_iter()
            .map(f32::from)
            .collect();
        Ok(FinalQuality {
            int8: self.evaluate_images(&grays, meant.as_deref()),
            floor: Reference::floor(&self.extractor, dataset, &self.test).ok(),
            extractor: self.extractor.info(self.test.accuracy),
        })
    }

    /// Evaluates images of 784 pixels, 0 to 255, with the requested classes.
    pub fn evaluate_images(&self, grays: &[f32], meant: Option<&[u8]>) -> Quality {
        let features = self.extractor.extract(grays);
        Quality {
            fid: self.test.fid(&features),
            classes: Classes::of(&features, self.extractor.classes(), meant),
        }
    }

    /// Returns warnings about a run that goes wrong; empty if it goes well.
    pub fn warnings(&self, quality: &Quality, losses: Losses) -> Vec<String> {
        quality.warnings(&self.test.classes, losses)
    }
}

impl Quality {
    /// Returns warnings in comparison with the class distribution of real images.
    fn warnings(&self, real: &Classes, losses: Losses) -> Vec<String> {
        let mut warnings = Vec::new();
        let share = |classes: &Classes, class: usize| {
            classes.counts[class] as f64 / classes.counts.iter().sum::<u64>() as f64
        };
        let rare: Vec<String> = (0..self.classes.counts.len())
            .filter(|&class| share(&self.classes, class) < VANISHED * share(real, class))
            .map(|class| class.to_string())
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
            .is_some_and(|accuracy| accuracy < MIN_ACCURACY * real.accuracy.unwrap_or(1.0))
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

impl Quality {
    /// Writes the class metrics, with a comma before them, unless the classes are unknown.
    fn write_classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Classes {
            accuracy,
            divergence,
            ..
        } = self.classes;
        match (accuracy, divergence) {
            (Some(accuracy), _) => {
                write!(f, ", conditional accuracy {:.1} %", accuracy * 100.0)
            }
            (None, Some(divergence)) => {
                write!(f, ", KL divergence of classes {divergence:.2} nats")
            }
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FID {:.2}", self.fid)?;
        self.write_classes(f)
    }
}

impl fmt::Display for FinalQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fid = self.int8.fid;
        write!(f, "FID {fid:.2}")?;
        if let Some(floor) = self.floor
            && let Some(multiple) = fid_multiple(fid, floor)
        {
            write!(f, " ({multiple:.2} times the {floor:.2} of real images)")?;
        }
        self.int8.write_classes(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Origin;

    fn quality(counts: [u64; 10], accuracy: Option<f64>) -> Quality {
        Quality {
            fid: 5.0,
            classes: Classes {
                counts: counts.to_vec(),
                divergence: Some(0.0),
                accuracy,
            },
        }
    }

    /// Returns the classes of a test set.
    fn real(counts: [u64; 10], accuracy: f64) -> Classes {
        quality(counts, Some(accuracy)).classes
    }

    fn losses(discriminator: f32) -> Losses {
        Losses {
            discriminator,
            generator: 1.0,
        }
    }

    #[test]
    fn a_normal_run_has_no_warnings() {
        let real = real([100; 10], 0.99);
        for accuracy in [Some(0.98), None] {
            let found = quality([500; 10], accuracy).warnings(&real, losses(1.0));
            assert_eq!(found, [""; 0]);
        }
    }

    #[test]
    fn divergence_and_collapse_are_reported() {
        let mut counts = [600; 10];
        (counts[2], counts[7]) = (10, 90);
        let found = quality(counts, Some(0.4)).warnings(&real([100; 10], 0.99), losses(0.01));
        let warnings = found.join("\n");
        for words in [
            "hardly generates 2, 7:",
            "60 % of the images",
            "saturated (loss 0.010)",
        ] {
            assert!(warnings.contains(words), "{warnings}");
        }
    }

    #[test]
    fn rare_and_difficult_classes_of_the_dataset_are_no_fault_of_the_generator() {
        let mut counts = [500; 10];
        (counts[2], counts[7]) = (10, 0);
        let found = quality(counts, Some(0.45)).warnings(&real(counts, 0.6), losses(1.0));
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn the_final_quality_is_compared_with_real_images() {
        let shown = |floor| {
            FinalQuality {
                int8: quality([500; 10], Some(0.98)),
                floor,
                extractor: ExtractorInfo {
                    origin: Origin::Classes,
                    sha256: String::new(),
                    test_accuracy: 0.9,
                },
            }
            .to_string()
        };
        assert_eq!(
            shown(Some(2.0)),
            "FID 5.00 (2.50 times the 2.00 of real images), conditional accuracy 98.0 %"
        );
        assert_eq!(shown(None), "FID 5.00, conditional accuracy 98.0 %");
    }
}
