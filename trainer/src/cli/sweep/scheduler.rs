//! Shard of a sweep that a job scheduler assigns to this process, by its environment variables.

use std::env;

use anyhow::{Context, Result, bail, ensure};

use super::plan::Shard;

/// Array task of Slurm (sbatch(1), "output environment variables").
const SLURM: &str = "SLURM_ARRAY_TASK_ID";
/// Child of an array job of AWS Batch ("job environment variables").
const AWS_BATCH: &str = "AWS_BATCH_JOB_ARRAY_INDEX";
/// Pod of an indexed job of Kubernetes. Kubernetes does not tell a pod the number of pods.
const KUBERNETES: &str = "JOB_COMPLETION_INDEX";
/// Variables of schedulers that do not tell a task the number of tasks: `OpenPBS` and PBS Professional, Torque.
const WITHOUT_COUNT: [&str; 2] = ["PBS_ARRAY_INDEX", "PBS_ARRAYID"];
/// Number of pods, which the manifest of a Kubernetes job sets.
const KUBERNETES_COUNT: &str = "JOB_COMPLETIONS";

/// Variables that only a task of an array has, with the index of the task without which the shard is unknown.
const COMPANIONS: [(&str, &str); 6] = [
    ("SLURM_ARRAY_TASK_COUNT", SLURM),
    ("SLURM_ARRAY_TASK_MIN", SLURM),
    ("SLURM_ARRAY_TASK_MAX", SLURM),
    ("SLURM_ARRAY_TASK_STEP", SLURM),
    ("AWS_BATCH_JOB_ARRAY_SIZE", AWS_BATCH),
    (KUBERNETES_COUNT, KUBERNETES),
];

/// Shard with the environment variable that it follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Shard.
    pub shard: Shard,
    /// Name of the variable.
    pub variable: &'static str,
}

/// Returns the shard that a job scheduler assigns to this process; `None` outside of an array job.
///
/// # Errors
/// If the variables are incomplete or contradict each other; the message names them and suggests `--shard`.
pub fn assignment() -> Result<Option<Assignment>> {
    from_variables(&|name| Some(env::var_os(name)?.to_string_lossy().into_owned()))
}

fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Assignment>> {
    let names = [SLURM, AWS_BATCH, KUBERNETES]
        .into_iter()
        .chain(WITHOUT_COUNT);
    let set: Vec<_> = names.filter(|name| variable(name).is_some()).collect();
    for (companion, index) in COMPANIONS {
        ensure!(
            variable(companion).is_none() || set.contains(&index),
            "{companion} is set and {index} is not, so the shard of this task is unknown; set {index}, or pass --shard I/N"
        );
    }
    let name = match *set {
        [] => return Ok(None),
        [name] => name,
        _ => bail!(
            "{} are set, by more than one job scheduler; pass --shard I/N",
            set.join(" and ")
        ),
    };
    let number = |name: &str| -> Result<usize> {
        let text = variable(name).with_context(|| {
            format!("{name} is not set, the number of tasks is unknown; pass --shard I/N")
        })?;
        let number = text.trim().parse().ok();
        number.with_context(|| {
            format!("{name} is {text:?}, not a number; set it, or pass --shard I/N")
        })
    };
    let (index, count) = match name {
        SLURM => {
            let step = variable("SLURM_ARRAY_TASK_STEP").map(|_| number("SLURM_ARRAY_TASK_STEP"));
            slurm(&number, step.transpose()?.unwrap_or(1))?
        }
        AWS_BATCH => (number(name)?, number("AWS_BATCH_JOB_ARRAY_SIZE")?),
        KUBERNETES => (number(name)?, number(KUBERNETES_COUNT)?),
        _ => bail!(
            "this is task {} of an array job ({name}) whose number of tasks is unknown; pass --shard I/N, such as \
             --shard ${name}/8 if the tasks are 1 to 8",
            number(name)?
        ),
    };
    let shard = Shard::new(index.saturating_add(1), count).with_context(|| {
        format!("{name} is task {index}, counted from 0, of {count} tasks; pass --shard I/N")
    })?;
    let variable = name;
    Ok(Some(Assignment { shard, variable }))
}

/// Returns the index of a task of Slurm, from 0 on, and the number of tasks, `step` numbers apart.
fn slurm(number: &dyn Fn(&str) -> Result<usize>, step: usize) -> Result<(usize, usize)> {
    ensure!(
        step > 0,
        "SLURM_ARRAY_TASK_STEP is 0; set the difference between two tasks, or pass --shard I/N"
    );
    let (task, count) = (number(SLURM)?, number("SLURM_ARRAY_TASK_COUNT")?);
    let (first, last) = (
        number("SLURM_ARRAY_TASK_MIN")?,
        number("SLURM_ARRAY_TASK_MAX")?,
    );
    let is_regular = first <= task
        && task <= last
        && (task - first).is_multiple_of(step)
        && ((last - first) / step).saturating_add(1) == count;
    ensure!(
        is_regular,
        "the {count} tasks {first} to {last} of the Slurm array are not evenly spaced, so the shard of task {task} is \
         unknown; submit the job with --array=1-N, or pass --shard I/N"
    );
    Ok(((task - first) / step, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the shard for these variables as text.
    fn shard(variables: &[(&str, &str)]) -> Result<Option<String>> {
        let found = from_variables(&|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })?;
        Ok(found.map(|found| found.shard.to_string()))
    }

    fn slurm_array([task, first, last, step, count]: [&str; 5]) -> Result<Option<String>> {
        shard(&[
            (SLURM, task),
            ("SLURM_ARRAY_TASK_MIN", first),
            ("SLURM_ARRAY_TASK_MAX", last),
            ("SLURM_ARRAY_TASK_STEP", step),
            ("SLURM_ARRAY_TASK_COUNT", count),
        ])
    }

    fn error(result: Result<Option<String>>) -> String {
        format!("{:#}", result.unwrap_err())
    }

    #[test]
    fn there_is_no_shard_outside_of_an_array_job() {
        assert_eq!(shard(&[("SLURM_JOB_ID", "7")]).unwrap(), None);
    }

    #[test]
    fn tasks_of_slurm_may_begin_anywhere_and_skip_numbers() {
        let found = |values| slurm_array(values).unwrap().unwrap();
        assert_eq!(found(["1", "1", "4", "1", "4"]), "1/4");
        assert_eq!(found(["0", "0", "5", "1", "6"]), "1/6");
        assert_eq!(found(["5", "0", "5", "1", "6"]), "6/6");
        assert_eq!(found(["14", "10", "16", "2", "4"]), "3/4");
        assert_eq!(found(["3", "3", "3", "1", "1"]), "1/1");
    }

    #[test]
    fn variables_without_the_index_of_the_task_are_an_error() {
        for (companion, index) in COMPANIONS {
            let error = error(shard(&[(companion, "3")]));
            let said = format!("{companion} is set and {index} is not");
            assert!(
                error.contains(&said) && error.contains("--shard I/N"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_invalid_step_of_slurm_is_an_error() {
        for (step, said) in [("x", "STEP is \"x\", not a number"), ("0", "STEP is 0")] {
            let error = error(slurm_array(["1", "1", "4", step, "4"]));
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn unevenly_spaced_tasks_of_slurm_are_an_error() {
        let error = error(slurm_array(["7", "1", "9", "1", "3"]));
        assert!(
            error.contains("not evenly spaced") && error.contains("--array=1-N"),
            "{error}"
        );
    }

    #[test]
    fn indexes_of_aws_batch_and_kubernetes_begin_at_0() {
        let aws = shard(&[(AWS_BATCH, "0"), ("AWS_BATCH_JOB_ARRAY_SIZE", "3")]);
        assert_eq!(aws.unwrap().unwrap(), "1/3");
        let kubernetes = shard(&[(KUBERNETES, "2"), (KUBERNETES_COUNT, "3")]);
        assert_eq!(kubernetes.unwrap().unwrap(), "3/3");
    }

    #[test]
    fn an_unknown_number_of_tasks_is_an_error_with_the_remedy() {
        let kubernetes = error(shard(&[(KUBERNETES, "2")]));
        assert!(
            kubernetes.contains("JOB_COMPLETIONS is not set"),
            "{kubernetes}"
        );
        for name in WITHOUT_COUNT {
            let pbs = error(shard(&[(name, "5")]));
            assert!(
                pbs.contains("is task 5") && pbs.contains(&format!("--shard ${name}/8")),
                "{pbs}"
            );
        }
    }

    #[test]
    fn contradictions_are_errors() {
        let two = error(shard(&[(SLURM, "1"), (KUBERNETES, "2")]));
        assert!(
            two.contains("SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX"),
            "{two}"
        );
        let beyond = error(shard(&[(KUBERNETES, "3"), (KUBERNETES_COUNT, "3")]));
        assert!(
            beyond.contains("task 3, counted from 0, of 3 tasks"),
            "{beyond}"
        );
        let text = error(shard(&[
            (AWS_BATCH, "first"),
            ("AWS_BATCH_JOB_ARRAY_SIZE", "3"),
        ]));
        assert!(text.contains("\"first\", not a number"), "{text}");
    }
}
