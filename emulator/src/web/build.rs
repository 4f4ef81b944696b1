//! Build of the page: WebAssembly, its bindings, and the files that a static host serves.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::process::{self, cargo, cargo_workspace, root, run};

/// Rust target of the page's WebAssembly.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Maximum size of the WebAssembly file without models, in bytes.
pub const WASM_LIMIT: u64 = 204_800;

/// Returns the folder of the page's sources.
pub fn folder() -> PathBuf {
    root().join("web")
}

/// Returns the folder of the built page.
pub fn dist() -> PathBuf {
    folder().join("dist")
}

/// Builds the page into [`dist`] and returns the size of its WebAssembly in bytes.
///
/// # Errors
/// If a part of the build fails, the TypeScript has type errors, or the WebAssembly is larger than [`WASM_LIMIT`].
pub fn build() -> Result<u64> {
    let folder = folder();
    write_bindings(&wasm()?, &folder.join("generated"))?;
    optimize(&folder, "generated/thumbgan_bg.wasm")?;
    let size = file_size(&folder.join("generated/thumbgan_bg.wasm"))?;
    check_wasm_size(size)?;
    check_types("page")?;
    run(node(&folder).arg("build.mjs"))?;
    Ok(size)
}

/// Checks the types of the TypeScript in a sub-folder of the page.
///
/// # Errors
/// If there are type errors.
pub fn check_types(part: &str) -> Result<()> {
    run(node(&folder()).args(["node_modules/typescript/bin/tsc", "--noEmit", "-p", part]))
}

/// Returns names and sizes in bytes of the files in a folder, sorted by name.
///
/// # Errors
/// If the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<(String, u64)>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let files = entries.map(|entry| {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        Ok((name, entry.metadata()?.len()))
    });
    let mut files = files.collect::<Result<Vec<_>>>()?;
    files.sort_unstable();
    Ok(files)
}

/// Builds the WebAssembly and returns its path.
fn wasm() -> Result<PathBuf> {
    let mut command = cargo(root());
    command.args(["build", "--package", "thumbgan-web", "--target", TARGET]);
    process::set_rustc_flags(&mut command, TARGET, []);
    run(command.args(["--profile", "web"]))?;
    Ok(process::target()
        .join(TARGET)
        .join("web")
        .join("thumbgan_web.wasm"))
}

/// Writes a module's WebAssembly and its JavaScript and TypeScript bindings into a folder.
fn write_bindings(module: &Path, to: &Path) -> Result<()> {
    const PROGRAM: &str = "thumbgan-web-bindings";
    // The features of the whole workspace, so that dependencies are compiled once.
    run(cargo_workspace("build").args(["--bin", PROGRAM]))?;
    let program = process::target().join("debug").join(PROGRAM);
    run(Command::new(program).arg(module).arg(to))
}

/// Optimizes the size of a WebAssembly file with wasm-opt from Binaryen.
fn optimize(folder: &Path, wasm: &str) -> Result<()> {
    let options = ["-Oz", "--strip-target-features", wasm, "-o", wasm];
    run(node(folder)
        .arg("node_modules/binaryen/bin/wasm-opt")
        .args(options))
}

/// Returns Node as a command that runs in `folder`.
pub(super) fn node(folder: &Path) -> Command {
    let mut command = Command::new("node");
    command.current_dir(folder);
    command
}

fn file_size(path: &Path) -> Result<u64> {
    let metadata = fs::metadata(path).with_context(|| format!("no file {}", path.display()))?;
    Ok(metadata.len())
}

fn check_wasm_size(size: u64) -> Result<()> {
    ensure!(
        size <= WASM_LIMIT,
        "the page's WebAssembly has {size} bytes, {WASM_LIMIT} are allowed: make it smaller, or justify another limit in \
         emulator/src/web/build.rs"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webassembly_above_the_limit_is_an_error() {
        assert!(check_wasm_size(WASM_LIMIT).is_ok());
        let error = check_wasm_size(WASM_LIMIT + 1).unwrap_err().to_string();
        assert!(
            error.contains("204801 bytes, 204800 are allowed"),
            "{error}"
        );
    }

    #[test]
    fn lists_files_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.js"), "12").unwrap();
        fs::write(folder.path().join("a.css"), "1").unwrap();
        let expected = [("a.css".to_owned(), 1), ("b.js".to_owned(), 2)];
        assert_eq!(files(folder.path()).unwrap(), expected);
    }
}
