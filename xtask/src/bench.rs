//! `cargo xtask bench`: instruction counts of an image on emulated cores, and speed of the emulated Pico.

use anyhow::Result;
use serde::Serialize;
use thumbgan_emulator::{
    machines::{BASELINE_MACHINES, IMAGE_MACHINES, Machine},
    measure::{baselines, images, pico, snapshot::Snapshot},
    pico as emulated_pico,
};

use crate::setup;

/// Options of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print JSON, and nothing else, on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    subject: Subject,
    /// Update the snapshot: docs/instructions.json (baselines.json, pico.json) and docs/performance.md
    #[arg(long)]
    bless: bool,
}

/// Subject of the measurement, if not the instructions of an image.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Subject {
    /// Count the model `seed` alone, beside an engine with the same layers: MicroFlow
    #[arg(long, alias = "peers")]
    baselines: bool,
    /// Measure the Pico's firmware in rp2040js: frame rate, instructions of a frame, time asleep
    #[arg(long)]
    pico: bool,
}

/// Counts, prints the counts, and compares them with the snapshot or updates it.
///
/// # Errors
/// If a program does not build or fails, a count of an image has grown by more than 2 %, a count of a baseline differs
/// from the snapshot, or the Pico is slower than in the snapshot by more than 2 %.
pub fn bench(options: &Options) -> Result<()> {
    if options.subject.pico {
        return bench_pico(options);
    }
    setup::install_qemu()?;
    if options.subject.baselines {
        bench_baselines(options)
    } else {
        bench_images(options)
    }
}

fn bench_images(options: &Options) -> Result<()> {
    install_targets(&IMAGE_MACHINES)?;
    let counts = Snapshot::new(images::count_all()?)?;
    print(options, &counts.rows, &images::text(&counts.rows)?)?;
    if options.bless {
        return counts.write_with_table(
            images::SNAPSHOT,
            images::SECTION,
            &images::markdown(&counts)?,
        );
    }
    images::compare(&counts.rows)
}

fn bench_baselines(options: &Options) -> Result<()> {
    install_targets(&BASELINE_MACHINES)?;
    let counts = Snapshot::new(baselines::count_all()?)?;
    let table = baselines::markdown(&counts)?;
    print(options, &counts.rows, &table)?;
    if options.bless {
        return counts.write_with_table(baselines::SNAPSHOT, baselines::SECTION, &table);
    }
    baselines::compare(&counts.rows)
}

fn bench_pico(options: &Options) -> Result<()> {
    setup::install_targets(&[emulated_pico::board().target])?;
    setup::install_packages(&emulated_pico::runner_folder())?;
    let row = pico::measure()?;
    let snapshot = Snapshot::new(vec![row.clone()])?;
    let table = pico::markdown(&snapshot)?;
    print(options, &snapshot.rows, &table)?;
    if options.bless {
        return snapshot.write_with_table(pico::SNAPSHOT, pico::SECTION, &table);
    }
    pico::compare(&row)
}

fn install_targets(machines: &[Machine]) -> Result<()> {
    let targets: Vec<_> = machines.iter().map(|machine| machine.target).collect();
    setup::install_targets(&targets)
}

fn print(options: &Options, rows: &impl Serialize, text: &str) -> Result<()> {
    if options.json {
        println!("{}", serde_json::to_string_pretty(rows)?);
    } else {
        println!("{text}");
    }
    Ok(())
}
