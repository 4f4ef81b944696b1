//! Executed instructions of an image and of a frame are within 2 % of the snapshots in `docs/`.

mod common;

mod images {
    //! Instructions of an image of every committed model.

    use anyhow::Result;
    use thumbgan_emulator::{
        machines::{IMAGE_MACHINES, Machine},
        measure::images,
        models,
    };

    use crate::common;

    common::test_on_machines! { check, IMAGE_MACHINES;
        cortex_m0 "Cortex-M0", cortex_m3 "Cortex-M3", cortex_m4f "Cortex-M4F",
        cortex_m7 "Cortex-M7", cortex_m33 "Cortex-M33", rv32imac "RV32IMAC",
    }

    fn check(machine: &Machine) -> Result<()> {
        let models = models::committed()?;
        let rows = models.iter().map(|model| images::count(machine, model));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        println!("{}", images::text(&rows)?);
        images::compare(&rows)
    }
}

mod frames {
    //! Instructions of a frame of the latent walk on every board's panel.

    use anyhow::Result;
    use thumbgan_emulator::{
        machines::{FRAME_MACHINES, Machine},
        measure::frames,
    };

    use crate::common;

    common::test_on_machines! { check, FRAME_MACHINES;
        cortex_m0 "Cortex-M0", cortex_m3 "Cortex-M3", cortex_m4f "Cortex-M4F", cortex_m33 "Cortex-M33",
        rv32imac "RV32IMAC",
    }

    fn check(machine: &Machine) -> Result<()> {
        let rows = frames::count(machine)?;
        for row in &rows {
            println!(
                "{}: {} instructions of a frame, {} of drawing an image",
                row.board, row.instructions, row.drawing
            );
        }
        frames::compare(&rows)
    }
}
