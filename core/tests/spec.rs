//! The test vectors of docs/*.md hold: the documents are the specification, and this reads them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use thumbgan_core::{
    Generator, Model, PIXELS, arithmetic,
    latent::{Distribution, SplitMix64},
    model::{Activation, DenseData, DenseShape, Description, Latent, LayerShape, Provenance, crc32, encode},
};

const ARITHMETIC: &str = include_str!("../../docs/arithmetic.md");
const MODEL_FORMAT: &str = include_str!("../../docs/model-format.md");

/// The lines `left -> right` of a document's block of vectors.
fn vectors<'a>(document: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let start = format!("```vectors {name}\n");
    let (_, block) = document.split_once(&start).expect("the document has these vectors");
    let (block, _) = block.split_once("```").expect("the block is closed");
    let lines = block.lines().filter(|line| !line.starts_with('#'));
    let pairs: Vec<_> = lines.map(|line| line.split_once(" -> ").expect("left -> right")).collect();
    assert!(!pairs.is_empty());
    pairs
}

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    text.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

#[test]
fn requantise() {
    for (inputs, expected) in vectors(ARITHMETIC, "requantise") {
        let [acc, multiplier, shift] = numbers::<i64>(inputs)[..] else { panic!("{inputs}") };
        let found = arithmetic::requantise(acc as i32, multiplier as u16, shift as u8);
        assert_eq!(found.to_string(), expected, "requantise {inputs}");
    }
}

#[test]
fn sigmoid() {
    for (index, pixel) in vectors(ARITHMETIC, "sigmoid") {
        let index: usize = index.parse().unwrap();
        assert_eq!(arithmetic::SIGMOID[index].to_string(), pixel, "sigmoid {index}");
        assert_eq!(arithmetic::sigmoid(index as i32 - 128).to_string(), pixel, "sigmoid {index}");
    }
}

#[test]
fn splitmix64() {
    for (seed, outputs) in vectors(ARITHMETIC, "splitmix64") {
        let mut random = SplitMix64::new(seed.parse().unwrap());
        let found: Vec<_> = (0..3).map(|_| format!("{:016x}", random.next_u64())).collect();
        assert_eq!(found.join(" "), outputs, "seed {seed}");
    }
}

#[test]
fn latents() {
    for (name, distribution) in [("uniform", Distribution::Uniform), ("normal", Distribution::Normal)] {
        for (seed, expected) in vectors(ARITHMETIC, name) {
            let mut latent = [0; 8];
            distribution.draw(seed.parse().unwrap(), &mut latent);
            assert_eq!(latent.to_vec(), numbers::<i8>(expected), "{name}, seed {seed}");
        }
    }
}

#[test]
fn model_file() {
    let shape = DenseShape { inputs: 2, outputs: 784, shift: 20, activation: Activation::Sigmoid };
    let outputs = 0..PIXELS as i32;
    let weight = |o: i32, i: i32| ((37 * o + 101 * i) % 255 - 127) as i8;
    let data = DenseData {
        weights: outputs.clone().flat_map(|o| [weight(o, 0), weight(o, 1)]).collect(),
        biases: outputs.clone().map(|o| 100 * (o - 392)).collect(),
        multipliers: outputs.map(|o| (30_000 + o) as u16).collect(),
    };
    let description = Description {
        name: "vector",
        classes: 0,
        latent: Latent { length: 2, distribution: Distribution::Uniform },
        provenance: Provenance {
            dataset: "none",
            dataset_sha256: [0x11; 32],
            iterations: 300,
            seed: 7,
            tool: "spec",
        },
        layers: heapless::Vec::from_slice(&[LayerShape::Dense(shape)]).unwrap(),
    };
    let file = encode(&description, &[data]);
    let head = file.len() - 4 - (2 * 784 + 4 * 784 + 2 * 784);
    let mut generator = Generator::<2>::new(Model::parse(&file).unwrap()).unwrap();
    for (what, expected) in vectors(MODEL_FORMAT, "model") {
        let found = match what.split_once(' ') {
            None if what == "head" => file[..head].iter().map(|byte| format!("{byte:02x}")).collect(),
            None if what == "length" => file.len().to_string(),
            None => format!("{:08x}", crc32(&file[..file.len() - 4])),
            Some((_, seed)) => {
                format!("{:08x}", generator.generate(None, seed.parse().unwrap()).unwrap().crc32())
            }
        };
        assert_eq!(found, expected, "{what}");
    }
}
