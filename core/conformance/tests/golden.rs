//! Golden vectors: the images of the committed models, which every emulated machine must reproduce.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

use thumbgan_core::{Generator, GrayImage, Model, model::encode};

/// Seeds per model, 0 to 1,023, each with its class by [`Model::class_for_seed`].
const SEEDS: usize = 1_024;

/// Reads a file of a folder of the repository.
fn read(folder: &str, name: &str, kind: &str) -> Vec<u8> {
    fs::read(root().join(folder).join(format!("{name}.{kind}"))).unwrap()
}

/// Returns the stems of the files with extension `kind` in a folder of the repository.
fn names(folder: &str, kind: &str) -> BTreeSet<String> {
    let paths = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == kind));
    paths
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
#[cfg_attr(miri, ignore = "takes hours under miri")]
fn committed_models_reproduce_their_golden_vectors() {
    let models = names("models", "tgan");
    assert!(!models.is_empty());
    for kind in ["crc", "px"] {
        assert_eq!(
            names("core/conformance/tests/golden", kind),
            models,
            "each model has a .{kind}, and nothing else"
        );
    }
    for name in &models {
        check(name);
    }
}

/// Compares the images of a model with its golden vectors.
fn check(name: &str) {
    let file = read("models", name, "tgan");
    let model = Model::parse(&file).unwrap();
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model.clone(), &mut scratch).unwrap();
    let (crcs, pixels) = (
        read("core/conformance/tests/golden", name, "crc"),
        read("core/conformance/tests/golden", name, "px"),
    );
    let mut whole = pixels.chunks(GrayImage::PIXELS);
    assert_eq!((crcs.len(), whole.len()), (4 * SEEDS, 16), "{name}");
    for (seed, crc) in (0_u64..).zip(crcs.chunks(4)) {
        let image = generator
            .generate(model.class_for_seed(seed), seed)
            .unwrap();
        if let Some(expected) = whole.next() {
            assert_eq!(image.pixels()[..], *expected, "{name}, seed {seed}");
        }
        assert_eq!(image.crc32().to_le_bytes(), *crc, "{name}, seed {seed}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn committed_models_are_encoded_again_byte_for_byte() {
    for name in names("models", "tgan") {
        let file = read("models", &name, "tgan");
        let model = Model::parse(&file).unwrap();
        let layers: Vec<_> = model
            .layers()
            .iter()
            .map(|layer| (layer.shape(), layer.into()))
            .collect();
        assert!(encode(model.metadata(), &layers) == file, "{name}");
    }
}

#[test]
fn the_packaged_model_is_the_committed_one() {
    let packaged = fs::read(root().join("core/models/digits-nano.tgan")).unwrap();
    assert_eq!(packaged, read("models", "digits-nano", "tgan"));
}
