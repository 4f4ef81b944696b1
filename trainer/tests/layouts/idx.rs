//! IDX files: names, compression, integer types, shapes and files that are not used.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};
use tempfile::tempdir;

use crate::support::{assert_says, idx, images, read, refused};

#[test]
fn gzip_is_recognized_by_content() {
    let folder = images();
    for (name, end) in [
        ("train-images-idx3-ubyte", ".gz"),
        ("t10k-images-idx3-ubyte", ""),
    ] {
        let path = folder.path().join(name);
        let mut bytes = fs::read(&path).unwrap();
        if end.is_empty() {
            let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(&bytes).unwrap();
            bytes = packer.finish().unwrap();
        }
        fs::remove_file(&path).unwrap();
        fs::write(folder.path().join(format!("{name}{end}")), bytes).unwrap();
    }
    let (train, test, ..) = read("idx", folder.path(), &[]);
    assert_eq!((train, test), (256, 100));
}

#[test]
fn files_unpacked_into_folders_of_their_names_are_read() {
    let folder = images();
    for entry in fs::read_dir(folder.path()).unwrap().collect::<Vec<_>>() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::write(path.join(name.replace("-idx", ".idx")), bytes).unwrap();
    }
    let outer = folder.path().join("train-images-idx3-ubyte");
    let inner = outer.join("train-images.idx3-ubyte");
    for path in [folder.path(), &outer, &inner] {
        let (train, test, names, said) = read("idx", path, &[]);
        assert_eq!((train, test, names.len()), (256, 100, 10), "{said}");
    }
}

#[test]
fn labels_may_have_any_integer_type_and_the_columns_of_qmnist() {
    let folder = images();
    fs::remove_file(folder.path().join("train-labels-idx1-ubyte")).unwrap();
    fs::remove_file(folder.path().join("t10k-images-idx3-ubyte")).unwrap();
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte")).unwrap();
    let rows: Vec<u8> = (0..256_u32)
        .flat_map(|n| [n % 3 * 1_000 + 7, 99_999].map(u32::to_be_bytes))
        .flatten()
        .collect();
    let labels = folder.path().join("train-labels-idx2-int");
    fs::write(&labels, idx(0xc, &[256, 2], &rows)).unwrap();
    let (_, _, names, said) = read("idx", folder.path(), &[]);
    assert_eq!(names, ["7", "1007", "2007"], "{said}");
    fs::write(&labels, idx(0xd, &[256, 2], &rows)).unwrap();
    let said = refused("idx", folder.path(), &[]);
    assert_says(
        &said,
        &["idx2-int has 32-bit floats [256, 2]; labels are integers"],
    );
}

#[test]
fn labels_are_found_by_their_content() {
    let folder = images();
    for name in ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let labels = folder.path().join("train-labels-idx1-ubyte");
    fs::rename(&labels, folder.path().join("targets")).unwrap();
    let said = refused("idx", folder.path(), &[]);
    assert_says(
        &said,
        &[
            "has no labels",
            "targets is an IDX file of unsigned bytes [256]",
        ],
    );
    let rows: Vec<u8> = (0..256)
        .flat_map(|n| [0, 1, 2].map(|class| u8::from(n % 3 == class)))
        .collect();
    fs::write(&labels, idx(8, &[256, 3], &rows)).unwrap();
    let (_, _, names, said) = read("idx", folder.path(), &[]);
    assert_eq!(names, ["0", "1", "2"]);
    assert_says(&said, &["one-hot labels of 3 classes"]);
}

#[test]
fn idx_images_of_other_sizes_are_scaled_on_request() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("usps-images");
    let pixels: Vec<u8> = (0..20 * 256)
        .map(|n| if n % 16 < 8 { 255 } else { 0 })
        .collect();
    fs::write(&path, idx(8, &[20, 16, 16], &pixels)).unwrap();
    let said = refused("idx", &path, &[]);
    assert_says(&said, &["usps-images has 16x16 pixels; pass --resize"]);
    let (train, test, ..) = read("idx", &path, &["--resize"]);
    assert_eq!(train + test, 20);
}

#[test]
fn idx_images_may_be_rows_of_pixels_or_have_a_channel() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("set-images");
    let pixels: Vec<u8> = (0..20 * 784).map(|n| (n % 251) as u8).collect();
    for shape in [&[20, 784][..], &[20, 1, 28, 28], &[20, 28, 28, 1]] {
        fs::write(&path, idx(8, shape, &pixels)).unwrap();
        let (train, test, ..) = read("idx", &path, &[]);
        assert_eq!((train, test), (18, 2));
    }
    let rows = folder.path().join("rows-images-idx2-ubyte");
    fs::write(&rows, idx(8, &[20, 784], &pixels)).unwrap();
    let labels: Vec<u8> = (0..20).map(|n| n % 2).collect();
    fs::write(
        folder.path().join("rows-labels-idx1-ubyte"),
        idx(8, &[20], &labels),
    )
    .unwrap();
    assert_eq!(read("idx", &rows, &[]).2, ["0", "1"]);
    fs::write(&path, idx(8, &[20, 28, 29], &pixels)).unwrap();
    assert_says(&refused("idx", &path, &[]), &["truncated"]);
    let mut little = idx(8, &[20, 28, 28], &pixels);
    little[4..16]
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .for_each(|side| side.reverse());
    fs::write(&path, little).unwrap();
    assert_says(
        &refused("idx", &path, &[]),
        &["little-endian byte order, as [20, 28, 28]"],
    );
    let many = idx(8, &[2_000_000, 1, 1], &vec![0; 2_000_000]);
    fs::write(&path, many).unwrap();
    assert_says(
        &refused("idx", &path, &["--resize"]),
        &["has 2000000 images, the maximum is"],
    );
}

#[test]
fn unused_idx_files_are_reported() {
    let folder = images();
    let copy = |from: &str, to: &str| {
        fs::copy(folder.path().join(from), folder.path().join(to)).unwrap();
    };
    copy("t10k-images-idx3-ubyte", "val-images-idx3-ubyte");
    copy("train-images-idx3-ubyte", "train-images-idx3-ubyte.part");
    fs::write(
        folder.path().join("train-images-idx3-ubyte.sha256"),
        "0123  train\n",
    )
    .unwrap();
    let said = refused("idx", folder.path(), &[]);
    assert_says(&said, &["contains 2 datasets"]);
    fs::remove_file(folder.path().join("train-images-idx3-ubyte.part")).unwrap();
    let (train, test, _, said) = read("idx", folder.path(), &[]);
    assert_eq!((train, test), (256, 100));
    assert_says(
        &said,
        &[
            "not read: 1 file, such as",
            "val-images-idx3-ubyte",
            "consists of train-images",
        ],
    );
}

#[test]
fn other_formats_are_named_with_a_remedy() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("train-images-idx3-ubyte");
    let floats = idx(0xd, &[1, 28, 28], &[0; 4 * 784]);
    let cases: [(&[u8], &[&str]); 5] = [
        (&floats, &["has 32-bit floats [1, 28, 28]", "docs/data.md"]),
        (
            b"PK\x03\x04 images.npy",
            &["is a NumPy archive (.npz)", "--dataset numpy"],
        ),
        (
            b"label,a,b\n1,2,3\n",
            &["is a table in text form (CSV)", "--dataset csv"],
        ),
        (
            b"<!DOCTYPE html>",
            &["is a web page (HTML)", "download the file itself"],
        ),
        (
            b"\x89PNG\r\n\x1a\n",
            &["is a PNG image", "--dataset images"],
        ),
    ];
    for (bytes, parts) in cases {
        fs::write(&path, bytes).unwrap();
        assert_says(&refused("idx", folder.path(), &[]), parts);
    }
}

#[cfg(unix)]
#[test]
fn pipes_beside_idx_files_are_not_opened() {
    let folder = images();
    let lone = folder.path().join("lone-images");
    fs::copy(folder.path().join("train-images-idx3-ubyte"), &lone).unwrap();
    for name in ["pipe", "pipe-label"] {
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join(name))
            .status()
            .unwrap();
        assert!(made.success());
    }
    let (train, ..) = read("idx", folder.path(), &[]);
    assert_eq!(train, 256);
    assert_says(&refused("idx", &lone, &[]), &["has no labels"]);
}

#[test]
fn names_are_found_in_upper_case() {
    let folder = images();
    for entry in fs::read_dir(folder.path()).unwrap().collect::<Vec<_>>() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::rename(&path, path.with_file_name(name.to_uppercase())).unwrap();
    }
    for name in ["", "TRAIN-IMAGES-IDX3-UBYTE"] {
        let (train, test, names, said) = read("idx", &folder.path().join(name), &[]);
        assert_eq!((train, test, names.len()), (256, 100, 10), "{said}");
    }
}

#[test]
fn files_of_the_dataset_in_another_format_are_errors() {
    let names = ["t10k-images-idx3-ubyte.gz.html", "train-labels-idx1-ubyte"];
    for name in names {
        let folder = images();
        for name in ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join(name), "<!DOCTYPE html>").unwrap();
        let found = format!("{name} is a web page (HTML)");
        for path in ["", "train-images-idx3-ubyte"] {
            assert_says(&refused("idx", &folder.path().join(path), &[]), &[&found]);
        }
    }
}

#[test]
fn suggested_labels_are_of_the_same_split_and_number() {
    let folder = images();
    let first = folder.path().join("train-images-idx3-ubyte");
    let second = folder.path().join("train-images-idx3-ubyte (1)");
    fs::copy(&first, &second).unwrap();
    let said = refused("idx", folder.path(), &[]);
    let expected = format!("such as --data {}", first.display());
    assert!(said.trim_end().ends_with(&expected), "{said}");
    let said = refused("idx", &second, &[]);
    let expected = format!("pass --data {}, the first download", first.display());
    assert_says(
        &said,
        &["train-labels-idx1-ubyte is an IDX file", &expected],
    );
    fs::remove_file(folder.path().join("train-labels-idx1-ubyte")).unwrap();
    let said = refused("idx", &second, &[]);
    assert_says(&said, &["the labels of other images"]);
    assert!(!said.contains("rename"), "{said}");
}

#[test]
fn emnist_without_transpose_is_reported() {
    let folder = images();
    let outer = folder.path().join("EMNIST");
    fs::create_dir(&outer).unwrap();
    let path = outer.join("train-images-idx3-ubyte");
    fs::copy(folder.path().join("train-images-idx3-ubyte"), &path).unwrap();
    assert_says(&read("idx", &outer, &[]).3, &["pass --transpose"]);
    assert_eq!(read("idx", &outer, &["--transpose"]).3, "");
}
