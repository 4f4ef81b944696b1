//! Packages of Debian and Ubuntu.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use thumbgan_emulator::process::{is_installed, output};

/// Folder of apt's sources.
const SOURCES: &str = "/etc/apt/sources.list.d";

/// Installs packages, from the backports suite if those of the release conflict with installed ones.
///
/// # Errors
/// If both attempts fail; the message contains apt's output of both.
pub fn install(packages: &[&str]) -> Result<()> {
    let Err(stable) = update_and_install(&[], packages) else {
        return Ok(());
    };
    eprintln!("set-up: apt-get failed, perhaps due to newer installed packages; trying backports");
    from_backports(packages)
        .with_context(|| format!("first attempt: {stable:#}"))
        .with_context(|| {
            format!(
                "cannot install {}: install them by hand",
                packages.join(" and ")
            )
        })
}

/// Updates the package lists and installs packages, with these options.
fn update_and_install(options: &[&str], packages: &[&str]) -> Result<()> {
    apt_get(options, &["update"])?;
    apt_get(
        options,
        &[&["install", "-y", "--no-install-recommends"], packages].concat(),
    )
}

fn apt_get(options: &[&str], arguments: &[&str]) -> Result<()> {
    let mut command = privileged()?;
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"])
        .args(options)
        .args(arguments);
    output(&mut command)?;
    Ok(())
}

/// Returns `env` as a command with the right to install packages.
///
/// # Errors
/// If the user is not root and sudo is not installed.
fn privileged() -> Result<Command> {
    if output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        return Ok(Command::new("env"));
    }
    ensure!(
        is_installed("sudo"),
        "installing packages needs root: run `cargo xtask setup` as root once, or install sudo"
    );
    let mut command = Command::new("sudo");
    command.arg("env");
    Ok(command)
}

/// Installs from the system's sources and the backports of its mirror; /etc/apt is not changed.
fn from_backports(packages: &[&str]) -> Result<()> {
    let release = fs::read_to_string("/etc/os-release").context("cannot read /etc/os-release")?;
    let codename = codename(&release).context("/etc/os-release has no VERSION_CODENAME")?;
    let folder = tempfile::tempdir()?;
    let mut source = None;
    for text in system_sources(folder.path())? {
        source = source.or_else(|| backports(&text, codename));
    }
    let source = source.with_context(|| format!("no source of {codename} in /etc/apt"))?;
    fs::write(folder.path().join("thumbgan-backports.list"), source)?;
    let parts = format!("Dir::Etc::sourceparts={}", folder.path().display());
    let suite = format!("{codename}-backports");
    update_and_install(
        &["-o", &parts, "-o", "APT::Sandbox::User=root", "-t", &suite],
        packages,
    )
}

/// Copies the system's source files to `folder` and returns their texts, /etc/apt/sources.list last.
fn system_sources(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(SOURCES).with_context(|| format!("cannot read {SOURCES}"))? {
        let path = entry?.path();
        let name = path.file_name().context("a source without a name")?;
        if path
            .extension()
            .is_some_and(|kind| kind == "list" || kind == "sources")
        {
            let text = fs::read_to_string(&path)?;
            fs::write(folder.join(name), &text)?;
            texts.push(text);
        }
    }
    texts.extend(fs::read_to_string("/etc/apt/sources.list"));
    Ok(texts)
}

/// Returns the release's name in /etc/os-release.
fn codename(release: &str) -> Option<&str> {
    let value = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))?;
    Some(value.trim_matches('"'))
}

/// Returns the line that adds backports, derived from sources of the release in either format.
fn backports(sources: &str, codename: &str) -> Option<String> {
    one_line(sources, codename).or_else(|| deb822(sources, codename))
}

/// Returns the line for sources of the format `deb [options] URI suite components`.
fn one_line(sources: &str, codename: &str) -> Option<String> {
    sources
        .lines()
        .filter(|line| line.starts_with("deb "))
        .find_map(|line| {
            let (before, components) = line.split_once(&format!(" {codename} "))?;
            Some(format!("{before} {codename}-backports {components}\n"))
        })
}

/// Returns the line for sources of the format deb822, stanzas of fields.
fn deb822(sources: &str, codename: &str) -> Option<String> {
    sources.split("\n\n").find_map(|stanza| {
        let field = |name: &str| {
            stanza
                .lines()
                .find_map(|line| Some(line.strip_prefix(name)?.trim()))
        };
        field("Suites:")?
            .split_whitespace()
            .find(|suite| *suite == codename)?;
        let uri = field("URIs:")?.split_whitespace().next()?;
        let components = field("Components:")?;
        let key = field("Signed-By:").filter(|key| key.starts_with('/'));
        let options = key
            .map(|key| format!("[signed-by={key}] "))
            .unwrap_or_default();
        Some(format!(
            "deb {options}{uri} {codename}-backports {components}\n"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_backports_from_the_mirror_in_use() {
        let list = "# a comment\ndeb-src http://m.example/d trixie main\n\
                    deb [signed-by=/k.gpg] http://m.example/d trixie main contrib\n";
        let expected = "deb [signed-by=/k.gpg] http://m.example/d trixie-backports main contrib\n";
        assert_eq!(backports(list, "trixie").unwrap(), expected);
        let sources = "Types: deb\n# a comment\nURIs: http://m.example/s\nSuites: trixie-security\n\
                       Components: main\n\nTypes: deb\nURIs: http://m.example/d\n\
                       Suites: trixie trixie-updates\nComponents: main contrib\nSigned-By: /k.gpg\n";
        assert_eq!(backports(sources, "trixie").unwrap(), expected);
        assert_eq!(backports(sources, "bookworm"), None);
    }

    #[test]
    fn finds_the_name_of_the_release() {
        assert_eq!(
            codename("ID=ubuntu\nVERSION_CODENAME=\"noble\"\n"),
            Some("noble")
        );
        assert_eq!(codename("ID=arch\n"), None);
    }
}
