//! Quality of a generator, measured on its images.
//!
//! In: images of a generator, and a dataset. Out: FID, precision and recall, class distribution, nearest
//! neighbors, smoothness.
//!
//! Protocol: images of all classes in equal shares (the class of each seed) are generated for several noise
//! seeds, which are disjoint ranges of latent seeds. Each gives an FID; precision, recall and nearest
//! neighbors are measured on the first.

mod cache;
pub mod card;
mod classes;
mod distances;
mod extractor_card;
mod extractors;
pub mod feature_extractor;
mod fid;
mod interpolation;
mod nearest_neighbors;
mod precision_recall;
mod reference;
mod report;

use std::ops::Range;

use crate::data::PIXELS;
use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use self::classes::Tally;
pub use self::{
    classes::Classes,
    extractor_card::{extractor_card, is_extractor_card},
    extractors::{ExtractorInfo, Origin},
    fid::Gaussian,
    interpolation::{INTERPOLATION_STEPS, InterpolationSmoothness},
    nearest_neighbors::{Memorization, NearestNeighbors, Training},
    precision_recall::PrecisionRecall,
    reference::{Reference, TestSet, check_size, check_test_set},
    report::{Report, fid_multiple},
};
use crate::{
    export::float_reference::sample_request,
    quality::feature_extractor::{FEATURES, FeatureExtractor, Features},
    text::count,
};

/// Images generated at a time.
const PART: u64 = 1_000;

/// Number of generated images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocol {
    /// Images per noise seed.
    pub samples: u64,
    /// Number of noise seeds; noise seed n has the latent seeds from n * samples on.
    pub noise_seeds: u64,
}

/// Quality metrics of a generator, or of real images in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityMetrics {
    /// FID against the test set for each noise seed.
    pub fid_test: Vec<f64>,
    /// FID against the training set for each noise seed.
    pub fid_train: Vec<f64>,
    /// Precision and recall against the test set.
    pub precision_recall: PrecisionRecall,
    /// Class distribution of all images.
    pub classes: Classes,
    /// Nearest neighbors in the training set.
    pub nearest_neighbors: NearestNeighbors,
}

/// Everything that an evaluation needs except for the generator.
pub struct Evaluation<'a> {
    /// Feature extractor.
    pub extractor: &'a FeatureExtractor,
    /// Metrics and features of real images.
    pub reference: &'a Reference,
    /// Training images.
    pub training: &'a Training,
    /// Number of images to generate.
    pub protocol: Protocol,
}

impl Evaluation<'_> {
    /// Measures a generator. `draw` returns the pixels, 0 to 255, of the images of a range of seeds, with the
    /// classes seed % `classes` (unconditional for 0 classes). The conditional accuracy is measured if the feature
    /// extractor knows as many classes. The bar counts images.
    ///
    /// # Errors
    /// If `draw` fails or returns a wrong number of pixels.
    pub fn measure(
        &self,
        classes: u8,
        mut draw: impl FnMut(Range<u64>) -> Result<Vec<f32>>,
        progress: &ProgressBar,
    ) -> Result<QualityMetrics> {
        let Protocol {
            samples,
            noise_seeds,
        } = self.protocol;
        let (mut fid_test, mut fid_train) = (Vec::new(), Vec::new());
        let (mut tally, mut first) = (Tally::new(self.extractor.classes()), None);
        let requested = if usize::from(classes) == self.extractor.classes() {
            classes
        } else {
            0
        };
        let mut features = Vec::with_capacity(samples as usize * FEATURES);
        for noise_seed in 0..noise_seeds {
            let start = noise_seed * samples;
            let (mut examined, every) = (Vec::new(), nearest_neighbors::interval(samples));
            features.clear();
            self.extract(start..start + samples, &mut draw, |part, drawn, found| {
                tally.add(&found, class_of_seeds(part.clone(), requested).as_deref());
                features.extend(found.features);
                let images = part.zip(drawn.chunks_exact(PIXELS));
                let chosen = images.filter(|(seed, _)| (seed - start).is_multiple_of(every));
                // Nearest neighbors are measured on the first noise seed.
                if noise_seed == 0 {
                    examined.extend(chosen.flat_map(|(_, image)| image));
                }
                progress.inc(drawn.len() as u64 / PIXELS as u64);
            })?;
            let gaussian = Gaussian::of(&features);
            fid_test.push(gaussian.distance(&self.reference.test.gaussian));
            fid_train.push(gaussian.distance(&self.reference.train));
            first.get_or_insert_with(|| {
                (
                    PrecisionRecall::of(&self.reference.test.features, &features),
                    self.training.nearest(&examined),
                )
            });
        }
        let (precision_recall, nearest_neighbors) =
            first.context("an evaluation needs a noise seed")?;
        Ok(QualityMetrics {
            fid_test,
            fid_train,
            precision_recall,
            classes: tally.classes(),
            nearest_neighbors,
        })
    }

    /// Generates the images of `seeds` in parts and calls `see` with the seeds, the pixels and the features of each.
    fn extract(
        &self,
        seeds: Range<u64>,
        draw: &mut impl FnMut(Range<u64>) -> Result<Vec<f32>>,
        mut see: impl FnMut(Range<u64>, &[f32], Features),
    ) -> Result<()> {
        for start in seeds.clone().step_by(PART as usize) {
            let part = start..seeds.end.min(start + PART);
            let images = part.end - part.start;
            let drawn = draw(part.clone())?;
            let pixels = drawn.len();
            ensure!(
                pixels as u64 == images * PIXELS as u64,
                "{pixels} pixels generated for {}",
                count(images as usize, "image")
            );
            let features = self.extractor.extract(&drawn);
            see(part, &drawn, features);
        }
        Ok(())
    }
}

/// Returns the classes of seeds; `None` for an unconditional generator.
fn class_of_seeds(seeds: Range<u64>, classes: u8) -> Option<Vec<u8>> {
    seeds.map(|seed| sample_request(seed, classes).1).collect()
}

/// Subset of the procedural digits: 600 training and 300 test images.
#[cfg(test)]
pub(crate) static DIGITS: std::sync::LazyLock<crate::data::Dataset> =
    std::sync::LazyLock::new(|| {
        use crate::data::{self, DatasetKind, Request};
        let mut dataset = data::load(&Request::plain(DatasetKind::Procedural, None)).unwrap();
        for (images, count) in [(&mut dataset.train, 600), (&mut dataset.test, 300)] {
            images.pixels.truncate(count * PIXELS);
            images.labels.truncate(count);
        }
        dataset
    });

#[cfg(test)]
mod tests {
    use burn::prelude::Device;

    use super::*;

    const PROTOCOL: Protocol = Protocol {
        samples: 200,
        noise_seeds: 2,
    };

    /// Evaluates a generator that returns training image `image(seed)` for each seed.
    fn evaluate(classes: u8, image: impl Fn(u64) -> usize) -> (QualityMetrics, Reference) {
        let extractor = FeatureExtractor::load(&Device::flex()).unwrap();
        let reference = Reference::measure(&extractor, &DIGITS).unwrap();
        let training = Training::new(&DIGITS.train);
        let evaluation = Evaluation {
            extractor: &extractor,
            reference: &reference,
            training: &training,
            protocol: PROTOCOL,
        };
        let draw = |seeds: Range<u64>| {
            let grays = seeds.flat_map(|seed| DIGITS.train.image(image(seed)));
            Ok(grays.map(|&gray| gray.into()).collect())
        };
        let bar = ProgressBar::hidden();
        let figures = evaluation.measure(classes, draw, &bar).unwrap();
        assert_eq!(bar.position(), 400);
        (figures, reference)
    }

    #[test]
    fn a_generator_as_good_as_the_data_has_the_figures_of_real_images() {
        // The images of each class are used in turn.
        let mut of_class: [Vec<usize>; 10] = Default::default();
        for (index, &label) in DIGITS.train.labels.iter().enumerate() {
            of_class[usize::from(label)].push(index);
        }
        let (found, reference) = evaluate(10, |seed| {
            let images = &of_class[seed as usize % 10];
            images[seed as usize / 10 % images.len()]
        });
        assert_eq!((found.fid_test.len(), found.fid_train.len()), (2, 2));
        let (fid, floor) = (found.fid_test[0], reference.real.fid_test[0]);
        assert!(fid < 2.0 * floor, "{fid}, the floor is {floor}");
        let apart = (found.fid_test[1] - fid).abs();
        assert!(apart > 1e-6, "noise seeds are different seeds");
        assert!(
            found.precision_recall.precision > 0.8 && found.precision_recall.recall > 0.8,
            "{:?}",
            found.precision_recall
        );
        assert!(found.classes.accuracy.unwrap() > 0.97 && found.classes.divergence.unwrap() < 0.01);
        assert_eq!(found.classes.counts.iter().sum::<u64>(), 400);
        assert_eq!(
            Memorization::of(&found.nearest_neighbors, &reference.real.nearest_neighbors),
            Memorization::Memorized
        );
    }

    #[test]
    fn a_collapsed_generator_has_low_recall() {
        let (found, reference) = evaluate(0, |_| 17);
        assert!(
            found.fid_test[0] > 20.0 * reference.real.fid_test[0],
            "{:?}",
            found.fid_test
        );
        assert!(
            found.precision_recall.recall < 0.05,
            "{:?}",
            found.precision_recall
        );
        assert!(
            found.classes.divergence.unwrap() > 2.3,
            "{:?}",
            found.classes
        );
        assert_eq!(found.classes.accuracy, None);
    }

    #[test]
    fn too_few_generated_images_are_an_error() {
        let extractor = FeatureExtractor::load(&Device::flex()).unwrap();
        let reference = Reference::measure(&extractor, &DIGITS).unwrap();
        let training = Training::new(&DIGITS.train);
        let evaluation = Evaluation {
            extractor: &extractor,
            reference: &reference,
            training: &training,
            protocol: PROTOCOL,
        };
        let short = |_| Ok(vec![0.0; PIXELS]);
        let error = evaluation
            .measure(0, short, &ProgressBar::hidden())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("784 pixels generated for 200 images"),
            "{error}"
        );
    }

    #[test]
    fn during_training_the_test_set_alone_gives_the_same_distance() {
        let extractor = FeatureExtractor::load(&Device::flex()).unwrap();
        let reference = Reference::measure(&extractor, &DIGITS).unwrap();
        let light = Reference::light(&extractor, &DIGITS).unwrap();
        assert_eq!(light, reference.test);
        let first = extractor.extract(&DIGITS.train.grays()[..300 * PIXELS]);
        let (found, expected) = (light.fid(&first), reference.real.fid_test[0]);
        assert!(
            (found - expected).abs() < 1e-3 * expected,
            "{found}, expected {expected}"
        );
    }
}
