//! Running other programs. Commands are echoed on standard error, so that standard output carries results only.

use std::{
    env,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::LazyLock,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

/// Returns the root of the repository.
///
/// Derived from the package that cargo runs, so a build stays valid if the folder moves.
///
/// # Panics
/// If the running package does not lie in a folder of the repository's root.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let package = env::var_os("CARGO_MANIFEST_DIR");
        let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&package).parent();
        root.expect("the package lies in the repository's root")
            .to_owned()
    });
    &ROOT
}

/// Returns a folder of the firmware workspace; `""` is the workspace itself.
pub fn firmware(folder: &str) -> PathBuf {
    root().join("firmware").join(folder)
}

/// Returns cargo's folder for build results.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Returns a cargo command that runs in `folder`.
///
/// It does not inherit the variables with which cargo describes the running package: some build scripts depend on them, and a
/// command that is started by a test would compile what depends on these scripts again.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    for (name, _) in env::vars_os() {
        let describes_package = |name: &str| {
            ["CARGO_MANIFEST_", "CARGO_PKG_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        };
        if name.to_str().is_some_and(describes_package) {
            command.env_remove(name);
        }
    }
    command
}

/// Returns a cargo command for the root workspace with the features that its tests need, among them burn's second
/// CPU backend, which is not optimized: it runs a few steps only, and its SIMD code is large.
///
/// Every build of the tests uses these features: another set would compile burn a second time.
pub fn cargo_workspace(subcommand: &str) -> Command {
    let mut command = cargo(root());
    command.args([
        subcommand,
        "--workspace",
        "--features",
        "trainer/burn-ndarray",
        "--config",
        "profile.dev.package.burn-ndarray.opt-level=0",
    ]);
    command
}

/// Sets the rustc flags of a cargo command that builds a released artifact for `target`: `flags`, and those that replace the folders
/// of this machine, the repository's and cargo's, in the source locations of panics. Otherwise the artifact would contain them, and
/// depend on them.
pub fn set_rustc_flags<'a>(
    cargo: &mut Command,
    target: &str,
    flags: impl IntoIterator<Item = &'a str>,
) {
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let folders = [(cargo_home, "cargo"), (Some(root().to_owned()), "thumbgan")];
    let replaced = folders.into_iter().filter_map(|(folder, name)| {
        Some(format!("--remap-path-prefix={}={name}", folder?.display()))
    });
    let mut flags: Vec<_> = flags
        .into_iter()
        .map(ToOwned::to_owned)
        .chain(replaced)
        .collect();
    // Debuggers find the sources by the locations in the debugging information, which is not in the image.
    flags.push("--remap-path-scope=macro".to_owned());
    // Unlike `RUSTFLAGS`, a setting may contain paths with spaces. Unlike `CARGO_ENCODED_RUSTFLAGS`, it does not build the host's
    // packages again, whose build scripts read that variable. Both variables would override it.
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .args([
            "--config",
            &format!("target.{target}.rustflags={}", json!(flags)),
        ]);
}

/// Echoes a command and runs it to its end; its output is passed on.
///
/// # Errors
/// If the command cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", program(command)))?;
    ensure!(status.success(), "{} failed ({status})", line(command));
    Ok(())
}

/// Runs a command without an echo and returns its standard output.
///
/// # Errors
/// If the command cannot be started or does not succeed; the message contains its output.
pub fn output(command: &mut Command) -> Result<String> {
    let Some(output) = try_output(command)? else {
        bail!("{} is not installed", program(command))
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed ({})\n{text}{errors}",
            line(command),
            output.status
        );
    }
    Ok(text)
}

/// Runs a command without an echo; returns `None` if the program is not installed.
///
/// # Errors
/// If the program exists but cannot be started.
pub fn try_output(command: &mut Command) -> Result<Option<Output>> {
    match command.stdin(Stdio::null()).output() {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot run {}", program(command))),
    }
}

/// Returns true if the program is installed: it succeeds with `--version`.
pub fn is_installed(program: &str) -> bool {
    try_output(Command::new(program).arg("--version"))
        .is_ok_and(|output| output.is_some_and(|output| output.status.success()))
}

/// Returns the path of a program in the folders of `PATH`; `None` if it is in none of them.
pub fn find_program(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Returns the command as typed at the root of the repository.
pub fn line(command: &Command) -> String {
    let mut words = Vec::new();
    let folder = command.get_current_dir();
    if let Some(folder) = folder.and_then(|folder| folder.strip_prefix(root()).ok())
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

/// Returns the program's name without its folder.
fn program(command: &Command) -> String {
    let path = Path::new(command.get_program());
    path.file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// A running program, which is killed when this value is dropped.
#[derive(Debug)]
pub struct ChildGuard(pub Child);

impl ChildGuard {
    /// Starts a command without an echo.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("cannot run {}", program(command)))?;
        Ok(Self(child))
    }
}

impl Drop for ChildGuard {
    fn drop(&mut self) {
        // Both calls fail only if the program has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn cargo_does_not_inherit_the_running_package() {
        let command = cargo(root());
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
            assert!(env::var_os(name).is_some(), "{name} is set in tests");
            let is_removed =
                |(variable, value): (&OsStr, Option<&OsStr>)| variable == name && value.is_none();
            assert!(command.get_envs().any(is_removed), "{name} is inherited");
        }
    }

    #[test]
    fn shows_a_command_as_typed_at_the_root() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .current_dir(firmware("lm3s"))
            .args(["build", "--release"])
            .env("A", "b c");
        let folder = Path::new("firmware").join("lm3s");
        let expected = format!("({}) A=\"b c\" cargo build --release", folder.display());
        assert_eq!(line(&command), expected);
        assert_eq!(line(Command::new("qemu").current_dir(root())), "qemu");
    }

    #[test]
    fn names_a_missing_program() {
        let mut command = Command::new("no-such-program-anywhere");
        assert!(try_output(&mut command).unwrap().is_none());
        let error = output(&mut command).unwrap_err().to_string();
        assert_eq!(error, "no-such-program-anywhere is not installed");
        assert!(!is_installed("no-such-program-anywhere"));
    }
}
