//! MNIST and Fashion-MNIST: locations and checksums.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};

use super::{Dataset, download, idx, locate};
use crate::files::{cannot, hex};

/// SHA-256 of MNIST's four uncompressed files, in the order of [`locate::NAMES`].
const HASHES: [&str; 4] = [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
];

const MIRRORS: [&str; 2] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
];

/// SHA-256 of Fashion-MNIST's four uncompressed files.
const FASHION_HASHES: [&str; 4] = [
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
];

const FASHION_MIRRORS: [&str; 2] = [
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
];

/// Folder of Debian's package dataset-fashion-mnist.
const FASHION_PACKAGE: &str = "/usr/share/datasets/fashion-mnist";

const FASHION_CLASSES: &str =
    "T-shirt/top\nTrouser\nPullover\nDress\nCoat\nSandal\nShirt\nSneaker\nBag\nAnkle boot";

/// Names, locations and checksums of a dataset with MNIST's files.
pub(super) struct Source {
    /// Name of the dataset on the command line.
    pub name: &'static str,
    /// Name of the dataset in messages.
    pub title: &'static str,
    /// Names of the classes, one per line; empty if the classes are numbered.
    pub class_names: &'static str,
    /// SHA-256 of each uncompressed file, in hexadecimal.
    pub hashes: [String; 4],
    /// URLs of folders, with a slash at the end.
    pub mirrors: Vec<String>,
    /// Folder into which a package of the system installs the files, if there is one.
    pub package: Option<PathBuf>,
    /// Folder of downloaded files; `None` if the system has no cache folder.
    pub cache: Option<PathBuf>,
}

impl Source {
    /// Returns the public mirrors and checksums of MNIST.
    pub fn public() -> Self {
        Self {
            name: "mnist",
            title: "MNIST",
            class_names: "",
            package: None,
            hashes: HASHES.map(String::from),
            mirrors: MIRRORS.map(String::from).to_vec(),
            cache: dirs::cache_dir().map(|cache| cache.join("thumbgan").join("mnist")),
        }
    }

    /// Returns the public mirrors and checksums of Fashion-MNIST (Xiao et al., 2017).
    pub fn fashion() -> Self {
        Self {
            name: "fashion-mnist",
            title: "Fashion-MNIST",
            class_names: FASHION_CLASSES,
            package: Some(FASHION_PACKAGE.into()),
            hashes: FASHION_HASHES.map(String::from),
            mirrors: FASHION_MIRRORS.map(String::from).to_vec(),
            cache: dirs::cache_dir().map(|cache| cache.join("thumbgan").join("fashion-mnist")),
        }
    }

    /// Reads the dataset from a folder that the user named; all files must be valid.
    pub fn folder(&self, folder: &Path) -> Result<Dataset> {
        let files = locate::open_folder(folder)?;
        for (file, hash) in files.iter().zip(&self.hashes) {
            self.check(file, hash).map_err(|error| {
                anyhow!(
                    "{error}; pass --dataset idx for a custom dataset; for {}, download the file again",
                    self.title
                )
            })?;
        }
        self.assemble(files)
    }

    /// Reads the dataset from the folder of the system's package, or else from the cache, and downloads missing or
    /// invalid files.
    pub fn cached(&self) -> Result<Dataset> {
        let package = self.package.as_deref().filter(|folder| folder.is_dir());
        if let Some(folder) = package {
            return self.folder(folder);
        }
        let cache = self
            .cache
            .as_deref()
            .context("this system has no cache folder")?;
        let mut mirrors = self.mirrors.clone();
        let mut open = |i: usize| self.cached_file(cache, i, &mut mirrors);
        self.assemble([open(0)?, open(1)?, open(2)?, open(3)?])
    }

    fn assemble(&self, files: [idx::File; 4]) -> Result<Dataset> {
        let dataset = idx::assemble(self.name, files)?;
        Ok(Dataset {
            class_names: self.class_names.to_owned(),
            ..dataset
        })
    }

    fn cached_file(&self, cache: &Path, file: usize, mirrors: &mut [String]) -> Result<idx::File> {
        let (name, hash) = (locate::NAMES[file], &self.hashes[file]);
        let verified =
            |path| idx::File::open(path).and_then(|file| self.check(&file, hash).map(|()| file));
        let fetch = |mirrors: &mut [String]| verified(download::fetch(cache, name, hash, mirrors)?);
        let Some(path) = locate::find(cache, name) else {
            return fetch(mirrors);
        };
        match verified(path.clone()) {
            Ok(file) => return Ok(file),
            Err(error) => {
                errln!("warning: invalid file in the cache, downloading it again: {error:#}");
            }
        }
        let file = fetch(mirrors)?;
        if file.path != path {
            fs::remove_file(&path).map_err(|error| cannot("remove", &path, &error))?;
        }
        Ok(file)
    }

    fn check(&self, file: &idx::File, expected: &str) -> Result<()> {
        let found = hex(&file.sha256);
        ensure!(
            found == expected,
            "{} is not a file of {}: SHA-256 of the uncompressed file is {found}, expected {expected}",
            file.path.display(),
            self.title
        );
        Ok(())
    }
}
