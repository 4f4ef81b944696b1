//! Instruction counts and sizes, and the tables in `docs/` that show them.
//!
//! [`images`], [`frames`] and [`baselines`] count instructions in QEMU and compare them with the snapshots in `docs/`;
//! [`pico`] measures the Pico's firmware in rp2040js; [`sizes`] measures ELF files. [`frame_rates`] estimates frame rates from the counts alone, and [`boards_doc`] puts
//! sizes and frame rates into `docs/boards.md`. A count belongs to one compiler, since another one generates other
//! instructions.

pub mod baselines;
pub mod boards_doc;
pub mod frame_rates;
pub mod frames;
pub mod images;
pub mod pico;
pub mod sizes;
pub mod snapshot;
pub mod tables;
