//! The web page: its build, and an HTTP server that shows it on this machine.

mod build;
mod server;

pub use build::{TARGET, WASM_LIMIT, build, dist, files, folder};
pub use server::{DEFAULT_PORT, Server};
