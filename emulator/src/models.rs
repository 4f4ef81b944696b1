//! Model files on the host, run by `core` as on a device.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use thumbgan_app::SCRATCH_LEN;
use thumbgan_core::{
    Generator, Model,
    model::{LayerData, Metadata, encode},
};

use crate::process;

/// Number of golden vectors of a model: the images of seeds 0 to 1,023.
pub const GOLDEN_VECTORS: u32 = 1024;

/// Number of golden vectors whose pixels are stored, not only their check values.
pub const GOLDEN_IMAGES: u32 = 16;

/// Returns the path of the model that boards carry by default.
pub fn default_path() -> PathBuf {
    folder().join("digits.tgan")
}

/// Returns the folder of the committed models.
fn folder() -> PathBuf {
    process::root().join("models")
}

/// A valid model file.
#[derive(Debug)]
pub struct ModelFile {
    /// Absolute path.
    pub path: PathBuf,
    /// Contents.
    pub bytes: Vec<u8>,
}

impl ModelFile {
    /// Reads and checks a model file; `None` stands for the default model.
    ///
    /// # Errors
    /// If the file cannot be read, is invalid, or needs more scratch than the firmware has.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let path = path.map_or_else(default_path, Path::to_owned);
        let bytes =
            fs::read(&path).with_context(|| format!("cannot read the model {}", path.display()))?;
        generator(&bytes, &mut scratch())
            .with_context(|| format!("{} cannot be used", path.display()))?;
        let path = path
            .canonicalize()
            .with_context(|| format!("cannot find {}", path.display()))?;
        Ok(Self { path, bytes })
    }

    /// Returns the file's name without its extension.
    pub fn name(&self) -> String {
        self.path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// Returns the scratch memory in bytes that the model needs.
    ///
    /// # Errors
    /// If the file is invalid.
    pub fn scratch_bytes(&self) -> Result<usize> {
        Ok(4 * Model::parse(&self.bytes)?.scratch_len())
    }

    /// Returns true if the model is unconditional.
    ///
    /// # Errors
    /// If the file is invalid.
    pub fn is_unconditional(&self) -> Result<bool> {
        Ok(Model::parse(&self.bytes)?.class_count() == 0)
    }
}

/// Reads every model in `models/`, sorted by name.
///
/// # Errors
/// If the folder or one of the models cannot be read, or a model is invalid or needs more scratch than the firmware
/// has.
pub fn committed() -> Result<Vec<ModelFile>> {
    let folder = folder();
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "tgan")
    });
    paths.sort_unstable();
    paths
        .iter()
        .map(|path| ModelFile::read(Some(path)))
        .collect()
}

/// Returns scratch memory of the length that the firmware has.
pub fn scratch() -> Vec<u32> {
    vec![0; SCRATCH_LEN]
}

/// Returns a generator for the model in `bytes` that works in `scratch`.
///
/// # Errors
/// If `bytes` are an invalid model, or `scratch` is too short for it.
pub fn generator<'a>(bytes: &'a [u8], scratch: &'a mut [u32]) -> Result<Generator<'a>> {
    Ok(Generator::new(Model::parse(bytes)?, scratch)?)
}

/// Returns a copy of the model in `file` with other class names, one a line.
///
/// # Errors
/// If `file` is an invalid model, or `class_names` has neither one name for each class nor none at all.
pub fn with_class_names(file: &[u8], class_names: &str) -> Result<Vec<u8>> {
    let model = Model::parse(file)?;
    let layers = model.layers().iter();
    let layers: Vec<_> = layers
        .map(|layer| (layer.shape(), LayerData::from(layer)))
        .collect();
    let metadata = Metadata {
        class_names,
        ..*model.metadata()
    };
    let bytes = encode(&metadata, &layers);
    Model::parse(&bytes)?;
    Ok(bytes)
}

/// Returns the golden vectors of a model: the CRC-32 of each image, little endian, and the pixels of the first
/// [`GOLDEN_IMAGES`].
///
/// # Errors
/// If the model is invalid or needs more scratch than the firmware has.
pub fn golden_vectors(model: &ModelFile) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut scratch = scratch();
    let mut generator = generator(&model.bytes, &mut scratch)?;
    let (mut crcs, mut pixels) = (Vec::new(), Vec::new());
    for seed in 0..u64::from(GOLDEN_VECTORS) {
        let class = generator.model().class_for_seed(seed);
        let image = generator.generate(class, seed)?;
        crcs.extend(image.crc32().to_le_bytes());
        if seed < GOLDEN_IMAGES.into() {
            pixels.extend(image.pixels());
        }
    }
    Ok((crcs, pixels))
}

#[cfg(test)]
mod tests {
    use thumbgan_core::{GrayImage, crc32};

    use super::*;

    #[test]
    fn golden_check_values_belong_to_the_pixels() {
        let (crcs, pixels) = golden_vectors(&ModelFile::read(None).unwrap()).unwrap();
        assert_eq!(crcs.len(), 4 * GOLDEN_VECTORS as usize);
        assert_eq!(pixels.len(), GOLDEN_IMAGES as usize * GrayImage::PIXELS);
        for (crc, image) in crcs.chunks(4).zip(pixels.chunks(GrayImage::PIXELS)) {
            assert_eq!(crc, crc32(image).to_le_bytes());
        }
    }

    #[test]
    fn the_default_model_is_committed() {
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
    fn other_class_names_leave_the_images_unchanged() {
        let default = ModelFile::read(None).unwrap().bytes;
        let names = "a\nb\nc\nd\ne\nf\ng\nh\ni\nan eight or nine";
        let named = with_class_names(&default, names).unwrap();
        let parsed = Model::parse(&named).unwrap();
        assert_eq!(parsed.class_name(9), Some("an eight or nine"));
        let (mut scratch_before, mut scratch_after) = (scratch(), scratch());
        let mut before = generator(&default, &mut scratch_before).unwrap();
        let mut after = generator(&named, &mut scratch_after).unwrap();
        for seed in 0..10 {
            let class = parsed.class_for_seed(seed);
            let expected = before.generate(class, seed).unwrap();
            assert!(
                after.generate(class, seed).unwrap() == expected,
                "seed {seed}"
            );
        }
        assert_eq!(with_class_names(&named, "").unwrap(), default);
        assert!(with_class_names(&default, "only one").is_err());
    }

    #[test]
    fn rejects_a_damaged_model_and_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.tgan");
        let mut bytes = ModelFile::read(None).unwrap().bytes;
        bytes[5000] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = format!("{:#}", ModelFile::read(Some(&path)).unwrap_err());
        assert!(error.contains("broken.tgan"), "{error}");
        let error = format!(
            "{:#}",
            ModelFile::read(Some(Path::new("none.tgan"))).unwrap_err()
        );
        assert!(error.contains("cannot read the model none.tgan"), "{error}");
    }
}
