//! Selects the kernel of the target, `cfg(kernel = "...")`, and its 64-bit products, `cfg(product = "...")`.
//!
//! The target's name decides. The kernel has an exception on Armv8-M Mainline, whose cores may lack the DSP extension: there the
//! build needs `-C target-cpu`, `-C target-feature` or `THUMBGAN_KERNEL` and fails without any of them. Stable Rust has no
//! `cfg(target_feature)` for Arm's DSP extension.

use std::{env, process::exit};

/// Environment variable that overrides the choice for cross-compiled targets.
const OVERRIDE: &str = "THUMBGAN_KERNEL";

/// CPUs of Armv8-M Mainline that have the DSP extension.
const CPUS_WITH_DSP: [&str; 5] = [
    "cortex-m33",
    "cortex-m35p",
    "cortex-m52",
    "cortex-m55",
    "cortex-m85",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    println!("cargo::rerun-if-env-changed={OVERRIDE}");
    println!(
        "cargo::rustc-check-cfg=cfg(kernel, values(\"dsp\", \"mul\", \"mul-rv32\", \"mul-v6\", \"reference\"))"
    );
    println!(
        "cargo::rustc-check-cfg=cfg(product, values(\"low\", \"signed-high\", \"unsigned-high\"))"
    );
    println!("cargo::rustc-check-cfg=cfg(armv8m)");
    let variable = |name| env::var(name).unwrap_or_default();
    let target = variable("TARGET");
    // `[env]` in a firmware's configuration also reaches the build of its host tools, to which it does not apply.
    let requested = if target == variable("HOST") {
        String::new()
    } else {
        variable(OVERRIDE)
    };
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    match kernel(&target, &flags, &requested) {
        Ok(kernel) => println!("cargo::rustc-cfg=kernel=\"{kernel}\""),
        Err(error) => {
            println!("cargo::error={error}");
            exit(1);
        }
    }
    if target.starts_with("thumbv8m") {
        println!("cargo::rustc-cfg=armv8m");
    }
    println!("cargo::rustc-cfg=product=\"{}\"", product(&target));
}

/// Returns which half of a 64-bit product the requantization uses: only the lower one on cores that cannot multiply to 64
/// bits.
fn product(target: &str) -> &'static str {
    if is_armv6m(target) {
        "low"
    } else if is_rv32m(target) {
        "unsigned-high"
    } else {
        "signed-high"
    }
}

/// Returns true for the targets with the instructions of Armv6-M.
fn is_armv6m(target: &str) -> bool {
    target.starts_with("thumbv6m") || target.starts_with("thumbv8m.base")
}

/// Returns true for the targets with the instructions of RV32IM.
fn is_rv32m(target: &str) -> bool {
    target.starts_with("riscv32im")
}

/// Returns the kernel for `target`, compiled with `flags`, unless `requested` names another one that the target can run.
fn kernel(target: &str, flags: &str, requested: &str) -> Result<&'static str, String> {
    let supported: &[&str] = if target.starts_with("thumbv7em") {
        &["dsp", "mul", "reference"]
    } else if target.starts_with("thumbv8m.main") {
        match dsp_extension(flags) {
            Some(true) | None => &["dsp", "mul", "reference"],
            Some(false) => &["mul", "reference"],
        }
    } else if target.starts_with("thumbv7m") {
        &["mul", "reference"]
    } else if is_armv6m(target) {
        &["mul-v6", "reference"]
    } else if is_rv32m(target) {
        &["mul-rv32", "reference"]
    } else {
        &["reference"]
    };
    if !requested.is_empty() {
        let found = supported.iter().find(|&&kernel| kernel == requested);
        return found.copied().ok_or_else(|| {
            format!(
                "{OVERRIDE}={requested}: target {target} supports {}",
                supported.join(", ")
            )
        });
    }
    if target.starts_with("thumbv8m.main") && dsp_extension(flags).is_none() {
        return Err(format!(
            "target {target} does not say whether the core has the DSP extension: set {OVERRIDE}=dsp or {OVERRIDE}=mul, \
             or -C target-cpu=cortex-m33, in [env] or rustflags of .cargo/config.toml"
        ));
    }
    Ok(supported[0])
}

/// Returns whether the compiler flags say that the core has the DSP extension; `None` if they do not say.
///
/// `flags` are separated by 0x1f. The last `+dsp` or `-dsp` of all `target-feature` values decides, then the last
/// `target-cpu`.
fn dsp_extension(flags: &str) -> Option<bool> {
    let option = |name| {
        flags.split('\x1f').filter_map(move |flag| {
            let flag = flag
                .trim_start_matches("--codegen=")
                .trim_start_matches("-C");
            flag.strip_prefix(name)?.strip_prefix('=')
        })
    };
    let feature = option("target-feature")
        .flat_map(|list| list.split(','))
        .rfind(|feature| ["+dsp", "-dsp"].contains(feature));
    let cpu = option("target-cpu").next_back();
    match feature {
        Some(feature) => Some(feature == "+dsp"),
        None => CPUS_WITH_DSP.contains(&cpu?).then_some(true),
    }
}
