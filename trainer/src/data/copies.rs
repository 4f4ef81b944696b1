//! Check for images that occur more than once.

use std::collections::HashSet;

use super::{Dataset, PIXELS};
use crate::text::{count, is_or_are};

/// Share of the training images, in percent, up to which copies are usual: MNIST and Fashion-MNIST have none.
const USUAL: usize = 10;

impl Dataset {
    /// Returns the warning about training images that are copies of others, if there are many.
    pub(super) fn copies_warning(&self) -> Option<String> {
        let images = self.train.pixels.chunks_exact(PIXELS);
        let all = images.len();
        let different = images.collect::<HashSet<_>>().len();
        let copies = all - different;
        (100 * copies > USUAL * all).then(|| {
            format!(
                "{copies} of {} {}: only {different} {} different; check how they were saved",
                count(all, "training image"),
                if copies == 1 {
                    "is a copy of another"
                } else {
                    "are copies of others"
                },
                is_or_are(different)
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Sizes, Split};

    fn warning(images: &[u8]) -> Option<String> {
        let pixels = images.iter().flat_map(|&gray| [gray; PIXELS]);
        let dataset = Dataset {
            sizes: Sizes::MNIST,
            name: "images".to_owned(),
            sha256: [0; 32],
            train: Split {
                pixels: pixels.collect(),
                labels: vec![0; images.len()],
            },
            test: Split::default(),
            class_names: "cat".to_owned(),
        };
        dataset.copies_warning()
    }

    #[test]
    fn many_copies_are_counted() {
        let different: Vec<u8> = (0..20).collect();
        assert_eq!(warning(&different), None);
        let few = [&different[..], &[3, 4]].concat();
        assert_eq!(warning(&few), None, "2 of 22 are usual");
        let said = warning(&[7, 7, 7, 8]).unwrap();
        assert!(
            said.starts_with("2 of 4 training images are copies of others: only 2 are different"),
            "{said}"
        );
        let said = warning(&[7, 7]).unwrap();
        assert!(
            said.starts_with("1 of 2 training images is a copy of another: only 1 is different"),
            "{said}"
        );
    }
}
