//! What real images look like to the judge: what generators are compared with.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Classes, Figures, Gaussian, Manifold, Training};
use crate::{
    data::{Dataset, Split},
    files::{hex, write_whole},
    quality::feature_extractor::{CLASSES, FEATURES, Judge, Seen},
};

/// Counted up whenever the contents of a reference mean something else: older ones in caches then do not count.
const VERSION: u8 = 1;
/// Fewer images than this in either set are too few to compare with.
const FEWEST: usize = 200;
/// The share of test images that the judge must class as their labels say: else they are no digits to it.
const RECOGNISED: f64 = 0.9;

/// The test set in the judge's eyes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestSet {
    /// Features of the images, 128 each.
    pub features: Vec<f32>,
    /// Their statistics.
    pub gaussian: Gaussian,
    /// Their classes.
    pub classes: Classes,
}

/// A data set in the judge's eyes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The test set.
    pub test: TestSet,
    /// Statistics of the whole training set.
    pub train: Gaussian,
    /// Figures of real images in place of generated ones: what no generator can be expected to beat.
    ///
    /// The training set's first images, as many as the test set has (at most half of them all), stand
    /// against the test set and against as many that follow them; classes and neighbours are the test set's.
    pub real: Figures,
}

impl TestSet {
    /// The Fréchet distance of generated images to these.
    pub fn fid(&self, seen: &Seen) -> f64 {
        Gaussian::of(&seen.features).distance(&self.gaussian)
    }

    fn measure(judge: &Judge, images: &Split) -> Result<Self> {
        ensure!(
            images.len() >= FEWEST
                && (0..CLASSES as u8).all(|class| images.labels.contains(&class)),
            "the test set has {} images of {} classes; it takes at least {FEWEST}, of all ten digits",
            images.len(),
            (0..=u8::MAX)
                .filter(|class| images.labels.contains(class))
                .count()
        );
        let seen = judge.look_at(images);
        let classes = Classes::of(&seen, Some(&images.labels));
        let recognised = seen.accuracy(&images.labels);
        ensure!(
            recognised >= RECOGNISED,
            "the judge judges digits only: of this test set it classes just {:.0} % as labelled, so these are \
             no digits to it, and its figures would mean nothing",
            recognised * 100.0
        );
        Ok(Self {
            gaussian: Gaussian::of(&seen.features),
            features: seen.features,
            classes,
        })
    }
}

impl Reference {
    /// Of this data set, from the user's cache if it lies there; else it is measured, which takes about a
    /// minute of the processor for MNIST, and left there.
    ///
    /// # Errors
    /// When the images are not digits to this judge, or too few.
    pub fn new(judge: &Judge, dataset: &Dataset) -> Result<Self> {
        match dirs::cache_dir() {
            Some(cache) => Self::cached(&cache.join("thumbgan").join("reference"), judge, dataset),
            None => Self::measure(judge, dataset),
        }
    }

    /// Only what [`TestSet::fid`] needs.
    ///
    /// # Errors
    /// When the images are not digits to this judge, or too few.
    pub fn light(judge: &Judge, dataset: &Dataset) -> Result<TestSet> {
        TestSet::measure(judge, &dataset.test)
    }

    fn cached(folder: &Path, judge: &Judge, dataset: &Dataset) -> Result<Self> {
        let path = folder.join(format!("{}.bin", key(judge, dataset)));
        if let Some(reference) = fs::read(&path).ok().and_then(|bytes| open(&bytes)) {
            return Ok(reference);
        }
        errln!(
            "looking at all real images of {}; the result is kept for next time",
            dataset.name
        );
        let reference = Self::measure(judge, dataset)?;
        let keep = || {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            write_whole(&path, &seal(&reference)?)
        };
        // Next time it is measured again; this time it serves.
        keep().unwrap_or_else(|error| errln!("warning: {error:#}"));
        Ok(reference)
    }

    pub(super) fn measure(judge: &Judge, dataset: &Dataset) -> Result<Self> {
        let test = TestSet::measure(judge, &dataset.test)?;
        let train = &dataset.train;
        ensure!(
            train.len() >= FEWEST,
            "{} training images are fewer than {FEWEST}",
            train.len()
        );
        let features = judge.look_at(train).features;
        let count = dataset.test.len().min(train.len() / 2) * FEATURES;
        let [first, second] = [&features[..count], &features[count..2 * count]];
        let gaussian = Gaussian::of(first);
        let real = Figures {
            fid_test: vec![gaussian.distance(&test.gaussian)],
            fid_train: vec![gaussian.distance(&Gaussian::of(second))],
            manifold: Manifold::of(&test.features, first),
            classes: test.classes,
            neighbours: Training::new(train).nearest(&dataset.test.greys()),
        };
        Ok(Self {
            test,
            train: Gaussian::of(&features),
            real,
        })
    }
}

/// The name that a reference has in the cache.
fn key(judge: &Judge, dataset: &Dataset) -> String {
    let mut hasher = Sha256::new_with_prefix([VERSION]);
    hasher.update(judge.sha256());
    for part in [
        &dataset.train.pixels,
        &dataset.test.pixels,
        &dataset.test.labels,
    ] {
        hasher.update(Sha256::digest(part));
    }
    hex(&hasher.finalize()[..16])
}

/// The contents of a cache file: SHA-256 of the rest, and the reference.
fn seal(reference: &Reference) -> Result<Vec<u8>> {
    let body = postcard::to_stdvec(reference)?;
    Ok([&Sha256::digest(&body)[..], &body].concat())
}

/// The reference of a cache file; `None` when it is damaged.
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
        let (judge, dataset) = (Judge::load(&Device::flex()).unwrap(), &*DIGITS);
        let place = folder.path().join("reference");
        let measured = Reference::cached(&place, &judge, dataset).unwrap();
        let file = fs::read_dir(&place)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        // Another reference in its place shows where the next one comes from.
        let mut other = measured.clone();
        other.real.fid_test = vec![123.0];
        fs::write(&file, seal(&other).unwrap()).unwrap();
        assert_eq!(Reference::cached(&place, &judge, dataset).unwrap(), other);
        let mut bytes = fs::read(&file).unwrap();
        bytes[1_000] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert_eq!(
            Reference::cached(&place, &judge, dataset).unwrap(),
            measured
        );
        assert_eq!(
            fs::read(&file).unwrap(),
            seal(&measured).unwrap(),
            "and is mended"
        );
    }

    #[test]
    fn what_are_no_digits_is_refused() {
        let judge = Judge::load(&Device::flex()).unwrap();
        let refused = |change: &dyn Fn(&mut Split)| {
            let mut dataset = DIGITS.clone();
            change(&mut dataset.test);
            Reference::light(&judge, &dataset).unwrap_err().to_string()
        };
        let upside_down =
            refused(&|test| test.pixels.chunks_exact_mut(784).for_each(<[u8]>::reverse));
        assert!(
            upside_down.contains("the judge judges digits only"),
            "{upside_down}"
        );
        let letters = refused(&|test| test.labels.iter_mut().for_each(|label| *label += 26));
        assert!(letters.contains("300 images of 10 classes"), "{letters}");
        let few = refused(&|test| test.labels.truncate(100));
        assert!(few.contains("100 images"), "{few}");
    }
}
