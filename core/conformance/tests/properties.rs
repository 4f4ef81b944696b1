//! Properties of the fuzz targets `model` and `architecture`, on stable Rust.

use proptest::{collection::vec, prelude::*};
use thumbgan_core_conformance::{
    corpus::{changed, config, read},
    properties::{check_architecture, check_file},
};

proptest! {
    #![proptest_config(config(12_000))]

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes under miri")]
    fn changed_model_files_are_handled(file in changed("model")) {
        check_file(&file);
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes under miri")]
    fn images_of_every_architecture_equal_the_specification(bytes in vec(any::<u8>(), 0..32)) {
        check_architecture(&bytes);
    }
}

/// The corpus contains the input with which fuzzing found an architecture of more layers than a file can have.
#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn images_of_the_corpus_equal_the_specification() {
    for bytes in read("architecture") {
        check_architecture(&bytes);
    }
}
