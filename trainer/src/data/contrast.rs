//! Checks of gray levels: images without contrast, and dark drawings on a light background.

use super::{Dataset, PIXELS};
use crate::text::count;

/// Mean gray level above which images are assumed to be dark on light; MNIST has 33, Fashion-MNIST 73.
const BRIGHT: f64 = 96.0;
/// Difference between the lightest and the darkest pixel below which an image shows nothing.
const CONTRAST: u8 = 16;

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

    /// Returns the warning about training images that show next to nothing, if there are any.
    pub(super) fn contrast_warning(&self) -> Option<String> {
        let ranges = self.train.pixels.chunks_exact(PIXELS).map(|image| {
            let darkest = image.iter().min().copied().unwrap_or_default();
            (darkest, image.iter().max().copied().unwrap_or_default())
        });
        let ranges = ranges.filter(|(darkest, lightest)| lightest - darkest < CONTRAST);
        let flat = ranges.clone().count();
        let (darkest, lightest) = ranges.fold((u8::MAX, 0), |(low, high), (darkest, lightest)| {
            (low.min(darkest), high.max(lightest))
        });
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
        (flat > 0).then(|| {
            format!(
                "almost no contrast (gray levels {darkest} to {lightest}) in {flat} of {}: {hint}",
                count(self.train.len(), "training image")
            )
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;

    fn warning(images: &[[u8; 2]]) -> Option<String> {
        let pixels = images
            .iter()
            .flat_map(|[first, rest]| [&[*first][..], &[*rest; PIXELS - 1]].concat());
        let dataset = Dataset {
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
}
