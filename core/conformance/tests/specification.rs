//! Test vectors of the specifications `docs/arithmetic.md` and `docs/model-format.md`, read from the documents.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::HashMap;

use common::{file, with_generator};
use thumbgan_core::{
    GrayImage, arithmetic, crc32,
    latent::{Distribution, SplitMix64},
    model::{
        Activation, DenseShape, LatentSpec, LayerData, LayerShape, Metadata, Provenance,
        UpsampleConvShape, encode,
    },
};
use thumbgan_core_conformance::reference;

const ARITHMETIC: &str = include_str!("../../../docs/arithmetic.md");
const MODEL_FORMAT: &str = include_str!("../../../docs/model-format.md");

/// Returns the lines `left -> right` of a document's block of vectors.
fn vectors<'a>(document: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let start = format!("```vectors {name}\n");
    let (_, block) = document
        .split_once(&start)
        .expect("the document has these vectors");
    let (block, _) = block.split_once("```").expect("the block is closed");
    let lines = block.lines().filter(|line| !line.starts_with('#'));
    let pairs: Vec<_> = lines
        .map(|line| line.split_once(" -> ").expect("left -> right"))
        .collect();
    assert!(!pairs.is_empty());
    pairs
}

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    text.split_whitespace()
        .map(|word| word.parse().expect("a number"))
        .collect()
}

#[test]
fn requantize() {
    for (inputs, expected) in vectors(ARITHMETIC, "requantize") {
        let [acc, multiplier, shift] = numbers::<i64>(inputs)[..] else {
            panic!("{inputs}")
        };
        let found = arithmetic::requantize(acc as i32, multiplier as u16, shift as u8);
        assert_eq!(found.to_string(), expected, "requantize {inputs}");
    }
}

#[test]
fn sigmoid() {
    for (index, pixel) in vectors(ARITHMETIC, "sigmoid") {
        let index: usize = index.parse().unwrap();
        assert_eq!(
            arithmetic::SIGMOID[index].to_string(),
            pixel,
            "sigmoid {index}"
        );
        assert_eq!(
            arithmetic::sigmoid(index as i32 - 128).to_string(),
            pixel,
            "sigmoid {index}"
        );
    }
}

#[test]
fn splitmix64() {
    for (seed, outputs) in vectors(ARITHMETIC, "splitmix64") {
        let mut random = SplitMix64::new(seed.parse().unwrap());
        let found: Vec<_> = (0..3)
            .map(|_| format!("{:016x}", random.next_u64()))
            .collect();
        assert_eq!(found.join(" "), outputs, "seed {seed}");
    }
}

#[test]
fn latents() {
    for (name, distribution) in [
        ("uniform", Distribution::Uniform),
        ("normal", Distribution::Normal),
    ] {
        for (seed, expected) in vectors(ARITHMETIC, name) {
            let mut latent = [0; 8];
            distribution.sample(seed.parse().unwrap(), &mut latent);
            assert_eq!(
                latent.to_vec(),
                numbers::<i8>(expected),
                "{name}, seed {seed}"
            );
        }
    }
}

/// Checks the accumulators with the reference, and the outputs with a last layer whose pixels are all 128 only if each of its
/// inputs is as expected.
#[test]
fn upsample_conv() {
    let lines: HashMap<_, _> = vectors(ARITHMETIC, "upsample_conv").into_iter().collect();
    let shape = UpsampleConvShape {
        side: 2,
        inputs: 2,
        outputs: 2,
        shift: 24,
        activation: Activation::Relu,
    };
    assert_eq!(lines["shift"], "24");
    let data = LayerData {
        weights: numbers(lines["weights"]),
        biases: numbers(lines["biases"]),
        multipliers: numbers(lines["multipliers"]),
    };
    let layer = (LayerShape::UpsampleConv(shape), data);
    let (sums, outputs) = (numbers::<i64>(lines["acc"]), numbers::<i64>(lines["y"]));
    assert_eq!(
        reference::sums(layer.0, &layer.1, &numbers(lines["input"])),
        sums
    );
    assert_eq!(
        reference::outputs(&layer, &numbers(lines["input"])),
        outputs
    );

    let width = outputs.len() as u16;
    let activation = Activation::Sigmoid;
    let last = DenseShape {
        inputs: width,
        outputs: 784,
        channels: 784,
        shift: 17,
        activation,
    };
    let selected = |o: usize| o % outputs.len();
    let data = LayerData {
        weights: (0..GrayImage::PIXELS)
            .flat_map(|o| (0..outputs.len()).map(move |i| if i == selected(o) { 127 } else { 0 }))
            .collect(),
        biases: (0..GrayImage::PIXELS)
            .map(|o| -127 * outputs[selected(o)] as i32)
            .collect(),
        multipliers: vec![u16::MAX; GrayImage::PIXELS],
    };
    let file = file(
        8,
        0,
        Distribution::Uniform,
        &[layer, (LayerShape::Dense(last), data)],
    );
    with_generator(&file, |generator| {
        let image = generator
            .generate_from_latent(None, &numbers(lines["input"]))
            .unwrap();
        assert_eq!(image.pixels(), &[128; GrayImage::PIXELS]);
    });
}

/// Returns the metadata of the document's models.
fn metadata(class_count: u8, len: u16, fid: Option<u32>) -> Metadata<'static> {
    Metadata {
        name: "vector",
        class_count,
        class_names: "",
        latent: LatentSpec {
            len,
            distribution: Distribution::Uniform,
        },
        provenance: Provenance {
            dataset: "none",
            dataset_sha256: [0x11; 32],
            iterations: 300,
            seed: 7,
            fid,
            tool: "spec",
        },
    }
}

/// Compares a model file with its vectors.
fn check(name: &str, file: &[u8]) {
    let data_len = u32::from_le_bytes(file[8..12].try_into().unwrap()) as usize;
    let head = file.len() - 4 - data_len;
    with_generator(file, |generator| {
        for (what, expected) in vectors(MODEL_FORMAT, name) {
            let found = match what.split_once(' ') {
                None if what == "head" => file[..head]
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect(),
                None if what == "length" => file.len().to_string(),
                None => format!("{:08x}", crc32(&file[..file.len() - 4])),
                Some((_, rest)) => {
                    let (seed, class) = rest.split_once(' ').unwrap_or((rest, ""));
                    let image = generator.generate(class.parse().ok(), seed.parse().unwrap());
                    format!("{:08x}", image.unwrap().crc32())
                }
            };
            assert_eq!(found, expected, "{name}: {what}");
        }
    });
}

#[test]
fn dense_model() {
    let activation = Activation::Sigmoid;
    let shape = DenseShape {
        inputs: 2,
        outputs: 784,
        channels: 784,
        shift: 20,
        activation,
    };
    let outputs = 0..GrayImage::PIXELS as i32;
    let weight = |o: i32, i: i32| ((37 * o + 101 * i) % 255 - 127) as i8;
    let data = LayerData {
        weights: outputs
            .clone()
            .flat_map(|o| [weight(o, 0), weight(o, 1)])
            .collect(),
        biases: outputs.clone().map(|o| 100 * (o - 392)).collect(),
        multipliers: outputs.map(|o| (30_000 + o) as u16).collect(),
    };
    check(
        "dense",
        &encode(&metadata(0, 2, None), &[(LayerShape::Dense(shape), data)]),
    );
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn convolutional_model() {
    let (relu, sigmoid) = (Activation::Relu, Activation::Sigmoid);
    let shapes = [
        LayerShape::Dense(DenseShape {
            inputs: 7,
            outputs: 98,
            channels: 2,
            shift: 23,
            activation: relu,
        }),
        LayerShape::UpsampleConv(UpsampleConvShape {
            side: 7,
            inputs: 2,
            outputs: 3,
            shift: 24,
            activation: relu,
        }),
        LayerShape::UpsampleConv(UpsampleConvShape {
            side: 14,
            inputs: 3,
            outputs: 1,
            shift: 21,
            activation: sigmoid,
        }),
    ];
    let layers = shapes.iter().zip(0..).map(|(shape, layer)| {
        let data = LayerData {
            weights: (0..shape.weight_count())
                .map(|k| ((37 * k + 101 * layer) % 255) as i16 - 127)
                .map(|w| w as i8)
                .collect(),
            biases: (0..shape.channels() as i32)
                .map(|c| 500 * (c - 1))
                .collect(),
            multipliers: (0..shape.channels() as u16)
                .map(|c| 40_000 + 100 * c)
                .collect(),
        };
        (*shape, data)
    });
    let layers: Vec<_> = layers.collect();
    check(
        "convolutional",
        &encode(&metadata(3, 4, Some(1_590)), &layers),
    );
}
