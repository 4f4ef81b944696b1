//! Metrics and features of real images, with which generators are compared.

use std::{fs, path::Path};

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Classes, Gaussian, PrecisionRecall, QualityMetrics, Training};
use crate::{
    data::{Dataset, Split},
    files::{create_parent, hex, write_whole},
    quality::feature_extractor::{CLASSES, FEATURES, FeatureExtractor, Features},
    text::count,
};

/// Version of the cache file's contents; files of other versions are ignored.
const VERSION: u8 = 1;
/// Minimum number of images in either set.
const FEWEST: usize = 200;
/// Minimum accuracy of the feature extractor on the test set; below it the images are not digits.
const RECOGNISED: f64 = 0.9;

/// Features of a test set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestSet {
    /// Features [N, 128].
    pub features: Vec<f32>,
    /// Mean and covariance of the features.
    pub gaussian: Gaussian,
    /// Class distribution.
    pub classes: Classes,
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

    fn measure(extractor: &FeatureExtractor, images: &Split) -> Result<Self> {
        ensure!(
            images.len() >= FEWEST
                && (0..CLASSES as u8).all(|class| images.labels.contains(&class)),
            "the test set has {} of {}; the evaluation needs at least {FEWEST} images of all ten digits",
            count(images.len(), "image"),
            count(
                (0..=u8::MAX)
                    .filter(|class| images.labels.contains(class))
                    .count(),
                "class"
            )
        );
        let features = extractor.extract_split(images);
        let classes = Classes::of(&features, Some(&images.labels));
        let recognised = features.accuracy(&images.labels);
        ensure!(
            recognised >= RECOGNISED,
            "the feature extractor knows digits only: its accuracy on this test set is {:.0} %, so these are not \
             digits, and the quality cannot be evaluated",
            recognised * 100.0
        );
        Ok(Self {
            gaussian: Gaussian::of(&features.features),
            features: features.features,
            classes,
        })
    }
}

impl Reference {
    /// Loads the reference of a dataset from the user's cache, or measures it, which takes about a minute for
    /// MNIST, and writes it to the cache.
    ///
    /// # Errors
    /// If the images are not digits or too few.
    pub fn new(extractor: &FeatureExtractor, dataset: &Dataset) -> Result<Self> {
        match dirs::cache_dir() {
            Some(cache) => Self::cached(
                &cache.join("thumbgan").join("reference"),
                extractor,
                dataset,
            ),
            None => Self::measure(extractor, dataset),
        }
    }

    /// Computes only the part that [`TestSet::fid`] needs.
    ///
    /// # Errors
    /// If the images are not digits or too few.
    pub fn light(extractor: &FeatureExtractor, dataset: &Dataset) -> Result<TestSet> {
        TestSet::measure(extractor, &dataset.test)
    }

    fn cached(folder: &Path, extractor: &FeatureExtractor, dataset: &Dataset) -> Result<Self> {
        let path = folder.join(format!("{}.bin", key(extractor, dataset)));
        if let Some(reference) = fs::read(&path).ok().and_then(|bytes| open(&bytes)) {
            return Ok(reference);
        }
        errln!(
            "computing features of all real images of {}; the result is cached",
            dataset.name
        );
        let reference = Self::measure(extractor, dataset)?;
        let keep = || {
            create_parent(&path)?;
            write_whole(&path, &seal(&reference)?)
        };
        // Without a cache file it is measured again next time.
        keep().unwrap_or_else(|error| errln!("warning: {error:#}"));
        Ok(reference)
    }

    pub(super) fn measure(extractor: &FeatureExtractor, dataset: &Dataset) -> Result<Self> {
        let test = TestSet::measure(extractor, &dataset.test)?;
        let train = &dataset.train;
        ensure!(
            train.len() >= FEWEST,
            "the training set has {}; the evaluation needs at least {FEWEST}",
            count(train.len(), "image")
        );
        let features = extractor.extract_split(train).features;
        let length = dataset.test.len().min(train.len() / 2) * FEATURES;
        let [first, second] = [&features[..length], &features[length..2 * length]];
        let gaussian = Gaussian::of(first);
        let real = QualityMetrics {
            fid_test: vec![gaussian.distance(&test.gaussian)],
            fid_train: vec![gaussian.distance(&Gaussian::of(second))],
            precision_recall: PrecisionRecall::of(&test.features, first),
            classes: test.classes,
            nearest_neighbors: Training::new(train).nearest(&dataset.test.grays()),
        };
        Ok(Self {
            test,
            train: Gaussian::of(&features),
            real,
        })
    }
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

/// Returns the contents of a cache file: the SHA-256 of the rest, then the reference.
fn seal(reference: &Reference) -> Result<Vec<u8>> {
    let body = postcard::to_stdvec(reference)?;
    Ok([&Sha256::digest(&body)[..], &body].concat())
}

/// Decodes a cache file; `None` if it is damaged.
fn open(bytes: &[u8]) -> Option<Reference> {
    let (hash, body) = bytes.split_at_checked(32)?;
    (Sha256::digest(body)[..] == *hash).then(|| postcard::from_bytes(body).ok())?
}

#[cfg(test)]
mod tests {
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
        fs::write(&file, seal(&other).unwrap()).unwrap();
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
            fs::read(&file).unwrap(),
            seal(&measured).unwrap(),
            "and is mended"
        );
    }

    #[test]
    fn datasets_other_than_digits_are_errors() {
        let extractor = FeatureExtractor::load(&Device::flex()).unwrap();
        let refused = |change: &dyn Fn(&mut Split)| {
            let mut dataset = DIGITS.clone();
            change(&mut dataset.test);
            Reference::light(&extractor, &dataset)
                .unwrap_err()
                .to_string()
        };
        let upside_down =
            refused(&|test| test.pixels.chunks_exact_mut(784).for_each(<[u8]>::reverse));
        assert!(upside_down.contains("knows digits only"), "{upside_down}");
        let letters = refused(&|test| test.labels.iter_mut().for_each(|label| *label += 26));
        assert!(letters.contains("300 images of 10 classes"), "{letters}");
        let few = refused(&|test| test.labels.truncate(100));
        assert!(few.contains("100 images"), "{few}");
        let mut dataset = DIGITS.clone();
        dataset.train.pixels.truncate(784);
        dataset.train.labels.truncate(1);
        let few = Reference::measure(&extractor, &dataset)
            .unwrap_err()
            .to_string();
        assert!(few.contains("the training set has 1 image;"), "{few}");
    }
}
