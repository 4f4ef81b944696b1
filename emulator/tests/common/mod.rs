//! Tests that run once on each kind of core.

use anyhow::{Context, Result, ensure};
use thumbgan_emulator::machines::Machine;

/// Declares one test for each kind of core, which calls `$check` with the machine of `$machines` that has the core.
macro_rules! test_on_machines {
    ($check:path, $machines:expr; $($test:ident $core:literal),+ $(,)?) => {
        $(
            #[test]
            fn $test() -> anyhow::Result<()> {
                $check(crate::common::machine(&$machines, $core)?)
            }
        )+

        #[test]
        fn every_machine_has_a_test() -> anyhow::Result<()> {
            crate::common::check_cores(&$machines, &[$($core),+])
        }
    };
}
pub(crate) use test_on_machines;

/// Returns the machine with this core.
pub fn machine(machines: &'static [Machine], core: &str) -> Result<&'static Machine> {
    let machine = machines.iter().find(|machine| machine.core == core);
    machine.with_context(|| format!("no machine has the core {core}"))
}

/// Checks that every machine has one of these cores.
pub fn check_cores(machines: &[Machine], cores: &[&str]) -> Result<()> {
    for machine in machines {
        ensure!(
            cores.contains(&machine.core),
            "{} ({}) has no test",
            machine.name,
            machine.core
        );
    }
    Ok(())
}
