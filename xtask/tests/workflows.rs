//! Permissions and actions of the workflows in `.github/workflows`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use thumbgan_emulator::process::root;

/// Permissions besides reading the repository, with the workflow that needs them.
const GRANTED: [(&str, &str); 3] = [
    ("pages.yml", "pages: write"),
    ("pages.yml", "id-token: write"),
    ("release.yml", "contents: write"),
];

/// Returns name and text of each workflow.
fn workflows() -> Vec<(String, String)> {
    let entries = fs::read_dir(root().join(".github/workflows")).unwrap();
    let workflow = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    entries.map(|entry| workflow(entry.unwrap())).collect()
}

#[test]
fn actions_are_named_by_commit_and_version() {
    for (name, text) in workflows() {
        let actions = text.lines().filter_map(|line| line.split_once("uses: "));
        for (_, action) in actions {
            let (_, version) = action.split_once('@').unwrap();
            let (commit, comment) = version.split_once(" # v").unwrap_or((version, ""));
            let is_hash = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_hash && !comment.is_empty(), "{name}: {action}");
        }
    }
}

#[test]
fn workflows_have_no_more_permissions_than_they_need() {
    for (name, text) in workflows() {
        assert!(
            text.contains("\npermissions:\n  contents: read\n\n"),
            "{name}: jobs without permissions of their own may only read"
        );
        let lines = text.lines().map(str::trim);
        let writes = lines.filter(|line| line.ends_with(": write") || line.ends_with("write-all"));
        for line in writes {
            assert!(
                GRANTED.contains(&(name.as_str(), line)),
                "{name} grants {line:?}"
            );
        }
        let checkouts = text.matches("uses: actions/checkout").count();
        let without_token = text.matches("persist-credentials: false").count();
        assert_eq!(checkouts, without_token, "{name}: checkouts keep no token");
        assert!(!text.contains("pull_request_target"), "{name}");
    }
}
