//! Card and figures of a run: a file of the user in their place stays, and the run writes a numbered one beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::{
    files::{hex, parent, read, sync_folder, write_whole},
    png::{self, GrayBitmap, Purpose},
};

/// Start and end of the last line of a card; between them is the SHA-256 of the text above in hexadecimal.
const MARK: [&str; 2] = ["<!-- thumbgan: SHA-256 of the text above: ", " -->\n"];

/// Writes a card with its hash. A card at `path` that was edited, or of another origin, stays, of which `warn` gets a
/// message.
///
/// # Errors
/// If the card cannot be written.
pub fn write_card(path: &Path, text: &str, warn: impl FnOnce(&str)) -> Result<PathBuf> {
    write_beside(path, marked(text).as_bytes(), is_unchanged, warn)
}

/// Writes a figure. A PNG file at `path` that no run has written stays, of which `warn` gets a message.
///
/// # Errors
/// If the figure cannot be written.
pub fn write_figure(path: &Path, bitmap: &GrayBitmap, warn: impl FnOnce(&str)) -> Result<PathBuf> {
    let content = bitmap.png(Purpose::RunFigure)?;
    let is_own = |found: &[u8]| png::is_own(found, Purpose::RunFigure);
    write_beside(path, &content, is_own, warn)
}

/// Writes the content to the first of NAME.END, NAME-2.END, NAME-3.END and so on that does not exist or `is_own`, and
/// returns its path.
fn write_beside(
    path: &Path,
    content: &[u8],
    is_own: impl Fn(&[u8]) -> bool,
    warn: impl FnOnce(&str),
) -> Result<PathBuf> {
    let mut target = path.to_owned();
    let mut number = 1;
    while fs::symlink_metadata(&target).is_ok() {
        let found = read(&target).ok();
        if found.as_deref() == Some(content) {
            // A process that was killed may have written it without making its name durable.
            return sync_folder(parent(&target)).map(|()| target);
        }
        if found.is_some_and(|found| is_own(&found)) {
            break;
        }
        number += 1;
        target = numbered(path, number);
    }
    write_whole(&target, content)?;
    if target != path {
        warn(&format!(
            "warning: {} was edited, or another program or an earlier version wrote it: it stays, and the new file is {}",
            path.display(),
            target.display()
        ));
    }
    Ok(target)
}

/// Returns NAME-NUMBER.END for NAME.END.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}."));
    name.push(path.extension().unwrap_or_default());
    path.with_file_name(name)
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Returns the text of a card with the line of its hash.
fn marked(text: &str) -> String {
    let [start, end] = MARK;
    format!("{text}{start}{}{end}", hash(text))
}

/// Returns true for the content of a card that ends with the hash of its text.
fn is_unchanged(content: &[u8]) -> bool {
    let [start, end] = MARK;
    str::from_utf8(content)
        .ok()
        .and_then(|text| text.strip_suffix(end)?.rsplit_once(start))
        .is_some_and(|(text, found)| hash(text) == found)
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;
    use crate::quality;

    #[test]
    fn edited_cards_stay_and_new_ones_are_numbered() {
        let folder = tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let path = at("seed.md");
        let write = |text: &str| write_card(&path, text, |_| ()).unwrap();
        assert_eq!(write("# one\n"), path);
        assert_eq!(write("# two\n"), path, "an unchanged card is replaced");
        let edited = fs::read_to_string(&path).unwrap() + "\nMy note.\n";
        fs::write(&path, &edited).unwrap();
        assert_eq!(write("# three\n"), at("seed-2.md"));
        assert_eq!(write("# four\n"), at("seed-2.md"));
        fs::write(at("seed-2.md"), "# four, edited\n").unwrap();
        assert_eq!(write("# four\n"), at("seed-3.md"));
        assert_eq!(fs::read_to_string(&path).unwrap(), edited);
        assert_eq!(
            fs::read_to_string(at("seed-2.md")).unwrap(),
            "# four, edited\n"
        );
    }

    #[test]
    fn cards_with_results_of_an_evaluation_stay() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("seed.md");
        write_card(&path, "# seed\n\none\n", |_| ()).unwrap();
        let card = quality::card::read(&path, "seed").unwrap();
        let evaluated = card.with_results(&"seed against mnist: FID");
        fs::write(&path, &evaluated).unwrap();
        let other = write_card(&path, "# seed\n\ntwo\n", |_| ()).unwrap();
        assert_eq!(other, folder.path().join("seed-2.md"));
        assert_eq!(fs::read_to_string(&path).unwrap(), evaluated);
        assert!(evaluated.contains(MARK[0]), "{evaluated}");
    }

    #[test]
    fn only_figures_of_runs_are_replaced() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("000020.png");
        let [one, two] = [1, 2].map(|gray| png::grid(&[gray; 784], 1));
        assert_eq!(write_figure(&path, &one, |_| ()).unwrap(), path);
        assert_eq!(write_figure(&path, &two, |_| ()).unwrap(), path);
        one.save(&path, Purpose::SampleGrid).unwrap();
        let mine = fs::read(&path).unwrap();
        let other = folder.path().join("000020-2.png");
        assert_eq!(write_figure(&path, &one, |_| ()).unwrap(), other);
        assert_eq!(fs::read(&path).unwrap(), mine);
    }
}
