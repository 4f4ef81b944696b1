//! Environment variables of the download, and errors in them.

use std::{ffi::OsString, fmt};

/// Error in an environment variable, which the user must correct: other data must not take the place of a download.
#[derive(Debug)]
pub struct EnvironmentError(pub(super) String);

impl fmt::Display for EnvironmentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for EnvironmentError {}

/// Returns the value of an environment variable; an empty one counts as unset.
pub(super) fn value(variable: Variable<'_>, name: &str) -> Option<OsString> {
    variable(name).filter(|value| !value.is_empty())
}

/// Function that returns the value of an environment variable.
pub(super) type Variable<'a> = &'a dyn Fn(&str) -> Option<OsString>;
