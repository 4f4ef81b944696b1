//! Writes an interpolation between the latents of two seeds, one row per class and one column per step:
//! `cargo run -p thumbgan-core --example interpolation [FILE]`.

use std::error::Error;

use thumbgan_core::{Generator, GrayImage, Model, include_model};

mod png_file;

static MODEL: &[u8] = include_model!("../models/digits-nano.tgan");

/// Columns of the picture; the first and the last are the images of the two seeds.
const STEPS: usize = 12;
/// Seeds of the latents at both ends.
const SEEDS: [u64; 2] = [3, 4];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    let model = Model::parse(MODEL)?;
    let classes = model.class_count();
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch)?;
    let width = STEPS * GrayImage::SIDE;
    let mut pixels = vec![0; usize::from(classes) * GrayImage::SIDE * width];
    for (class, row) in (0..).zip(pixels.chunks_mut(GrayImage::SIDE * width)) {
        for step in 0..STEPS {
            let t = step as f32 / (STEPS - 1) as f32;
            let image = generator.generate_interpolated(Some(class), SEEDS, t)?;
            let left = step * GrayImage::SIDE;
            for (line, pixels) in row
                .chunks_mut(width)
                .zip(image.pixels().chunks(GrayImage::SIDE))
            {
                line[left..left + GrayImage::SIDE].copy_from_slice(pixels);
            }
        }
    }
    png_file::write(
        path.as_deref().unwrap_or("interpolation.png"),
        width,
        &pixels,
    )?;
    Ok(())
}
