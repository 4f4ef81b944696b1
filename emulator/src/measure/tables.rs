//! Generated tables in Markdown documents.

use std::ops::Range;

use anyhow::{Context, Result, ensure};

/// Returns `text` with the contents of its generated section `name` replaced by `table`.
///
/// # Errors
/// If `text` lacks the section's marks.
pub fn replace_section(text: &str, name: &str, table: &str) -> Result<String> {
    let range = section_range(text, name)?;
    Ok([&text[..range.start], table, &text[range.end..]].concat())
}

/// Returns the contents of the generated section `name`.
///
/// # Errors
/// If `text` lacks the section's marks.
pub fn section<'t>(text: &'t str, name: &str) -> Result<&'t str> {
    Ok(&text[section_range(text, name)?])
}

fn section_range(text: &str, name: &str) -> Result<Range<usize>> {
    let begin = format!("<!-- {name}: generated -->\n");
    let end = format!("<!-- end of {name} -->\n");
    let begins = text.find(&begin).map(|at| at + begin.len());
    let (begins, ends) = begins
        .zip(text.find(&end))
        .with_context(|| format!("the document lacks the marks of its section {name:?}"))?;
    ensure!(begins <= ends, "the section {name:?} ends before it begins");
    Ok(begins..ends)
}

/// Returns a number with commas between groups of three digits.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_only_the_named_section() {
        let text = "a\n<!-- x: generated -->\nold\n<!-- end of x -->\nb\n";
        assert_eq!(section(text, "x").unwrap(), "old\n");
        let replaced = replace_section(text, "x", "new\n").unwrap();
        assert_eq!(
            replaced,
            "a\n<!-- x: generated -->\nnew\n<!-- end of x -->\nb\n"
        );
    }

    #[test]
    fn rejects_a_document_without_the_marks() {
        let error = replace_section("text", "sizes", "")
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "the document lacks the marks of its section \"sizes\""
        );
        let reversed = "<!-- end of x -->\n<!-- x: generated -->\n";
        assert!(
            section(reversed, "x")
                .unwrap_err()
                .to_string()
                .contains("ends before it begins")
        );
    }

    #[test]
    fn groups_digits_by_thousands() {
        assert_eq!(
            [7, 94_676, 1_048_576].map(thousands),
            ["7", "94,676", "1,048,576"]
        );
    }
}
