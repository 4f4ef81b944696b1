//! No panic is reachable from parsing a model and generating an image: a program whose panic handler calls a missing
//! function links on every kind of core.

mod common;

use anyhow::{Context, Result};
use thumbgan_emulator::{
    firmware::{self, TestProgram},
    machines::{MACHINES, Machine},
    models::ModelFile,
};

common::test_on_machines! { check, MACHINES;
    cortex_m0 "Cortex-M0", cortex_m3 "Cortex-M3", cortex_m4f "Cortex-M4F",
    cortex_m7 "Cortex-M7", cortex_m33 "Cortex-M33", rv32imac "RV32IMAC",
}

fn check(machine: &Machine) -> Result<()> {
    let model = ModelFile::read(None)?;
    firmware::test_program(TestProgram::PanicFree, machine, &model).with_context(|| {
        format!(
            "on {} parsing a model or generating an image can panic",
            machine.core
        )
    })?;
    println!("{} ({}): 0 panics reachable", machine.name, machine.core);
    Ok(())
}
