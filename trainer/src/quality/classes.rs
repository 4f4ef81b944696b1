//! Which digits a generator draws, in the judge's eyes.

use serde::{Deserialize, Serialize};

use crate::quality::feature_extractor::{CLASSES, Seen};

/// Classes of some images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classes {
    /// Images of each class, by the judge.
    pub counts: [u64; CLASSES],
    /// Kullback-Leibler divergence of these shares from equal ones, in nats: 0 for equal shares, 2.303 for
    /// one class alone.
    pub divergence: f64,
    /// The share of images, 0 to 1, of the class that they were meant to be; `None` where that is unknown.
    pub accuracy: Option<f64>,
}

impl Classes {
    /// Of what the judge saw; `meant` are the classes that the images were meant to be, if known.
    pub fn of(seen: &Seen, meant: Option<&[u8]>) -> Self {
        let mut counts = [0; CLASSES];
        for &class in &seen.classes {
            counts[usize::from(class)] += 1;
        }
        Self {
            counts,
            divergence: divergence(&counts),
            accuracy: meant.map(|meant| seen.accuracy(meant)),
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

    fn seen(classes: Vec<u8>) -> Seen {
        Seen {
            features: Vec::new(),
            classes,
        }
    }

    #[test]
    fn equal_shares_diverge_by_nothing_and_one_class_by_the_logarithm_of_ten() {
        let equal = Classes::of(&seen((0..50).map(|n| n % 10).collect()), None);
        assert_eq!((equal.counts, equal.accuracy), ([5; 10], None));
        assert!(equal.divergence.abs() < 1e-12);
        let one = Classes::of(&seen(vec![7; 20]), None);
        assert!((one.divergence - std::f64::consts::LN_10).abs() < 1e-12);
        let two = Classes::of(&seen(vec![1, 1, 1, 4]), None);
        // 3/4 ln 7.5 + 1/4 ln 2.5
        assert!((two.divergence - 1.740_249_8).abs() < 1e-6);
    }

    #[test]
    fn accuracy_is_the_share_of_images_that_are_what_they_were_meant_to_be() {
        assert_eq!(
            Classes::of(&seen(vec![3, 1, 4, 1]), Some(&[3, 1, 4, 5])).accuracy,
            Some(0.75)
        );
    }
}
