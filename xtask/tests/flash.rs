//! Messages of `cargo xtask flash` and `cargo xtask qemu` for missing tools, boards and files, and the commands that
//! they run otherwise.
#![cfg(unix)]

mod common;

use std::{fs, path::Path};

use common::{programs, texts, xtask};

/// Returns the error of a command that fails.
fn error(folder: &Path, arguments: &[&str]) -> String {
    let output = xtask(folder, arguments);
    assert!(!output.status.success());
    texts(output).1
}

#[test]
fn rejects_unknown_and_emulated_boards_before_a_build() {
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
fn names_missing_tools_and_boards_and_the_remedy() {
    let no_tool = error(programs(&[]).path(), &["flash", "nrf52840-dk"]);
    assert!(
        no_tool.contains("cargo install --locked probe-rs-tools"),
        "{no_tool}"
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
fn builds_for_a_connected_board_and_writes_to_it() {
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
    let is_success = output.status.success();
    let (printed, logged) = texts(output);
    assert!(is_success, "{printed}{logged}");
    assert!(
        printed.contains("probe-rs got: run --chip nRF52840_xxAA /made.elf"),
        "{printed}"
    );
    assert!(logged.contains("models/digits.tgan"), "{logged}");
}

/// Stand-in for probe-rs with two connected probes.
const TWO_PROBES: &str = "if [ $1 = list ]; then \
                          echo 'The following debug probes were found:'; \
                          echo '[0]: J-Link -- 1366:1015:000111 (J-Link)'; \
                          echo '[1]: Debug Probe -- 2e8a:000c:E66 (CMSIS-DAP)'; \
                          else echo \"probe-rs got: $*\"; fi";

#[test]
fn several_probes_need_a_choice_before_a_build() {
    let folder = programs(&[
        ("probe-rs", TWO_PROBES),
        ("cargo", "echo built >&2; exit 1"),
    ]);
    for (arguments, parts) in [
        (
            &["flash", "nrf52840-dk"][..],
            &["2 debug probes are connected", "--probe 1366:1015:000111"][..],
        ),
        // A UF2 file is made without a probe only.
        (&["flash", "pico"], &["2 debug probes are connected"]),
        (
            &["flash", "pico", "--probe", "2e8a:000d"],
            &["--probe 2e8a:000d selects none"],
        ),
        (
            &["flash", "pico", "--probe", "debug-probe"],
            &["\"debug-probe\" is not of the form VID:PID[:SERIAL]"],
        ),
    ] {
        let message = error(folder.path(), arguments);
        for part in parts {
            assert!(message.contains(part), "no {part:?} in: {message}");
        }
        let lists =
            message.contains("[:SERIAL] with") || message.contains("2e8a:000c:E66 (CMSIS-DAP)");
        assert!(lists && !message.contains("built"), "{message}");
    }
    let none = programs(&[("probe-rs", "echo 'No debug probes were found.'")]);
    let message = error(none.path(), &["flash", "pico", "--probe", "2e8a:000c"]);
    assert!(message.contains("no board found"), "{message}");
}

#[test]
fn passes_the_chosen_probe_on() {
    let folder = programs(&[
        ("probe-rs", TWO_PROBES),
        ("rustc", "echo \"${0%/*}\""),
        (
            "cargo",
            "echo '{\"profile\":{\"test\":false},\"target\":{\"name\":\"nrf52840-dk\"},\"executable\":\"/made.elf\"}'",
        ),
    ]);
    fs::create_dir_all(folder.path().join("lib/rustlib/thumbv7em-none-eabihf")).unwrap();
    let output = xtask(
        folder.path(),
        &["flash", "nrf52840-dk", "--probe", "1366:1015"],
    );
    let (printed, logged) = texts(output);
    assert!(
        printed.contains("probe-rs got: run --chip nRF52840_xxAA --probe 1366:1015 /made.elf"),
        "{printed}{logged}"
    );
}

#[test]
fn makes_a_uf2_file_for_a_pico_without_a_probe() {
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
    let is_success = output.status.success();
    let (printed, logged) = texts(output);
    assert!(is_success, "{printed}{logged}");
    for argument in [
        "--features rp2040",
        "--bin pico",
        "--target thumbv6m-none-eabi",
    ] {
        assert!(logged.contains(argument), "{argument}: {logged}");
    }
    let file = folder.path().join("pico.uf2");
    assert!(
        printed.contains("BOOTSEL") && printed.contains("RPI-RP2"),
        "{printed}"
    );
    assert!(printed.contains(&file.display().to_string()), "{printed}");
    let blocks = fs::read(file).unwrap();
    assert_eq!((&blocks[..4], blocks.len() / 512), (&b"UF2\n"[..], 16));
    assert_eq!(blocks[32..36], *b"code");
}

/// Returns the path of a committed model.
fn model(name: &str) -> String {
    let path = format!("{}/../models/{name}.tgan", env!("CARGO_MANIFEST_DIR"));
    let path = fs::canonicalize(path).expect("the model is committed");
    path.display().to_string()
}

#[test]
fn writes_a_model_alone_to_its_region_without_a_build() {
    let folder = programs(&[
        ("probe-rs", TWO_PROBES),
        ("cargo", "echo built >&2; exit 1"),
    ]);
    let model = model("digits-xs");
    for (board, chip, address) in [
        ("nrf52840-dk", "nRF52840_xxAA", "0xc0000"),
        ("microbit-v2", "nRF52833_xxAA", "0x60000"),
        ("pico", "RP2040", "0x101c0000"),
        ("pico2", "RP235x", "0x103c0000"),
        ("stm32f429i-disc1", "STM32F429ZITx", "0x81e0000"),
    ] {
        let arguments = ["flash", board, "--model-only", "--probe", "1366:1015"];
        let output = xtask(
            folder.path(),
            &[&arguments[..], &["--model", &model]].concat(),
        );
        let is_success = output.status.success();
        let (printed, logged) = texts(output);
        assert!(is_success, "{printed}{logged}");
        let got: Vec<_> = printed
            .lines()
            .filter(|line| line.contains("probe-rs got"))
            .collect();
        let expected = [
            format!(
                "probe-rs got: download --chip {chip} --probe 1366:1015 --binary-format bin --base-address {address} \
                 {model}"
            ),
            format!("probe-rs got: reset --chip {chip} --probe 1366:1015"),
        ];
        assert_eq!(got, expected);
    }
}

#[test]
fn a_model_alone_must_be_valid_and_the_board_real() {
    let folder = programs(&[("probe-rs", TWO_PROBES)]);
    let broken = folder.path().join("broken.tgan");
    let mut bytes = fs::read(model("digits-nano")).unwrap();
    bytes[100] ^= 1;
    fs::write(&broken, bytes).unwrap();
    let arguments = ["flash", "pico", "--model-only", "--model"];
    let message = error(
        folder.path(),
        &[&arguments[..], &[broken.to_str().unwrap()]].concat(),
    );
    assert!(
        message.contains("broken.tgan") && message.contains("CRC-32"),
        "{message}"
    );
    assert!(!message.contains("probe-rs"), "{message}");
    let emulated = error(folder.path(), &["flash", "qemu-lm3s6965", "--model-only"]);
    assert!(emulated.contains("cargo xtask qemu"), "{emulated}");
}

#[test]
fn a_model_that_is_larger_than_the_region_is_an_error_before_a_probe_is_needed() {
    let folder = programs(&[]);
    let large = folder.path().join("large.tgan");
    let names = [
        &"0".repeat(40_000),
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
    ]
    .join("\n");
    let file = fs::read(model("digits")).unwrap();
    let file = thumbgan_emulator::models::with_class_names(&file, &names).unwrap();
    fs::write(&large, &file).unwrap();
    let arguments = ["flash", "microbit-v2", "--model-only", "--model"];
    let message = error(
        folder.path(),
        &[&arguments[..], &[large.to_str().unwrap()]].concat(),
    );
    for part in [
        "large.tgan cannot be written",
        &format!("it has {} bytes", file.len()),
        "the micro:bit v2, whose model region has 131072",
        "without --model-only",
    ] {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

#[test]
fn a_failed_download_is_an_error_and_resets_nothing() {
    let folder = programs(&[(
        "probe-rs",
        "case $1 in list) echo '[0]: J-Link';; download) exit 3;; *) echo \"probe-rs got: $*\";; esac",
    )]);
    let output = xtask(folder.path(), &["flash", "nrf52840-dk", "--model-only"]);
    assert!(!output.status.success());
    let (printed, logged) = texts(output);
    assert!(!printed.contains("probe-rs got"), "{printed}");
    assert!(logged.contains("probe-rs download"), "{logged}");
}

#[test]
fn makes_a_uf2_file_of_a_model_for_a_pico_without_a_probe() {
    let folder = programs(&[("probe-rs", "echo 'No debug probes were found.'")]);
    let model = model("digits-nano");
    let output = xtask(
        folder.path(),
        &["flash", "pico2", "--model-only", "--model", &model],
    );
    let is_success = output.status.success();
    let (printed, logged) = texts(output);
    assert!(is_success, "{printed}{logged}");
    assert!(
        printed.contains("BOOTSEL") && printed.contains("drive RP2350"),
        "{printed}"
    );
    let file = folder.path().join("target/digits-nano-pico2.uf2");
    assert!(printed.contains(&file.display().to_string()), "{printed}");
    let (blocks, model) = (fs::read(file).unwrap(), fs::read(model).unwrap());
    assert_eq!(blocks.len() / 512, 3 * 16, "three sectors");
    assert_eq!(blocks[12..16], 0x103c_0000_u32.to_le_bytes());
    assert_eq!(blocks[32..288], model[..256]);
    let other = error(folder.path(), &["flash", "nrf52840-dk", "--model-only"]);
    assert!(other.contains("no board found"), "{other}");
}

#[test]
fn writes_nothing_after_a_failed_build() {
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
fn rejects_invalid_models_and_unwritable_screenshots_before_a_build() {
    let folder = programs(&[]);
    let model = folder.path().join("broken.tgan");
    fs::write(&model, "no model").unwrap();
    for command in [&["qemu"][..], &["flash", "nrf52840-dk"]] {
        let message = error(
            folder.path(),
            &[command, &["--model", model.to_str().unwrap()]].concat(),
        );
        assert!(
            message.contains("broken.tgan") && message.contains("TGAN"),
            "{message}"
        );
    }
    let message = error(folder.path(), &["qemu", "--screenshot", "missing/out.png"]);
    assert!(
        message.contains("cannot write missing/out.png"),
        "{message}"
    );
    let message = error(folder.path(), &["qemu", "--screenshot", "."]);
    assert!(message.contains("it is a folder"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn films_and_screenshots_replace_no_other_file_and_need_their_ending() {
    let folder = programs(&[]);
    for (command, option, file, ending) in [
        ("film", "--out", "film.gif", "film.mp4"),
        ("qemu", "--screenshot", "display.png", "display.jpg"),
    ] {
        fs::write(folder.path().join(file), "mine").unwrap();
        let exists = error(folder.path(), &[command, option, file]);
        assert!(
            exists.contains(&format!("{file} exists;")) && exists.contains("--force"),
            "{exists}"
        );
        let wrong = error(folder.path(), &[command, option, ending]);
        let extension = file.rsplit_once('.').unwrap().1;
        assert!(
            wrong.contains(&format!("cannot write {ending}"))
                && wrong.contains(&format!("ends in .{extension}")),
            "{wrong}"
        );
        // With --force the missing tools are the first obstacle.
        let forced = error(folder.path(), &[command, option, file, "--force"]);
        assert!(!forced.contains("exists"), "{forced}");
        assert_eq!(fs::read(folder.path().join(file)).unwrap(), b"mine");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
