//! IDX files of images and of labels, plain or compressed.
#![no_main]
#![allow(dead_code, clippy::unwrap_used, reason = "test support of the trainer")]

#[path = "../../trainer/tests/common/properties.rs"]
mod properties;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use properties::Folder;

static FOLDER: LazyLock<Folder> = LazyLock::new(Folder::new);

fuzz_target!(|bytes: &[u8]| FOLDER.check_idx(bytes));
