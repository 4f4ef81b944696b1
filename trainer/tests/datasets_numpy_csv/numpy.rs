//! NumPy arrays and archives.

use std::{fs, io::Write};

use flate2::{Crc, write::DeflateEncoder};
use tempfile::tempdir;

use crate::support::{COUNT, assert_rejected, bars, expected, npy, npy_with_header, read, write};

/// Returns a ZIP archive of entries, stored or compressed.
fn zip(entries: &[(&str, &[u8])], is_deflated: bool) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut packed = bytes.to_vec();
        if is_deflated {
            let mut packer = DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packed = packer.finish().unwrap();
        }
        let method = if is_deflated { 8_u16 } else { 0 };
        let mut fields = [20, 0, method, 0, 0].map(u16::to_le_bytes).concat();
        for field in [crc.sum(), packed.len() as u32, bytes.len() as u32] {
            fields.extend(field.to_le_bytes());
        }
        fields.extend((name.len() as u16).to_le_bytes());
        let offset = (archive.len() as u32).to_le_bytes();
        // NumPy adds an extra field of 20 bytes to the header of each entry.
        archive.extend(
            [
                b"PK\x03\x04",
                &fields[..],
                &[20, 0],
                name.as_bytes(),
                &[0; 20],
            ]
            .concat(),
        );
        archive.extend(packed);
        directory.extend([b"PK\x01\x02\x14\0", &fields[..], &[0; 12], &offset].concat());
        directory.extend(name.bytes());
    }
    let count = (entries.len() as u16).to_le_bytes();
    let [size, offset] =
        [directory.len(), archive.len()].map(|length| (length as u32).to_le_bytes());
    archive.extend(directory);
    archive.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &count[..],
            &count,
            &size,
            &offset,
            &[0; 2],
        ]
        .concat(),
    );
    archive
}

/// Returns the arrays of images and labels, with the shape of the images and the type of the labels.
fn arrays(count: usize, sides: &str, descr: &str) -> (Vec<u8>, Vec<u8>) {
    let (pixels, labels) = bars(count);
    let size: usize = descr[2..].parse().unwrap();
    let element = |label: &u8| {
        let mut bytes = vec![0; size];
        let place = if descr.starts_with('>') { size - 1 } else { 0 };
        bytes[place] = *label;
        bytes
    };
    let labels: Vec<u8> = labels.iter().flat_map(element).collect();
    (
        npy("|u1", &format!("({count}, {sides})"), &pixels),
        npy(descr, &format!("({count},)"), &labels),
    )
}

#[test]
fn arrays_above_the_limit_are_rejected_by_their_headers() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.npy");
    for (shape, length) in [
        ("2000000, 81", 162_000_000),
        ("1000000, 64, 64", 4_096_000_000),
    ] {
        let head = npy("|u1", &format!("({shape})"), &[]);
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(&head).unwrap();
        // The elements are a hole in the file.
        file.set_len(head.len() as u64 + length).unwrap();
        let found = format!("a.npy has uint8 [{shape}]; the maximum is 1 GiB");
        assert_rejected("numpy", &path, &[&found, "use fewer images"]);
    }
}

#[test]
fn archives_and_arrays_are_read_like_idx_files() {
    let expected = expected(true, &[]);
    let train = arrays(COUNT, "28, 28", "|u1");
    let test = arrays(COUNT / 2, "28, 28", "<i8");
    let one = |array: &Vec<u8>, is_deflated| zip(&[("arr_0.npy", array)], is_deflated);
    let kmnist = vec![
        ("kmnist-train-imgs.npz", one(&train.0, true)),
        ("kmnist-train-labels.npz", one(&train.1, true)),
        ("kmnist-test-imgs.npz", one(&test.0, false)),
        ("kmnist-test-labels.npz", one(&test.1, true)),
    ];
    let entries = [
        ("x_test.npy", &test.0[..]),
        ("x_train.npy", &train.0),
        ("y_train.npy", &train.1),
        ("y_test.npy", &test.1),
    ];
    let keras = vec![("mnist.npz", zip(&entries, false))];
    let pairs = vec![
        ("train-images.npy", arrays(COUNT, "784", "<i2").0),
        ("train-labels.npy", arrays(COUNT, "784", ">i4").1),
        ("test-images.npy", arrays(COUNT / 2, "1, 28, 28", "<u2").0),
        ("test-labels.npy", arrays(COUNT / 2, "1, 28, 28", "<u8").1),
    ];
    let names = vec![
        ("X_train.npy", arrays(COUNT, "28, 28, 1", "|i1").0),
        ("Y_train.npy", arrays(COUNT, "28, 28, 1", "|i1").1),
        ("X_test.npy", test.0.clone()),
        ("Y_test.npy", test.1.clone()),
    ];
    for files in [kmnist, keras, pairs, names] {
        let folder = tempdir().unwrap();
        write(folder.path(), &files);
        let first = folder.path().join(files[0].0);
        for path in [folder.path(), &first] {
            let (found, sheet, said) = read("numpy", path, &[]);
            assert_eq!((&found, &sheet), (&expected.0, &expected.1), "{said}");
            assert_eq!(said, "");
        }
    }
}

#[test]
fn a_file_is_read_with_its_labels_and_other_files_are_ignored() {
    let folder = tempdir().unwrap();
    let (images, labels) = arrays(COUNT, "28, 28", "|u1");
    write(
        folder.path(),
        &[
            ("samples.npy", images.clone()),
            ("samples-labels.npy", labels),
            ("others.npy", images),
        ],
    );
    let path = folder.path().join("samples.npy");
    let (found, sheet, said) = read("numpy", &path, &[]);
    assert_eq!(((found, sheet), said.as_str()), (expected(false, &[]), ""));
    let options = ["--invert", "--transpose"];
    let (found, sheet, _) = read("numpy", &path, &options);
    assert_eq!((found, sheet), expected(false, &options));
    let (found, ..) = read("numpy", &path, &["--unlabeled"]);
    assert_eq!(found["classes"].as_array().unwrap().len(), 0);
    assert_rejected(
        "numpy",
        folder.path(),
        &["contains 2 datasets; pass one of them with --data"],
    );
    assert_rejected(
        "numpy",
        &folder.path().join("samples-labels.npy"),
        &["contains no images", "uint8 [40]"],
    );
    assert_rejected("mnist", folder.path(), &["pass --dataset numpy"]);
}

#[test]
fn unused_arrays_are_reported() {
    let folder = tempdir().unwrap();
    let (images, labels) = arrays(COUNT, "28, 28", "|u1");
    let names = ["train", "val", "test"].map(|split| {
        let array = |content| format!("{split}_{content}.npy");
        [array("images"), array("labels")]
    });
    let entries: Vec<_> = names
        .iter()
        .flat_map(|[a, b]| [(a.as_str(), &images[..]), (b.as_str(), &labels[..])])
        .collect();
    write(folder.path(), &[("medmnist.npz", zip(&entries, true))]);
    let (found, _, said) = read("numpy", folder.path(), &[]);
    assert_eq!(found["test"], COUNT);
    for part in ["not read: 2 arrays, such as", "medmnist.npz/val_images.npy"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn invalid_numpy_files_are_rejected_with_a_remedy() {
    let (images, labels) = arrays(COUNT, "28, 28", "|u1");
    let (pixels, _) = bars(COUNT);
    let archive = zip(&[("x.npy", &images), ("y.npy", &labels)], true);
    let mut changed = zip(&[("x.npy", &images)], false);
    changed[5_000] ^= 1;
    let header = |order: &str, descr: &str| {
        let header =
            format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': (40, 28, 28)}}");
        npy_with_header(&header, &pixels)
    };
    let floats = vec![0; COUNT * 784 * 4];
    let cases: [(&str, Vec<u8>, &[&str]); 13] = [
        (
            "a.npy",
            npy("|u1", "(40, 64)", &pixels[..40 * 64]),
            &["more than 64 pixels", "`array.reshape(-1, 8, 8)`"],
        ),
        (
            "a.npz",
            archive[..archive.len() - 30].to_vec(),
            &["a.npz: corrupt NumPy archive", "copy or download it again"],
        ),
        (
            "a.npz",
            archive[..600].to_vec(),
            &["a.npz: corrupt NumPy archive"],
        ),
        (
            "a.npz",
            changed,
            &[
                "x.npy does not have its size or CRC-32",
                "download it again",
            ],
        ),
        (
            "a.npy",
            images[..images.len() - 1].to_vec(),
            &["announces uint8 [40, 28, 28]", "it is truncated"],
        ),
        (
            "a.npy",
            [&images[..], &[0]].concat(),
            &["with trailing bytes"],
        ),
        (
            "a.npy",
            images[..40].to_vec(),
            &["corrupt NumPy array", "the header is truncated"],
        ),
        (
            "a.npy",
            npy("|u1", "(40, 28, 14, 2)", &pixels),
            &[
                "has uint8 [40, 28, 14, 2]; images are uint8 [N, height, width]",
                "docs/data.md",
            ],
        ),
        (
            "a.npy",
            npy("<f4", "(40, 28, 28)", &floats),
            &["has float32 [40, 28, 28]; images are uint8", "docs/data.md"],
        ),
        (
            "a.npy",
            header("True", "'|u1'"),
            &["uint8 [40, 28, 28] in Fortran order; save `numpy.ascontiguousarray(array)`"],
        ),
        ("a.npy", header("False", "'|O'"), &["has Python objects"]),
        (
            "a.npy",
            header("no", "'|u1'"),
            &["corrupt NumPy array", "invalid header"],
        ),
        (
            "a.npy",
            npy("|u1", "(0, 28, 28)", &[]),
            &["contains no items"],
        ),
    ];
    for (name, bytes, parts) in cases {
        let folder = tempdir().unwrap();
        write(folder.path(), &[(name, bytes)]);
        assert_rejected("numpy", &folder.path().join(name), parts);
        assert_rejected("numpy", folder.path(), parts);
    }
}

#[test]
fn arrays_without_their_labels_are_rejected() {
    let (images, labels) = arrays(COUNT, "28, 28", "|u1");
    let (_, fewer) = arrays(COUNT - 1, "28, 28", "|u1");
    let (floats, names) = (vec![0; COUNT * 8], "train-labels.npy");
    let mut one_hot: Vec<u8> = (0..COUNT * 4)
        .map(|n| u8::from(n / 4 % 4 == n % 4))
        .collect();
    one_hot[4 * 7 + 3] = 0;
    let cases: [(&str, Vec<u8>, &[&str]); 5] = [
        (
            names,
            npy("|u1", "(40, 4)", &one_hot),
            &["train-labels.npy: row 7 (counted from 0) is not one-hot"],
        ),
        (
            names,
            npy("<U1", "(40,)", &[0; COUNT * 4]),
            &["labels are integers", "numpy.unique", "--class-names"],
        ),
        (
            names,
            fewer,
            &["contains 40 images but", "contains 39 labels"],
        ),
        (
            names,
            npy("<f8", "(40,)", &floats),
            &["train-labels.npy has float64 [40]; labels are integers"],
        ),
        (
            "answers.npy",
            labels,
            &[
                "has no labels, but",
                "answers.npy has uint8 [40]",
                "--unlabeled",
            ],
        ),
    ];
    for (name, bytes, parts) in cases {
        let folder = tempdir().unwrap();
        write(
            folder.path(),
            &[("train-images.npy", images.clone()), (name, bytes)],
        );
        assert_rejected("numpy", folder.path(), parts);
    }
    let folder = tempdir().unwrap();
    let (train, labels) = arrays(COUNT, "28, 28", "|u1");
    let last = npy("|u1", "(28, 28, 40)", &bars(COUNT).0);
    write(
        folder.path(),
        &[("last.npy", last), ("last-labels.npy", labels.clone())],
    );
    assert_rejected(
        "numpy",
        folder.path(),
        &[
            "has uint8 [28, 28, 40], but",
            "`numpy.moveaxis(array, -1, 0)`",
        ],
    );
    let folder = tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("x_train.npy", train),
            ("y_train.npy", labels),
            ("x_test.npy", images),
        ],
    );
    assert_rejected(
        "numpy",
        folder.path(),
        &["x_test.npy has no labels", "both training and test images"],
    );
}
