//! Fréchet distance between two sets of features, each modeled as a Gaussian (FID; Heusel et al., 2017).

use nalgebra::{DMatrix, DVector, Dyn, SymmetricEigen};
use serde::{Deserialize, Serialize};

use crate::quality::feature_extractor::FEATURES;

/// Images whose features are converted to `f64` at a time, which bounds the memory.
const BLOCK: usize = 10_000;

/// Mean and covariance of features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gaussian {
    mean: Vec<f64>,
    /// Covariance matrix, symmetric.
    covariance: Vec<f64>,
}

impl Gaussian {
    /// Computes mean and covariance (divided by the number of images minus 1) of features [N, 128].
    ///
    /// # Panics
    /// If there are fewer than two images.
    pub fn of(features: &[f32]) -> Self {
        let count = features.len() / FEATURES;
        assert!(count > 1, "{count} images are too few for a covariance");
        let mut mean = DVector::<f64>::zeros(FEATURES);
        for image in features.chunks_exact(FEATURES) {
            for (sum, &value) in mean.iter_mut().zip(image) {
                *sum += f64::from(value);
            }
        }
        mean /= count as f64;
        let mut covariance = DMatrix::<f64>::zeros(FEATURES, FEATURES);
        for block in features.chunks(BLOCK * FEATURES) {
            let mut values = DMatrix::from_iterator(
                FEATURES,
                block.len() / FEATURES,
                block.iter().map(|&value| f64::from(value)),
            );
            for mut column in values.column_iter_mut() {
                column -= &mean;
            }
            covariance += &values * values.transpose();
        }
        covariance /= (count - 1) as f64;
        Self {
            mean: mean.as_slice().to_vec(),
            covariance: covariance.as_slice().to_vec(),
        }
    }

    /// Returns |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2), the squared Fréchet distance (Dowson and
    /// Landau, 1982): 0 for equal Gaussians, otherwise positive.
    pub fn distance(&self, other: &Self) -> f64 {
        let between =
            DVector::from_column_slice(&self.mean) - DVector::from_column_slice(&other.mean);
        let (one, two) = (self.matrix(), other.matrix());
        let mut root = eigen(one.clone());
        root.eigenvalues.apply(|value| *value = value.sqrt());
        let root = root.recompose();
        let mixed: f64 = eigen(&root * &two * &root)
            .eigenvalues
            .iter()
            .map(|value| value.sqrt())
            .sum();
        (between.norm_squared() + one.trace() + two.trace() - 2.0 * mixed).max(0.0)
    }

    fn matrix(&self) -> DMatrix<f64> {
        DMatrix::from_column_slice(self.mean.len(), self.mean.len(), &self.covariance)
    }
}

/// Returns the eigendecomposition of a covariance; negative eigenvalues, which rounding errors can cause,
/// become 0.
///
/// nalgebra's iteration underflows if many eigenvalues are nearly 0, as for a collapsed generator. It
/// therefore gets a matrix with the same eigenvectors whose eigenvalues are larger by the trace.
fn eigen(mut covariance: DMatrix<f64>) -> SymmetricEigen<f64, Dyn> {
    let trace = covariance.trace();
    for index in 0..covariance.nrows() {
        covariance[(index, index)] += trace;
    }
    let rounding = covariance.nrows() as f64 * f64::EPSILON * trace;
    let mut eigen = SymmetricEigen::new(covariance);
    eigen.eigenvalues.apply(|value| {
        let without_trace = *value - trace;
        *value = if without_trace > rounding {
            without_trace
        } else {
            0.0
        };
    });
    eigen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaussian(mean: &[f64], covariance: &[f64]) -> Gaussian {
        Gaussian {
            mean: mean.to_vec(),
            covariance: covariance.to_vec(),
        }
    }

    fn assert_close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
            "{found}, expected {expected}"
        );
    }

    #[test]
    fn equal_gaussians_have_distance_0() {
        let one = gaussian(&[1.0, -2.0], &[2.0, 0.7, 0.7, 1.0]);
        assert_close(one.distance(&one), 0.0);
        // Also without full rank: all images are equal in one direction.
        let flat = gaussian(&[1.0, -2.0], &[1.0, 1.0, 1.0, 1.0]);
        assert_close(flat.distance(&flat), 0.0);
    }

    #[test]
    fn diagonal_covariances_differ_by_their_deviations() {
        let one = gaussian(
            &[0.0, 1.0, 2.0],
            &[4.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0],
        );
        let two = gaussian(
            &[3.0, 1.0, -2.0],
            &[1.0, 0.0, 0.0, 0.0, 25.0, 0.0, 0.0, 0.0, 0.25],
        );
        // (2 - 1)^2 + (3 - 5)^2 + (0 - 0.5)^2 and a shift of 3^2 + 4^2.
        assert_close(one.distance(&two), 1.0 + 4.0 + 0.25 + 25.0);
        assert_close(two.distance(&one), one.distance(&two));
    }

    #[test]
    fn distances_are_invariant_under_rotation() {
        // diag(4, 9) and diag(1, 25), both rotated by the angle with cosine 0.6 and sine 0.8.
        let turned = |a: f64, b: f64| {
            let (c, s) = (0.6, 0.8);
            let mixed = c * s * (a - b);
            gaussian(
                &[0.0, 0.0],
                &[c * c * a + s * s * b, mixed, mixed, s * s * a + c * c * b],
            )
        };
        assert_close(turned(4.0, 9.0).distance(&turned(1.0, 25.0)), 1.0 + 4.0);
    }

    #[test]
    fn covariances_that_do_not_commute_follow_the_closed_form_in_two_dimensions() {
        let (one, two) = ([2.0, 0.5, 0.5, 1.0], [1.0, -0.3, -0.3, 3.0]);
        // tr (S1 S2)^1/2 = (tr S1 S2 + 2 (det S1 det S2)^1/2)^1/2.
        let trace = one[0] * two[0] + 2.0 * one[1] * two[1] + one[3] * two[3];
        let determinant = |s: [f64; 4]| s[0] * s[3] - s[1] * s[2];
        let mixed = (trace + 2.0 * (determinant(one) * determinant(two)).sqrt()).sqrt();
        let expected = 3.0 + 4.0 - 2.0 * mixed + 1.0;
        assert_close(
            gaussian(&[0.0, 0.0], &one).distance(&gaussian(&[0.0, 1.0], &two)),
            expected,
        );
    }

    #[test]
    fn a_constant_generator_differs_by_its_mean_and_the_whole_variance() {
        let image: Vec<f32> = (0..FEATURES)
            .map(|n| if n % 3 == 0 { 0.0 } else { 0.1 * n as f32 })
            .collect();
        let one = Gaussian::of(&image.repeat(200));
        let varied: Vec<f32> = (0..300 * FEATURES)
            .map(|n| (n as f32 * 1.37).sin() + 1.0)
            .collect();
        let two = Gaussian::of(&varied);
        let variance: f64 = two.covariance.iter().step_by(FEATURES + 1).sum();
        let shift: f64 = one
            .mean
            .iter()
            .zip(&two.mean)
            .map(|(a, b)| (a - b) * (a - b))
            .sum();
        for found in [one.distance(&two), two.distance(&one)] {
            assert!(
                (found - shift - variance).abs() < 1e-6 * found,
                "{found}, {shift} + {variance}"
            );
        }
    }

    #[test]
    fn a_gaussian_has_the_mean_and_the_unbiased_covariance_of_its_features() {
        let mut features = vec![0.0; 3 * FEATURES];
        for (image, (a, b)) in [(1.0, 2.0), (2.0, 6.0), (6.0, 1.0)].into_iter().enumerate() {
            features[image * FEATURES] = a;
            features[image * FEATURES + 1] = b;
        }
        let found = Gaussian::of(&features);
        assert_eq!(found.mean[..3], [3.0, 3.0, 0.0]);
        // (4 + 1 + 9) / 2, (1 + 9 + 4) / 2 and (2 - 3 - 6) / 2.
        assert_eq!(found.covariance[..2], [7.0, -3.5]);
        assert_eq!(found.covariance[FEATURES..FEATURES + 2], [-3.5, 7.0]);
        assert!(
            found.covariance[2 * FEATURES..]
                .iter()
                .all(|&value| value == 0.0)
        );
    }
}
