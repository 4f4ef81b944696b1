//! Ranges of a recipe's numbers: parsers of arguments with two values or with real numbers.

use std::ops::RangeInclusive;

use thumbgan_core::model::MAX_INPUTS;

/// Maximum number of channels and features of a discriminator.
pub const MAX_WIDTH: i64 = 1_024;

/// Parses a number greater than 0.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn positive(text: &str) -> Result<f64, String> {
    number(
        text,
        |value| value > 0.0,
        "must be greater than 0, and finite",
    )
}

/// Parses a number that is 0 or more.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |value| value >= 0.0, "must be 0 or more, and finite")
}

/// Parses a number that is 0 or more and less than 1.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn share(text: &str) -> Result<f64, String> {
    let range = "must be 0 or more and less than 1";
    number(text, |value| (0.0..1.0).contains(&value), range)
}

/// Parses a number from 0 to 1.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn unit(text: &str) -> Result<f64, String> {
    let range = "must be from 0 to 1";
    number(text, |value| (0.0..=1.0).contains(&value), range)
}

/// Parses Adam's epsilon.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn epsilon(text: &str) -> Result<f32, String> {
    let range = "must be from 1e-12 to 1";
    number(text, |value| (1e-12..=1.0).contains(&value), range).map(|value| value as f32)
}

/// Parses the weight of the gradient penalties.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn penalty_weight(text: &str) -> Result<f32, String> {
    let range = "must be from 0 to 1e6";
    number(text, |value| (0.0..=1e6).contains(&value), range).map(|value| value as f32)
}

/// Parses Adam's two decay rates.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn betas(text: &str) -> Result<[f32; 2], String> {
    let range = "must be two numbers that are 0 or more and less than 1, such as 0,0.99";
    pair(text, |text| {
        let value: f32 = text.parse().ok()?;
        (0.0..1.0).contains(&value).then_some(value)
    })
    .ok_or_else(|| range.to_owned())
}

/// Parses the channels of a generator.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn generator_channels(text: &str) -> Result<[u16; 2], String> {
    channels(text, 1..=MAX_INPUTS as u16)
}

/// Parses the channels of a discriminator.
///
/// # Errors
/// If the text is something else; the message states the range.
pub fn discriminator_channels(text: &str) -> Result<[u16; 2], String> {
    channels(text, 1..=MAX_WIDTH as u16)
}

/// Parses two numbers in a range.
fn channels(text: &str, range: RangeInclusive<u16>) -> Result<[u16; 2], String> {
    pair(text, |text| {
        text.parse().ok().filter(|value| range.contains(value))
    })
    .ok_or_else(|| {
        let (first, last) = range.into_inner();
        format!("must be two numbers from {first} to {last}, such as 20,24")
    })
}

/// Parses two values that are separated by a comma; `None` if there are more or fewer, or one is invalid.
fn pair<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<[T; 2]> {
    let (first, second) = text.split_once(',')?;
    Some([parse(first.trim())?, parse(second.trim())?])
}

/// Parses a finite number in a range.
fn number(text: &str, is_valid: impl Fn(f64) -> bool, range: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value.is_finite() && is_valid(value) {
        Ok(value)
    } else {
        Err(range.to_owned())
    }
}
