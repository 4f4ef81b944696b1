//! Good, bad and missing files, in folders, in the cache and on mirrors.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tempfile::{TempDir, tempdir};

use super::mnist::Source;
use super::*;
use crate::files::hex;

/// Tiny stand-ins for MNIST's four files: 6 train and 4 test images.
fn files() -> [Vec<u8>; 4] {
    let images = |count: usize| {
        let pixels = (0..count * PIXELS).map(|i| (i % 251) as u8);
        arrays::image_header(count)
            .into_iter()
            .chain(pixels)
            .collect()
    };
    let labels = |count: u8| {
        [0, 0, 8, 1, 0, 0, 0, count]
            .into_iter()
            .chain(0..count)
            .collect()
    };
    [images(6), labels(6), images(4), labels(4)]
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn folder(files: &[Vec<u8>; 4], end: &str) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, bytes) in locate::NAMES.iter().zip(files) {
        let bytes = if end == ".gz" {
            gz(bytes)
        } else {
            bytes.clone()
        };
        fs::write(folder.path().join(format!("{name}{end}")), bytes).unwrap();
    }
    folder
}

fn source(mirrors: &[String], cache: &Path) -> Source {
    Source {
        name: "mnist",
        title: "MNIST",
        class_names: "",
        package: None,
        hashes: files().map(|bytes| hex(&Sha256::digest(bytes))),
        mirrors: mirrors.to_vec(),
        cache: Some(cache.join("deep").join("mnist")),
    }
}

/// Loads as in `load`, with the stand-ins for MNIST, no cache and no mirrors.
fn load_here(choice: DatasetKind, data: &Path) -> Result<Dataset> {
    load_from(
        &Request::plain(choice, Some(data.to_owned())),
        &source(&[], Path::new("none")),
    )
}

/// The refusal of a folder whose file `i` was changed.
fn refusal(choice: DatasetKind, i: usize, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut files = files();
    change(&mut files[i]);
    let error = load_here(choice, folder(&files, "").path()).unwrap_err();
    let message = format!("{error:#}");
    assert!(message.contains(locate::NAMES[i]), "{message}");
    message
}

fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

#[test]
fn plain_and_gzipped_folders_load_equally() {
    let [plain, packed] = ["", ".gz"].map(|end| folder(&files(), end));
    let dataset = load_here(DatasetKind::Auto, plain.path()).unwrap();
    assert_eq!(
        (
            dataset.name.as_str(),
            dataset.train.len(),
            dataset.test.len()
        ),
        ("mnist", 6, 4)
    );
    assert_eq!(dataset.train.image(1)[0], (784 % 251) as u8);
    assert_eq!(dataset.train.labels, [0, 1, 2, 3, 4, 5]);
    assert_eq!(dataset.sha256, *Sha256::digest(&files()[0]));
    assert_eq!(
        load_here(DatasetKind::Mnist, packed.path()).unwrap(),
        dataset
    );
    assert_eq!(
        load_here(DatasetKind::Idx, packed.path()).unwrap(),
        Dataset {
            sizes: Sizes::MNIST,
            name: "idx".into(),
            ..dataset
        }
    );
}

#[test]
fn file_names_with_dots_are_accepted() {
    let folder = folder(&files(), "");
    let [name, dotted] = ["train-images-idx3-ubyte", "train-images.idx3-ubyte"];
    fs::rename(folder.path().join(name), folder.path().join(dotted)).unwrap();
    assert!(load_here(DatasetKind::Mnist, folder.path()).is_ok());
}

#[test]
fn a_missing_file_is_named() {
    let folder = folder(&files(), ".gz");
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    for choice in [DatasetKind::Auto, DatasetKind::Mnist, DatasetKind::Idx] {
        let error = load_here(choice, folder.path()).unwrap_err();
        assert_says(
            &error.to_string(),
            &["no t10k-labels-idx1-ubyte or", "the folder must contain"],
        );
    }
    let nowhere = folder.path().join("nowhere");
    for choice in [
        DatasetKind::Auto,
        DatasetKind::Mnist,
        DatasetKind::Idx,
        DatasetKind::Images,
    ] {
        let message = load_here(choice, &nowhere).unwrap_err().to_string();
        assert_says(&message, &["nowhere: there is no such file or folder"]);
    }
}

#[test]
fn custom_images_are_used_on_request_only() {
    let message = refusal(DatasetKind::Auto, 2, |bytes| bytes[500] ^= 1);
    assert_says(
        &message,
        &[
            "pass --dataset idx for a custom dataset",
            "for MNIST, download the file again",
        ],
    );
    let expected = hex(&Sha256::digest(&files()[2]));
    assert_says(&message, &["SHA-256", &format!("expected {expected}")]);
    let error = load_from(
        &Request::plain(DatasetKind::Idx, None),
        &source(&[], Path::new("none")),
    )
    .unwrap_err();
    assert_says(&error.to_string(), &["--data PATH", "THUMBGAN_DATA"]);
}

#[test]
fn invalid_files_are_errors_with_a_remedy() {
    let truncated = refusal(DatasetKind::Mnist, 0, |bytes| bytes.truncate(4000));
    assert_says(
        &truncated,
        &[
            "[6, 28, 28] (4720 bytes)",
            "the file has 4000 bytes",
            "truncated",
            "copy or download it again",
        ],
    );
    let trailing = refusal(DatasetKind::Idx, 3, |bytes| bytes.push(0));
    assert_says(
        &trailing,
        &[
            "[4] (12 bytes)",
            "13 bytes",
            "trailing",
            "copy or download it again",
        ],
    );
    let magic = refusal(DatasetKind::Idx, 1, |bytes| bytes[3] = 3);
    assert_says(&magic, &["few for an IDX header of 16 bytes"]);
    let kind = refusal(DatasetKind::Idx, 1, |bytes| bytes[2] = 1);
    assert_says(&kind, &["a file of unknown format, not an IDX file"]);
    let sides = refusal(DatasetKind::Idx, 0, |bytes| bytes[15] = 32);
    assert_says(&sides, &["[6, 28, 32] (5392 bytes)", "truncated"]);
    let huge = refusal(DatasetKind::Idx, 0, |bytes| bytes[4..8].fill(0xff));
    assert_says(&huge, &["[4294967295, 28, 28]", "truncated"]);
    let overflow = refusal(DatasetKind::Idx, 0, |bytes| bytes[4..16].fill(0xff));
    assert_says(&overflow, &["too many bytes", "truncated"]);
    let empty = refusal(DatasetKind::Idx, 2, |bytes| {
        bytes.truncate(16);
        bytes[7] = 0;
    });
    assert_says(&empty, &["no items", "at least one"]);
    let short = refusal(DatasetKind::Idx, 2, |bytes| bytes.truncate(7));
    assert_says(
        &short,
        &["7 bytes are too few", "copy or download it again"],
    );
    let counts = refusal(DatasetKind::Idx, 1, |bytes| {
        bytes.pop();
        bytes[7] = 5;
    });
    assert_says(&counts, &["6 images", "5 labels", "download both again"]);
}

#[test]
fn corrupt_gzip_files_are_errors_with_a_remedy() {
    let folder = folder(&files(), ".gz");
    let path = folder.path().join("train-images-idx3-ubyte.gz");
    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() - 6] ^= 1;
    for (bad, found) in [
        (
            &good[..good.len() / 2],
            "corrupt gzip file, cut or damaged (",
        ),
        (&flipped, "corrupt gzip file, cut or damaged ("),
        (
            b"<html>",
            "is a web page (HTML), not an IDX file: download the file itself",
        ),
        (
            b"",
            "is an empty file, not an IDX file: copy or download it again",
        ),
    ] {
        fs::write(&path, bad).unwrap();
        let message = format!(
            "{:#}",
            load_here(DatasetKind::Auto, folder.path()).unwrap_err()
        );
        assert_says(&message, &["train-images-idx3-ubyte.gz", found]);
    }
}

/// A server on this machine: `/good/NAME.gz` is served well, other folders badly. Returns its address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        listener
            .incoming()
            .for_each(|stream| answer(stream.unwrap()));
    });
    address
}

fn answer(mut stream: TcpStream) {
    let request: Vec<String> = BufReader::new(&stream)
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let path = request[0].split(' ').nth(1).unwrap();
    let i = locate::NAMES
        .iter()
        .position(|name| path.contains(name))
        .unwrap();
    let body = gz(&files()[i]);
    let (status, length, body) = match path.split('/').nth(1).unwrap() {
        "good" => ("200 OK", body.len(), body),
        "rubbish" => ("200 OK", 6, b"<html>".to_vec()),
        "cut" => ("200 OK", body.len(), body[..body.len() / 2].to_vec()),
        "other" => ("200 OK", gz(b"other").len(), gz(b"other")),
        "huge" => ("200 OK", 1 << 40, vec![0; 65 << 20]),
        _ => ("404 Not Found", 0, Vec::new()),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // The client may hang up before it has everything.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body));
}

#[test]
fn failing_mirrors_are_skipped_and_the_cache_stays_intact() {
    let server = serve();
    for bad in ["rubbish", "cut", "other", "huge", "missing"] {
        let home = tempdir().unwrap();
        let mirrors = [format!("{server}/{bad}/"), format!("{server}/good/")];
        let source = source(&mirrors, home.path());
        let dataset = load_from(&Request::plain(DatasetKind::Auto, None), &source).unwrap();
        assert_eq!((dataset.name.as_str(), dataset.train.len()), ("mnist", 6));

        let cache = source.cache.unwrap();
        let mut kept: Vec<_> = fs::read_dir(&cache)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        kept.sort();
        let mut wanted = locate::NAMES.map(|name| format!("{name}.gz"));
        wanted.sort();
        assert_eq!(kept, wanted, "after {bad}");
        assert_eq!(load_here(DatasetKind::Mnist, &cache).unwrap(), dataset);
    }
}

#[test]
fn a_complete_cache_needs_no_mirror_and_invalid_files_are_downloaded_again() {
    let home = tempdir().unwrap();
    let good = [format!("{}/good/", serve())];
    let fetched = load_from(
        &Request::plain(DatasetKind::Mnist, None),
        &source(&good, home.path()),
    )
    .unwrap();
    let offline = source(&[], home.path());
    assert_eq!(
        load_from(&Request::plain(DatasetKind::Mnist, None), &offline).unwrap(),
        fetched
    );

    let path = offline
        .cache
        .as_ref()
        .unwrap()
        .join("t10k-images-idx3-ubyte.gz");
    fs::write(&path, "half a fi").unwrap();
    assert_eq!(
        load_from(
            &Request::plain(DatasetKind::Mnist, None),
            &source(&good, home.path())
        )
        .unwrap(),
        fetched
    );
    assert_eq!(fs::read(&path).unwrap(), gz(&files()[2]));
}

#[test]
fn without_mnist_auto_uses_procedural_digits_and_mnist_fails() {
    let home = tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mirrors = [format!("http://{closed}/a/"), format!("http://{closed}/b/")];
    let source = source(&mirrors, home.path());
    assert_eq!(
        load_from(&Request::plain(DatasetKind::Auto, None), &source)
            .unwrap()
            .name,
        "procedural"
    );
    let message = format!(
        "{:#}",
        load_from(&Request::plain(DatasetKind::Mnist, None), &source).unwrap_err()
    );
    assert_says(
        &message,
        &[
            "cannot get MNIST: train-images-idx3-ubyte.gz is not in ",
            "--data DIR",
            "THUMBGAN_DATA",
            "t10k-labels-idx1-ubyte",
        ],
    );
    assert_says(
        &message,
        &[
            &mirrors[0],
            &mirrors[1],
            source.cache.unwrap().to_str().unwrap(),
        ],
    );
}

#[test]
fn the_notice_of_procedural_data_is_complete() {
    let notice = notice();
    assert!(
        notice
            .lines()
            .all(|line| line.len() == notice.lines().next().unwrap().len()),
        "{notice}"
    );
    assert_says(
        &notice,
        &["THIS IS NOT MNIST", "--data DIR", "THUMBGAN_DATA"],
    );
    assert_says(&notice, &locate::NAMES);
}

#[test]
fn mnist_has_its_known_checksum() {
    let Some(data) = std::env::var_os("THUMBGAN_DATA") else {
        outln!("skipped: THUMBGAN_DATA names no folder with MNIST");
        return;
    };
    let dataset = load(&Request::plain(DatasetKind::Mnist, Some(data.into()))).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len()), (60_000, 10_000));
    assert_eq!((dataset.train.labels[0], dataset.test.labels[0]), (5, 7));
}
