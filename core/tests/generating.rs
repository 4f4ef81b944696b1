//! From seed to digit: the same digit for the same seed, the class that was asked for, clear refusals.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{convolutional, model};
use proptest::prelude::*;
use thumbgan_core::{
    Digit, Generator, InputError, Model, arithmetic,
    latent::{Distribution, slerp},
};

fn digit(file: &[u8], class: Option<u8>, seed: u64) -> Digit {
    let mut generator = Generator::<4096>::new(Model::parse(file).unwrap()).unwrap();
    generator.generate(class, seed).unwrap().clone()
}

#[test]
#[cfg_attr(miri, ignore = "many digits: minutes under miri")]
fn a_seed_is_a_digit_whatever_came_before() {
    let file = convolutional(10, 0, 1);
    let mut generator = Generator::<4096>::new(Model::parse(&file).unwrap()).unwrap();
    let digits: Vec<_> = (0..8).map(|seed| generator.generate(None, seed).unwrap().clone()).collect();
    for seed in [5, 0, 7] {
        assert_eq!(digit(&file, None, seed), digits[seed as usize]);
        assert_eq!(*generator.generate(None, seed).unwrap(), digits[seed as usize]);
    }
    assert_ne!(digits[0], digits[1]);
    assert_eq!(generator.digit(), &digits[7]);
}

#[test]
fn a_watched_digit_is_the_same_and_its_layers_are_done_in_turn() {
    let file = model(&[13, 20, 784], 3, Distribution::Uniform, 3);
    let mut generator = Generator::<4096>::new(Model::parse(&file).unwrap()).unwrap();
    let mut layers = Vec::new();
    let watched = generator.generate_watched(Some(2), 1, |layer| layers.push(layer)).unwrap().clone();
    assert_eq!((watched, layers), (digit(&file, Some(2), 1), vec![0, 1]));
}

#[test]
#[cfg_attr(miri, ignore = "many digits: minutes under miri")]
fn classes_change_the_digit_and_must_fit_the_model() {
    let file = model(&[13, 20, 784], 3, Distribution::Uniform, 3);
    let digits: Vec<_> = (0..3).map(|class| digit(&file, Some(class), 1)).collect();
    assert!(digits[0] != digits[1] && digits[1] != digits[2] && digits[0] != digits[2]);
    let mut generator = Generator::<4096>::new(Model::parse(&file).unwrap()).unwrap();
    assert_eq!(generator.generate(None, 1), Err(InputError::Class { classes: 3 }));
    assert_eq!(generator.generate(Some(3), 1), Err(InputError::Class { classes: 3 }));
    let wrong = InputError::Latent { expected: 10, found: 9 };
    assert_eq!(generator.generate_latent(Some(0), &[0; 9]), Err(wrong));
    let plain = model(&[10, 20, 784], 0, Distribution::Uniform, 3);
    let mut generator = Generator::<4096>::new(Model::parse(&plain).unwrap()).unwrap();
    assert_eq!(generator.generate(Some(0), 1), Err(InputError::NoClasses));
}

#[test]
fn a_latent_given_is_a_latent_drawn() {
    let file = model(&[10, 20, 784], 0, Distribution::Normal, 4);
    let mut latent = [0; 10];
    Distribution::Normal.draw(9, &mut latent);
    let mut generator = Generator::<4096>::new(Model::parse(&file).unwrap()).unwrap();
    let given = generator.generate_latent(None, &latent).unwrap().clone();
    assert_eq!(given, digit(&file, None, 9));
}

#[test]
fn the_sigmoid_table_is_the_sigmoid() {
    for (index, pixel) in arithmetic::SIGMOID.into_iter().enumerate() {
        let logit = (index as f64 - 128.0) / 16.0;
        assert_eq!(pixel, (255.0 / (1.0 + (-logit).exp())).round() as u8, "logit {logit}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "statistics of many draws: minutes under miri")]
fn uniform_latents_are_uniform() {
    let mut counts = [0_u32; 256];
    let mut latent = [0; 100];
    for seed in 0..2_550 {
        Distribution::Uniform.draw(seed, &mut latent);
        for value in latent {
            counts[usize::from(value.cast_unsigned() ^ 0x80)] += 1;
        }
    }
    assert_eq!(counts[0], 0, "-128 is not a latent");
    let square: f64 = counts[1..].iter().map(|&n| (f64::from(n) - 1_000.0).powi(2) / 1_000.0).sum();
    // Chi-squared of 254 degrees of freedom: 99.99 % lie below 344.
    assert!(square < 344.0, "chi-squared {square:.0}");
}

#[test]
#[cfg_attr(miri, ignore = "statistics of many draws: minutes under miri")]
fn normal_latents_are_normal() {
    let mut values = vec![0; 200_000];
    Distribution::Normal.draw(1, &mut values);
    let real: Vec<f64> = values.iter().map(|&value| f64::from(value) / 32.0).collect();
    let moment = |power: i32| real.iter().map(|x| x.powi(power)).sum::<f64>() / real.len() as f64;
    assert!(moment(1).abs() < 0.01, "mean {}", moment(1));
    assert!((moment(2) - 1.0).abs() < 0.02, "variance {}", moment(2));
    assert!((moment(4) - 3.0).abs() < 0.1, "fourth moment {}", moment(4));
    let below = |x: f64| real.iter().filter(|&&value| value < x).count() as f64 / real.len() as f64;
    for (x, share) in [(-1.984_375, 0.0236), (-0.984_375, 0.1625), (0.015_625, 0.5062), (1.015_625, 0.8451)] {
        assert!((below(x) - share).abs() < 0.005, "{} of all lie below {x}, not {share}", below(x));
    }
}

#[test]
fn slerp_keeps_the_length_halfway() {
    let (mut a, mut b, mut middle) = ([0; 64], [0; 64], [0; 64]);
    Distribution::Normal.draw(1, &mut a);
    Distribution::Normal.draw(2, &mut b);
    slerp(&a, &b, 0.5, &mut middle);
    let length = |latent: &[i8]| latent.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let expected = f64::midpoint(length(&a), length(&b));
    assert!((length(&middle) / expected - 1.0).abs() < 0.05);
}

proptest! {
    #[test]
    fn slerp_begins_and_ends_at_its_ends(a: [i8; 20], b: [i8; 20]) {
        let clean = |latent: [i8; 20]| latent.map(|value| value.max(-127));
        let (a, b, mut out) = (clean(a), clean(b), [0; 20]);
        slerp(&a, &b, 0.0, &mut out);
        prop_assert_eq!(out, a);
        slerp(&a, &b, 1.0, &mut out);
        prop_assert_eq!(out, b);
    }

    #[test]
    fn requantising_is_division_rounded_half_up(
        accumulator: i32, multiplier: u16, shift in 17_u8..=32,
    ) {
        let exact = i128::from(accumulator) * i128::from(multiplier);
        let expected = (2 * exact + (1_i128 << shift)).div_euclid(1_i128 << (shift + 1));
        prop_assert_eq!(i128::from(arithmetic::requantise(accumulator, multiplier, shift)), expected);
    }
}
