//! Node, and rp2040js, the emulator of the Raspberry Pi Pico.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use thumbgan_emulator::{
    pico,
    process::{is_installed, output},
};

use super::apt;

const NODE: &str = "node";
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
/// Path of the package in its folder and in the lock file.
const PACKAGE: &str = "node_modules/rp2040js";

/// Installs rp2040js in the version of the lock file, and Node if it is missing.
///
/// # Errors
/// If one of them is missing and cannot be installed here.
pub fn install_rp2040js() -> Result<()> {
    install_node()?;
    let folder = pico::runner_folder();
    let version = locked_version(&folder)?;
    if installed_version(&folder).is_some_and(|installed| installed == version) {
        return Ok(());
    }
    ensure!(
        is_installed(NPM),
        "npm not found; install it: Node contains it, on Debian and Ubuntu it is the package npm"
    );
    eprintln!(
        "set-up: installing rp2040js {version} with npm in {}",
        folder.display()
    );
    let mut command = Command::new(NPM);
    command
        .current_dir(&folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    output(&mut command).context(
        "rp2040js is not installed: run `npm ci` in emulator/rp2040js with a network connection",
    )?;
    Ok(())
}

/// Installs Node and npm.
fn install_node() -> Result<()> {
    if is_installed(NODE) && is_installed(NPM) {
        return Ok(());
    }
    ensure!(
        is_installed("apt-get"),
        "Node and npm not found; install Node 18 or later (nodejs.org)"
    );
    eprintln!("set-up: installing nodejs and npm with apt-get");
    apt::install(&["nodejs", "npm"])
}

/// Returns the version in the lock file.
fn locked_version(folder: &Path) -> Result<String> {
    let path = folder.join("package-lock.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lock: Value = serde_json::from_slice(&text)?;
    let version = lock["packages"][PACKAGE]["version"].as_str();
    Ok(version
        .with_context(|| format!("{} does not lock rp2040js", path.display()))?
        .to_owned())
}

/// Returns the version of the installed package.
fn installed_version(folder: &Path) -> Option<String> {
    let text = fs::read(folder.join(PACKAGE).join("package.json")).ok()?;
    let package: Value = serde_json::from_slice(&text).ok()?;
    Some(package["version"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_locked_and_the_installed_version() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(installed_version(folder.path()), None);
        let package = folder.path().join(PACKAGE);
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("package.json"), r#"{"version": "1.2.3"}"#).unwrap();
        assert_eq!(installed_version(folder.path()).unwrap(), "1.2.3");
        let lock = r#"{"packages": {"node_modules/rp2040js": {"version": "1.2.4"}}}"#;
        fs::write(folder.path().join("package-lock.json"), lock).unwrap();
        assert_eq!(locked_version(folder.path()).unwrap(), "1.2.4");
    }

    #[test]
    fn the_lock_file_has_a_version() {
        assert!(locked_version(&pico::runner_folder()).is_ok());
    }
}
