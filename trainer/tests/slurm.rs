//! A sweep as an array job of a real Slurm, which the tests start with one node.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use common::{trainer, write_images};
use tempfile::{TempDir, tempdir};

/// Longest wait for the scheduler.
const TIMEOUT: Duration = Duration::from_mins(5);

/// Slurm with one node on this machine.
struct Slurm {
    folder: TempDir,
    processes: Vec<Child>,
}

impl Slurm {
    /// Starts the controller and the node, and waits until the node accepts jobs.
    fn start() -> Self {
        let mut slurm = Self {
            folder: tempdir().unwrap(),
            processes: Vec::new(),
        };
        let host = output(Command::new("hostname").arg("-s"));
        let user = output(Command::new("id").arg("-un"));
        let [controller_port, node_port] = free_ports();
        let folder = slurm.folder.path().display();
        let settings = format!(
            "ClusterName=test\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser={user}\nSlurmdUser={user}\n\
             AuthType=auth/none\nAuthInfo=cred_expire=5\nCredType=cred/none\nSlurmctldPort={controller_port}\nSlurmdPort={node_port}\n\
             StateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool\n\
             SlurmctldPidFile={folder}/controller.pid\nSlurmdPidFile={folder}/node.pid\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSwitchType=switch/none\nMpiDefault=none\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nSchedulerType=sched/builtin\n\
             JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n\
             ReturnToService=2\nSlurmdParameters=config_overrides\nKillWait=5\n\
             NodeName={host} NodeAddr=127.0.0.1 CPUs=2\nPartitionName=all Nodes=ALL Default=YES State=UP\n"
        );
        fs::write(slurm.settings(), settings).unwrap();
        for folder in ["state", "spool"] {
            fs::create_dir(slurm.folder.path().join(folder)).unwrap();
        }
        for (program, option) in [("slurmctld", "-i"), ("slurmd", "-v")] {
            let log = fs::File::create(slurm.folder.path().join(format!("{program}.log"))).unwrap();
            let mut command = slurm.command(program);
            command
                .args(["-D", option])
                .stdout(Stdio::null())
                .stderr(log);
            let process = command.spawn();
            let process = process.unwrap_or_else(|error| {
                panic!("{program} does not start: {error}; `cargo xtask setup` installs Slurm")
            });
            slurm.processes.push(process);
        }
        wait("an idle node", || {
            slurm.query("sinfo", &["--noheader", "--format=%T"]) == "idle"
        });
        slurm
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("slurm.conf")
    }

    /// Returns a command that uses this Slurm.
    fn command(&self, program: &str) -> Command {
        // The daemons are in a folder for administrators.
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command
            .env("SLURM_CONF", self.settings())
            .env("PATH", format!("{path}:/usr/sbin:/sbin"));
        command
    }

    /// Returns the output of a command, empty while Slurm does not respond.
    fn query(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = Command::new("kill").arg(process.id().to_string()).status();
            let _ = process.wait();
        }
    }
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Waits until `is_reached` returns true.
fn wait(what: &str, mut is_reached: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_reached() {
        assert!(start.elapsed() < TIMEOUT, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// Writes dataset and settings of a sweep of six runs.
fn write_sweep(folder: &Path) {
    write_images(folder);
    let text = "preset = \"seed\"\niterations = 3000\ncheckpoint-every = 50\ndataset = \"idx\"\ndata = \".\"\n[grid]\n\
                seed = [1, 2, 3, 4, 5, 6]\n";
    fs::write(folder.join("sweep.toml"), text).unwrap();
}

fn run_folder(folder: &Path, seed: usize) -> PathBuf {
    folder.join(format!("runs/sweep/seed={seed}"))
}

#[test]
#[ignore = "needs Slurm; `cargo xtask test` installs it and runs this"]
fn an_array_job_trains_a_sweep_although_a_task_is_killed_and_requeued() {
    let slurm = Slurm::start();
    let folder = tempdir().unwrap();
    write_sweep(folder.path());
    let submitted = slurm
        .command(assert_cmd::cargo::cargo_bin("trainer").to_str().unwrap())
        .args(["sweep", "sweep.toml", "--submit", "slurm"])
        .current_dir(folder.path())
        .env_remove("THUMBGAN_DATA")
        .output()
        .unwrap();
    assert!(submitted.status.success(), "{submitted:?}");
    let submitted = String::from_utf8(submitted.stdout).unwrap();
    let job = submitted.split_whitespace().last().unwrap();
    assert!(submitted.starts_with("Submitted batch job "), "{submitted}");

    let checkpoints = run_folder(folder.path(), 2).join("checkpoints");
    wait("a checkpoint of the second run", || {
        fs::read_dir(&checkpoints).is_ok_and(|mut entries| entries.next().is_some())
    });
    let model = |seed| fs::read(run_folder(folder.path(), seed).join("seed.tgan"));
    assert!(model(2).is_err(), "the second run has ended already");
    let killed = slurm
        .command("scancel")
        .args(["--signal=KILL", "--full", &format!("{job}_2")])
        .status();
    assert!(killed.unwrap().success());
    let task = format!("{job}_2");
    wait("the end of the killed task", || {
        slurm
            .query(
                "squeue",
                &["--noheader", "--job", &task, "--states=RUNNING"],
            )
            .is_empty()
    });
    // While the other tasks write, the runs can be listed.
    let listed = trainer()
        .args(["runs", "runs/sweep"])
        .current_dir(folder.path())
        .output();
    assert!(listed.unwrap().status.success());
    let requeued = slurm.command("scontrol").args(["requeue", &task]).status();
    assert!(requeued.unwrap().success());
    wait("the end of the job", || {
        slurm
            .query("squeue", &["--noheader", "--job", job])
            .is_empty()
    });

    let alone = tempdir().unwrap();
    write_sweep(alone.path());
    let mut undisturbed = trainer();
    undisturbed
        .args(["sweep", "sweep.toml", "--shard", "2/6"])
        .current_dir(alone.path());
    undisturbed.assert().success();
    let log = fs::read_to_string(run_folder(folder.path(), 2).join("train.log")).unwrap();
    assert!(log.contains("resuming"), "{log}");
    assert!(
        model(2).unwrap() == fs::read(run_folder(alone.path(), 2).join("seed.tgan")).unwrap(),
        "the killed run has another model"
    );
    let models = (1..=6).map(|seed| model(seed).unwrap());
    let mut models: Vec<_> = models.collect();
    models.sort_unstable();
    models.dedup();
    assert_eq!(models.len(), 6, "each seed has a model of its own");
}
