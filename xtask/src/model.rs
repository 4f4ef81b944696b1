//! Model files on the host: checked, and run by `core` as the devices do.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use thumbgan_core::{
    Digit, Generator, Model, SCRATCH, crc32,
    model::{Description, Layer},
};

use crate::shell;

/// The model that boards get when none is named.
pub fn default_path() -> PathBuf {
    folder().join("digits.tgan")
}

/// Where the committed models lie.
fn folder() -> PathBuf {
    shell::root().join("models")
}

/// A sound model file.
#[derive(Debug)]
pub struct ModelFile {
    /// Where it lies, absolute.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl ModelFile {
    /// Reads and checks a model file; the default one if none is named.
    ///
    /// # Errors
    /// When it cannot be read, is not sound, or is too large for the firmware.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let path = path.map_or_else(default_path, Path::to_owned);
        let bytes =
            fs::read(&path).with_context(|| format!("cannot read the model {}", path.display()))?;
        generator(&bytes).with_context(|| format!("{} cannot be used", path.display()))?;
        let path = path
            .canonicalize()
            .with_context(|| format!("cannot find {}", path.display()))?;
        Ok(Self { path, bytes })
    }

    /// Its file's name without the ending.
    pub fn name(&self) -> String {
        self.path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }
}

/// Every model in `models/`, by name.
///
/// # Errors
/// When one of them cannot be read, is not sound, or is too large for the firmware.
pub fn committed() -> Result<Vec<ModelFile>> {
    let folder = folder();
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "tgan"));
    paths.sort_unstable();
    paths
        .iter()
        .map(|path| ModelFile::read(Some(path)))
        .collect()
}

/// A generator for the model of these bytes.
///
/// # Errors
/// When they are no sound model, or one too large for the firmware.
pub fn generator(bytes: &[u8]) -> Result<Generator<'_, SCRATCH>> {
    Ok(Generator::new(Model::parse(bytes)?)?)
}

/// The same model with its classes called `class_names`, one a line.
///
/// # Errors
/// When `file` is no sound model, or the names are not one for each of its classes.
pub fn renamed(file: &[u8], class_names: &str) -> Result<Vec<u8>> {
    let model = Model::parse(file)?;
    let description = postcard::to_allocvec(&Description {
        name: model.name(),
        classes: model.classes(),
        class_names,
        latent: model.latent(),
        provenance: *model.provenance(),
        layers: model.layers().iter().map(Layer::shape).collect(),
    })?;
    // The file is magic and version, the lengths of description and data, both of these, and a CRC
    // (docs/model-format.md, section 1).
    let (start, length) = (&file[..6], &file[8..12]);
    let numbers = u32::from_le_bytes(length.try_into()?) as usize;
    let data = &file[file.len() - 4 - numbers..file.len() - 4];
    let mut bytes = [
        start,
        &u16::try_from(description.len())?.to_le_bytes(),
        length,
        &description,
    ]
    .concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes.extend(data);
    bytes.extend(crc32(&bytes).to_le_bytes());
    Model::parse(&bytes)?;
    Ok(bytes)
}

/// The digit of a golden vector: latent and class both follow from its number.
///
/// # Errors
/// Never for a generator of [`generator`]: the class is always one that the model has.
pub fn golden<'g>(generator: &'g mut Generator<'_, SCRATCH>, latent: u32) -> Result<&'g Digit> {
    let classes = u32::from(generator.model().classes());
    let class = latent.checked_rem(classes).map(u8::try_from).transpose()?;
    Ok(generator.generate(class, u64::from(latent))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_model_is_one_of_the_committed_ones() {
        let committed = committed().unwrap();
        let default = ModelFile::read(None).unwrap();
        assert_eq!(default.name(), "digits");
        assert_eq!(
            committed
                .iter()
                .filter(|model| model.path == default.path)
                .count(),
            1
        );
    }

    #[test]
    fn another_name_changes_no_digit() {
        let default = ModelFile::read(None).unwrap().bytes;
        let names = "a\nb\nc\nd\ne\nf\ng\nh\ni\nan eight or nine";
        let named = renamed(&default, names).unwrap();
        let (mut one, mut other) = (generator(&default).unwrap(), generator(&named).unwrap());
        assert_eq!(other.model().class_name(9), Some("an eight or nine"));
        assert!(
            (0..10)
                .all(|latent| golden(&mut one, latent).unwrap()
                    == golden(&mut other, latent).unwrap())
        );
        assert_eq!(renamed(&named, "").unwrap(), default);
        assert!(renamed(&default, "only one").is_err());
    }

    #[test]
    fn damaged_models_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.tgan");
        let mut bytes = ModelFile::read(None).unwrap().bytes;
        bytes[5000] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = format!("{:#}", ModelFile::read(Some(&path)).unwrap_err());
        assert!(
            error.contains("broken.tgan") && error.contains("model damaged"),
            "{error}"
        );
        let error = format!(
            "{:#}",
            ModelFile::read(Some(Path::new("none.tgan"))).unwrap_err()
        );
        assert!(error.contains("cannot read the model none.tgan"), "{error}");
    }
}
