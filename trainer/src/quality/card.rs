//! Results of an evaluation in a model's card.

use std::{fmt::Display, ops::Range, path::Path};

use anyhow::{Context, Result, bail, ensure};

use crate::files;

/// Heading above the results.
const HEADING: &str = "## Evaluation";
/// First and last line of a block of text.
const FENCE: &str = "```";
const TEXT: &str = "```text";

/// Card of a model, and the place of the results in it.
#[derive(Debug)]
pub struct Card {
    text: String,
    /// Bytes of the results with their fences, empty if there are none.
    results: Range<usize>,
    /// True if the heading is missing.
    needs_heading: bool,
}

/// Reads the card of the model `name`.
///
/// # Errors
/// If the file cannot be read or is not the card of this model.
pub fn read(path: &Path, name: &str) -> Result<Card> {
    let missing = "the results of --card belong into the card that `trainer train` writes beside the model; copy it \
                   there, or omit --card";
    let bytes = match files::read(path) {
        Err(error) if !path.exists() => bail!("{error:#}; {missing}"),
        bytes => bytes?,
    };
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{} is not UTF-8 text; {missing}", path.display()))?;
    let title = text.trim_start_matches('\u{feff}').lines().next();
    ensure!(
        title.map(str::trim_end) == Some(&*format!("# {name}")),
        "{} is not the card of the model {name}: it does not start with `# {name}`; {missing}",
        path.display()
    );
    Card::new(text, name).with_context(|| path.display().to_string())
}

impl Card {
    /// Finds the results of the model `name` in a card.
    ///
    /// # Errors
    /// If the results have no end.
    fn new(text: String, name: &str) -> Result<Self> {
        let mut start = 0;
        let lines: Vec<(usize, &str)> = text
            .split_inclusive('\n')
            .map(|line| {
                let at = start;
                start += line.len();
                (at, line.trim_end())
            })
            .collect();
        let start_of = |index: usize| lines.get(index).map_or(text.len(), |(at, _)| *at);
        let first_words = format!("{name} against ");
        let (mut after_heading, mut results) = (None, None);
        let mut index = 0;
        while let Some((at, line)) = lines.get(index) {
            index += 1;
            if line.starts_with(FENCE) {
                let length = lines[index..].iter().position(|(_, line)| *line == FENCE);
                let is_ours = *line == TEXT
                    && after_heading.is_some()
                    && lines
                        .get(index)
                        .is_some_and(|(_, line)| line.starts_with(&first_words));
                if is_ours {
                    let length = length.with_context(|| {
                        format!(
                            "the results below `{HEADING}` have no end; add a line {FENCE} after them, or delete them"
                        )
                    })?;
                    results = Some(*at..start_of(index + length + 1));
                    break;
                }
                index = length.map_or(lines.len(), |length| index + length + 1);
            } else if *line == HEADING {
                after_heading = after_heading.or(Some(start_of(index)));
            } else if after_heading.is_some() && line.starts_with('#') {
                break;
            }
        }
        let end = after_heading.unwrap_or(text.len());
        Ok(Self {
            results: results.unwrap_or(end..end),
            needs_heading: after_heading.is_none(),
            text,
        })
    }

    /// Returns the text of the card with `results` in place of the former ones and everything else unchanged.
    pub fn with_results(&self, results: &impl Display) -> String {
        let (before, after) = (
            &self.text[..self.results.start],
            &self.text[self.results.end..],
        );
        let mut block = format!("{TEXT}\n{results}\n{FENCE}\n");
        if self.needs_heading {
            block.insert_str(0, &format!("\n{HEADING}\n\n"));
        } else if self.results.is_empty() {
            block.insert(0, '\n');
        }
        if !before.ends_with('\n') {
            block.insert(0, '\n');
        }
        if before.contains("\r\n") {
            block = block.replace('\n', "\r\n");
        }
        [before, &block, after].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

    use super::*;

    fn replaced(text: &str) -> String {
        let card = Card::new(text.to_owned(), "digits").unwrap();
        card.with_results(&"digits against mnist: new")
    }

    #[test]
    fn only_the_results_are_replaced() {
        let results = |word| format!("```text\ndigits against mnist: {word}\nFID\n```\n");
        let new = "```text\ndigits against mnist: new\n```\n";
        let [before, after] = [
            "# digits\n\n```sh\n## Evaluation\n```\n\n## Evaluation\n\nMy note.\n\n```text\nmine\n```\n",
            "\nMore of mine.\n\n## License\n\nMIT\n",
        ];
        assert_eq!(
            replaced(&[before, &results("old"), after].concat()),
            [before, new, after].concat()
        );
        let windows = [before, &results("old"), after]
            .concat()
            .replace('\n', "\r\n");
        let expected = [before, new, after].concat().replace('\n', "\r\n");
        assert_eq!(replaced(&windows), expected);
    }

    #[test]
    fn missing_results_are_added() {
        let new = "```text\ndigits against mnist: new\n```\n";
        assert_eq!(
            replaced("# digits\n\nText"),
            format!("# digits\n\nText\n\n## Evaluation\n\n{new}")
        );
        assert_eq!(
            replaced("# digits\n\n## Evaluation\n\n## More\n"),
            format!("# digits\n\n## Evaluation\n\n{new}\n## More\n")
        );
        let twice = replaced(&replaced("# digits\n"));
        assert_eq!(twice, format!("# digits\n\n## Evaluation\n\n{new}"));
    }

    #[test]
    fn files_that_are_no_card_of_the_model_are_errors_with_a_remedy() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("digits.md");
        let message = || format!("{:#}", read(&path, "digits").unwrap_err());
        let missing = message();
        assert!(
            missing.contains("there is no such file") && missing.contains("omit --card"),
            "{missing}"
        );
        fs::write(&path, "# digits-xs\n").unwrap();
        let other = message();
        assert!(
            other.contains("does not start with `# digits`") && other.contains("omit --card"),
            "{other}"
        );
        fs::write(&path, b"# digits\n\xff").unwrap();
        assert!(message().contains("not UTF-8"), "{}", message());
        let cut = "# digits\n\n## Evaluation\n\n```text\ndigits against mnist: cut\nMy note.\n";
        fs::write(&path, cut).unwrap();
        assert!(message().contains("have no end"), "{}", message());
        fs::write(&path, "\u{feff}# digits\r\n").unwrap();
        assert!(read(&path, "digits").is_ok());
    }
}
