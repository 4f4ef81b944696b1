//! Runs xtask with stand-ins for all other programs.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;

/// Held while scripts are written and while a process is started: a process that starts in between would inherit an
/// open script, which then cannot be run.
static SCRIPTS: Mutex<()> = Mutex::new(());

/// Returns a folder with programs of these names, which are these shell scripts.
pub fn programs(scripts: &[(&str, &str)]) -> TempDir {
    let _guard = SCRIPTS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, script) in scripts {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }
    folder
}

/// Runs xtask in `folder`, with the programs of `folder` and the shell's own ones.
pub fn xtask(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).current_dir(folder);
    command
        .env("PATH", folder)
        .env("CARGO", folder.join("cargo"));
    command.env("CARGO_TARGET_DIR", folder.join("target"));
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let guard = SCRIPTS.lock().unwrap_or_else(PoisonError::into_inner);
    let child = command.spawn().expect("xtask runs");
    drop(guard);
    child.wait_with_output().expect("xtask runs")
}

/// Returns standard output and standard error.
pub fn texts(output: Output) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}
