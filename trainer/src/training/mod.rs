//! The training run: from data to a checked model file, with everything it leaves on the way.

pub mod card;
pub mod checkpoint;
mod finish;
pub mod folder;
pub mod grids;
pub mod metrics;
mod options;
mod run;
mod view;
pub mod watch;

use anyhow::Result;

use self::run::Run;
pub use self::{
    options::Options,
    view::control::{Control, STOPPED},
};

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is done.
    Done,
    /// It was stopped on request, and can go on later.
    Stopped,
}

/// Trains, or goes on training, until the model file lies in the run's folder.
///
/// # Errors
/// Whatever stands in the way, named; a run that stops can be resumed from its last checkpoint.
pub fn run(options: &Options) -> Result<Outcome> {
    let mut run = match &options.resume {
        Some(folder) => Run::resume(folder, options)?,
        None => Run::start(options)?,
    };
    let watch = run.watch();
    let control = Control::of_signals()?;
    if run.train(options.no_tui, watch.as_ref().ok(), &control)? == Outcome::Stopped {
        return Ok(Outcome::Stopped);
    }
    control.all_is_saved();
    run.finish(watch.as_ref())?;
    Ok(Outcome::Done)
}
