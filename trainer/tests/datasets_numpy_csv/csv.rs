//! CSV tables.

use tempfile::tempdir;

use crate::support::{COUNT, assert_rejected, bars, expected, npy, read, write};

/// Returns a table with the label in the first column.
fn csv(images: &(Vec<u8>, Vec<u8>), delimiter: &str, end: &str) -> String {
    let rows = images.0.chunks_exact(784).zip(&images.1);
    let row = |(pixels, label): (&[u8], &u8)| {
        let cells = [label].into_iter().chain(pixels).map(ToString::to_string);
        cells.collect::<Vec<_>>().join(delimiter) + end
    };
    rows.map(row).collect()
}

/// Returns the header of a table.
fn header(label: &str) -> String {
    let pixels: String = (0..784).map(|n| format!(",pixel{n}")).collect();
    format!("{label}{pixels}\n")
}

#[test]
fn tables_are_read_like_idx_files() {
    let expected = expected(true, &[]);
    let (train, test) = (bars(COUNT), bars(COUNT / 2));
    let plain = ["mnist_train.csv", "mnist_test.csv"];
    let last = |images: &(Vec<u8>, Vec<u8>)| {
        let pixels: String = (1..785).map(|n| format!("\"pixel{n}\",")).collect();
        let rows = images
            .0
            .chunks_exact(784)
            .zip(&images.1)
            .map(|(pixels, label)| {
                let cells: String = pixels.iter().map(|pixel| format!("{pixel},")).collect();
                format!("{cells}{label}\n")
            });
        format!("{pixels}\"class\"\n{}", rows.collect::<String>())
    };
    let cases = [
        (plain, csv(&train, ",", "\n"), csv(&test, ",", "\n")),
        (
            ["train.csv", "test.csv"],
            format!("\u{feff}{}{}", header("label"), csv(&train, ",", "\r\n")),
            format!("{}{}\n\n", header("label"), csv(&test, ",", "\n")),
        ),
        (plain, csv(&train, ";", "\r\n"), csv(&test, "; ", "\n")),
        (plain, csv(&train, "\t", "\n"), csv(&test, ",", "\n")),
        (plain, last(&train), last(&test)),
    ];
    for (names, train, test) in cases {
        let folder = tempdir().unwrap();
        let files = [(names[0], train.into()), (names[1], test.into())];
        write(folder.path(), &files);
        for path in [folder.path().to_owned(), folder.path().join(names[0])] {
            let (found, sheet, said) = read("csv", &path, &[]);
            assert_eq!((&found, &sheet), (&expected.0, &expected.1), "{said}");
            assert!(
                said.contains("28x28 pixels per line, the label in column"),
                "{said}"
            );
        }
    }
}

#[test]
fn a_file_named_like_the_test_images_is_no_other_table() {
    for (name, text) in [("test.csv", "a,b\n1,2\n"), ("train_test.csv", "1,2\n")] {
        let folder = tempdir().unwrap();
        let train = csv(&bars(COUNT), ",", "\n");
        write(
            folder.path(),
            &[("train.csv", train.into()), (name, text.into())],
        );
        let parts = ["a line has 2 columns", "or move the file elsewhere"];
        assert_rejected("csv", folder.path(), &parts);
        assert_rejected("csv", &folder.path().join("train.csv"), &parts);
    }
}

#[test]
fn columns_are_found_by_the_names_in_the_header() {
    let expected = expected(false, &[]);
    let table = csv(&bars(COUNT), ",", "\n");
    let rows = || {
        table
            .lines()
            .map(|line| line.split(',').collect::<Vec<_>>())
    };
    let written = |header: String, row: &dyn Fn(Vec<&str>) -> Vec<String>| {
        rows().fold(header + "\n", |table, cells| {
            table + &row(cells).join(",") + "\n"
        })
    };
    let owned = |cells: Vec<&str>| cells.iter().map(|&cell| cell.to_owned()).collect();
    // Names in the order of text: pixel0, pixel1, pixel10, pixel100.
    let mut sorted: Vec<usize> = (0..784).collect();
    sorted.sort_by_key(|n| format!("pixel{n}"));
    let shuffled_header = sorted.iter().map(|n| format!(",pixel{n}"));
    let shuffled = |cells: Vec<&str>| {
        let pixels = sorted.iter().map(|n| cells[n + 1]);
        owned([cells[0]].into_iter().chain(pixels).collect())
    };
    let last = |mut cells: Vec<&str>| {
        cells.rotate_left(1);
        owned(cells)
    };
    let numbers = (0..785).map(|n| format!(",{n}")).collect::<String>();
    let cases = [
        written(
            format!("label{}", shuffled_header.collect::<String>()),
            &shuffled,
        ),
        written(format!("{},digit", &header("")[1..].trim_end()), &last),
        written(format!("id{}", header(",label").trim_end()), &|cells| {
            [vec!["7".to_owned()], owned(cells)].concat()
        }),
        written(numbers[1..].to_owned(), &owned),
        written(numbers, &|cells| {
            [vec!["7".to_owned()], owned(cells)].concat()
        }),
        written(header("label").trim_end().to_owned(), &|cells| {
            cells.iter().map(|cell| format!("\"{cell}\"")).collect()
        }),
        written(header("label").trim_end().to_owned(), &|cells| {
            cells.iter().map(|cell| format!("{cell}.0")).collect()
        }),
    ];
    for table in cases {
        let folder = tempdir().unwrap();
        write(folder.path(), &[("a.csv", table.clone().into())]);
        let (found, sheet, said) = read("csv", folder.path(), &[]);
        let start: String = table.chars().take(40).collect();
        assert_eq!(
            (&found, &sheet),
            (&expected.0, &expected.1),
            "{start}: {said}"
        );
    }
}

#[test]
fn row_numbers_are_not_labels() {
    let folder = tempdir().unwrap();
    let train = format!("{}{}", header("label"), csv(&bars(COUNT), ",", "\n"));
    let test = format!("{}{}", header("id"), csv(&bars(COUNT / 2), ",", "\n"));
    write(
        folder.path(),
        &[("train.csv", train.into()), ("test.csv", test.into())],
    );
    let (found, sheet, said) = read("csv", folder.path(), &[]);
    assert_eq!((found, sheet), expected(false, &[]));
    assert!(said.contains("test.csv, which has no labels"), "{said}");
}

#[test]
fn equal_labels_in_a_column_without_a_name_are_reported() {
    let folder = tempdir().unwrap();
    let table = csv(&bars(COUNT), ",", "\n");
    let rotated: String = table
        .lines()
        .map(|line| format!("{},{}\n", &line[2..], &line[..1]))
        .collect();
    write(folder.path(), &[("a.csv", rotated.into())]);
    let (.., said) = read("csv", folder.path(), &[]);
    assert!(
        said.contains("warning: ") && said.contains("a.csv: every label in column 1 is 0"),
        "{said}"
    );
}

#[test]
fn test_images_of_kaggle_have_no_labels_and_are_reported() {
    let folder = tempdir().unwrap();
    let (train, test) = (bars(COUNT), bars(COUNT / 2));
    let table = csv(&test, ",", "\n");
    let unlabeled: String = table
        .lines()
        .map(|line| format!("{}\n", &line[2..]))
        .collect();
    write(
        folder.path(),
        &[
            (
                "train.csv",
                format!("{}{}", header("label"), csv(&train, ",", "\n")).into(),
            ),
            (
                "test.csv",
                format!("{}{unlabeled}", &header("")[1..]).into(),
            ),
            ("sample_submission.csv", b"ImageId,Label\n1,0\n".to_vec()),
        ],
    );
    let (found, sheet, said) = read("csv", folder.path(), &[]);
    assert_eq!((found, sheet), expected(false, &[]));
    for part in [
        "test.csv, which has no labels",
        "not read: 1 file, such as",
        "sample_submission.csv: a line has 2 columns",
    ] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    let (found, ..) = read("csv", folder.path(), &["--unlabeled"]);
    assert_eq!(
        (&found["train"], &found["test"]),
        (&COUNT.into(), &(COUNT / 2).into())
    );
    assert_rejected("mnist", folder.path(), &["pass --dataset csv"]);
}

#[test]
fn invalid_tables_are_rejected_with_line_and_column() {
    let table = csv(&bars(COUNT), ",", "\n");
    let (first, rest) = table.split_once('\n').unwrap();
    let with = |cell: usize, value: &str| {
        let mut cells: Vec<_> = rest.lines().next().unwrap().split(',').collect();
        cells[cell] = value;
        format!("{first}\n{}\n{rest}", cells.join(","))
    };
    let wide: String = table.lines().map(|line| format!("0,{line}\n")).collect();
    let cut = &table[..table.len() - 100];
    let utf_16: Vec<u8> = format!("\u{feff}{table}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(Vec<u8>, &[&str]); 11] = [
        (
            with(3, "-1").into(),
            &["a.csv: line 2, column 4: the pixel \"-1\" is not an integer from 0 to 255"],
        ),
        (
            with(3, "0.5").into(),
            &["line 2, column 4: the pixel \"0.5\""],
        ),
        (
            table.replacen(",0,", ",NA,", 1).into(),
            &["line 1, column 2: the pixel \"NA\""],
        ),
        (
            format!("{}{table}", header("kind").replace("pixel9,", "nine,")).into(),
            &["a.csv: the columns \"kind\" and \"nine\" are not pixels"],
        ),
        (
            with(784, "256").into(),
            &["line 2, column 785: the pixel \"256\""],
        ),
        (with(3, "").into(), &["line 2, column 4: the pixel \"\""]),
        (
            with(0, "cat").into(),
            &[
                "line 2, column 1: the label \"cat\" is not an integer",
                "--class-names",
            ],
        ),
        (
            cut.into(),
            &[
                "a.csv: line 40 has",
                "the first line has 785",
                "if it was cut",
            ],
        ),
        (header("label").into(), &["a.csv contains only a header"]),
        (
            wide.into(),
            &["a line has 786 columns", "785 for 28x28 pixels"],
        ),
        (utf_16, &["a.csv is UTF-16 text; save it in UTF-8"]),
    ];
    for (bytes, parts) in cases {
        let folder = tempdir().unwrap();
        write(folder.path(), &[("a.csv", bytes)]);
        assert_rejected("csv", &folder.path().join("a.csv"), parts);
    }
    let folder = tempdir().unwrap();
    write(folder.path(), &[("a.csv", npy("|u1", "(1,)", &[1]))]);
    let parts = ["is a NumPy array, not a table (CSV)", "--dataset numpy"];
    assert_rejected("csv", &folder.path().join("a.csv"), &parts);
}
