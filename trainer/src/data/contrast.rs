//! Checks of gray levels: images without contrast, and dark drawings on a light background.

use super::{Dataset, PIXELS};
use crate::text::count;

/// Mean gray level above which images are assumed to be dark on light; MNIST has 33, Fashion-MNIST 73.
const BRIGHT: f64 = 96.0;
/// Difference between the lightest and the darkest pixel below which an image shows nothing.
const CONTRAST: u8 = 16;
/// Difference between the lightest and the darkest pixel of all images up to which they are assumed to be scaled wrongly,
/// a quarter of the gray levels: values of up to 14 bits that were saved as 16 bits, or of up to 6 bits as 8 bits.
const LOW_CONTRAST: u8 = 64;

impl Dataset {
    /// Returns the mean of all pixels of the training images, 0 to 255.
    pub fn mean_gray_level(&self) -> f64 {
        let pixels = &self.train.pixels;
        let sum: u64 = pixels.iter().map(|&gray| u64::from(gray)).sum();
        sum as f64 / pixels.len() as f64
    }

    /// Returns true if the images look dark on light, so that they need to be inverted.
    pub fn is_bright(&self) -> bool {
        self.mean_gray_level() > BRIGHT
    }

    /// Returns the warning about training images that show next to nothing, or that are all of low contrast.
    pub(super) fn contrast_warning(&self) -> Option<String> {
        let ranges = self.train.pixels.chunks_exact(PIXELS).map(|image| {
            let darkest = image.iter().min().copied().unwrap_or_default();
            (darkest, image.iter().max().copied().unwrap_or_default())
        });
        let flat = ranges
            .clone()
            .filter(|(darkest, lightest)| lightest - darkest < CONTRAST);
        let number = flat.clone().count();
        let number_of_all = count(self.train.len(), "training image");
        let (darkest, lightest) = extremes(ranges)?;
        if number < self.train.len() && lightest - darkest <= LOW_CONTRAST {
            return Some(format!(
                "low contrast: all pixels of {number_of_all} have gray levels from {darkest} to {lightest} (of 255); if \
                 the images were saved with more bits than their values have, such as 12-bit values as 16 bits, scale \
                 them to the full range"
            ));
        }
        let (darkest, lightest) = extremes(flat)?;
        let hint = match (darkest, lightest) {
            (0, 1) => {
                "the largest value is 1 of 255: the images were scaled to 0..1 before they were saved; multiply \
                       them by 255"
            }
            _ if darkest == lightest => {
                "every pixel has the same value; check how the images were saved"
            }
            _ => "check how they were saved, and look at the contact sheet of `trainer data`",
        };
        Some(format!(
            "almost no contrast (gray levels {darkest} to {lightest}) in {number} of {number_of_all}: {hint}"
        ))
    }

    /// Prints warnings about images without contrast and about dark drawings on a light background.
    pub(super) fn warn_of_gray_levels(&self) {
        if let Some(warning) = self.contrast_warning() {
            errln!("warning: {warning}");
        }
        if self.is_bright() {
            errln!(
                "warning: most pixels are bright, but the networks expect light drawings on a dark background; if the \
                 contact sheet of `trainer data` shows dark drawings on a light background, pass --invert"
            );
        }
    }
}

/// Returns the darkest and the lightest gray level of images; `None` without images.
fn extremes(ranges: impl Iterator<Item = (u8, u8)>) -> Option<(u8, u8)> {
    ranges.reduce(|(low, high), (darkest, lightest)| (low.min(darkest), high.max(lightest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Sizes, Split};

    fn warning(images: &[[u8; 2]]) -> Option<String> {
        let pixels = images
            .iter()
            .flat_map(|[first, rest]| [&[*first][..], &[*rest; PIXELS - 1]].concat());
        let dataset = Dataset {
            sizes: Sizes::MNIST,
            name: "idx".to_owned(),
            sha256: [0; 32],
            train: Split {
                pixels: pixels.collect(),
                labels: vec![0; images.len()],
            },
            test: Split::default(),
            class_names: String::new(),
        };
        dataset.contrast_warning()
    }

    #[test]
    fn images_that_show_nothing_are_counted_with_a_hint() {
        assert_eq!(warning(&[[0, 255], [200, 100]]), None);
        let scaled = warning(&[[0, 1], [1, 0]]).unwrap();
        assert!(
            scaled.contains("(gray levels 0 to 1) in 2 of 2 training images")
                && scaled.contains("multiply them by 255"),
            "{scaled}"
        );
        let equal = warning(&[[7, 7]]).unwrap();
        assert!(
            equal.contains("1 of 1 training image:") && equal.contains("every pixel"),
            "{equal}"
        );
        let some = warning(&[[0, 255], [9, 12]]).unwrap();
        assert!(
            some.contains("1 of 2 training images") && some.contains("contact sheet"),
            "{some}"
        );
    }

    #[test]
    fn a_dark_dataset_is_reported_with_its_gray_levels() {
        for (images, levels) in [
            (
                &[[0, 16], [0, 15]][..],
                "2 training images have gray levels from 0 to 16",
            ),
            (&[[0, 0], [3, 64]], "from 0 to 64"),
            (&[[255, 192]], "from 192 to 255"),
        ] {
            let said = warning(images).unwrap();
            assert!(
                said.starts_with("low contrast") && said.contains(levels),
                "{said}"
            );
        }
        assert_eq!(warning(&[[0, 65], [0, 30]]), None);
    }
}
