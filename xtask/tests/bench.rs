//! `cargo xtask bench --json` prints JSON alone on standard output, even while it installs tools.
#![cfg(unix)]

mod common;

use common::{programs, texts, xtask};

/// Installs the program that `apt-get` or `rustup` is asked for.
const INSTALL: &str = r#"echo "$0 got: $*"
folder=${0%/*}
case $* in *install*)
    for qemu in qemu-system-arm qemu-system-riscv32; do
        printf '#!/bin/sh\n[ $1 = --version ] || printf "million 2000000\\nticks 4000000\\n"\n' > $folder/$qemu
        /bin/chmod +x $folder/$qemu
    done
esac"#;

#[test]
fn json_is_alone_on_standard_output_during_the_set_up() {
    let cargo = r#"echo "Compiling $*" >&2
echo built > ${0%/*}/made.elf
echo '{"profile":{"test":false},"target":{"name":"NAME"},"executable":"'${0%/*}'/made.elf"}'"#;
    // The name of the binary follows `--bin`.
    let cargo = format!(
        "name=; for word; do [ \"$last\" = --bin ] && name=$word; last=$word; done\n{}",
        cargo.replace("NAME", "'$name'")
    );
    let folder = programs(&[
        (
            "rustc",
            "case $1 in --print) echo \"${0%/*}\";; *) echo 'rustc 0.0.0';; esac",
        ),
        ("rustup", INSTALL),
        ("apt-get", INSTALL),
        ("env", "shift; exec \"$@\""),
        ("id", "echo 0"),
        ("cargo", &cargo),
    ]);
    let output = xtask(folder.path(), &["bench", "--json"]);
    let is_success = output.status.success();
    let (json, messages) = texts(output);
    assert!(is_success, "{messages}");
    for message in [
        "adding the Rust target thumbv6m-none-eabi",
        "installing qemu-system-arm",
        "Compiling",
    ] {
        assert!(messages.contains(message), "{messages}");
    }
    let rows: serde_json::Value = serde_json::from_str(&json).expect("JSON alone");
    let rows = rows.as_array().expect("rows");
    assert!(rows.len() >= 6, "{json}");
    for row in rows {
        assert_eq!(row["instructions"], 2_000_000, "{row}");
        assert!(row["model"].is_string() && row["core"].is_string(), "{row}");
    }
}
