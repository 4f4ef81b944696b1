//! `kill -9` at random moments and at random file operations of every command that writes files: afterwards the same work ends with the files of an
//! undisturbed process, and meanwhile each output is absent, the previous one or complete.
//!
//! `THUMBGAN_KILLS` is the number of kills and `THUMBGAN_KILL_SEED` the seed of their moments.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod process;
mod tasks;

use std::{collections::BTreeMap, env, time::Duration};

use tempfile::tempdir;
use thumbgan_core::latent::SplitMix64;

use self::tasks::{Bench, Task};

/// Number of kills, unless the variable [`KILLS`] has another one.
const DEFAULT_KILLS: u64 = 20;
const KILLS: &str = "THUMBGAN_KILLS";
const SEED: &str = "THUMBGAN_KILL_SEED";
/// Maximum number of kills of one piece of work before it may finish.
const KILLS_IN_A_ROW: u64 = 4;

/// Commands in the order in which they are killed.
const TASKS: [Task; 10] = [
    Task::Train,
    Task::Sample,
    Task::Train,
    Task::Evaluate,
    Task::Sweep,
    Task::Train,
    Task::Export,
    Task::Sweep,
    Task::Sample,
    Task::Report,
];

/// Source of random moments.
struct Moments(SplitMix64);

impl Moments {
    /// Returns a number below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit
    }

    /// Returns a system call and the index, from 1 on, of one of its calls.
    fn among<'a>(&mut self, operations: &'a [(String, u64)]) -> (&'a str, u64) {
        let mut index = self.below(operations.iter().map(|(_, count)| count).sum());
        for (name, count) in operations {
            if index < *count {
                return (name, index + 1);
            }
            index -= count;
        }
        unreachable!("the index is below the sum")
    }

    /// Returns a moment of a process of this length.
    fn within(&mut self, length: Duration) -> Duration {
        length.mul_f64(self.0.next_u64() as f64 / u64::MAX as f64)
    }
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |number| number.parse().unwrap())
}

#[test]
fn work_that_was_killed_ends_with_the_files_of_an_undisturbed_process() {
    let (wanted, seed) = (number(KILLS, DEFAULT_KILLS), number(SEED, 1));
    let folder = tempdir().unwrap();
    let bench = Bench::new(folder.path());
    let mut moments = Moments(SplitMix64::new(seed));
    let mut kills = BTreeMap::new();
    let mut done = 0;
    for story in 0.. {
        if done >= wanted {
            break;
        }
        // Many processes that end before they are killed would be a test of nothing.
        assert!(story < 20 + 4 * wanted, "{done} of {wanted} kills");
        let task = TASKS[story as usize % TASKS.len()];
        let work = bench.begin(task, story);
        let context = format!("{task:?}, seed {seed}, story {story}");
        let row = 1 + moments.below(KILLS_IN_A_ROW);
        for _ in 0..row.min(wanted - done) {
            let operations = bench.operations(task);
            let is_killed = if !operations.is_empty() && moments.below(2) == 0 {
                work.kill_at(moments.among(operations))
            } else {
                let moment = moments.within(bench.length(task));
                work.kill_after(moment, moments.below(2) == 0)
            };
            if is_killed {
                done += 1;
                *kills.entry(format!("{task:?}")).or_insert(0) += 1;
                work.check(&context);
            } else {
                break;
            }
        }
        work.finish(&context);
    }
    println!("{done} kills with seed {seed}: {kills:?}");
}
