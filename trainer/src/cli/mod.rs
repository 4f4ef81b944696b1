//! Command line: argument parsing and one module per command.

mod board;
mod config;
mod data;
mod evaluate;
mod export;
mod feature_extractor;
mod inspect;
mod json;
mod report;
pub mod runs;
mod sample;
pub mod settings;
mod sweep;
mod upload;

use std::ffi::OsString;

use anyhow::{Context, Result};
use clap::{
    Arg, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind,
    parser::ValueSource,
};
use clap_complete::Shell;

use crate::training::{self, Outcome};

/// Train GANs for thumb-sized computers
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  trainer                                            train the default preset on MNIST
  trainer train --iterations 2000 --out runs/short   a short run
  trainer train --resume runs/short                  resume where it stopped
  trainer runs                                       runs by FID
  trainer sample --model models/digits.tgan --count 100 --seed 1 --out digits.npy
  trainer inspect models/digits.tgan                 contents of a model file
  trainer evaluate --model models/digits.tgan        quality of its images
  trainer board --port /dev/ttyACM0 verify           compare its images with the model
  trainer completions bash > trainer.bash            completions for a shell

Exit codes:
  0    done
  1    the command failed; the cause and the remedy are on standard error
  2    the command line, or the file of --config, is wrong
  130  stopped on request with a checkpoint; resume with `trainer train --resume DIR`";

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a GAN and write its model file (the default command)
    #[command(after_help = TRAINING)]
    Train(training::Options),
    /// Print every setting of a training run with its default, as TOML
    #[command(
        after_help = "Examples:\n  trainer config > run.toml && trainer train --config run.toml\n  trainer config --run runs/digits-2026-11-24 > again.toml   settings that repeat a run"
    )]
    Config(config::Options),
    /// List training runs by FID
    #[command(after_help = "Example:\n  trainer runs --json | jq '.[0].folder'")]
    Runs(runs::Options),
    /// Train once for every combination of settings, in parallel
    #[command(after_help = SWEEP)]
    Sweep(sweep::Options),
    /// Regenerate the HTML report of a finished run
    #[command(after_help = "Example:\n  trainer report runs/digits-2026-11-24")]
    Report(report::Options),
    /// Show a dataset as the trainer reads it, as a contact sheet
    #[command(after_help = DATA)]
    Data(data::Options),
    /// Generate int8 images into a NumPy file or a PNG grid
    #[command(after_help = SAMPLING)]
    Sample(sample::Options),
    /// Validate a model file and describe its contents
    #[command(after_help = "Example:\n  trainer inspect models/digits.tgan --json | jq .macs")]
    Inspect(inspect::Options),
    /// Convert a model file for a board's drive (UF2)
    #[command(
        after_help = "Example:\n  trainer export --uf2 pico models/digits-xs.tgan   writes digits-xs-pico.uf2"
    )]
    Export(export::Options),
    /// Measure the quality of a model's images
    #[command(after_help = EVALUATION)]
    Evaluate(evaluate::Options),
    /// Train the feature extractor of `evaluate`; the program contains a trained one
    #[command(
        alias = "judge",
        after_help = "Example:\n  trainer feature-extractor --data mnist --out feature-extractor.bpk"
    )]
    FeatureExtractor(feature_extractor::Options),
    /// Communicate with a board: identify it, generate images, verify them, measure the speed, upload a model
    #[command(alias = "device", after_help = BOARD)]
    Board(board::BoardArgs),
    /// Print shell completions
    #[command(after_help = "Example:\n  trainer completions zsh > ~/.zfunc/_trainer")]
    Completions {
        /// Shell
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
  trainer sweep sweep.toml --shard 1/2     three of them; another machine runs --shard 2/2
  trainer sweep sweep.toml --submit slurm  one task per run of a Slurm array; other array jobs: docs/clusters.md";

const DATA: &str = "\
Examples:
  trainer data --dataset images --data drawings --resize --invert
  trainer data --dataset idx --data emnist-letters-train-images-idx3-ubyte.gz --transpose";

const SAMPLING: &str = "\
Examples:
  trainer sample --model models/digits.tgan --count 100 --out digits.npy
  trainer sample --model models/digits.tgan --class 7 --out sevens.png";

const EVALUATION: &str = "\
Without --dataset and --data the images are compared with the dataset that the model was trained on, unless it is a custom
one.

Examples:
  trainer evaluate --model models/digits.tgan --json figures.json
  trainer evaluate --model models/digits.tgan --json - | jq .int8.fid_test";

const BOARD: &str = "\
Examples:
  trainer board --port /dev/ttyACM0 generate --class 7 --seed 42
  trainer board --port /dev/ttyACM0 bench --json | jq .milliseconds
  trainer board --port /dev/ttyACM0 upload models/digits-xs.tgan";

const TRAINING: &str = "\
Examples:
  trainer train                                      the preset digits on MNIST
  trainer train --preset digits-nano --iterations 2000 --seed 7
  trainer train --full                               as many iterations as for the committed model, 15 minutes
  trainer train --generator-channels 24,24 --penalty-weight 0.3   a custom recipe
  trainer train --dataset images --data drawings --resize --invert   a folder of images for each class
  trainer train --config run.toml --seed 8           settings from a file, one of them changed
  trainer train --resume runs/digits-2026-11-24      resume where it stopped";

/// Accepts negative numbers as values of all arguments, so that the message of an invalid one names the argument.
fn with_negative_numbers(command: clap::Command) -> clap::Command {
    command
        .mut_args(|argument| {
            let has_value = argument.get_action().takes_values();
            argument.allow_negative_numbers(has_value)
        })
        .mut_subcommands(with_negative_numbers)
}

/// Returns the names of the arguments of a subcommand that were typed.
fn typed(name: &str, matches: &ArgMatches) -> Vec<String> {
    let command = Cli::command();
    let arguments = command
        .find_subcommand(name)
        .into_iter()
        .flat_map(clap::Command::get_arguments);
    let is_typed = |argument: &&Arg| {
        matches!(
            matches.try_contains_id(argument.get_id().as_str()),
            Ok(true)
        ) && matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let names = arguments.filter(is_typed).filter_map(Arg::get_long);
    names.map(str::to_owned).collect()
}

/// Prints a usage error of a subcommand and exits the program.
fn exit_with(name: &str, kind: ErrorKind, message: &str) -> ! {
    let mut command = Cli::command();
    command.build();
    let command = match command.find_subcommand_mut(name) {
        Some(subcommand) => subcommand,
        None => &mut command,
    };
    command.error(kind, message).exit()
}

impl Cli {
    /// Parses the command line. Settings of a `--config` file are inserted before the typed arguments, so
    /// that these override them. Exits the program for errors and help.
    pub fn read() -> Self {
        let typed: Vec<OsString> = std::env::args_os().collect();
        let cli = Self::of(&typed, Self::command());
        let Some(Command::Train(options)) = &cli.command else {
            return cli.checked();
        };
        let Some(file) = &options.config else {
            return cli.checked();
        };
        let settings = settings::table(file).and_then(|table| {
            settings::arguments(&table).with_context(|| file.display().to_string())
        });
        match settings {
            Ok(mut settings) => {
                if let Some(name) = options.overridden() {
                    settings::remove(name, &mut settings);
                }
                // The first two arguments are `trainer train`.
                let (before, after) = typed.split_at(2);
                let overriding =
                    Self::command().mut_subcommand("train", |train| train.args_override_self(true));
                Self::of(&[before, &settings, after].concat(), overriding).checked()
            }
            Err(error) => exit_with("train", ErrorKind::InvalidValue, &format!("{error:#}")),
        }
    }

    /// Parses arguments by the rules of `command`.
    fn of(arguments: &[OsString], command: clap::Command) -> Self {
        let matches = with_negative_numbers(command).get_matches_from(arguments);
        let cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if let (Some(Command::Train(options)), Some((name, matches))) =
            (&cli.command, matches.subcommand())
            && let Some(conflict) = options.resume_conflict(&typed(name, matches))
        {
            exit_with(name, ErrorKind::ArgumentConflict, &conflict);
        }
        cli
    }

    /// Rejects arguments without an effect.
    fn checked(self) -> Self {
        let (name, conflict) = match &self.command {
            Some(Command::Train(options)) => ("train", options.conflict()),
            Some(Command::Data(options)) => ("data", options.request.conflict()),
            Some(Command::Evaluate(options)) => ("evaluate", options.request.conflict()),
            _ => return self,
        };
        if let Some(conflict) = conflict {
            exit_with(name, ErrorKind::ArgumentConflict, &conflict);
        }
        self
    }

    /// Executes the command.
    ///
    /// # Errors
    /// Any failure; the message says what to do.
    pub fn run(self) -> Result<Outcome> {
        let default = || Self::parse_from(["trainer", "train"]).command;
        match self.command.or_else(default) {
            Some(Command::Train(options)) => return training::run(&options, crate::report::write),
            Some(Command::Config(options)) => config::run(&options),
            Some(Command::Runs(options)) => runs::run(&options),
            Some(Command::Sweep(options)) => return sweep::run(&options),
            Some(Command::Report(options)) => report::run(&options),
            Some(Command::Data(options)) => data::run(&options),
            Some(Command::Sample(options)) => sample::run(&options),
            Some(Command::Inspect(options)) => inspect::run(&options),
            Some(Command::Export(options)) => export::run(&options),
            Some(Command::Evaluate(options)) => evaluate::run(&options),
            Some(Command::FeatureExtractor(options)) => feature_extractor::run(&options),
            Some(Command::Board(args)) => board::run(&args),
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
