//! Metrics and features of real images, with which generators are compared.

use std::path::Path;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Classes, Gaussian, PrecisionRecall, QualityMetrics, Training, cache};
use crate::{
    data::{Dataset, PIXELS, Split},
    files::hex,
    quality::feature_extractor::{FEATURES, FeatureExtractor, Features},
    text::count,
};

/// Version of the cache file's contents; files of other versions are ignored.
const VERSION: u8 = 2;
/// Minimum number of test images: below it, the covariance of their features cannot have full rank.
const FEWEST_TEST: usize = FEATURES + 1;
/// Minimum number of training images, of which two halves are compared.
const FEWEST_TRAIN: usize = 2 * FEWEST_TEST;

/// Features of a test set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestSet {
    /// Features [N, 128].
    pub features: Vec<f32>,
    /// Mean and covariance of the features.
    pub gaussian: Gaussian,
    /// Class distribution.
    pub classes: Classes,
    /// Accuracy of the feature extractor, 0 to 1: of the classes, or of the rotations.
    pub accuracy: f64,
}

/// Metrics and features of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Test set.
    pub test: TestSet,
    /// Mean and covariance of the features of the training set.
    pub train: Gaussian,
    /// Quality metrics of real images in place of generated ones, the limit for generators.
    ///
    /// The first training images, as many as there are test images (at most half of them), are compared with
    /// the test set and with as many following training images. Class distribution and nearest neighbors are
    /// those of the test set.
    pub real: QualityMetrics,
}

impl TestSet {
    /// Returns the FID of generated images against this test set.
    pub fn fid(&self, features: &Features) -> f64 {
        Gaussian::of(&features.features).distance(&self.gaussian)
    }

    fn measure(extractor: &FeatureExtractor, images: &Split) -> Self {
        let features = extractor.extract_split(images);
        let classes = Classes::of(&features, extractor.classes(), Some(&images.labels));
        Self {
            gaussian: Gaussian::of(&features.features),
            // Classes that the feature extractor does not know have no accuracy; that of rotations takes its place.
            accuracy: classes
                .accuracy
                .unwrap_or_else(|| extractor.accuracy(images)),
            classes,
            features: features.features,
        }
    }
}

/// Checks that a test set is large enough for an evaluation.
///
/// # Errors
/// If it has too few images.
pub fn check_test_set(dataset: &Dataset) -> Result<()> {
    let images = dataset.test.len();
    ensure!(
        images >= FEWEST_TEST,
        "the test set has {}; the evaluation needs at least {FEWEST_TEST}, one more than there are features",
        count(images, "image")
    );
    Ok(())
}

/// Checks that a dataset is large enough for a complete evaluation.
///
/// # Errors
/// If it has too few images.
pub fn check_size(dataset: &Dataset) -> Result<()> {
    check_test_set(dataset)?;
    let images = dataset.train.len();
    ensure!(
        images >= FEWEST_TRAIN,
        "the training set has {}; the evaluation needs at least {FEWEST_TRAIN}, twice as many as test images",
        count(images, "image")
    );
    Ok(())
}

impl Reference {
    /// Loads the reference of a dataset from the user's cache, or measures it, which takes about a minute for
    /// MNIST, and writes it to the cache.
    ///
    /// # Errors
    /// If there are too few images.
    pub fn new(extractor: &FeatureExtractor, dataset: &Dataset) -> Result<Self> {
        match cache::folder("reference") {
            Some(folder) => Self::cached(&folder, extractor, dataset),
            None => Self::measure(extractor, dataset),
        }
    }

    /// Computes only the part that [`TestSet::fid`] needs.
    ///
    /// # Errors
    /// If there are too few test images.
    pub fn light(extractor: &FeatureExtractor, dataset: &Dataset) -> Result<TestSet> {
        check_test_set(dataset)?;
        Ok(TestSet::measure(extractor, &dataset.test))
    }

    /// Computes the FID of real images, the floor for generators: that of the first training images, as in
    /// [`Self::real`], against the test set.
    ///
    /// # Errors
    /// If there are too few images.
    pub fn floor(extractor: &FeatureExtractor, dataset: &Dataset, test: &TestSet) -> Result<f64> {
        check_size(dataset)?;
        let images = compared(dataset);
        let grays = &dataset.train.pixels[..images * PIXELS];
        let grays: Vec<f32> = grays.iter().map(|&gray| gray.into()).collect();
        Ok(test.fid(&extractor.extract(&grays)))
    }

    fn cached(folder: &Path, extractor: &FeatureExtractor, dataset: &Dataset) -> Result<Self> {
        let path = folder.join(format!("{}.bin", key(extractor, dataset)));
        let found = cache::read(&path).and_then(|bytes| postcard::from_bytes(&bytes).ok());
        if let Some(reference) = found {
            return Ok(reference);
        }
        errln!(
            "computing features of all real images of {}; the result is cached",
            dataset.name
        );
        let reference = Self::measure(extractor, dataset)?;
        cache::write(&path, &postcard::to_stdvec(&reference)?);
        Ok(reference)
    }

    pub(super) fn measure(extractor: &FeatureExtractor, dataset: &Dataset) -> Result<Self> {
        check_size(dataset)?;
        let test = TestSet::measure(extractor, &dataset.test);
        let train = &dataset.train;
        let features = extractor.extract_split(train).features;
        let length = compared(dataset) * FEATURES;
        let [first, second] = [&features[..length], &features[length..2 * length]];
        let gaussian = Gaussian::of(first);
        let real = QualityMetrics {
            fid_test: vec![gaussian.distance(&test.gaussian)],
            fid_train: vec![gaussian.distance(&Gaussian::of(second))],
            precision_recall: PrecisionRecall::of(&test.features, first),
            classes: test.classes.clone(),
            nearest_neighbors: Training::new(train).nearest(&dataset.test.grays()),
        };
        Ok(Self {
            test,
            train: Gaussian::of(&features),
            real,
        })
    }
}

/// Returns the number of training images that take the place of generated ones.
fn compared(dataset: &Dataset) -> usize {
    dataset.test.len().min(dataset.train.len() / 2)
}

/// Returns the name of the cache file.
fn key(extractor: &FeatureExtractor, dataset: &Dataset) -> String {
    let mut hasher = Sha256::new_with_prefix([VERSION]);
    hasher.update(extractor.sha256());
    for part in [
        &dataset.train.pixels,
        &dataset.test.pixels,
        &dataset.test.labels,
    ] {
        hasher.update(Sha256::digest(part));
    }
    hex(&hasher.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use burn::prelude::Device;

    use super::*;
    use crate::quality::DIGITS;

    #[test]
    fn a_reference_comes_from_the_cache_and_anew_when_that_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let (extractor, dataset) = (FeatureExtractor::load(&Device::flex()).unwrap(), &*DIGITS);
        let place = folder.path().join("reference");
        let measured = Reference::cached(&place, &extractor, dataset).unwrap();
        let file = fs::read_dir(&place)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        // A different reference in the cache shows where the next one is read from.
        let mut other = measured.clone();
        other.real.fid_test = vec![123.0];
        cache::write(&file, &postcard::to_stdvec(&other).unwrap());
        assert_eq!(
            Reference::cached(&place, &extractor, dataset).unwrap(),
            other
        );
        let mut bytes = fs::read(&file).unwrap();
        bytes[1_000] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert_eq!(
            Reference::cached(&place, &extractor, dataset).unwrap(),
            measured
        );
        assert_eq!(
            cache::read(&file).unwrap(),
            postcard::to_stdvec(&measured).unwrap(),
            "and is mended"
        );
    }

    #[test]
    fn too_few_images_are_an_error() {
        let extractor = FeatureExtractor::load(&Device::flex()).unwrap();
        let cut = |train: usize, test: usize| {
            let mut dataset = DIGITS.clone();
            for (images, count) in [(&mut dataset.train, train), (&mut dataset.test, test)] {
                images.pixels.truncate(count * PIXELS);
                images.labels.truncate(count);
            }
            dataset
        };
        let error = |dataset: &Dataset| {
            let error = Reference::measure(&extractor, dataset).unwrap_err();
            error.to_string()
        };
        let few = error(&cut(600, 128));
        assert!(
            few.contains("the test set has 128 images; the evaluation needs at least 129"),
            "{few}"
        );
        let few = error(&cut(257, 129));
        assert!(few.contains("the training set has 257 images;"), "{few}");
        let smallest = cut(258, 129);
        let reference = Reference::measure(&extractor, &smallest).unwrap();
        let floor = Reference::floor(&extractor, &smallest, &reference.test).unwrap();
        assert!(
            (floor - reference.real.fid_test[0]).abs() < 1e-6 * floor,
            "{floor} and {:?}",
            reference.real.fid_test
        );
    }
}
