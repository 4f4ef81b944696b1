//! Properties of files that hold for every content, shared by the property tests and the fuzz targets in `fuzz/`. Each function
//! panics if its property does not hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::prelude::Device;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use trainer::{
    cli::settings,
    data::{self, DatasetKind, PIXELS, ReadOptions, Request},
    gan::preset::Preset,
    training::{
        checkpoint::{self, Identity},
        config::Config,
    },
};

/// Folder for the files of one kind, which is used again for each input.
pub struct Folder(TempDir);

impl Folder {
    /// Creates an empty folder for temporary files.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Checks that a file of images in the IDX format, and one of labels, is a dataset or an error.
    pub fn check_idx(&self, bytes: &[u8]) {
        let labels = self.path("labels");
        if labels.exists() {
            fs::remove_file(labels).unwrap();
        }
        let images = self.write("images", bytes);
        check_dataset(DatasetKind::Idx, &images, &images);
        let images = self.write("images", IMAGES);
        let labels = self.write("labels", bytes);
        check_dataset(DatasetKind::Idx, &images, &labels);
    }

    /// Checks that a NumPy file, an array or an archive, is a dataset or an error.
    pub fn check_numpy(&self, bytes: &[u8]) {
        let file = self.write("train.npz", bytes);
        check_dataset(DatasetKind::Numpy, &file, &file);
    }

    /// Checks that a table is a dataset or an error.
    pub fn check_csv(&self, bytes: &[u8]) {
        let file = self.write("train.csv", bytes);
        check_dataset(DatasetKind::Csv, &file, &file);
    }

    /// Checks that the state of a checkpoint, with the right SHA-256, is loaded or an error, and the same of the configuration of
    /// a run.
    pub fn check_state(&self, bytes: &[u8]) {
        let path = self.path("config.json");
        match Config::parse(bytes, &path) {
            Ok(config) => {
                let again = serde_json::to_vec(&config).unwrap();
                assert_eq!(Config::parse(&again, &path).unwrap(), config);
            }
            Err(error) => check_error(&error, &path),
        }
        let place = self.path("checkpoints/00000001");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("state.json"), bytes).unwrap();
        let hash: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        fs::write(place.join("state.sha256"), hash).unwrap();
        fs::write(place.join("generator.bpk"), b"x").unwrap();
        let identity = Identity {
            recipe_sha256: "r".to_owned(),
            seed: 1,
            dataset_sha256: "d".to_owned(),
            labels_sha256: None,
        };
        let folder = self.path("checkpoints");
        let recipe = Preset::DigitsNano.recipe();
        let loaded = checkpoint::load(&folder, &recipe, &identity, &Device::flex());
        check_error(
            &loaded.err().expect("the checkpoint has no weights"),
            &folder,
        );
    }

    /// Checks that a settings file becomes arguments or an error.
    pub fn check_settings(&self, bytes: &[u8]) {
        let path = self.write("run.toml", bytes);
        match settings::table(&path) {
            // Whoever calls this adds the file's name.
            Ok(table) => match settings::arguments(&table) {
                Ok(arguments) => assert_eq!(arguments.len(), table.len()),
                Err(error) => check_line(&format!("{error:#}")),
            },
            Err(error) => check_error(&error, &path),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// IDX file of twelve images of 2x1 pixels.
const IMAGES: &[u8] = b"\0\0\x08\x03\0\0\0\x0c\0\0\0\x02\0\0\0\x01abcdefghijklmnopqrstuvwx";

/// Checks that the dataset at `path` consists of 28x28 images of known classes, or its error names `file`.
fn check_dataset(kind: DatasetKind, path: &Path, file: &Path) {
    let reading = ReadOptions {
        resize: true,
        ..ReadOptions::default()
    };
    let request = Request {
        data: Some(path.to_owned()),
        dataset: kind,
        reading,
    };
    match data::load(&request) {
        Ok(dataset) => {
            for split in [&dataset.train, &dataset.test] {
                assert!(!split.is_empty());
                assert_eq!(split.pixels.len(), PIXELS * split.len());
                let classes = dataset.classes().max(1);
                assert!(split.labels.iter().all(|&label| label < classes));
            }
        }
        Err(error) => check_error(&error, file),
    }
}

/// Checks that an error has one line, which names the file.
fn check_error(error: &anyhow::Error, file: &Path) {
    let message = format!("{error:#}");
    check_line(&message);
    assert!(
        message.contains(&*file.to_string_lossy()),
        "{message:?} does not name {}",
        file.display()
    );
}

fn check_line(message: &str) {
    let is_line = !message.is_empty() && !message.chars().any(char::is_control);
    assert!(is_line && message.len() < 2_000, "{message:?}");
}
