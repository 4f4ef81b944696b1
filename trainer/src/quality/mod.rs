//! How good a generator's digits are, by the pixels that it draws.
//!
//! The protocol: digits of equal shares of classes (class = seed % classes) are drawn for several noise
//! seeds, which are disjoint ranges of latent seeds. Each gives a Fréchet distance; precision, recall and
//! nearest neighbours are measured on the first.

mod classes;
mod distances;
pub mod feature_extractor;
mod fid;
pub mod interpolation;
mod nearest_neighbors;
mod precision_recall;
mod reference;
mod report;

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use thumbgan_core::PIXELS;

pub use self::{
    classes::Classes,
    fid::Gaussian,
    nearest_neighbors::{Neighbours, Training, Verdict},
    precision_recall::Manifold,
    reference::{Reference, TestSet},
    report::Report,
};
use crate::quality::feature_extractor::{Judge, Seen};

/// Digits drawn at once.
const PART: u64 = 1_000;

/// How many digits are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocol {
    /// Digits of one noise seed.
    pub samples: u64,
    /// Noise seeds: noise seed n has the latent seeds from n * samples.
    pub noise_seeds: u64,
}

/// Figures of quality of one generator, or of real images in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Fréchet distance to the test set, for each noise seed.
    pub fid_test: Vec<f64>,
    /// Fréchet distance to the training set, for each noise seed.
    pub fid_train: Vec<f64>,
    /// Against the test set.
    pub manifold: Manifold,
    /// Of all digits.
    pub classes: Classes,
    /// Against the training set.
    pub neighbours: Neighbours,
}

/// What is needed to evaluate generators.
pub struct Evaluation<'a> {
    /// Who judges.
    pub judge: &'a Judge,
    /// What real images look like to it.
    pub reference: &'a Reference,
    /// The images that generators learn from.
    pub training: &'a Training,
    /// How many digits are drawn.
    pub protocol: Protocol,
}

impl Evaluation<'_> {
    /// Figures of the generator that `draw` asks for the digits of a range of seeds: 784 greys from 0 to 255
    /// each, one after the other, of class seed % `classes`, or of any for 0 classes. The bar counts digits.
    ///
    /// # Errors
    /// Those of `draw`, and when it gives too few or too many pixels.
    pub fn measure(
        &self,
        classes: u8,
        mut draw: impl FnMut(Range<u64>) -> Result<Vec<f32>>,
        progress: &ProgressBar,
    ) -> Result<Figures> {
        let Protocol {
            samples,
            noise_seeds,
        } = self.protocol;
        let (mut fid_test, mut fid_train) = (Vec::new(), Vec::new());
        let (mut all, mut first) = (Seen::default(), None);
        for noise_seed in 0..noise_seeds {
            let start = noise_seed * samples;
            let (seen, greys) = self.look(start..start + samples, &mut draw, progress)?;
            let gaussian = Gaussian::of(&seen.features);
            fid_test.push(gaussian.distance(&self.reference.test.gaussian));
            fid_train.push(gaussian.distance(&self.reference.train));
            all.classes.extend(&seen.classes);
            first.get_or_insert((seen, greys));
        }
        let (seen, greys) = first.context("an evaluation needs a noise seed")?;
        let meant = (0..noise_seeds * samples).map(|seed| (seed % u64::from(classes)) as u8);
        let meant = (classes > 0).then(|| meant.collect::<Vec<_>>());
        Ok(Figures {
            fid_test,
            fid_train,
            manifold: Manifold::of(&self.reference.test.features, &seen.features),
            classes: Classes::of(&all, meant.as_deref()),
            neighbours: self.training.nearest(&greys),
        })
    }

    /// Draws the digits of `seeds` part by part and looks at them.
    fn look(
        &self,
        seeds: Range<u64>,
        draw: &mut impl FnMut(Range<u64>) -> Result<Vec<f32>>,
        progress: &ProgressBar,
    ) -> Result<(Seen, Vec<f32>)> {
        let (mut seen, mut greys) = (Seen::default(), Vec::new());
        for start in seeds.clone().step_by(PART as usize) {
            let part = start..seeds.end.min(start + PART);
            let count = part.end - part.start;
            let drawn = draw(part)?;
            let pixels = drawn.len();
            ensure!(
                pixels as u64 == count * PIXELS as u64,
                "{pixels} pixels drawn for {count} digits"
            );
            seen.append(self.judge.look(&drawn));
            greys.extend(drawn);
            progress.inc(count);
        }
        Ok((seen, greys))
    }
}

/// A small part of the built-in digits: 600 to learn from and 300 to judge by.
#[cfg(test)]
pub(crate) static DIGITS: std::sync::LazyLock<crate::data::Dataset> =
    std::sync::LazyLock::new(|| {
        use crate::data::{self, Choice, Request};
        let mut dataset = data::load(&Request::plain(Choice::Procedural, None)).unwrap();
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

    /// Evaluates a generator that draws training image `image(seed)` for each seed.
    fn evaluate(classes: u8, image: impl Fn(u64) -> usize) -> (Figures, Reference) {
        let judge = Judge::load(&Device::flex()).unwrap();
        let reference = Reference::measure(&judge, &DIGITS).unwrap();
        let training = Training::new(&DIGITS.train);
        let evaluation = Evaluation {
            judge: &judge,
            reference: &reference,
            training: &training,
            protocol: PROTOCOL,
        };
        let draw = |seeds: Range<u64>| {
            let greys = seeds.flat_map(|seed| DIGITS.train.image(image(seed)));
            Ok(greys.map(|&grey| grey.into()).collect())
        };
        let bar = ProgressBar::hidden();
        let figures = evaluation.measure(classes, draw, &bar).unwrap();
        assert_eq!(bar.position(), 400);
        (figures, reference)
    }

    #[test]
    fn a_generator_as_good_as_the_data_has_the_figures_of_real_images() {
        // The images of each class take turns, as the classes do.
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
            found.manifold.precision > 0.8 && found.manifold.recall > 0.8,
            "{:?}",
            found.manifold
        );
        assert!(found.classes.accuracy.unwrap() > 0.97 && found.classes.divergence < 0.01);
        assert_eq!(found.classes.counts.iter().sum::<u64>(), 400);
        assert_eq!(
            Verdict::of(&found.neighbours, &reference.real.neighbours),
            Verdict::Memorised
        );
    }

    #[test]
    fn a_collapsed_generator_is_exposed() {
        let (found, reference) = evaluate(0, |_| 17);
        assert!(
            found.fid_test[0] > 20.0 * reference.real.fid_test[0],
            "{:?}",
            found.fid_test
        );
        assert!(found.manifold.recall < 0.05, "{:?}", found.manifold);
        assert!(found.classes.divergence > 2.3, "{:?}", found.classes);
        assert_eq!(found.classes.accuracy, None);
    }

    #[test]
    fn a_generator_that_draws_too_little_is_an_error() {
        let judge = Judge::load(&Device::flex()).unwrap();
        let reference = Reference::measure(&judge, &DIGITS).unwrap();
        let training = Training::new(&DIGITS.train);
        let evaluation = Evaluation {
            judge: &judge,
            reference: &reference,
            training: &training,
            protocol: PROTOCOL,
        };
        let short = |_| Ok(vec![0.0; PIXELS]);
        let error = evaluation
            .measure(0, short, &ProgressBar::hidden())
            .unwrap_err()
            .to_string();
        assert!(error.contains("784 pixels drawn for 200 digits"), "{error}");
    }

    #[test]
    fn during_training_the_test_set_alone_gives_the_same_distance() {
        let judge = Judge::load(&Device::flex()).unwrap();
        let reference = Reference::measure(&judge, &DIGITS).unwrap();
        let light = Reference::light(&judge, &DIGITS).unwrap();
        assert_eq!(light, reference.test);
        let first = judge.look(&DIGITS.train.greys()[..300 * PIXELS]);
        let (found, expected) = (light.fid(&first), reference.real.fid_test[0]);
        assert!(
            (found - expected).abs() < 1e-3 * expected,
            "{found}, expected {expected}"
        );
    }
}
