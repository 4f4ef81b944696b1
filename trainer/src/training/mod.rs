//! Training run: from a dataset to a validated model file, with log, sample grids and checkpoints.
//!
//! In: [`Options`] and a dataset. Out: the files in the run's folder.

pub mod card;
pub mod checkpoint;
pub mod config;
pub mod evaluator;
mod finish;
pub mod folder;
pub mod grids;
mod memory;
pub mod metrics;
mod options;
mod outputs;
mod run;
mod view;

use anyhow::Result;

use self::run::Run;
pub use self::{
    finish::{FinishedRun, WriteReport},
    options::Options,
    view::control::{Control, STOPPED_EXIT_CODE},
};

/// Result of a command that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Completed.
    Done,
    /// Stopped on request; can be resumed.
    Stopped,
}

/// Trains, or resumes training, until the model file is in the run's folder. `write_report` writes the report at the end.
///
/// # Errors
/// Any failure; a run that fails can be resumed from its last checkpoint.
pub fn run(options: &Options, write_report: WriteReport) -> Result<Outcome> {
    let mut run = match &options.resume {
        Some(folder) => Run::resume(folder, options)?,
        None => Run::start(options)?,
    };
    let evaluator = run.evaluator();
    let control = Control::of_signals()?;
    if run.train(options.no_tui, evaluator.as_ref().ok(), &control)? == Outcome::Stopped {
        return Ok(Outcome::Stopped);
    }
    control.all_is_saved();
    run.finish(evaluator.as_ref(), write_report)?;
    Ok(Outcome::Done)
}
