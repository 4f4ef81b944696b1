//! Completeness of the table of `unsafe` code in docs/reliability.md.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, fs, path::Path};

use thumbgan_emulator::process::root;

/// Folders without source text of the project.
const SKIPPED: [&str; 3] = ["target", "node_modules", "dist"];

/// Returns the number of times that a source text uses the keyword `unsafe`, outside of comments and strings.
fn count(source: &str) -> usize {
    let code: String = source
        .lines()
        .map(|line| format!("{}\n", code_of(line)))
        .collect();
    let words = code.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    words.filter(|word| *word == "unsafe").count()
}

/// Returns a line without its comment and without the contents of its string literals.
fn code_of(line: &str) -> String {
    let (mut code, mut is_text, mut letters) = (String::new(), false, line.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if is_text => {
                letters.next();
            }
            '"' => is_text = !is_text,
            '/' if !is_text && letters.peek() == Some(&'/') => break,
            _ if is_text => {}
            _ => code.push(letter),
        }
    }
    code
}

/// Adds the count of every Rust file below `folder` that has one, by its path from `root`.
fn scan(root: &Path, folder: &Path, counts: &mut BTreeMap<String, usize>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&&*name) {
            scan(root, &path, counts);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let count = count(&fs::read_to_string(&path).unwrap());
            if count > 0 {
                let path = path.strip_prefix(root).unwrap().components();
                let path: Vec<_> = path
                    .map(|part| part.as_os_str().to_string_lossy())
                    .collect();
                counts.insert(path.join("/"), count);
            }
        }
    }
}

/// Returns the rows "| `path` | count | ... |" of the section "Memory safety".
fn table(document: &str) -> BTreeMap<String, usize> {
    let (_, section) = document.split_once("\n## Memory safety\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.split('|').skip(1).map(str::trim);
        let path = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((path.to_owned(), cells.next()?.parse().ok()?))
    });
    rows.collect()
}

#[test]
fn the_table_of_unsafe_code_is_complete() {
    let mut found = BTreeMap::new();
    scan(root(), root(), &mut found);
    let document = fs::read_to_string(root().join("docs/reliability.md")).unwrap();
    assert_eq!(
        table(&document),
        found,
        "the table in docs/reliability.md (left) differs from the uses of `unsafe` (right)"
    );
}

#[test]
fn comments_strings_and_lints_do_not_count() {
    let lines = [
        ("unsafe { f() } // unsafe", 1),
        ("#[unsafe(naked)] pub unsafe extern \"C\" fn f();", 2),
        (
            "#![expect(unsafe_code, reason = \"calls \\\"unsafe\\\" code\")]",
            0,
        ),
        ("/// Contains `unsafe`.", 0),
    ];
    for (line, expected) in lines {
        assert_eq!(count(line), expected, "{line}");
    }
}
