//! `cargo xtask sbom`: a software bill of materials (SBOM) of each release artifact, in CycloneDX's JSON format
//! (<https://cyclonedx.org/docs/1.5/json/>).
//!
//! Packages and their dependencies are those that `cargo tree` lists for the build of the artifact, checksums those of the lock
//! file. The files contain no time and no serial number, so that equal sources give equal files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use thumbgan_boards::BOARDS;
use thumbgan_emulator::{
    firmware,
    process::{self, cargo, output, root},
    web,
};

/// Program or package that is released.
struct Artifact {
    /// Name of the file without its extension.
    name: String,
    /// Folder of the package.
    folder: PathBuf,
    /// Lock file of its workspace.
    lock: PathBuf,
    /// Arguments of cargo that select the build.
    arguments: Vec<String>,
}

/// Package in a build, as `cargo tree` names it: `NAME vVERSION`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Package {
    license: String,
    /// Names of its dependencies.
    dependencies: BTreeSet<String>,
}

/// Packages by name and version.
type Packages = BTreeMap<String, Package>;

/// Writes the SBOM of each artifact into `sbom` in cargo's target folder and prints the paths.
///
/// # Errors
/// If a lock file does not match its manifests, or a file cannot be written.
pub fn sbom() -> Result<()> {
    let folder = process::target().join("sbom");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for artifact in artifacts() {
        let document = artifact.document()?;
        let path = folder.join(format!("{}.cdx.json", artifact.name));
        let text = serde_json::to_string_pretty(&document)? + "\n";
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Returns the trainer, the library, the web page's module and the firmware of each board.
fn artifacts() -> Vec<Artifact> {
    let host = |name: &str, folder: &str, target: &str| Artifact {
        name: name.to_owned(),
        folder: root().join(folder),
        lock: root().join("Cargo.lock"),
        arguments: vec!["--target".to_owned(), target.to_owned()],
    };
    let mut artifacts = vec![
        host("trainer", "trainer", "all"),
        host("thumbgan-core", "core", "all"),
        host("thumbgan-web", "web", web::TARGET),
    ];
    artifacts.extend(BOARDS.iter().map(|board| {
        Artifact {
            name: format!("firmware-{}", board.name),
            folder: process::firmware(board.package),
            lock: process::firmware("Cargo.lock"),
            arguments: ["--target", board.target]
                .into_iter()
                .chain(firmware::features(board))
                .map(ToOwned::to_owned)
                .collect(),
        }
    }));
    artifacts
}

impl Artifact {
    /// Returns the CycloneDX document.
    fn document(&self) -> Result<Value> {
        let (root, all) = self.packages("normal,build")?;
        let (_, linked) = self.packages("normal,no-proc-macro")?;
        let lock = fs::read_to_string(&self.lock)
            .with_context(|| format!("cannot read {}", self.lock.display()))?;
        let checksums = checksums(&lock);
        let mut components = Vec::new();
        for (name, package) in all.iter().filter(|(name, _)| **name != root) {
            let checksum = checksums.get(name);
            let checksum =
                checksum.with_context(|| format!("{name} is not in {}", self.lock.display()))?;
            components.push(component(
                name,
                package,
                checksum.as_deref(),
                linked.contains_key(name),
            ));
        }
        let dependencies = all.iter().map(|(name, package)| {
            let dependencies: Vec<_> = package.dependencies.iter().map(|name| purl(name)).collect();
            json!({ "ref": purl(name), "dependsOn": dependencies })
        });
        let (name, version) = split(&root);
        Ok(json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {
                "component": {
                    "type": "application",
                    "bom-ref": purl(&root),
                    "name": self.name,
                    "version": version,
                    "description": format!("built from the package {name}"),
                    "licenses": [{ "expression": all[&root].license }],
                },
            },
            "components": components,
            "dependencies": dependencies.collect::<Vec<_>>(),
        }))
    }

    /// Returns the packages of the build along edges of these kinds, and the name of the artifact's own package.
    fn packages(&self, edges: &str) -> Result<(String, Packages)> {
        let mut command = cargo(&self.folder);
        command.args([
            "tree", "--locked", "--prefix", "depth", "--format", "|{p}|{l}",
        ]);
        let tree = output(command.args(["--edges", edges]).args(&self.arguments))?;
        let packages = parse_tree(&tree)?;
        let root = tree
            .lines()
            .next()
            .and_then(|line| line.split('|').nth(1))
            .map(identifier);
        Ok((root.context("cargo tree lists no packages")?, packages))
    }
}

/// Parses the output of `cargo tree`: depth, package and license on each line.
fn parse_tree(tree: &str) -> Result<Packages> {
    let mut packages = Packages::new();
    let mut path: Vec<String> = Vec::new();
    for line in tree.lines() {
        let mut fields = line.split('|');
        let depth = fields.next().and_then(|depth| depth.parse().ok());
        let (depth, package): (usize, _) = depth
            .zip(fields.next())
            .with_context(|| format!("unexpected line of cargo tree: {line}"))?;
        ensure!(
            depth <= path.len(),
            "unexpected depth in a line of cargo tree: {line}"
        );
        let license = fields.next().unwrap_or_default().trim_end_matches(" (*)");
        let name = identifier(package);
        path.truncate(depth);
        if let Some(parent) = path.last() {
            packages
                .entry(parent.clone())
                .or_default()
                .dependencies
                .insert(name.clone());
        }
        // Manifests of old packages separate alternatives by a slash.
        packages.entry(name.clone()).or_default().license = license.replace('/', " OR ");
        path.push(name);
    }
    Ok(packages)
}

/// Returns `NAME vVERSION` of a package that `cargo tree` may follow by a path or `(proc-macro)`.
fn identifier(package: &str) -> String {
    package.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// Returns name and version of an identifier.
fn split(identifier: &str) -> (&str, &str) {
    identifier.split_once(" v").unwrap_or((identifier, ""))
}

/// Returns the SHA-256 of each package of a lock file by its identifier; `None` for the project's own packages.
fn checksums(lock: &str) -> BTreeMap<String, Option<String>> {
    let packages = lock.split("[[package]]").skip(1);
    let packages = packages.filter_map(|package| {
        let field = |name: &str| {
            let value = package
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
            value.map(|value| value.trim_matches('"').to_owned())
        };
        Some((
            format!("{} v{}", field("name")?, field("version")?),
            field("checksum"),
        ))
    });
    packages.collect()
}

/// Returns the component of a package. Packages that only run during the build are excluded from the artifact.
fn component(
    identifier: &str,
    package: &Package,
    checksum: Option<&str>,
    is_linked: bool,
) -> Value {
    let (name, version) = split(identifier);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(identifier),
        "name": name,
        "version": version,
        "scope": if is_linked { "required" } else { "excluded" },
        "licenses": [{ "expression": package.license }],
        "purl": purl(identifier),
    });
    if let Some(checksum) = checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// Returns the package URL of an identifier (<https://github.com/package-url/purl-spec>).
fn purl(identifier: &str) -> String {
    let (name, version) = split(identifier);
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_cargo_tree_is_parsed() {
        let tree = "0|a v0.1.0 (/a)|MIT\n1|b v1.0.0|MIT/Apache-2.0\n2|c v2.0.0+x (proc-macro)|MIT\n1|c v2.0.0+x (proc-macro)|MIT (*)\n";
        let packages = parse_tree(tree).expect("it is valid");
        let names: Vec<_> = packages.keys().map(String::as_str).collect();
        assert_eq!(names, ["a v0.1.0", "b v1.0.0", "c v2.0.0+x"]);
        let dependencies = |name: &str| {
            packages[name]
                .dependencies
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
        };
        assert_eq!(dependencies("a v0.1.0"), ["b v1.0.0", "c v2.0.0+x"]);
        assert_eq!(dependencies("b v1.0.0"), ["c v2.0.0+x"]);
        assert_eq!(packages["b v1.0.0"].license, "MIT OR Apache-2.0");
        assert_eq!(packages["c v2.0.0+x"].license, "MIT");
        assert_eq!(purl("c v2.0.0+x"), "pkg:cargo/c@2.0.0%2Bx");
        assert!(parse_tree("warning: text").is_err() && parse_tree("1|a v1|MIT").is_err());
    }

    #[test]
    fn documents_list_every_package_of_the_build_with_its_checksum() {
        for artifact in artifacts() {
            let document = artifact.document().expect("the lock file is up to date");
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let list = |name: &str| document[name].as_array().expect("a list").clone();
            let mut references: BTreeSet<_> = list("components")
                .iter()
                .map(|component| text(&component["bom-ref"]))
                .collect();
            references.insert(text(&document["metadata"]["component"]["bom-ref"]));
            for dependency in list("dependencies") {
                let needed = dependency["dependsOn"].as_array().expect("a list");
                assert!(references.contains(&text(&dependency["ref"])));
                assert!(
                    needed.iter().all(|name| references.contains(&text(name))),
                    "{dependency}"
                );
            }
            assert_eq!(list("dependencies").len(), references.len());
            let lock = fs::read_to_string(&artifact.lock).expect("a lock file");
            for component in list("components") {
                let name = text(&component["name"]);
                let version = text(&component["version"]);
                let source = format!("name = \"{name}\"\nversion = \"{version}\"\nsource");
                let is_own = !lock.contains(&source);
                let checksum = text(&component["hashes"][0]["content"]);
                assert!(
                    is_own || (checksum.len() == 64 && lock.contains(&checksum)),
                    "{component}"
                );
                assert!(
                    !text(&component["licenses"][0]["expression"]).is_empty(),
                    "{component}"
                );
            }
        }
    }
}
