//! Files in the folder of the data that are not of its format.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};
use tempfile::tempdir;

use crate::support::{assert_rejected, bars, npy, read, write};

const PAGE: &[u8] = b"<!DOCTYPE html><html></html>";

fn images() -> Vec<u8> {
    npy("|u1", "(40, 28, 28)", &bars(40).0)
}

fn labels() -> Vec<u8> {
    npy("|u1", "(40,)", &bars(40).1)
}

fn table(delimiter: &str) -> Vec<u8> {
    let (pixels, labels) = bars(40);
    let rows = pixels.chunks_exact(784).zip(&labels);
    let row = |(pixels, label): (&[u8], &u8)| {
        let cells: String = pixels
            .iter()
            .map(|pixel| format!("{delimiter}{pixel}"))
            .collect();
        format!("{label}{cells}\n")
    };
    rows.map(row).collect::<String>().into()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn files_of_the_dataset_in_another_format_are_errors() {
    let numpy = ("numpy", "train-images.npy", images());
    let csv = ("csv", "train.csv", table(","));
    let cases: [(_, &str, Vec<u8>, &[&str]); 8] = [
        (
            &numpy,
            "train-labels.npy",
            PAGE.into(),
            &[
                "train-labels.npy is a web page (HTML)",
                "or move it elsewhere",
            ],
        ),
        (
            &numpy,
            "test-images.npz",
            Vec::new(),
            &["test-images.npz is an empty file"],
        ),
        (
            &numpy,
            "test-images.npy.gz",
            gzip(&images()),
            &["is a gzip file of a NumPy array", "`gunzip "],
        ),
        (
            &numpy,
            "train-labels.csv",
            b"0\n1\n2\n".into(),
            &[
                "has no labels, but",
                "train-labels.csv is a table",
                "docs/data.md",
                "--unlabeled",
            ],
        ),
        (
            &csv,
            "test.csv",
            PAGE.into(),
            &["test.csv is a web page (HTML)"],
        ),
        (
            &csv,
            "test.csv",
            table(" "),
            &["test.csv is a text file, not a table (CSV)"],
        ),
        (
            &csv,
            "test.csv.gz",
            gzip(&table(",")),
            &["test.csv.gz is a gzip file of a table", "`gunzip "],
        ),
        (
            &csv,
            "test.csv.zip",
            b"PK\x03\x04 test.csv".into(),
            &["test.csv.zip is a ZIP archive", "unpack it"],
        ),
    ];
    for ((kind, name, data), other, bytes, parts) in cases {
        let folder = tempdir().unwrap();
        write(folder.path(), &[(name, data.clone()), (other, bytes)]);
        assert_rejected(kind, folder.path(), parts);
        assert_rejected(kind, &folder.path().join(name), parts);
    }
}

#[cfg(unix)]
#[test]
fn links_without_target_are_errors_by_their_names() {
    let folder = tempdir().unwrap();
    write(folder.path(), &[("train.csv", table(","))]);
    std::os::unix::fs::symlink("gone.csv", folder.path().join("test.csv")).unwrap();
    assert_rejected(
        "csv",
        folder.path(),
        &["test.csv: it is a link to gone.csv, which does not exist"],
    );
}

#[test]
fn other_files_are_reported_with_the_reason() {
    let folder = tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("train-images.npy", images()),
            ("train-labels.npy", labels()),
            ("train-labels.npy.gz", gzip(&labels())),
            ("train-images.npy.sha256", b"0123\n".into()),
            ("README.txt", b"Bars\n".into()),
            ("sheet.png", b"\x89PNG\r\n\x1a\n".into()),
            ("Thumbs.db", vec![0; 9]),
            (".hidden", vec![0; 9]),
        ],
    );
    for name in ["more", "runs"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    write(&folder.path().join("more"), &[("images.npy", images())]);
    let (_, _, said) = read("numpy", folder.path(), &[]);
    for part in [
        "1 file is not read, such as",
        "sheet.png: a PNG image",
        "2 files are not read, such as",
        "README.txt: a text file",
        "train-labels.npy.gz: a gzip file of a NumPy array",
        "1 folder is not read, such as",
    ] {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
    assert_eq!(said.lines().count(), 4, "{said}");
    fs::remove_file(folder.path().join("train-labels.npy.gz")).unwrap();
    fs::remove_file(folder.path().join("train-images.npy.sha256")).unwrap();
    let (_, _, said) = read("numpy", &folder.path().join("train-images.npy"), &[]);
    assert_eq!(said, "");
}

#[test]
fn folders_without_data_are_rejected_with_what_they_contain() {
    let idx = [&[0, 0, 8, 1, 0, 0, 0, 1][..], &[5]].concat();
    let cases: [(&str, &str, Vec<u8>, &[&str]); 6] = [
        (
            "numpy",
            "data.h5",
            b"\x89HDF\r\n\x1a\n".into(),
            &["contains no NumPy files", "data.h5 is an HDF5 file"],
        ),
        ("numpy", "x.idx1-ubyte", idx, &["pass --dataset idx"]),
        ("numpy", "a.csv", table(","), &["pass --dataset csv"]),
        (
            "csv",
            "notes",
            PAGE.into(),
            &["contains no tables (CSV)", "notes is a web page (HTML)"],
        ),
        ("csv", "a.npy", images(), &["pass --dataset numpy"]),
        (
            "csv",
            "my data/a.csv",
            table(","),
            &["the files are in", "my data: pass --data '"],
        ),
    ];
    for (kind, name, bytes, parts) in cases {
        let folder = tempdir().unwrap();
        fs::create_dir(folder.path().join("my data")).unwrap();
        write(folder.path(), &[(name, bytes)]);
        assert_rejected(kind, folder.path(), parts);
    }
}
