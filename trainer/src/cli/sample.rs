//! `trainer sample`: int8 images, exactly as a board generates them, in a NumPy file or a PNG grid.

use std::{
    fs,
    io::{self, ErrorKind, IsTerminal, Write},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use thumbgan_core::Model;

use crate::{
    data::{SIDE, array_header},
    export::int8::{self, Int8Generator},
    files::{Draft, cannot, check_absent, create_parent, read},
    png::{self, Purpose, has_ending},
    progress,
    random::parse_seed,
    text::count,
};

/// Images that are generated between two writes.
const CHUNK: u64 = 4_000;
/// Maximum number of images in a PNG grid.
const MAX_GRID: u64 = 10_000;

/// Arguments of `trainer sample`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Number of images
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Seed of image 0; image i has seed S + i
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = parse_seed)]
    seed: u64,
    /// Class of all images, by its name or number [default: seed modulo number of classes]
    #[arg(long, value_name = "C")]
    class: Option<String>,
    /// Output: NAME.npy (NumPy array, uint8 [N, 28, 28]), NAME.png (grid of at most 10,000 images), or `-` for a NumPy
    /// array on standard output; existing pipes and character devices get a NumPy
    /// array
    ///
    /// For conditional models, NAME-labels.npy beside NAME.npy has the classes.
    #[arg(long, value_name = "FILE", default_value = "samples.npy")]
    out: PathBuf,
    /// Replace existing files
    #[arg(long)]
    force: bool,
}

/// Output of the images.
#[derive(Debug)]
enum Output {
    /// NumPy array, and the path of the labels for a conditional model.
    Array(PathBuf, Option<PathBuf>),
    /// NumPy array without labels in an existing pipe or character device.
    Stream(PathBuf),
    /// PNG grid.
    Grid(PathBuf),
    /// NumPy array on standard output.
    Stdout,
}

/// Images to generate.
struct Samples<'a> {
    model: &'a Model<'a>,
    /// Seed of the first image.
    seed: u64,
    /// Number of images.
    count: u64,
    /// Class of all images; `None` for the class of each seed.
    class: Option<u8>,
}

/// Generates the images.
///
/// # Errors
/// If the model is invalid or has no such class, or the output cannot be written or would replace another file.
pub fn run(options: &Options) -> Result<()> {
    ensure!(
        options.seed.checked_add(options.count - 1).is_some(),
        "--seed {} is too large for {}: the last seed of an image is at most 2^64 - 1",
        options.seed,
        count(options.count as usize, "image")
    );
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    let class = options
        .class
        .as_deref()
        .map(|class| find_class(&model, class))
        .transpose()?;
    let samples = Samples {
        model: &model,
        seed: options.seed,
        count: options.count,
        class,
    };
    let total = count(options.count as usize, "image");
    let source = options.model.display();
    match Output::check(options, model.class_count() > 0)? {
        Output::Array(path, labels) => {
            samples.write_array(&path, labels.as_deref(), options.force)?;
            outln!("{}: {total} of {source}", path.display());
            if let Some(labels) = labels {
                outln!("{}: classes of the images", labels.display());
            }
        }
        Output::Grid(path) => {
            create_parent(&path)?;
            let draft = Draft::new(&path)?;
            let mut grays = Vec::new();
            samples.generate(|_, pixels| {
                grays.extend_from_slice(pixels);
                Ok(())
            })?;
            let grid = png::grid(&grays, samples.columns());
            png::check_output(&path, Purpose::SampleGrid, options.force)?;
            draft.complete(&grid.png(Purpose::SampleGrid)?)?;
            outln!("{}: {total} of {source}", path.display());
        }
        Output::Stream(path) => {
            samples.say_classes();
            samples.write_array(&path, None, options.force)?;
        }
        Output::Stdout => {
            samples.say_classes();
            samples.write_stdout()?;
        }
    }
    Ok(())
}

impl Output {
    /// Chooses the output by the ending of its name and checks that no other file would be replaced.
    fn check(options: &Options, has_classes: bool) -> Result<Self> {
        let out = &options.out;
        if out == Path::new("-") {
            ensure!(
                !io::stdout().is_terminal(),
                "--out - would write the bytes of an array to the terminal; redirect standard output to a file or a \
                 program, or name a file"
            );
            return Ok(Self::Stdout);
        }
        if !has_ending(out, "png") && is_stream(out) {
            return Ok(Self::Stream(out.clone()));
        }
        if has_ending(out, "npy") {
            let labels = has_classes.then(|| labels_path(out));
            for path in [Some(out), labels.as_ref()].into_iter().flatten() {
                check_absent(path, options.force)?;
            }
            return Ok(Self::Array(out.clone(), labels));
        }
        ensure!(
            has_ending(out, "png"),
            "--out {}: the name ends neither in .npy, for a NumPy array, nor in .png, for a grid of images; choose one \
             of them, or - for a NumPy array on standard output",
            out.display()
        );
        ensure!(
            options.count <= MAX_GRID,
            "--count {} is too large for the PNG grid {}, which has at most {MAX_GRID} images; name a file that ends \
             in .npy",
            options.count,
            out.display()
        );
        png::check_output(out, Purpose::SampleGrid, options.force)?;
        Ok(Self::Grid(out.clone()))
    }
}

impl Samples<'_> {
    /// Prints the classes of an array without labels.
    fn say_classes(&self) {
        if self.model.class_count() > 0 && self.class.is_none() {
            errln!(
                "the labels are not written: image i of the array, from 0, has the class (i + {}) modulo {}",
                self.seed,
                self.model.class_count()
            );
        }
    }

    /// Returns the number of columns of a grid that is about square. A row of a conditional model has each class
    /// equally often.
    fn columns(&self) -> usize {
        let count = self.count as usize;
        let side = (count as f64).sqrt();
        let columns = match (self.model.class_count(), self.class) {
            (0, _) | (_, Some(_)) => side.ceil() as usize,
            (classes, None) => {
                let rows = (side / f64::from(classes)).round().max(1.0);
                rows as usize * usize::from(classes)
            }
        };
        columns.min(count)
    }

    /// Generates the images in chunks and calls `write` with the seeds and the pixels of each.
    fn generate(
        &self,
        mut write: impl FnMut(RangeInclusive<u64>, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let bar = progress::start("generating", self.count, "image")?;
        for start in (0..self.count).step_by(CHUNK as usize) {
            let count = CHUNK.min(self.count - start);
            let first = self.seed + start;
            let seeds = first..=first + (count - 1);
            let pixels = self.pixels(&seeds)?;
            bar.inc(count);
            write(seeds, &pixels)?;
        }
        Ok(())
    }

    /// Returns the pixels of consecutive seeds, 784 each.
    fn pixels(&self, seeds: &RangeInclusive<u64>) -> Result<Vec<u8>> {
        let (first, last) = (*seeds.start(), *seeds.end());
        if let Some(end) = last.checked_add(1) {
            return int8::generate_parallel(self.model, first..end, self.class);
        }
        let mut pixels = int8::generate_parallel(self.model, first..last, self.class)?;
        let request = (last, self.class_of(last));
        pixels.extend(Int8Generator::new(self.model).generate([request])?);
        Ok(pixels)
    }

    /// Returns the class of the image of a seed.
    fn class_of(&self, seed: u64) -> Option<u8> {
        self.class.or_else(|| self.model.class_for_seed(seed))
    }

    /// Writes the images and, for a conditional model, their classes as they are generated. Files that exist are
    /// replaced only if `force` is set.
    fn write_array(&self, path: &Path, labels: Option<&Path>, force: bool) -> Result<()> {
        create_parent(path)?;
        let mut images = ArrayFile::new(path, &self.shape())?;
        let mut labels = labels
            .map(|path| ArrayFile::new(path, &[self.count]))
            .transpose()?;
        // Another process may have completed them before the drafts were locked.
        for file in std::iter::once(&images).chain(&labels) {
            check_absent(&file.path, force)?;
        }
        self.generate(|seeds, pixels| {
            images.write(pixels)?;
            if let Some(labels) = &mut labels {
                let classes = seeds.filter_map(|seed| self.class_of(seed));
                labels.write(&classes.collect::<Vec<_>>())?;
            }
            Ok(())
        })?;
        match labels {
            Some(labels) => Draft::finish_pair(images.draft, labels.draft, force),
            None if force => images.draft.finish(),
            None => images.draft.finish_new(),
        }
    }

    /// Writes the images to standard output as they are generated. A reader that closes it early ends the command.
    fn write_stdout(&self) -> Result<()> {
        let mut stdout = io::stdout().lock();
        let mut write = || {
            stdout.write_all(&array_header(&self.shape()))?;
            self.generate(|_, pixels| Ok(stdout.write_all(pixels)?))?;
            Ok(stdout.flush()?)
        };
        write().or_else(|error: anyhow::Error| {
            match error.downcast_ref::<io::Error>().map(io::Error::kind) {
                Some(ErrorKind::BrokenPipe) => Ok(()),
                Some(_) => Err(error.context("cannot write to standard output")),
                None => Err(error),
            }
        })
    }

    /// Returns the shape of the array of the images.
    fn shape(&self) -> [u64; 3] {
        [self.count, SIDE as u64, SIDE as u64]
    }
}

/// NumPy file of unsigned bytes that is being written.
struct ArrayFile {
    draft: Draft,
    path: PathBuf,
}

impl ArrayFile {
    /// Begins the file with its header.
    fn new(path: &Path, shape: &[u64]) -> Result<Self> {
        let mut file = Self {
            draft: Draft::new(path)?,
            path: path.to_owned(),
        };
        file.write(&array_header(shape))?;
        Ok(file)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.draft
            .write_all(bytes)
            .map_err(|error| cannot("write", &self.path, &error))
    }
}

/// Returns true for an existing pipe or character device.
#[cfg(unix)]
fn is_stream(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    fs::metadata(path).is_ok_and(|found| {
        let kind = found.file_type();
        kind.is_fifo() || kind.is_char_device()
    })
}

/// Returns true for an existing pipe or device, which is neither a file nor a folder.
#[cfg(not(unix))]
fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Returns NAME-labels.npy for NAME.npy.
fn labels_path(out: &Path) -> PathBuf {
    let mut name = out.file_stem().unwrap_or_default().to_owned();
    name.push("-labels.npy");
    out.with_file_name(name)
}

/// Finds a class by its name or, if no class has this name, by its number.
fn find_class(model: &Model<'_>, class: &str) -> Result<u8> {
    let (classes, name) = (model.class_count(), model.name());
    ensure!(
        classes > 0,
        "--class {class}: the model {name} is unconditional, so it has no classes; omit --class"
    );
    let named = model.class_names().position(|name| name == class);
    let number = class.parse().ok().filter(|number| *number < classes);
    named.map(|index| index as u8).or(number).with_context(|| {
        let names: Vec<_> = (0..classes)
            .zip(model.class_names())
            .map(|(number, name)| format!("{number} ({name})"))
            .collect();
        let known = if names.is_empty() {
            format!("0 to {}", classes - 1)
        } else {
            names.join(", ")
        };
        format!("--class {class}: the model {name} has no such class; its classes are {known}")
    })
}
