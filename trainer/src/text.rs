//! Text from files, boards and paths: encodings, and characters that must not reach a terminal.

use std::{borrow::Cow, fmt::Write, path::Path};

use anyhow::{Context, Result, ensure};

/// Byte order marks of UTF-16 in little-endian and big-endian order, and of UTF-8.
const UTF_16_LE: &[u8] = b"\xff\xfe";
const UTF_16_BE: &[u8] = b"\xfe\xff";
const UTF_8: &[u8] = b"\xef\xbb\xbf";

/// Decodes UTF-8, or UTF-16 with a byte order mark, and removes the mark.
///
/// # Errors
/// If the bytes are not text in one of these encodings.
pub fn decode(bytes: &[u8]) -> Result<String> {
    let utf_16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks();
        ensure!(
            odd.is_empty(),
            "the UTF-16 text is cut: it has an odd number of bytes"
        );
        let units: Vec<u16> = pairs.iter().copied().map(unit).collect();
        String::from_utf16(&units).context("not valid UTF-16 text")
    };
    if let Some(rest) = bytes.strip_prefix(UTF_16_LE) {
        return utf_16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(UTF_16_BE) {
        return utf_16(rest, u16::from_be_bytes);
    }
    let rest = bytes.strip_prefix(UTF_8).unwrap_or(bytes);
    ensure!(
        !rest.contains(&0),
        "not text: it contains bytes of value 0; save it in UTF-8"
    );
    String::from_utf8(rest.to_vec()).context("not UTF-8 text; save it in UTF-8")
}

/// Returns a number with its noun in the singular or plural, such as `1 image` or `2 images`.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "class") => format!("{number} classes"),
        _ => format!("{number} {noun}s"),
    }
}

/// Returns words as a list in a sentence, with `last` before the last one: "a, b and c".
pub fn list(words: &[impl AsRef<str>], last: &str) -> String {
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    match &words[..] {
        [others @ .., end] if !others.is_empty() => format!("{} {last} {end}", others.join(", ")),
        _ => words.concat(),
    }
}

/// Returns the form of "to be" for a number of things.
pub const fn is_or_are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// Returns text as code in a cell of a Markdown table.
pub fn code_in_table(text: &str) -> String {
    let text = text.replace('|', r"\|");
    if text.contains('`') {
        // The spaces separate the marks from marks in the text; they are not shown.
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// Returns true for characters that change the state of a terminal or the direction of text: control characters (C0
/// except for line feed and tab, DEL, C1) and the bidirectional formatting characters of Unicode (UAX #9).
fn is_unprintable(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    ) || (character.is_control() && !matches!(character, '\n' | '\t'))
}

/// Returns true for unprintable characters, line feeds and tabs.
fn is_unprintable_in_line(character: char) -> bool {
    is_unprintable(character) || character.is_control()
}

/// Replaces unprintable characters with `\uXXXX`, which is also their escape sequence in JSON.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_unprintable)
}

/// Replaces unprintable characters, line feeds and tabs with `\uXXXX`, so that the result is a single line.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_unprintable_in_line)
}

fn escaped(text: &str, is_escaped: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return text.into();
    }
    let mut escaped = String::new();
    for character in text.chars() {
        if is_escaped(character) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped.into()
}

/// Returns a text of a file for a message: quoted, escaped, and cut if it is long.
pub fn quoted(text: &str) -> String {
    const MAX: usize = 80;
    let start: String = text.chars().take(MAX).collect();
    let dots = if start.len() < text.len() { "..." } else { "" };
    format!("{start:?}{dots}")
}

/// Quotes a word for a POSIX shell if it needs quotes.
pub fn shell_word(word: impl AsRef<Path>) -> String {
    let word = word.as_ref().display().to_string();
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "_./-,+:".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Checks that a text of a model file has no unprintable characters, line feeds or tabs.
///
/// # Errors
/// If it has; the message names the field and shows the text escaped.
pub fn check_printable(field: &str, text: &str) -> Result<()> {
    ensure!(
        !text.contains(is_unprintable_in_line),
        "the {field} {text:?} contains control or bidirectional characters; choose another one"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_are_escaped() {
        let text = "a\u{1b}[2J\u{7}\u{7f}\u{9b}\u{202e}\u{2066}\u{200f}é世\n\tz";
        assert_eq!(
            printable(text),
            "a\\u001b[2J\\u0007\\u007f\\u009b\\u202e\\u2066\\u200fé世\n\tz"
        );
        assert!(matches!(printable("é世\n"), Cow::Borrowed(_)));
        assert_eq!(one_line("é\n\t\u{202e}"), "é\\u000a\\u0009\\u202e");
        assert!(matches!(one_line("é世"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_texts_are_cut_in_messages() {
        assert_eq!(quoted("a\n"), "\"a\\n\"");
        let long = quoted(&"é".repeat(1_000));
        assert_eq!(long, format!("\"{}\"...", "é".repeat(80)));
    }

    #[test]
    fn utf_8_and_marked_utf_16_are_decoded() {
        let little: Vec<u8> = "\u{feff}seed = 1 # é\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = "\u{feff}seed = 1 # é\r\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [&little[..], &big, "\u{feff}seed = 1 # é\r\n".as_bytes()] {
            assert_eq!(decode(bytes).unwrap(), "seed = 1 # é\r\n");
        }
        for bytes in [&little[..little.len() - 1], &little[2..], b"caf\xe9"] {
            assert!(decode(bytes).is_err());
        }
    }

    #[test]
    fn fields_with_control_characters_are_errors_that_name_the_field() {
        assert!(check_printable("class name", "Ankle boot é世").is_ok());
        for text in ["a\u{1b}[2J", "a\nb", "a\tb", "a\u{202e}b", "a\u{9b}b"] {
            let error = check_printable("class name", text).unwrap_err().to_string();
            assert!(
                error.contains("class name") && !error.contains(text),
                "{error}"
            );
        }
    }
}
