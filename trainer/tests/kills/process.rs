//! Processes that are killed, with their children.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Runs a command and returns true if it was killed with SIGKILL.
pub fn is_killed(command: &mut Command) -> bool {
    let output = command.stdin(Stdio::null()).output().unwrap();
    output.status.signal() == Some(Signal::SIGKILL as i32)
}

/// Starts a command, kills it with SIGKILL after `moment`, and returns true unless it had ended before. With
/// `children`, its child processes are killed first.
pub fn kill_after(command: &mut Command, moment: Duration, children: bool) -> bool {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(moment);
    if children {
        for pid in children_of(&child) {
            // It may have ended.
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
    // It may have ended.
    let _ = child.kill();
    child.wait().unwrap().signal() == Some(Signal::SIGKILL as i32)
}

/// Returns the child processes of all threads of a process.
fn children_of(process: &Child) -> Vec<Pid> {
    let threads = fs::read_dir(format!("/proc/{}/task", process.id()));
    let lists = threads
        .into_iter()
        .flatten()
        .flatten()
        .map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    let numbers = lists.flat_map(|list| {
        let numbers = list.split_whitespace().map(str::parse);
        numbers.collect::<Vec<Result<i32, _>>>()
    });
    numbers.flatten().map(Pid::from_raw).collect()
}
