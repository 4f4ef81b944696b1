//! Permissions of the workflows in `.github/workflows`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use thumbgan_emulator::process::root;

/// Permissions besides reading the repository, with the workflow that needs them.
const GRANTED: [(&str, &str); 3] = [
    ("pages.yml", "pages: write"),
    ("pages.yml", "id-token: write"),
    ("release.yml", "contents: write"),
];

#[test]
fn workflows_have_no_more_permissions_than_they_need() {
    let folder = root().join(".github/workflows");
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("\npermissions:\n  contents: read\n\n"),
            "{name}: jobs without permissions of their own may only read"
        );
        let lines = text.lines().map(str::trim);
        let writes = lines.filter(|line| line.ends_with(": write") || line.ends_with("write-all"));
        for line in writes {
            assert!(GRANTED.contains(&(&name, line)), "{name} grants {line:?}");
        }
        let checkouts = text.matches("uses: actions/checkout").count();
        let without_token = text.matches("persist-credentials: false").count();
        assert_eq!(checkouts, without_token, "{name}: checkouts keep no token");
        assert!(!text.contains("pull_request_target"), "{name}");
    }
}
