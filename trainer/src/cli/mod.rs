//! The command line.

mod board;
mod config;
mod data;
mod evaluate;
mod feature_extractor;
mod inspect;
mod json;
mod report;
pub mod runs;
mod sample;
mod settings;
mod sweep;

use std::ffi::OsString;

use anyhow::{Context, Result};
use clap::{
    ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind,
    parser::ValueSource,
};
use clap_complete::Shell;

use crate::training::{self as train, Outcome};

/// Trains GANs for thumb-sized computers
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  trainer                                            train the default preset on MNIST
  trainer train --iterations 2000 --out runs/short   a first look
  trainer train --resume runs/short                  go on where it stopped
  trainer runs                                       what was trained here, and how well
  trainer sample --model models/digits.tgan --count 100 --seed 1 --out digits.npy
  trainer inspect models/digits.tgan                 what a model file holds
  trainer evaluate --model models/digits.tgan        how good its digits are
  trainer device --port /dev/ttyACM0 verify          does a board draw the same digits?
  trainer completions bash > trainer.bash            completions for a shell

Exit codes:
  0    done
  1    something stood in the way; one line on standard error says what, and what to do
  2    the command line, or the file of --config, is wrong
  130  stopped on request with a checkpoint; `trainer train --resume DIR` goes on";

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a GAN and leave its model file (the default)
    #[command(args_override_self = true, after_help = TRAINING)]
    Train(train::Options),
    /// Print every setting of a training run with its default, as TOML
    #[command(
        after_help = "Example:\n  trainer config > run.toml && trainer train --config run.toml"
    )]
    Config(config::Options),
    /// List the runs with their best FID
    #[command(after_help = "Example:\n  trainer runs --json | jq '.[0].folder'")]
    Runs(runs::Options),
    /// Train once for every combination of settings, as many runs at once as there are cores
    #[command(after_help = SWEEP)]
    Sweep(sweep::Options),
    /// Write the HTML report of a finished run anew
    #[command(after_help = "Example:\n  trainer report runs/digits-2026-11-24")]
    Report(report::Options),
    /// Show a data set as the trainer reads it, on a contact sheet
    #[command(after_help = DATA)]
    Data(data::Options),
    /// Draw digits with the int8 generator into a NumPy file
    #[command(
        after_help = "Example:\n  trainer sample --model models/digits.tgan --count 100 --out digits.npy"
    )]
    Sample(sample::Options),
    /// Check a model file and show what it holds
    #[command(after_help = "Example:\n  trainer inspect models/digits.tgan --json | jq .macs")]
    Inspect(inspect::Options),
    /// Measure how good a model's digits are
    #[command(after_help = EVALUATION)]
    Evaluate(evaluate::Options),
    /// Train the classifier that `evaluate` judges by; the program has one built in
    #[command(after_help = "Example:\n  trainer judge --data mnist --out judge.bpk")]
    Judge(feature_extractor::Options),
    /// Talk to a board: what it is, its digits, whether they are right, how fast
    #[command(after_help = DEVICE)]
    Device(board::Options),
    /// Print completions for a shell
    #[command(after_help = "Example:\n  trainer completions zsh > ~/.zfunc/_trainer")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const SWEEP: &str = "\
Example of a file:
  iterations = 4000
  [grid]
  preset = [\"digits-xs\", \"digits-nano\"]
  seed = [1, 2, 3]

Examples:
  trainer sweep sweep.toml                 all six runs, then a table
  trainer sweep sweep.toml --shard 1/2     three of them; another machine takes --shard 2/2";

const DATA: &str = "\
Examples:
  trainer data --dataset images --data drawings --resize --invert
  trainer data --dataset idx --data emnist-letters-train-images-idx3-ubyte.gz --transpose";

const EVALUATION: &str = "\
Examples:
  trainer evaluate --model models/digits.tgan --json figures.json
  trainer evaluate --model models/digits.tgan --json - | jq .int8.fid_test";

const DEVICE: &str = "\
Examples:
  trainer device --port /dev/ttyACM0 generate --class 7 --seed 42
  trainer device --port /dev/ttyACM0 bench --json | jq .milliseconds";

const TRAINING: &str = "\
Examples:
  trainer train                                      the preset digits on MNIST
  trainer train --preset digits-nano --iterations 2000 --seed 7
  trainer train --dataset images --data drawings --resize --invert   a folder of images for each class
  trainer train --config run.toml --seed 8           settings from a file, one of them changed
  trainer train --resume runs/digits-2026-11-24      go on where it stopped";

impl Cli {
    /// Reads the program's command line; settings of a file of `--config` count as typed before the others.
    /// Leaves the program where it is wrong, or asks for help.
    ///
    /// # Panics
    /// Never: the command line has a `train`.
    pub fn read() -> Self {
        let typed: Vec<OsString> = std::env::args_os().collect();
        let cli = Self::of(&typed);
        let Some(Command::Train(train::Options {
            config: Some(file), ..
        })) = &cli.command
        else {
            return cli;
        };
        let settings = settings::table(file).and_then(|table| {
            settings::arguments(&table).with_context(|| file.display().to_string())
        });
        match settings {
            Ok(settings) => {
                // `trainer train` is what stands before every option.
                let (before, after) = typed.split_at(2);
                Self::of(&[before, &settings, after].concat())
            }
            Err(error) => {
                let mut command = Self::command();
                command.build();
                let train = command
                    .find_subcommand_mut("train")
                    .expect("the subcommand that was read");
                train
                    .error(ErrorKind::InvalidValue, format!("{error:#}"))
                    .exit()
            }
        }
    }

    /// Reads arguments. A run that is resumed knows where its data lie, which the environment does not overrule.
    fn of(arguments: &[OsString]) -> Self {
        let mut matches = Self::command().get_matches_from(arguments);
        let typed =
            |matches: &ArgMatches| matches.value_source("data") == Some(ValueSource::CommandLine);
        let is_typed = matches.subcommand_matches("train").is_some_and(typed);
        let mut cli = Self::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit());
        if let Some(Command::Train(options)) = &mut cli.command
            && options.resume.is_some()
            && !is_typed
        {
            options.request.data = None;
        }
        cli
    }

    /// Does what was asked for.
    ///
    /// # Errors
    /// Whatever stood in the way; the message says what to do.
    pub fn run(self) -> Result<Outcome> {
        let default = || Self::parse_from(["trainer", "train"]).command;
        match self.command.or_else(default) {
            Some(Command::Train(options)) => return train::run(&options),
            Some(Command::Config(options)) => config::run(&options),
            Some(Command::Runs(options)) => runs::run(&options),
            Some(Command::Sweep(options)) => return sweep::run(&options),
            Some(Command::Report(options)) => report::run(&options),
            Some(Command::Data(options)) => data::run(&options),
            Some(Command::Sample(options)) => sample::run(&options),
            Some(Command::Inspect(options)) => inspect::run(&options),
            Some(Command::Evaluate(options)) => evaluate::run(&options),
            Some(Command::Judge(options)) => feature_extractor::run(&options),
            Some(Command::Device(options)) => board::run(&options),
            Some(Command::Completions { shell }) => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Self::command(), "trainer", &mut script);
                out!("{}", String::from_utf8_lossy(&script));
                Ok(())
            }
            None => Ok(()),
        }?;
        Ok(Outcome::Done)
    }
}
