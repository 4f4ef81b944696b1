//! Every kernel computes the accumulators of the reference kernel on random layers.

mod common;

use anyhow::{Context, Result, ensure};
use thumbgan_emulator::{
    firmware::{self, TestProgram},
    machines::{MACHINES, Machine},
    models::ModelFile,
    semihosting,
};

common::test_on_machines! { check, MACHINES;
    cortex_m0 "Cortex-M0", cortex_m3 "Cortex-M3", cortex_m4f "Cortex-M4F",
    cortex_m7 "Cortex-M7", cortex_m33 "Cortex-M33", rv32imac "RV32IMAC",
}

fn check(machine: &Machine) -> Result<()> {
    let name = format!("{} ({})", machine.name, machine.core);
    let model = ModelFile::read(None)?;
    let elf = firmware::test_program(TestProgram::KernelEquivalence, machine, &model)?;
    let mut last = String::new();
    semihosting::run(machine, &elf, &[], |line| {
        println!("{name}: {line}");
        last = line;
        Ok(())
    })
    .with_context(|| format!("the kernels of {name} differ from the reference kernels"))?;
    ensure!(
        last.ends_with(", 0 differ"),
        "{name} ended without a result; its last line is {last:?}"
    );
    Ok(())
}
