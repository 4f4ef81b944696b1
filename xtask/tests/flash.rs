//! What `cargo xtask flash` and `cargo xtask qemu` say when something is not as it should be, and what they
//! run when it is; the other programs are stand-ins.
#![cfg(unix)]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// A folder with stand-ins: programs of these names that are these shell scripts.
fn programs(scripts: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, script) in scripts {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }
    folder
}

/// Runs xtask with nothing but the stand-ins of `folder` (and the shell's own programs) to call.
fn xtask(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(arguments)
        .env("PATH", folder)
        .env("CARGO", folder.join("cargo"))
        .current_dir(folder);
    command.output().expect("xtask runs")
}

/// The error it ends with.
fn error(folder: &Path, arguments: &[&str]) -> String {
    let output = xtask(folder, arguments);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn unknown_and_emulated_boards_are_told_before_anything_runs() {
    let nothing = programs(&[]);
    let unknown = error(nothing.path(), &["flash", "toaster"]);
    assert!(
        unknown.contains("toaster") && unknown.contains("nrf52840-dk"),
        "{unknown}"
    );
    let emulated = error(nothing.path(), &["flash", "qemu-lm3s6965"]);
    assert!(emulated.contains("cargo xtask qemu"), "{emulated}");
}

#[test]
fn missing_tools_and_boards_are_told_with_what_to_do() {
    let none = error(programs(&[]).path(), &["flash", "nrf52840-dk"]);
    assert!(
        none.contains("cargo install --locked probe-rs-tools"),
        "{none}"
    );
    let unplugged = programs(&[("probe-rs", "echo 'No debug probes were found.'")]);
    let unplugged = error(unplugged.path(), &["flash", "nrf52840-dk"]);
    assert!(
        unplugged.contains("no board found: connect the nRF52840-DK"),
        "{unplugged}"
    );
    let broken = programs(&[("probe-rs", "echo 'no access to USB' >&2; exit 1")]);
    let broken = error(broken.path(), &["flash", "nrf52840-dk"]);
    assert!(broken.contains("no access to USB"), "{broken}");
}

#[test]
fn a_connected_board_is_built_for_and_written() {
    let folder = programs(&[
        (
            "probe-rs",
            "if [ $1 = list ]; then echo '[0]: J-Link'; else echo \"probe-rs got: $*\"; fi",
        ),
        ("rustc", "echo \"${0%/*}\""),
        (
            "cargo",
            "echo \"$THUMBGAN_MODEL\" >&2\n\
             echo '{\"profile\":{\"test\":false},\"target\":{\"name\":\"nrf52840-dk\"},\"executable\":\"/made.elf\"}'",
        ),
    ]);
    fs::create_dir_all(folder.path().join("lib/rustlib/thumbv7em-none-eabihf")).unwrap();
    let output = xtask(folder.path(), &["flash", "nrf52840-dk"]);
    let (said, logged) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{said}{logged}");
    assert!(
        said.contains("probe-rs got: run --chip nRF52840_xxAA /made.elf"),
        "{said}"
    );
    assert!(logged.contains("models/digits.tgan"), "{logged}");
}

#[test]
fn a_pico_without_a_probe_gets_a_file_for_its_drive() {
    let folder = programs(&[
        ("probe-rs", "echo 'No debug probes were found.'"),
        ("rustc", "echo \"${0%/*}\""),
        (
            "cargo",
            "echo \"cargo got: $*\" >&2\n\
             echo '{\"profile\":{\"test\":false},\"target\":{\"name\":\"pico\"},\"executable\":\"'${0%/*}'/pico\"}'",
        ),
    ]);
    fs::create_dir_all(folder.path().join("lib/rustlib/thumbv6m-none-eabi")).unwrap();
    // An ELF file for Arm of one segment: four bytes at the start of flash.
    let mut elf = b"\x7fELF\x01\x01\x01".to_vec();
    elf.resize(88, 0);
    for (at, half) in [
        (16, 2),
        (18, 40),
        (20, 1),
        (28, 52),
        (40, 52),
        (42, 32),
        (44, 1),
        (46, 40),
    ] {
        elf[at..at + 2].copy_from_slice(&u16::to_le_bytes(half));
    }
    for (index, word) in [1_u32, 84, 0x1000_0000, 0x1000_0000, 4, 4, 5, 4]
        .into_iter()
        .enumerate()
    {
        elf[52 + 4 * index..][..4].copy_from_slice(&word.to_le_bytes());
    }
    elf[84..88].copy_from_slice(b"code");
    fs::write(folder.path().join("pico"), elf).unwrap();
    let output = xtask(folder.path(), &["flash", "pico"]);
    let (said, logged) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{said}{logged}");
    assert!(
        logged.contains("--features rp2040 --bin pico --target thumbv6m-none-eabi"),
        "{logged}"
    );
    let file = folder.path().join("pico.uf2");
    assert!(
        said.contains("BOOTSEL") && said.contains("RPI-RP2"),
        "{said}"
    );
    assert!(said.contains(&file.display().to_string()), "{said}");
    let blocks = fs::read(file).unwrap();
    assert_eq!((&blocks[..4], blocks.len() / 512), (&b"UF2\n"[..], 16));
    assert_eq!(blocks[32..36], *b"code");
}

#[test]
fn failed_builds_are_not_written() {
    let folder = programs(&[
        (
            "probe-rs",
            "if [ $1 = list ]; then echo '[0]: J-Link'; else echo \"probe-rs got: $*\"; fi",
        ),
        ("rustc", "echo \"${0%/*}\""),
        ("cargo", "exit 101"),
    ]);
    fs::create_dir_all(folder.path().join("lib/rustlib/thumbv7em-none-eabihf")).unwrap();
    let output = xtask(folder.path(), &["flash", "nrf52840-dk"]);
    assert!(!output.status.success());
    assert!(
        !String::from_utf8(output.stdout)
            .unwrap()
            .contains("probe-rs got")
    );
}

#[test]
fn bad_models_and_unwritable_screenshots_are_refused_first() {
    let folder = programs(&[]);
    let model = folder.path().join("broken.tgan");
    fs::write(&model, "no model").unwrap();
    for command in [&["qemu"][..], &["flash", "nrf52840-dk"]] {
        let refused = error(
            folder.path(),
            &[command, &["--model", model.to_str().unwrap()]].concat(),
        );
        assert!(
            refused.contains("broken.tgan") && refused.contains("TGAN"),
            "{refused}"
        );
    }
    let refused = error(folder.path(), &["qemu", "--screenshot", "missing/out.png"]);
    assert!(
        refused.contains("cannot write missing/out.png"),
        "{refused}"
    );
    let refused = error(folder.path(), &["qemu", "--screenshot", "."]);
    assert!(refused.contains("it is a folder"), "{refused}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
