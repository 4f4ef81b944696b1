//! Check that every class has test images.

use super::Dataset;
use crate::text::count;

impl Dataset {
    /// Returns the warning about classes without test images, if there are any.
    pub(super) fn coverage_warning(&self) -> Option<String> {
        let (train, test) = (self.train.class_counts(), self.test.class_counts());
        let mut missing = (0..self.classes())
            .filter(|&class| train[usize::from(class)] > 0 && test[usize::from(class)] == 0);
        let first = self.class_name(missing.next()?);
        let number = count(1 + missing.count(), "class");
        Some(format!("without test images: {number}, such as {first}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Sizes, Split};

    fn warning(train: &[u8], test: &[u8]) -> Option<String> {
        let split = |labels: &[u8]| Split {
            pixels: Vec::new(),
            labels: labels.to_vec(),
        };
        let dataset = Dataset {
            sizes: Sizes::MNIST,
            name: "images".to_owned(),
            sha256: [0; 32],
            train: split(train),
            test: split(test),
            class_names: "cat\ndog\nowl".to_owned(),
        };
        dataset.coverage_warning()
    }

    #[test]
    fn classes_without_test_images_are_counted() {
        assert_eq!(warning(&[0, 1, 2], &[0, 1, 2]), None);
        let two = warning(&[0, 1, 2], &[0]).unwrap();
        assert_eq!(two, "without test images: 2 classes, such as dog");
    }
}
