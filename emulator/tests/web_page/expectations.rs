//! Values computed on the host, which the page must show.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use embedded_graphics::pixelcolor::{BinaryColor, Gray4, Rgb565};
use serde::Serialize;
use thumbgan_core::{Model, graphics::GrayscaleColor};
use thumbgan_emulator::models::{self, ModelFile, golden_vectors};

use crate::bad_files::{self, BadFile};

/// Number of seeds whose images are compared.
const IMAGES: usize = 1_000;
/// Class names of a model that is not committed.
const CLASS_NAMES: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];
/// Boards that the page makes UF2 files for.
const UF2_BOARDS: [&str; 2] = ["pico", "pico2"];

/// Expectations, as `web/tests/environment.ts` reads them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Expectations {
    models: BTreeMap<String, ExpectedModel>,
    themes: BTreeMap<&'static str, usize>,
    bad_files: Vec<BadFile>,
    changed_files: Vec<BadFile>,
    own_model: OwnModel,
}

/// Committed model.
#[derive(Debug, Serialize)]
struct ExpectedModel {
    crc32: String,
    images: Vec<u32>,
}

/// Model that is not committed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnModel {
    #[serde(flatten)]
    model: ExpectedModel,
    path: String,
    class_names: [&'static str; 10],
    uf2: BTreeMap<&'static str, String>,
}

/// Writes `expectations.json` and the files that it names into a folder.
pub fn write(folder: &Path) -> Result<()> {
    let committed = models::committed()?;
    let find = |name: &str| {
        let found = committed.iter().find(|model| model.name() == name);
        found.with_context(|| format!("{name} is not committed"))
    };
    let small = find("digits-nano")?;
    let expectations = Expectations {
        models: committed
            .iter()
            .map(|model| Ok((model.name(), expected_model(model)?)))
            .collect::<Result<_>>()?,
        themes: BTreeMap::from([
            ("grayscale", Gray4::THEMES.len()),
            ("mini", BinaryColor::THEMES.len()),
            ("oled", BinaryColor::THEMES.len()),
            ("tft", Rgb565::THEMES.len()),
        ]),
        bad_files: bad_files::write(folder, &small.bytes)?,
        changed_files: bad_files::write_changed(folder, &small.bytes)?,
        own_model: own_model(folder, &small.bytes)?,
    };
    let text = serde_json::to_vec(&expectations)?;
    write_file(&folder.join("expectations.json"), &text)
}

/// Writes a file.
pub fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn expected_model(model: &ModelFile) -> Result<ExpectedModel> {
    let (images, _) = golden_vectors(model)?;
    let images = images.chunks_exact(4).take(IMAGES);
    Ok(ExpectedModel {
        crc32: format!("{:08x}", Model::parse(&model.bytes)?.crc32()),
        images: images
            .map(|bytes| u32::from_le_bytes(bytes.try_into().expect("chunks of four bytes")))
            .collect(),
    })
}

/// Writes a valid model that is not committed, and its UF2 files.
fn own_model(folder: &Path, base: &[u8]) -> Result<OwnModel> {
    let path = folder.join("own.tgan");
    let bytes = models::with_class_names(base, &CLASS_NAMES.join("\n"))?;
    write_file(&path, &bytes)?;
    let mut uf2 = BTreeMap::new();
    for name in UF2_BOARDS {
        let board = thumbgan_boards::find(name).context("the board is not in the table")?;
        let region = board.region_for(bytes.len() as u64)?;
        let format = board.uf2.context("the board has no UF2 boot loader")?;
        let path = folder.join(format!("own-{name}.uf2"));
        write_file(&path, &format.encode(region.memory.origin, &bytes))?;
        uf2.insert(name, path.display().to_string());
    }
    Ok(OwnModel {
        model: expected_model(&ModelFile::read(Some(&path))?)?,
        path: path.display().to_string(),
        class_names: CLASS_NAMES,
        uf2,
    })
}
