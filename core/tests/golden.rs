//! The committed models draw the digits that every emulated machine is held to.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

use thumbgan_core::{Generator, Model, PIXELS, SCRATCH};

/// Latents 0 to 1,023, the class of each its number modulo the model's classes.
const LATENTS: usize = 1_024;

/// What lies in a folder of the repository.
fn read(folder: &str, name: &str, kind: &str) -> Vec<u8> {
    fs::read(root().join(folder).join(format!("{name}.{kind}"))).unwrap()
}

/// Names of the files of this kind in a folder of the repository.
fn names(folder: &str, kind: &str) -> BTreeSet<String> {
    let paths = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == kind));
    paths.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
#[cfg_attr(miri, ignore = "thousands of digits: hours under miri")]
fn committed_models_draw_their_golden_digits() {
    let models = names("models", "tgan");
    assert!(!models.is_empty());
    for kind in ["crc", "px"] {
        assert_eq!(names("core/tests/golden", kind), models, "each model has a .{kind}, and nothing else");
    }
    for name in &models {
        check(name);
    }
}

/// Compares a model's digits with its golden vectors.
fn check(name: &str) {
    let file = read("models", name, "tgan");
    let mut generator = Generator::<SCRATCH>::new(Model::parse(&file).unwrap()).unwrap();
    let classes = u64::from(generator.model().classes());
    let (crcs, pixels) = (read("core/tests/golden", name, "crc"), read("core/tests/golden", name, "px"));
    let mut whole = pixels.chunks(PIXELS);
    assert_eq!((crcs.len(), whole.len()), (4 * LATENTS, 16), "{name}");
    for (latent, crc) in (0_u64..).zip(crcs.chunks(4)) {
        let class = latent.checked_rem(classes).map(|class| u8::try_from(class).unwrap());
        let digit = generator.generate(class, latent).unwrap();
        if let Some(expected) = whole.next() {
            assert_eq!(digit.pixels()[..], *expected, "{name}, latent {latent}");
        }
        assert_eq!(digit.crc32().to_le_bytes(), *crc, "{name}, latent {latent}");
    }
}
