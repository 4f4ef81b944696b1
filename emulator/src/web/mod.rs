//! The web page: its build, an HTTP server that shows it on this machine, and its browser tests.

mod build;
mod playwright;
mod server;

pub use build::{TARGET, WASM_LIMIT, build, check_types, dist, files, folder};
pub use playwright::{Project, playwright};
pub use server::{DEFAULT_PORT, Server};
