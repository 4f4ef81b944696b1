//! The web page: its build, a local HTTP server, and its browser tests.

mod build;
mod playwright;
mod server;

pub use build::{TARGET, WASM_LIMIT, build, check_types, dist, files, folder};
pub use playwright::{Project, playwright};
pub use server::{DEFAULT_PORT, Server};
