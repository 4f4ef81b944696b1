//! Chooses the kernels for the target: `cfg(kernels = "...")`. What a core can do is not among the target
//! features that stable Rust knows of Arm.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    println!("cargo::rustc-check-cfg=cfg(kernels, values(\"dsp\", \"mul\", \"mul-v6\", \"portable\"))");
    let variable = |name| env::var(name).unwrap_or_default();
    let (target, flags) = (variable("TARGET"), variable("CARGO_ENCODED_RUSTFLAGS"));
    // An Armv8-M core may have the DSP instructions or not.
    let has_dsp = flags.contains("target-cpu=cortex-m33") || flags.contains("+dsp");
    let kernels = match target.get(..8) {
        Some("thumbv7e") => "dsp",
        Some("thumbv8m") if has_dsp => "dsp",
        Some("thumbv7m") => "mul",
        Some("thumbv8m") if target.starts_with("thumbv8m.main") => "mul",
        Some("thumbv6m" | "thumbv8m") => "mul-v6",
        _ => "portable",
    };
    println!("cargo::rustc-cfg=kernels=\"{kernels}\"");
    println!("cargo::rustc-check-cfg=cfg(armv8m)");
    if target.starts_with("thumbv8m") {
        println!("cargo::rustc-cfg=armv8m");
    }
}
