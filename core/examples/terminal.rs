//! Prints generated digits in the terminal: `cargo run -p thumbgan-core --example terminal [SEED]`.

use std::error::Error;

use thumbgan_core::{Generator, GrayImage, Model, include_model};

static MODEL: &[u8] = include_model!("../models/digits-nano.tgan");

/// Characters per line of digits.
const DIGITS_PER_LINE: usize = 5;
/// Characters of increasing brightness.
const SHADES: &[u8] = b" .:-=+*#%@";

fn main() -> Result<(), Box<dyn Error>> {
    let seed = std::env::args()
        .nth(1)
        .map_or(Ok(42), |seed| seed.parse())?;
    let model = Model::parse(MODEL)?;
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch)?;
    let images: Vec<GrayImage> = (0..10)
        .map(|class| generator.generate(Some(class), seed).cloned())
        .collect::<Result<_, _>>()?;
    for line in images.chunks(DIGITS_PER_LINE) {
        // A character is about twice as high as wide: one line for two rows of pixels.
        for y in (0..GrayImage::SIDE).step_by(2) {
            let text: String = line.iter().flat_map(|image| row(image, y)).collect();
            println!("{}", text.trim_end());
        }
    }
    println!("classes 0 to 9, seed {seed}; another argument gives other digits");
    Ok(())
}

/// Returns the characters of the rows `y` and `y + 1` of an image.
fn row(image: &GrayImage, y: usize) -> impl Iterator<Item = char> {
    let start = y * GrayImage::SIDE;
    let (upper, lower) =
        image.pixels()[start..start + 2 * GrayImage::SIDE].split_at(GrayImage::SIDE);
    upper.iter().zip(lower).map(|(&upper, &lower)| {
        let gray = usize::from(upper.midpoint(lower));
        SHADES[gray * SHADES.len() / 256].into()
    })
}
