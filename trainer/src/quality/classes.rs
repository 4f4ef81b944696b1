//! Class distribution of generated images, by the feature extractor's predictions.

use serde::{Deserialize, Serialize};

use crate::quality::feature_extractor::Features;

/// Predicted classes of a set of images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classes {
    /// Number of images of each predicted class; empty if the feature extractor does not know the classes.
    pub counts: Vec<u64>,
    /// Kullback-Leibler divergence of the class shares from equal shares, in nats: 0 for equal shares, the logarithm
    /// of the number of classes (2.303 for ten) for a single class; `None` if the classes are unknown.
    pub divergence: Option<f64>,
    /// Conditional accuracy: share of images, 0 to 1, whose predicted class is the requested one; `None` if
    /// the classes are unknown.
    pub accuracy: Option<f64>,
}

impl Classes {
    /// Counts predicted classes, of which there are `classes`; `meant` are the requested classes, if known.
    pub fn of(features: &Features, classes: usize, meant: Option<&[u8]>) -> Self {
        let mut tally = Tally::new(classes);
        tally.add(features, meant);
        tally.classes()
    }
}

/// Counts from which a class distribution is computed, of any number of images.
#[derive(Debug)]
pub struct Tally {
    counts: Vec<u64>,
    /// Number of images of the requested class, and number of images whose class is known.
    right: u64,
    known: u64,
}

impl Tally {
    /// Creates counts of 0 for a number of classes.
    pub fn new(classes: usize) -> Self {
        Self {
            counts: vec![0; classes],
            right: 0,
            known: 0,
        }
    }

    /// Counts further images; `meant` are the requested classes, if known.
    pub fn add(&mut self, features: &Features, meant: Option<&[u8]>) {
        for &class in &features.classes {
            self.counts[usize::from(class)] += 1;
        }
        for (class, meant) in features.classes.iter().zip(meant.unwrap_or_default()) {
            self.right += u64::from(class == meant);
            self.known += 1;
        }
    }

    /// Returns the distribution of the counted images.
    pub fn classes(self) -> Classes {
        Classes {
            divergence: (!self.counts.is_empty()).then(|| divergence(&self.counts)),
            accuracy: (self.known > 0).then(|| self.right as f64 / self.known as f64),
            counts: self.counts,
        }
    }
}

fn divergence(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let shares = counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| count as f64 / total as f64);
    shares
        .map(|share| share * (share * counts.len() as f64).ln())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(classes: Vec<u8>) -> Features {
        Features {
            features: Vec::new(),
            classes,
        }
    }

    #[test]
    fn balanced_classes_have_divergence_0_and_a_single_class_ln_10() {
        let equal = Classes::of(&features((0..50).map(|n| n % 10).collect()), 10, None);
        assert_eq!((equal.counts, equal.accuracy), (vec![5; 10], None));
        assert!(equal.divergence.unwrap().abs() < 1e-12);
        let one = Classes::of(&features(vec![7; 20]), 10, None);
        assert!((one.divergence.unwrap() - std::f64::consts::LN_10).abs() < 1e-12);
        let two = Classes::of(&features(vec![1, 1, 1, 4]), 10, None);
        // 3/4 ln 7.5 + 1/4 ln 2.5
        assert!((two.divergence.unwrap() - 1.740_249_8).abs() < 1e-6);
    }

    #[test]
    fn accuracy_is_the_share_of_images_classified_as_requested() {
        assert_eq!(
            Classes::of(&features(vec![3, 1, 4, 1]), 6, Some(&[3, 1, 4, 5])).accuracy,
            Some(0.75)
        );
    }

    #[test]
    fn unknown_classes_have_no_distribution() {
        let found = Classes::of(&features(Vec::new()), 0, Some(&[1, 2]));
        assert_eq!((found.divergence, found.accuracy), (None, None));
        assert!(found.counts.is_empty());
    }
}
