//! The command line.

mod device;
mod evaluate;
mod inspect;
mod judge;
mod sample;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::train;

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
  trainer train --resume runs/digits                 go on where it stopped
  trainer sample --model models/digits.tgan --count 100 --seed 1 --out digits.npy
  trainer inspect models/digits.tgan                 what a model file holds
  trainer evaluate --model models/digits.tgan        how good its digits are
  trainer device --port /dev/ttyACM0 verify          does a board draw the same digits?";

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a GAN and leave its model file (the default)
    Train(train::Options),
    /// Draw digits with the int8 generator into a NumPy file
    Sample(sample::Options),
    /// Check a model file and show what it holds
    Inspect(inspect::Options),
    /// Measure how good a model's digits are
    Evaluate(evaluate::Options),
    /// Train the classifier that `evaluate` judges by; the program has one built in
    Judge(judge::Options),
    /// Talk to a board: what it is, its digits, whether they are right, how fast
    Device(device::Options),
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    /// Whatever stood in the way; the message says what to do.
    pub fn run(self) -> Result<()> {
        let default = || Self::parse_from(["trainer", "train"]).command;
        match self.command.or_else(default) {
            Some(Command::Train(options)) => train::run(&options),
            Some(Command::Sample(options)) => sample::run(&options),
            Some(Command::Inspect(options)) => inspect::run(&options),
            Some(Command::Evaluate(options)) => evaluate::run(&options),
            Some(Command::Judge(options)) => judge::run(&options),
            Some(Command::Device(options)) => device::run(&options),
            None => Ok(()),
        }
    }
}
