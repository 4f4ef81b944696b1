//! Submission of a sweep as an array job, one task per run.

use std::{
    env,
    io::{ErrorKind, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{files::utf8, text::shell_word};

/// Job schedulers that a sweep can be submitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scheduler {
    /// Slurm, by sbatch
    Slurm,
}

/// Program that submits a job to Slurm.
const SBATCH: &str = "sbatch";

/// Returns the batch script of an array job with one task per run. A task that is killed is requeued and continues from its
/// last checkpoint.
///
/// # Errors
/// If a path is not UTF-8, or the path of this program is unknown.
pub fn script(file: &Path, out: &Path, runs: usize) -> Result<String> {
    let program = env::current_exe().context("the path of this program is unknown")?;
    let [program, file, folder] = [&program, file, out].map(|path| utf8(path).map(shell_word));
    let (program, file, folder) = (program?, file?, folder?);
    let name = out
        .file_name()
        .map_or("sweep".into(), |name| name.to_string_lossy());
    let name: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    Ok(format!(
        "#!/bin/sh\n\
         #SBATCH --job-name={name}\n\
         #SBATCH --array=1-{runs}\n\
         #SBATCH --requeue\n\
         #SBATCH --open-mode=append\n\
         # The trainer takes its shard from the task and continues a run from its last checkpoint.\n\
         exec {program} sweep {file} --out {folder} --jobs 1\n"
    ))
}

/// Submits a batch script and returns what the scheduler prints.
///
/// # Errors
/// If the scheduler is not installed or rejects the job.
pub fn submit(scheduler: Scheduler, script: &str) -> Result<String> {
    let Scheduler::Slurm = scheduler;
    let child = Command::new(SBATCH)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match child {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "{SBATCH} is not installed; run the command on a login node of the cluster, or add --dry-run to print the script"
        ),
        child => child.with_context(|| format!("cannot start {SBATCH}"))?,
    };
    let mut input = child
        .stdin
        .take()
        .context("the input of the process is a pipe")?;
    let written = input.write_all(script.as_bytes());
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{SBATCH} rejects the job ({}); its message is above, and --dry-run prints the script",
        output.status
    );
    written.with_context(|| format!("cannot write to {SBATCH}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_runs_the_sweep_of_the_task() {
        let script = script(Path::new("it's a grid.toml"), Path::new("runs/my grid"), 6).unwrap();
        let lines: Vec<_> = script.lines().collect();
        assert_eq!(lines[0], "#!/bin/sh");
        assert!(lines.contains(&"#SBATCH --job-name=my-grid"), "{script}");
        assert!(lines.contains(&"#SBATCH --array=1-6"), "{script}");
        let command = lines.last().unwrap();
        assert!(
            command.ends_with(r"sweep 'it'\''s a grid.toml' --out 'runs/my grid' --jobs 1"),
            "{command}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_quoted_words_as_they_are() {
        for word in ["plain", "two words", "it's", "$HOME `id` \\ \" *"] {
            let script = format!("printf %s {}", shell_word(word));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }
}
