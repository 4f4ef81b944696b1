//! Node, and npm packages in the versions of a lock file.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use thumbgan_emulator::process::{is_installed, output};

use super::apt;

const NODE: &str = "node";
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Installs Node if it is missing, and the npm packages of a folder's lock file.
///
/// # Errors
/// If Node or a package is missing and cannot be installed here.
pub fn install_packages(folder: &Path) -> Result<()> {
    install_node()?;
    let Some(package) = outdated_package(folder)? else {
        return Ok(());
    };
    ensure!(
        is_installed(NPM),
        "npm not found; install it with Node, or as the package npm on Debian and Ubuntu"
    );
    eprintln!(
        "set-up: installing {package} and other packages with npm in {}",
        folder.display()
    );
    let mut command = Command::new(NPM);
    command
        .current_dir(folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    output(&mut command).with_context(|| {
        format!(
            "{package} is not installed: run `npm ci` in {} with a network connection",
            folder.display()
        )
    })?;
    Ok(())
}

/// Installs Node and npm if one of them is missing.
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

/// Returns name and version of the first package in the lock file that is not installed in this version.
fn outdated_package(folder: &Path) -> Result<Option<String>> {
    const FOLDER: &str = "node_modules/";
    let path = folder.join("package-lock.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lock: Value = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a lock file", path.display()))?;
    let packages = lock["packages"]
        .as_object()
        .with_context(|| format!("{} names no packages", path.display()))?;
    // The key of the folder's own package is empty.
    for (location, package) in packages.iter().filter(|(key, _)| key.starts_with(FOLDER)) {
        let version = package["version"]
            .as_str()
            .with_context(|| format!("{} has no version of {location}", path.display()))?;
        let is_current = match installed_version(&folder.join(location)) {
            Some(installed) => installed == version,
            // Packages for other systems are optional.
            None => package["optional"] == true,
        };
        if !is_current {
            return Ok(Some(format!("{} {version}", &location[FOLDER.len()..])));
        }
    }
    Ok(None)
}

/// Returns the version of the package in a folder.
fn installed_version(package: &Path) -> Option<String> {
    let text = fs::read(package.join("package.json")).ok()?;
    let package: Value = serde_json::from_slice(&text).ok()?;
    Some(package["version"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use thumbgan_emulator::{pico, web};

    use super::*;

    const LOCK: &str = r#"{"packages": {
        "": {"name": "own"},
        "node_modules/@scope/other-system": {"version": "2.0.0", "optional": true},
        "node_modules/package": {"version": "1.2.4"}
    }}"#;

    #[test]
    fn a_missing_or_another_version_is_outdated() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("package-lock.json"), LOCK).unwrap();
        let outdated = || outdated_package(folder.path()).unwrap();
        assert_eq!(outdated().unwrap(), "package 1.2.4");
        install(folder.path(), "package", "1.2.3");
        assert_eq!(outdated().unwrap(), "package 1.2.4");
        install(folder.path(), "package", "1.2.4");
        assert_eq!(outdated(), None);
        install(folder.path(), "@scope/other-system", "1.9.0");
        assert_eq!(outdated().unwrap(), "@scope/other-system 2.0.0");
    }

    #[test]
    fn a_file_without_packages_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(outdated_package(folder.path()).is_err());
        for text in ["", "{}", r#"{"packages": {"node_modules/a": {}}}"#] {
            fs::write(folder.path().join("package-lock.json"), text).unwrap();
            assert!(outdated_package(folder.path()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_lock_files_are_readable() {
        for folder in [pico::runner_folder(), web::folder()] {
            outdated_package(&folder).unwrap();
        }
    }

    fn install(folder: &Path, name: &str, version: &str) {
        let package = folder.join("node_modules").join(name);
        fs::create_dir_all(&package).unwrap();
        let text = format!(r#"{{"version": "{version}"}}"#);
        fs::write(package.join("package.json"), text).unwrap();
    }
}
