//! Header of a NumPy array (`.npy`).
//!
//! A header is the magic number, a version, its length, and a Python dictionary of the type of the elements, the shape
//! and the order of the dimensions (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

use std::io::{ErrorKind, Read};

use anyhow::{Context, Result, bail, ensure};

use crate::text;

/// First bytes of an array.
const MAGIC: &[u8] = b"\x93NUMPY";
/// Alignment of the values in a file, in bytes; spaces fill the header.
const ALIGNMENT: usize = 64;
/// Maximum length of the dictionary in bytes.
const MAX_TEXT: u64 = 1 << 16;

/// Maximum number of dimensions, that of NumPy 2.
const MAX_DIMENSIONS: usize = 64;

/// Type and shape of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Type of the elements, such as `|u1` or `<i8`.
    pub descr: String,
    /// True if the first dimension varies fastest.
    pub is_fortran: bool,
    /// Dimensions.
    pub shape: Vec<usize>,
    /// Length of the header in bytes.
    pub length: u64,
}

/// Integers of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Integer {
    /// Size in bytes: 1, 2, 4 or 8.
    pub size: usize,
    is_signed: bool,
    is_big_endian: bool,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// If it is incomplete or invalid.
    pub fn read(mut source: impl Read) -> Result<Self> {
        let mut bytes = |count: u64| -> Result<Vec<u8>> {
            let mut bytes = Vec::new();
            let read = source.by_ref().take(count).read_to_end(&mut bytes);
            let is_cut = match &read {
                Ok(_) => (bytes.len() as u64) < count,
                Err(error) => error.kind() == ErrorKind::UnexpectedEof,
            };
            ensure!(!is_cut, "the header is truncated");
            read.context("cannot read the header")?;
            Ok(bytes)
        };
        let start = bytes(8)?;
        ensure!(start.starts_with(MAGIC), "not a NumPy array");
        let field = match start[6] {
            1 => bytes(2)?,
            2 | 3 => bytes(4)?,
            version => bail!("unknown version {version} of the NumPy format"),
        };
        let text_len = field
            .iter()
            .rev()
            .fold(0, |value, &byte| value << 8 | u64::from(byte));
        ensure!(
            text_len <= MAX_TEXT,
            "the header has {text_len} bytes, too many"
        );
        let length = 8 + field.len() as u64 + text_len;
        let found = String::from_utf8(bytes(text_len)?).context("the header is not text")?;
        let (descr, is_fortran, shape) = parse(&found)
            .with_context(|| format!("invalid header {}", text::quoted(found.trim_end())))?;
        Ok(Self {
            descr,
            is_fortran,
            shape,
            length,
        })
    }

    /// Returns the number of elements; `None` if it is too large.
    pub fn elements(&self) -> Option<u64> {
        let product = |product: u64, &side: &usize| product.checked_mul(side as u64);
        self.shape.iter().try_fold(1, product)
    }

    /// Returns the size of an element in bytes, if the type has one.
    pub fn element_size(&self) -> Option<u64> {
        let digits = self.descr.get(2..)?;
        match (self.descr.get(1..2)?, digits.parse::<u64>().ok()?) {
            // Unicode characters have four bytes each.
            ("U", length) => length.checked_mul(4),
            ("b" | "i" | "u" | "f" | "c" | "S" | "V", size) => Some(size),
            _ => None,
        }
    }

    /// Returns the type of the elements if they are integers.
    pub fn integer(&self) -> Option<Integer> {
        let size = self.element_size()?;
        let kind = self.descr.get(1..2)?;
        let is_known = match kind {
            "i" | "u" => [1, 2, 4, 8].contains(&size),
            "b" => size == 1,
            _ => false,
        };
        is_known.then_some(Integer {
            size: size as usize,
            is_signed: kind == "i",
            is_big_endian: self.descr.starts_with('>'),
        })
    }

    /// Returns true if the elements are floating-point numbers.
    pub fn is_float(&self) -> bool {
        self.kind() == "f"
    }

    /// Returns true if the elements are Python objects.
    pub fn has_objects(&self) -> bool {
        self.kind() == "O"
    }

    /// Returns the character for the kind of the elements, such as `u` for unsigned integers.
    fn kind(&self) -> &str {
        self.descr.get(1..2).unwrap_or_default()
    }

    /// Returns the type of the elements and the shape, for messages.
    pub fn description(&self) -> String {
        let (kind, bits) = (
            self.kind(),
            self.element_size().unwrap_or_default().saturating_mul(8),
        );
        let name = match kind {
            "u" => format!("uint{bits}"),
            "i" => format!("int{bits}"),
            "f" => format!("float{bits}"),
            "b" => "bool".to_owned(),
            "O" => "Python objects".to_owned(),
            _ => format!("elements of type {}", text::quoted(&self.descr)),
        };
        let order = if self.is_fortran {
            " in Fortran order"
        } else {
            ""
        };
        format!("{name} {:?}{order}", self.shape)
    }
}

impl Integer {
    /// Returns the value of an element.
    pub fn value(self, element: &[u8]) -> i64 {
        let mut bytes = [0; 8];
        bytes[..element.len()].copy_from_slice(element);
        if self.is_big_endian {
            bytes[..element.len()].reverse();
        }
        let unused = 64 - 8 * element.len();
        let value = u64::from_le_bytes(bytes) << unused;
        if self.is_signed {
            value.cast_signed() >> unused
        } else {
            (value >> unused).cast_signed()
        }
    }
}

/// Returns the header of a file of unsigned bytes in C order; the values follow it.
///
/// # Panics
/// If the dictionary is longer than 65,535 bytes, which takes thousands of dimensions.
pub fn encode(shape: &[u64]) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
    // One dimension keeps its comma: `(5,)` is a tuple in Python, `(5)` is not.
    let sides = match shape {
        [_] => sides.trim_end(),
        _ => sides.trim_end_matches(", "),
    };
    let text = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({sides}), }}");
    // Magic number, version 1.0, length of the text in two bytes.
    let start = MAGIC.len() + 4;
    let length = (start + text.len() + 1).next_multiple_of(ALIGNMENT) - start;
    let text = format!("{text:<width$}\n", width = length - 1);
    let field = u16::try_from(length).expect("a short dictionary");
    [MAGIC, &[1, 0], &field.to_le_bytes(), text.as_bytes()].concat()
}

/// Parses the dictionary of a header.
fn parse(text: &str) -> Option<(String, bool, Vec<usize>)> {
    let (mut descr, mut is_fortran, mut shape) = (None, None, None);
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    while !rest.is_empty() {
        let (key, after) = quoted(rest)?;
        let after = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = value(after)?;
        match key {
            "descr" => descr = Some(quoted(value).map_or(value, |(text, _)| text).to_owned()),
            "fortran_order" => {
                is_fortran = Some(match value {
                    "True" => true,
                    "False" => false,
                    _ => return None,
                });
            }
            "shape" => shape = Some(dimensions(value)?),
            _ => return None,
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some((descr?, is_fortran?, shape?))
}

/// Splits a quoted text from the start of `text`.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

/// Splits a value from the start of `text`: up to a comma outside of brackets and quotes.
fn value(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote) = (0_u32, None);
    let mut end = text.len();
    for (index, character) in text.char_indices() {
        match (character, quote) {
            (_, Some(open)) => quote = (character != open).then_some(open),
            ('\'' | '"', None) => quote = Some(character),
            ('(' | '[', None) => depth += 1,
            (')' | ']', None) => depth = depth.checked_sub(1)?,
            (',', None) if depth == 0 => {
                end = index;
                break;
            }
            _ => {}
        }
    }
    (depth == 0 && quote.is_none()).then(|| (text[..end].trim(), &text[end..]))
}

/// Parses a tuple of dimensions.
fn dimensions(text: &str) -> Option<Vec<usize>> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?.trim();
    let inner = inner.strip_suffix(',').unwrap_or(inner);
    if inner.is_empty() {
        return Some(Vec::new());
    }
    // Python 2 wrote long integers as `60000L`.
    let side = |side: &str| side.trim().trim_end_matches('L').parse().ok();
    let shape: Vec<_> = inner.split(',').map(side).collect::<Option<_>>()?;
    (shape.len() <= MAX_DIMENSIONS).then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_numpy_are_parsed() {
        let text = "{'descr': '<i8', 'fortran_order': False, 'shape': (3, 28L), }   \n";
        let expected = ("<i8".to_owned(), false, vec![3, 28]);
        assert_eq!(parse(text), Some(expected));
        let text =
            "{\"shape\": (5,), \"descr\": [('a', '<f4'), ('b', 'O')], \"fortran_order\": True}";
        let (descr, is_fortran, shape) = parse(text).unwrap();
        assert_eq!(descr, "[('a', '<f4'), ('b', 'O')]");
        assert_eq!((is_fortran, shape), (true, vec![5]));
        for text in [
            "",
            "{}",
            "{'descr': '<i8', 'fortran_order': False}",
            "{'descr': '<i8', 'fortran_order': 0, 'shape': ()}",
            "{'descr': '<i8', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<i8' 'fortran_order': False, 'shape': (1,)}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let text = |count| {
            let shape = "1,".repeat(count);
            format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape})}}")
        };
        assert!(parse(&text(64)).is_some() && parse(&text(65)).is_none());
    }

    #[test]
    fn encoded_headers_are_those_of_numpy() {
        // numpy.lib.format.write_array_header_1_0 of NumPy 2.4.
        let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 28, 28), }";
        let expected = [
            b"\x93NUMPY\x01\x00v\x00",
            format!("{text:<117}\n").as_bytes(),
        ]
        .concat();
        assert_eq!(encode(&[5, 28, 28]), expected);
        for shape in [&[][..], &[7], &[60_000, 28, 28]] {
            let bytes = encode(shape);
            assert_eq!(bytes.len() % 64, 0);
            let header = Header::read(&bytes[..]).unwrap();
            let sides: Vec<u64> = header.shape.iter().map(|&side| side as u64).collect();
            assert_eq!(
                (sides.as_slice(), header.length),
                (shape, bytes.len() as u64)
            );
        }
        assert!(encode(&[7]).windows(5).any(|found| found == b"(7,),"));
    }

    #[test]
    fn integers_of_every_size_and_order_are_decoded() {
        let value = |descr: &str, bytes: &[u8]| {
            let header = Header {
                descr: descr.to_owned(),
                is_fortran: false,
                shape: vec![1],
                length: 0,
            };
            header.integer().unwrap().value(bytes)
        };
        assert_eq!(value("|u1", &[255]), 255);
        assert_eq!(value("|i1", &[255]), -1);
        assert_eq!(value("<i2", &[0xfe, 0xff]), -2);
        assert_eq!(value(">u2", &[1, 2]), 258);
        assert_eq!(value("<i8", &[7, 0, 0, 0, 0, 0, 0, 0]), 7);
        assert_eq!(value(">i4", &[0, 0, 1, 0]), 256);
    }
}
