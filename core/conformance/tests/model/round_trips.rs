//! Encoded models are read back.

use thumbgan_core::{
    Model, ParseError,
    latent::Distribution,
    model::{Metadata, encode},
};

use crate::{
    common::{convolutional, dense, fill, flat, metadata, model},
    support::{SIGMOID, error},
};

#[test]
fn encoded_models_are_read_back() {
    let file = model(&[13, 20, 784], 3, Distribution::Normal, 1);
    let model = Model::parse(&file).unwrap();
    assert_eq!(
        (model.name(), model.class_count(), model.file_len()),
        ("test", 3, file.len())
    );
    assert_eq!(
        (model.latent().len, model.latent().distribution),
        (10, Distribution::Normal)
    );
    assert_eq!(
        (model.provenance().seed, model.provenance().iterations),
        (3, 5)
    );
    assert_eq!(
        (model.provenance().dataset_sha256, model.provenance().fid),
        ([7; 32], Some(1_590))
    );
    let shapes: Vec<_> = model
        .layers()
        .iter()
        .map(|layer| (layer.inputs(), layer.outputs()))
        .collect();
    assert_eq!(shapes, [(13, 20), (20, 784)]);
    // The image; of the second layer its inputs and 11 pairs of 3 words.
    assert_eq!(
        (model.macs(), model.scratch_len()),
        (13 * 20 + 20 * 784, 196 + 5 + 11 * 3)
    );
}

#[test]
fn convolutions_are_read_back() {
    let file = convolutional(10, 2, 1);
    let model = Model::parse(&file).unwrap();
    let shapes: Vec<_> = model
        .layers()
        .iter()
        .map(|layer| layer.shape().to_string())
        .collect();
    let expected = [
        "dense 12 -> 196 (4 channels)",
        "upsampling convolution 7x7x4 -> 14x14x3",
        "upsampling convolution 14x14x3 -> 28x28x1",
    ];
    assert_eq!(shapes, expected);
    assert_eq!(model.macs(), 12 * 196 + 49 * 9 * 4 * 3 + 196 * 9 * 3);
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn classes_can_have_names() {
    let layers = [dense(5, 784, 784, SIGMOID)];
    let named = |class_count, class_names| {
        let metadata = metadata(
            5 - u16::from(class_count),
            class_count,
            Distribution::Uniform,
        );
        encode(
            &Metadata {
                class_names,
                ..metadata
            },
            &fill(layers, 1),
        )
    };
    let file = named(2, "zero\nthe one");
    let model = Model::parse(&file).unwrap();
    assert_eq!(
        [0, 1, 2].map(|class| model.class_name(class)),
        [Some("zero"), Some("the one"), None]
    );
    assert!(model.class_names().eq(["zero", "the one"]));
    let file = named(2, "");
    assert_eq!(Model::parse(&file).unwrap().class_name(1), None);
    for (class_count, names, found) in [(2, "a", 1), (2, "a\nb\nc", 3), (0, "a", 1)] {
        assert_eq!(
            error(&named(class_count, names)),
            ParseError::ClassNames { class_count, found }
        );
    }
    let many = metadata(1, 65, Distribution::Uniform);
    assert_eq!(
        error(&encode(&many, &[])),
        ParseError::Classes { found: 65 }
    );
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn weights_are_aligned_to_four_bytes() {
    for name_padding in 0..4_u16 {
        // Different widths change the description's length through its varints.
        let file = model(
            &[50 + name_padding * 50, 9, 784],
            0,
            Distribution::Uniform,
            2,
        );
        let data_len = u32::from_le_bytes(file[8..12].try_into().unwrap()) as usize;
        assert_eq!((file.len() - 4 - data_len) % 4, 0);
        assert_eq!(file.len() % 4, 0);
    }
}

#[test]
fn weights_of_minus_128_are_accepted() {
    let file = flat(2, 20, SIGMOID, -128, 0);
    assert!(Model::parse(&file).is_ok());
}
