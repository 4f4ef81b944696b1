//! strace, which records the system calls of a program, ends it at one of them, or lets one fail.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// System calls that change the file system; a question mark allows for processors without one.
pub const CHANGES: &str = "write,fsync,fdatasync,ftruncate,?rename,renameat,?renameat2,?link,linkat,?unlink,unlinkat,?rmdir,?mkdir,\
    mkdirat";

/// Returns true if strace can trace a process; otherwise prints that a test is skipped.
pub fn is_usable() -> bool {
    let mut command = record(CHANGES, Path::new("/dev/null"), &[]);
    command
        .arg("true")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let is_usable = command.status().is_ok_and(|status| status.success());
    if !is_usable {
        println!(
            "skipped: strace is not installed, which `cargo xtask setup` does, or must not trace"
        );
    }
    is_usable
}

/// Returns strace for a program and its threads, to be followed by the program and its arguments. It writes the system calls
/// `calls` into `trace`, with `options`.
pub fn record(calls: &str, trace: &Path, options: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "signal=none", "-e"]);
    command.arg(format!("trace={calls}"));
    command.args(options).arg("-o").arg(trace);
    command
}

/// Returns strace that does `what`, such as `signal=KILL`, at the `index`-th call, from 1 on, of the system call `name`.
pub fn inject(name: &str, index: u64, what: &str) -> Command {
    let injection = format!("inject={name}:{what}:when={index}");
    record(name, Path::new("/dev/null"), &["-e", &injection])
}

/// Returns the names of the system calls in a trace and the number of each.
pub fn counts(trace: &str) -> Vec<(String, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for line in trace.lines() {
        let call = line.split_once(' ').map(|(_, call)| call.trim_start());
        if let Some((name, _)) = call.and_then(|call| call.split_once('(')) {
            *counts.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    counts.into_iter().collect()
}
