//! Records of arguments, by the names that the command line gives them.

use serde::Serialize;
use serde_json::{Map, Value};

/// Returns the fields of a record that are set, by the names of their arguments.
///
/// # Panics
/// If the record is not a structure of plain data.
pub fn arguments(record: &impl Serialize) -> Map<String, Value> {
    // Only text has the shortest form of an f32.
    let text = serde_json::to_string(record).expect("plain data have a JSON form");
    let fields: Map<String, Value> =
        serde_json::from_str(&text).expect("a structure is an object in JSON");
    let is_set = |value: &Value| {
        !value.is_null() && value.as_array().is_none_or(|values| !values.is_empty())
    };
    fields
        .into_iter()
        .filter(|(_, value)| is_set(value))
        .map(|(name, value)| (name.replace('_', "-"), value))
        .collect()
}
