//! Writes a grid of images, one row per seed and one column per class:
//! `cargo run -p thumbgan-core --example grid [FILE]`.

use std::error::Error;

use thumbgan_core::{Generator, GrayImage, Model, include_model};

mod png_file;

static MODEL: &[u8] = include_model!("../models/digits-nano.tgan");

/// Rows of the grid.
const SEEDS: u64 = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    let model = Model::parse(MODEL)?;
    let classes = model.class_count();
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch)?;
    let mut pixels = Vec::new();
    for seed in 0..SEEDS {
        let images: Vec<GrayImage> = (0..classes)
            .map(|class| generator.generate(Some(class), seed).cloned())
            .collect::<Result<_, _>>()?;
        for y in 0..GrayImage::SIDE {
            for image in &images {
                pixels.extend(&image.pixels()[y * GrayImage::SIDE..][..GrayImage::SIDE]);
            }
        }
    }
    let width = usize::from(classes) * GrayImage::SIDE;
    png_file::write(path.as_deref().unwrap_or("grid.png"), width, &pixels)?;
    Ok(())
}
