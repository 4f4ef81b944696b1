//! Generation: reproducible images, classes, errors, latents and arithmetic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{convolutional, image, model, with_generator};
use proptest::prelude::*;
use thumbgan_core::{
    GenerateError, Generator, Model, ScratchError, arithmetic,
    latent::{Distribution, slerp},
};

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn a_seed_gives_the_same_image_regardless_of_earlier_images() {
    let file = convolutional(10, 0, 1);
    let images: Vec<_> = (0..8).map(|seed| image(&file, None, seed)).collect();
    with_generator(&file, |generator| {
        for seed in [0, 1, 2, 3, 4, 5, 6, 7, 5, 0, 7] {
            assert_eq!(
                *generator.generate(None, seed).unwrap(),
                images[seed as usize]
            );
        }
        assert_eq!(generator.image(), &images[7]);
    });
    assert_ne!(images[0], images[1]);
}

#[test]
fn progress_reports_each_layer_in_order() {
    let file = model(&[13, 5, 784], 3, Distribution::Uniform, 3);
    with_generator(&file, |generator| {
        let mut layers = Vec::new();
        let done = |layer| layers.push(layer);
        let found = generator
            .generate_with_progress(Some(2), 1, done)
            .unwrap()
            .clone();
        assert_eq!((found, layers), (image(&file, Some(2), 1), vec![0, 1]));
    });
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn classes_change_the_image() {
    let file = model(&[13, 5, 784], 3, Distribution::Uniform, 3);
    let images: Vec<_> = (0..3).map(|class| image(&file, Some(class), 1)).collect();
    assert!(images[0] != images[1] && images[1] != images[2] && images[0] != images[2]);
}

#[test]
fn wrong_classes_and_latents_are_errors_with_both_numbers() {
    let conditional = model(&[13, 5, 784], 3, Distribution::Uniform, 3);
    with_generator(&conditional, |generator| {
        let class_count = 3;
        let missing = generator.generate(None, 1).unwrap_err();
        assert_eq!(missing, GenerateError::ClassMissing { class_count });
        assert_eq!(
            missing.to_string(),
            "no class given: this model has classes 0 to 2"
        );
        let wrong = generator.generate(Some(12), 1).unwrap_err();
        assert_eq!(
            wrong,
            GenerateError::ClassOutOfRange {
                class: 12,
                class_count
            }
        );
        assert_eq!(
            wrong.to_string(),
            "class 12 is out of range: this model has classes 0 to 2"
        );
        let latent = generator
            .generate_from_latent(Some(0), &[0; 9])
            .unwrap_err();
        assert_eq!(
            latent,
            GenerateError::LatentLength {
                expected: 10,
                found: 9
            }
        );
    });
    let unconditional = model(&[10, 5, 784], 0, Distribution::Uniform, 3);
    with_generator(&unconditional, |generator| {
        let error = generator.generate(Some(0), 1).unwrap_err();
        assert_eq!(error, GenerateError::Unconditional);
        assert!(error.to_string().starts_with("this model is unconditional"));
    });
}

#[test]
fn every_error_can_be_displayed_whatever_its_numbers() {
    let errors = [
        GenerateError::Unconditional,
        GenerateError::ClassMissing { class_count: 0 },
        GenerateError::ClassOutOfRange {
            class: 0,
            class_count: 0,
        },
        GenerateError::LatentLength {
            expected: 0,
            found: usize::MAX,
        },
    ];
    assert!(errors.iter().all(|error| !error.to_string().is_empty()));
}

#[test]
fn the_class_of_a_seed_is_its_remainder() {
    let file = model(&[13, 5, 784], 3, Distribution::Uniform, 3);
    let conditional = Model::parse(&file).unwrap();
    assert_eq!(
        [0, 4, u64::MAX].map(|seed| conditional.class_for_seed(seed)),
        [Some(0), Some(1), Some(0)]
    );
    let file = model(&[10, 5, 784], 0, Distribution::Uniform, 3);
    assert_eq!(Model::parse(&file).unwrap().class_for_seed(4), None);
}

#[test]
fn too_little_scratch_memory_is_an_error_with_both_numbers() {
    let file = convolutional(10, 2, 1);
    let model = Model::parse(&file).unwrap();
    // The image; of the first convolution input activations, 3 pairs of 3 words, the products of two positions in seven tiles
    // each and the partial sums of a row of eight corners, output activations.
    let needed = 196 + 49 + 3 * 3 + 2 * 7 * 4 + 8 * 3 * 4 + 147;
    assert_eq!(model.scratch_len(), needed);
    let mut scratch = vec![0; needed];
    assert!(Generator::new(model.clone(), &mut scratch).is_ok());
    let error = Generator::new(model, &mut scratch[1..])
        .map(|_| ())
        .unwrap_err();
    assert_eq!(
        error,
        ScratchError {
            needed,
            available: needed - 1
        }
    );
    assert_eq!(
        error.to_string(),
        format!(
            "scratch memory of {} words is too small: the model needs {needed}",
            needed - 1
        )
    );
}

#[test]
fn debug_output_is_a_summary() {
    let file = model(&[13, 5, 784], 3, Distribution::Uniform, 3);
    with_generator(&file, |generator| {
        let text = format!("{generator:?}");
        assert!(text.len() < 250 && text.contains("\"test\""), "{text}");
    });
}

#[test]
fn a_sampled_latent_gives_the_image_of_its_seed() {
    let file = model(&[10, 5, 784], 0, Distribution::Normal, 4);
    with_generator(&file, |generator| {
        let mut latent = [0; 10];
        generator.model().sample_latent(9, &mut latent);
        let given = generator
            .generate_from_latent(None, &latent)
            .unwrap()
            .clone();
        assert_eq!(given, image(&file, None, 9));
    });
}

#[test]
fn interpolation_starts_and_ends_at_the_images_of_its_seeds() {
    let file = model(&[13, 5, 784], 3, Distribution::Uniform, 3);
    with_generator(&file, |generator| {
        let mut at = |t| {
            generator
                .generate_interpolated(Some(1), [5, 6], t)
                .unwrap()
                .clone()
        };
        let [start, middle, end] = [0.0, 0.5, 1.0].map(&mut at);
        assert_eq!(
            (&start, &end),
            (&image(&file, Some(1), 5), &image(&file, Some(1), 6))
        );
        assert!(middle != start && middle != end);
    });
}

#[test]
fn the_sigmoid_table_rounds_the_logistic_function() {
    for (index, pixel) in arithmetic::SIGMOID.into_iter().enumerate() {
        let logit = (index as f64 - 128.0) / 16.0;
        assert_eq!(
            pixel,
            (255.0 / (1.0 + (-logit).exp())).round() as u8,
            "logit {logit}"
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn uniform_latents_are_uniform() {
    let mut counts = [0_u32; 256];
    let mut latent = [0; 100];
    for seed in 0..2_550 {
        Distribution::Uniform.sample(seed, &mut latent);
        for value in latent {
            counts[usize::from(value.cast_unsigned() ^ 0x80)] += 1;
        }
    }
    assert_eq!(counts[0], 0, "-128 is not a latent");
    let square: f64 = counts[1..]
        .iter()
        .map(|&n| (f64::from(n) - 1_000.0).powi(2) / 1_000.0)
        .sum();
    // Chi-squared of 254 degrees of freedom: 99.99 % lie below 344.
    assert!(square < 344.0, "chi-squared {square:.0}");
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn normal_latents_are_normal() {
    let mut values = vec![0; 200_000];
    Distribution::Normal.sample(1, &mut values);
    let real: Vec<f64> = values
        .iter()
        .map(|&value| f64::from(value) / 32.0)
        .collect();
    let moment = |power: i32| real.iter().map(|x| x.powi(power)).sum::<f64>() / real.len() as f64;
    assert!(moment(1).abs() < 0.01, "mean {}", moment(1));
    assert!((moment(2) - 1.0).abs() < 0.02, "variance {}", moment(2));
    assert!((moment(4) - 3.0).abs() < 0.1, "fourth moment {}", moment(4));
    let below = |x: f64| real.iter().filter(|&&value| value < x).count() as f64 / real.len() as f64;
    for (x, share) in [
        (-1.984_375, 0.0236),
        (-0.984_375, 0.1625),
        (0.015_625, 0.5062),
        (1.015_625, 0.8451),
    ] {
        assert!(
            (below(x) - share).abs() < 0.005,
            "a share of {} is below {x}, expected {share}",
            below(x)
        );
    }
}

#[test]
fn slerp_preserves_the_norm_halfway() {
    let (mut a, mut b, mut middle) = ([0; 64], [0; 64], [0; 64]);
    Distribution::Normal.sample(1, &mut a);
    Distribution::Normal.sample(2, &mut b);
    slerp(&a, &b, 0.5, &mut middle);
    let length = |latent: &[i8]| {
        latent
            .iter()
            .map(|&x| f64::from(x).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    let expected = f64::midpoint(length(&a), length(&b));
    assert!((length(&middle) / expected - 1.0).abs() < 0.05);
}

proptest! {
    #[test]
    fn slerp_starts_and_ends_at_its_arguments(a: [i8; 20], b: [i8; 20]) {
        let clean = |latent: [i8; 20]| latent.map(|value| value.max(-127));
        let (a, b, mut out) = (clean(a), clean(b), [0; 20]);
        slerp(&a, &b, 0.0, &mut out);
        prop_assert_eq!(out, a);
        slerp(&a, &b, 1.0, &mut out);
        prop_assert_eq!(out, b);
    }

    #[test]
    fn requantize_rounds_half_up(
        accumulator: i32, multiplier: u16, shift in 17_u8..=32,
    ) {
        let exact = i128::from(accumulator) * i128::from(multiplier);
        let expected = (2 * exact + (1_i128 << shift)).div_euclid(1_i128 << (shift + 1));
        for found in requantized(accumulator, multiplier, shift) {
            prop_assert_eq!(i128::from(found), expected);
        }
    }
}

/// Returns the results of the host's requantization and of those for all kinds of cores.
fn requantized(accumulator: i32, multiplier: u16, shift: u8) -> [i32; 4] {
    [
        arithmetic::requantize(accumulator, multiplier, shift),
        arithmetic::SignedFraction::new(multiplier, shift).apply(accumulator),
        arithmetic::UnsignedFraction::new(multiplier, shift).apply(accumulator),
        arithmetic::Halves::new(multiplier, shift).apply(accumulator),
    ]
}

#[test]
fn requantization_of_every_core_is_exact_at_the_extremes() {
    let bits = (0..32).flat_map(|bit| [-1, 0, 1].map(|near| (1_i32 << bit).wrapping_add(near)));
    let accumulators: Vec<_> = bits
        .flat_map(|value| [value, value.wrapping_neg()])
        .collect();
    for shift in arithmetic::SHIFTS.step_by(if cfg!(miri) { 5 } else { 1 }) {
        for multiplier in [0, 1, 2, 255, 256, 32_767, 32_768, 32_769, 65_534, 65_535] {
            for &accumulator in &accumulators {
                let product = i64::from(accumulator) * i64::from(multiplier);
                let expected = (product + (1 << (shift - 1))) >> shift;
                for found in requantized(accumulator, multiplier, shift) {
                    assert_eq!(
                        i64::from(found),
                        expected,
                        "{accumulator} {multiplier} {shift}"
                    );
                }
            }
        }
    }
}
