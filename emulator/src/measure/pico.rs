//! Frame rate, instructions of a frame and time asleep of the Pico's firmware in rp2040js.

use std::{fmt::Write as _, time::Duration};

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use thumbgan_app::Mode;

use super::{
    snapshot::{Snapshot, SnapshotFile, TOLERANCE},
    tables::thousands,
};
use crate::{
    models::ModelFile,
    pico::{Pico, PicoFirmware, Usb, board},
};

/// Snapshot of the measurements.
pub const SNAPSHOT: SnapshotFile = SnapshotFile {
    name: "pico.json",
    command: "cargo xtask bench --pico --bless",
};
/// Section of docs/performance.md.
pub const SECTION: &str = "pico";

/// Emulated time of each measurement, and before it.
const WALK: Duration = Duration::from_secs(1);
const GALLERY: Duration = Duration::from_secs(5);
const START: Duration = Duration::from_secs(2);

/// Measurements of a board with the default model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the board.
    board: String,
    /// Frames of the latent walk per emulated second.
    frames_per_second: f64,
    /// Executed instructions per frame of the latent walk.
    instructions: u64,
    /// Share of the time that the core sleeps in the gallery without a USB host.
    asleep: f64,
    /// The share with a USB host.
    asleep_with_host: f64,
}

/// Measures the firmware.
///
/// # Errors
/// If the firmware does not build or stops.
pub fn measure() -> Result<Row> {
    let firmware = PicoFirmware::build(&ModelFile::read(None)?)?;
    let (frames_per_second, instructions) = walk(&firmware)?;
    Ok(Row {
        board: board().name.into(),
        frames_per_second: rounded(frames_per_second, 10.0),
        instructions,
        asleep: rounded(asleep(&firmware, Usb::Detached)?, 1000.0),
        asleep_with_host: rounded(asleep(&firmware, Usb::Open)?, 1000.0),
    })
}

/// Returns the frames per second of the latent walk, and the instructions of a frame.
fn walk(firmware: &PicoFirmware) -> Result<(f64, u64)> {
    let mut pico = Pico::boot(firmware, Usb::Detached)?;
    pico.run_to_frame(START)?;
    for _ in [Mode::Digit, Mode::Walk] {
        pico.press("mode".parse()?)?;
    }
    pico.run_to_frame(START)?;
    let first = pico.counters();
    let mut last = first;
    while last.time < first.time + WALK {
        let view = pico.run_to_frame(START)?.map(|view| view.to_string());
        ensure!(
            view.as_ref().is_some_and(|view| view.starts_with("walk ")),
            "the board shows {view:?} instead of the latent walk"
        );
        last = pico.counters();
    }
    let passed = last.since(&first);
    let rate = passed.frames as f64 / passed.time.as_secs_f64();
    Ok((rate, passed.instructions / passed.frames))
}

/// Returns the share of the time that the core sleeps in the gallery.
fn asleep(firmware: &PicoFirmware, usb: Usb) -> Result<f64> {
    let mut pico = Pico::boot(firmware, usb)?;
    pico.run(START)?;
    let first = pico.counters();
    pico.run(GALLERY)?;
    let passed = pico.counters().since(&first);
    Ok(passed.asleep.div_duration_f64(passed.time))
}

fn rounded(value: f64, factor: f64) -> f64 {
    (value * factor).round() / factor
}

/// Formats measurements as Markdown.
///
/// # Errors
/// Never: writing to a string cannot fail.
pub fn markdown(Snapshot { rustc, rows }: &Snapshot<Row>) -> Result<String> {
    let mut text =
        "| board | latent walk (frames per second) | latent walk (instructions per frame) | \
         gallery, asleep without a USB host | gallery, asleep with a USB host |\n|---|---|---|---|---|\n"
            .to_owned();
    for row in rows {
        writeln!(
            text,
            "| `{}` | {:.1} | {} | {:.1} % | {:.1} % |",
            row.board,
            row.frames_per_second,
            thousands(row.instructions),
            100.0 * row.asleep,
            100.0 * row.asleep_with_host
        )?;
    }
    writeln!(text, "\n({rustc})")?;
    Ok(text)
}

/// Compares measurements with the snapshot, if that is of the compiler in use.
///
/// # Errors
/// If one is worse than in the snapshot by more than 2 %.
pub fn compare(row: &Row) -> Result<()> {
    let Some(snapshot) = SNAPSHOT.read_comparable::<Row>()? else {
        return Ok(());
    };
    for before in &snapshot.rows {
        let worse = worse_quantities(row, before);
        ensure!(
            worse.is_empty(),
            "{} worse than in docs/{}; if this is intended, run `{}`",
            worse.join(" and "),
            SNAPSHOT.name,
            SNAPSHOT.command
        );
    }
    Ok(())
}

/// Describes the quantities that are worse than before by more than the tolerance.
fn worse_quantities(row: &Row, before: &Row) -> Vec<String> {
    let awake = |asleep: f64| 1.0 - asleep;
    let quantities = [
        (
            "seconds per frame",
            1.0 / row.frames_per_second,
            1.0 / before.frames_per_second,
        ),
        (
            "instructions per frame",
            row.instructions as f64,
            before.instructions as f64,
        ),
        (
            "share of time awake",
            awake(row.asleep),
            awake(before.asleep),
        ),
        (
            "share of time awake with a USB host",
            awake(row.asleep_with_host),
            awake(before.asleep_with_host),
        ),
    ];
    let is_worse = |(_, now, before): &(&str, f64, f64)| *now > before * (1.0 + TOLERANCE);
    quantities
        .into_iter()
        .filter(is_worse)
        .map(|(name, now, before)| format!("{name}: {now:.4} instead of {before:.4}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::snapshot::assert_shown, *};

    #[test]
    fn the_document_shows_the_snapshot() {
        assert_shown(SNAPSHOT, SECTION, markdown);
    }

    #[test]
    fn tolerates_two_percent() {
        let before = Row {
            board: "pico".into(),
            frames_per_second: 30.0,
            instructions: 1_000_000,
            asleep: 0.9,
            asleep_with_host: 0.8,
        };
        assert!(worse_quantities(&before, &before).is_empty());
        let slower = Row {
            frames_per_second: 29.0,
            ..before.clone()
        };
        assert_eq!(worse_quantities(&slower, &before).len(), 1);
        let larger = Row {
            instructions: 1_021_000,
            ..before.clone()
        };
        assert_eq!(
            worse_quantities(&larger, &before),
            ["instructions per frame: 1021000.0000 instead of 1000000.0000"]
        );
        let restless = Row {
            asleep: 0.89,
            asleep_with_host: 0.79,
            ..before.clone()
        };
        assert_eq!(worse_quantities(&restless, &before).len(), 2);
        let better = Row {
            frames_per_second: 60.0,
            instructions: 1,
            asleep: 0.99,
            asleep_with_host: 0.99,
            ..before.clone()
        };
        assert!(worse_quantities(&better, &before).is_empty());
    }
}
