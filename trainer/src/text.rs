//! Characters that text from files, boards and paths must not send to a terminal.

use std::{borrow::Cow, fmt::Write};

use anyhow::{Result, ensure};

/// Returns true for characters that change the state of a terminal or the direction of text: control characters (C0
/// except for line feed and tab, DEL, C1) and the bidirectional formatting characters of Unicode (UAX #9).
fn is_unprintable(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    ) || (character.is_control() && !matches!(character, '\n' | '\t'))
}

/// Replaces unprintable characters with `\uXXXX`, which is also their escape sequence in JSON.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return text.into();
    }
    let mut escaped = String::new();
    for character in text.chars() {
        if is_unprintable(character) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped.into()
}

/// Checks that a text of a model file has no unprintable characters, line feeds or tabs.
///
/// # Errors
/// If it has; the message names the field and shows the text escaped.
pub fn check_printable(field: &str, text: &str) -> Result<()> {
    ensure!(
        !text.contains(|character| is_unprintable(character) || character.is_control()),
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
