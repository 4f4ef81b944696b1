//! Running other programs: echoed, with clear failures, and never left behind.

use std::{
    env,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::LazyLock,
};

use anyhow::{Context, Result, bail, ensure};

/// The root of the repository that cargo runs this in, even if it was built before the folder moved.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let package =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&package)
            .parent()
            .expect("xtask lies in the repository's root")
            .to_owned()
    });
    &ROOT
}

/// A folder of the firmware workspace; `""` is the workspace itself.
pub fn firmware(folder: &str) -> PathBuf {
    root().join("firmware").join(folder)
}

/// Cargo, to be run in `folder`.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// `cargo test` or `cargo build` of the workspace as its tests want it: with the backend that one of them compares
/// with the default. All steps use these features, since others would build burn once more.
pub fn tested(subcommand: &str) -> Command {
    let mut command = cargo(root());
    command.args([
        subcommand,
        "--workspace",
        "--features",
        "trainer/burn-ndarray",
    ]);
    command
}

/// Echoes a command and runs it to its end, its output passed on.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", program(command)))?;
    ensure!(status.success(), "{} failed ({status})", line(command));
    Ok(())
}

/// Runs a command quietly and gives what it printed.
///
/// # Errors
/// When it cannot be started or does not succeed; the message has what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let Some(output) = try_output(command)? else {
        bail!("{} is not installed", program(command))
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed ({})\n{text}{complaint}",
            line(command),
            output.status
        );
    }
    Ok(text)
}

/// Runs a command quietly; `None` when there is no such program.
///
/// # Errors
/// When it exists, but cannot be started.
pub fn try_output(command: &mut Command) -> Result<Option<Output>> {
    match command.stdin(Stdio::null()).output() {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot run {}", program(command))),
    }
}

/// Whether a program can be started: it answers `--version`.
pub fn present(program: &str) -> bool {
    try_output(Command::new(program).arg("--version"))
        .is_ok_and(|output| output.is_some_and(|output| output.status.success()))
}

/// The command as one would type it at the root of the repository.
pub fn line(command: &Command) -> String {
    let mut words = Vec::new();
    if let Some(folder) = command
        .get_current_dir()
        .and_then(|folder| folder.strip_prefix(root()).ok())
        && folder != Path::new("")
    {
        words.push(format!("({})", folder.display()));
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!(
                "{}={:?}",
                name.display(),
                value.display().to_string()
            ));
        }
    }
    words.push(program(command));
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// The program's name without its folder.
fn program(command: &Command) -> String {
    let path = Path::new(command.get_program());
    path.file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// A running program that ends with this value.
#[derive(Debug)]
pub struct Running(pub Child);

impl Running {
    /// Starts a command; it is not echoed.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("cannot run {}", program(command)))?;
        Ok(Self(child))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_echoed_as_typed_at_the_root() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .current_dir(firmware("lm3s"))
            .args(["build", "--release"])
            .env("A", "b c");
        let folder = Path::new("firmware").join("lm3s");
        assert_eq!(
            line(&command),
            format!("({}) A=\"b c\" cargo build --release", folder.display())
        );
        assert_eq!(line(Command::new("qemu").current_dir(root())), "qemu");
    }

    #[test]
    fn missing_programs_are_named() {
        let mut command = Command::new("no-such-program-anywhere");
        assert!(try_output(&mut command).unwrap().is_none());
        let error = output(&mut command).unwrap_err().to_string();
        assert_eq!(error, "no-such-program-anywhere is not installed");
        assert!(!present("no-such-program-anywhere"));
    }
}
