//! Stateless random numbers: every value is a function of seed, purpose and index.
//!
//! A run can therefore be resumed from its iteration number alone.

use rand::{SeedableRng, distr::Distribution as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::{StandardNormal, Uniform};
use thumbgan_core::latent::Distribution;

/// Purpose of random numbers; each has a stream of its own.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Initial weights; the index counts parameters.
    Weights = 0,
    /// Order of the training images; the index is the epoch.
    Order = 1,
    /// Latents of a step; the index is the iteration.
    Noise = 2,
    /// Augmentation of the images of a step; the index is the iteration.
    Augmentation = 3,
    /// Shifts of the feature extractor's training images; the index is the iteration.
    Shift = 16,
}

/// Parses a seed of the command line.
///
/// # Errors
/// If the text is not an integer in the range of seeds.
pub fn parse_seed(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "seeds are integers from 0 to 2^64 - 1".to_owned())
}

/// Returns the random number generator of a purpose and index. Streams are 2^28 words apart.
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(purpose as u64);
    random.set_word_pos(u128::from(index) << 28);
    random
}

/// Returns `count` real latent values in the scale of `thumbgan_core`'s int8 latents.
///
/// # Panics
/// Never: the bounds of the uniform distribution are constants.
pub fn latents(distribution: Distribution, count: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
    match distribution {
        Distribution::Uniform => {
            let uniform = Uniform::new_inclusive(-1.0, 1.0).expect("constant bounds");
            uniform.sample_iter(random).take(count).collect()
        }
        Distribution::Normal => StandardNormal.sample_iter(random).take(count).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_functions_of_seed_purpose_and_index() {
        let draw = |seed, purpose, index| {
            latents(Distribution::Uniform, 4, &mut stream(seed, purpose, index))
        };
        let first = draw(1, Purpose::Noise, 7);
        assert_eq!(first, draw(1, Purpose::Noise, 7));
        for other in [
            draw(2, Purpose::Noise, 7),
            draw(1, Purpose::Order, 7),
            draw(1, Purpose::Noise, 8),
        ] {
            assert_ne!(first, other);
        }
    }
}
