//! Pieces of work that are killed: their commands, outputs and undisturbed results.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    common::{
        small_run::{
            Files, NAME, assert_same, assert_whole, configured, files, proceed, program, results,
            spawnable, sweep,
        },
        strace, write_images, write_patterns,
    },
    process,
};

/// Seeds of the runs of a sweep.
const SWEEP_SEEDS: [u32; 2] = [1, 2];
/// Attempts of a sweep whose runs still write, because only the sweep itself was killed.
const ATTEMPTS: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// Command that is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Train,
    Sweep,
    Sample,
    Evaluate,
    Export,
    Report,
}

const TASKS: [Task; 6] = [
    Task::Train,
    Task::Sweep,
    Task::Sample,
    Task::Evaluate,
    Task::Export,
    Task::Report,
];

/// Data, a finished run, and undisturbed results of all tasks.
pub struct Bench {
    folder: PathBuf,
    undisturbed: Vec<Undisturbed>,
}

/// Result of undisturbed work.
struct Undisturbed {
    task: Task,
    files: Files,
    /// Time that the process needed.
    length: Duration,
    /// System calls that change the file system, and their numbers; none without strace.
    operations: Vec<(String, u64)>,
}

/// Piece of work in a folder of its own.
pub struct Work<'a> {
    bench: &'a Bench,
    task: Task,
    folder: PathBuf,
    /// Files before the first command.
    before: Files,
}

impl Bench {
    /// Writes the data and executes each task once.
    pub fn new(folder: &Path) -> Self {
        let mut bench = Self {
            folder: folder.to_owned(),
            undisturbed: Vec::new(),
        };
        for (name, write) in [
            ("data", write_images as fn(&Path)),
            ("patterns", write_patterns),
        ] {
            fs::create_dir(folder.join(name)).unwrap();
            write(&folder.join(name));
        }
        let settings = sweep(&bench.data(), &SWEEP_SEEDS);
        fs::write(folder.join("sweep.toml"), settings).unwrap();
        for task in TASKS {
            let work = bench.prepare(task, &format!("undisturbed-{task:?}"), false);
            // The first evaluation trains its feature extractor, which later ones find in the cache.
            if task == Task::Evaluate {
                work.complete();
            }
            let start = Instant::now();
            work.complete();
            let length = start.elapsed();
            let files = work.results();
            let operations = if task == Task::Sweep || !strace::is_usable() {
                // Each of its processes would count calls of its own.
                Vec::new()
            } else {
                let work = bench.prepare(task, &format!("counted-{task:?}"), false);
                let trace = folder.join("trace");
                run(&mut work.command_under(strace::record(strace::CHANGES, &trace, &[])));
                strace::counts(&fs::read_to_string(&trace).unwrap())
            };
            bench.undisturbed.push(Undisturbed {
                task,
                files,
                length,
                operations,
            });
        }
        bench
    }

    /// Returns the time that an undisturbed process needs.
    pub fn length(&self, task: Task) -> Duration {
        self.undisturbed(task).length
    }

    /// Returns the system calls of an undisturbed process that change the file system, and their numbers.
    pub fn operations(&self, task: Task) -> &[(String, u64)] {
        &self.undisturbed(task).operations
    }

    fn undisturbed(&self, task: Task) -> &Undisturbed {
        let mut all = self.undisturbed.iter();
        all.find(|undisturbed| undisturbed.task == task).unwrap()
    }

    /// Begins a piece of work; half of those that replace files have some to replace.
    pub fn begin(&self, task: Task, number: u64) -> Work<'_> {
        self.prepare(task, &format!("{number}"), number.is_multiple_of(2))
    }

    fn prepare(&self, task: Task, name: &str, has_old: bool) -> Work<'_> {
        let folder = self.folder.join(name);
        fs::create_dir(&folder).unwrap();
        let mut work = Work {
            bench: self,
            task,
            folder,
            before: Files::new(),
        };
        match task {
            Task::Evaluate | Task::Report => {
                let run = self.folder.join("undisturbed-Train");
                fs::create_dir(work.folder.join("grids")).unwrap();
                for (path, content) in files(&run) {
                    let is_replaced = path == "report.html" && !has_old;
                    if !path.starts_with("checkpoints/") && !is_replaced {
                        fs::write(work.folder.join(path), content).unwrap();
                    }
                }
            }
            Task::Sample if has_old => {
                let mut command = spawnable();
                command.args(["sample", "--count", "20", "--seed", "3", "--model"]);
                command.arg(self.model()).arg("--out");
                run(command.arg(work.folder.join("out.npy")));
            }
            Task::Export if has_old => fs::write(work.folder.join("out.uf2"), "old").unwrap(),
            _ => {}
        }
        work.before = work.results();
        work
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn model(&self) -> PathBuf {
        self.folder
            .join("undisturbed-Train")
            .join(format!("{NAME}.tgan"))
    }
}

impl Work<'_> {
    /// Returns the command that does what is left of the work.
    fn command(&self) -> Command {
        self.with_arguments(spawnable())
    }

    /// Returns the same command under strace.
    fn command_under(&self, mut strace: Command) -> Command {
        strace.arg(program());
        self.with_arguments(configured(strace))
    }

    fn with_arguments(&self, mut command: Command) -> Command {
        let at = |name: &str| self.folder.join(name);
        match self.task {
            Task::Train => {
                command.args(proceed(&self.bench.data(), &self.folder));
            }
            Task::Sweep => {
                command
                    .arg("sweep")
                    .arg(self.bench.folder.join("sweep.toml"));
                command.arg("--out").arg(&self.folder);
            }
            Task::Sample => {
                command.args(["sample", "--count", "20000", "--force", "--model"]);
                command
                    .arg(self.bench.model())
                    .arg("--out")
                    .arg(at("out.npy"));
            }
            Task::Evaluate => {
                command.env(
                    "XDG_CACHE_HOME",
                    concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
                );
                command.args(["evaluate", "--samples=200", "--noise-seeds=1", "--card"]);
                // The model was trained on other images.
                command.arg("--force");
                command.args(["--dataset=idx", "--data"]);
                command.arg(self.bench.folder.join("patterns"));
                command.arg("--json").arg(at("out.json"));
                command.arg("--model").arg(at(&format!("{NAME}.tgan")));
            }
            Task::Export => {
                command.args(["export", "--uf2", "pico", "--force"]);
                let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
                command.arg(models.join("digits.tgan"));
                command.arg("--out").arg(at("out.uf2"));
            }
            Task::Report => {
                command.arg("report").arg(&self.folder);
            }
        }
        command
    }

    /// Starts the command and kills it after `moment`; returns false if it ended before. `alone` spares the processes
    /// that it has started.
    pub fn kill_after(&self, moment: Duration, alone: bool) -> bool {
        process::kill_after(&mut self.command(), moment, !alone)
    }

    /// Runs the command and kills it at a system call, given by its name and its number; returns false if it ended before.
    pub fn kill_at(&self, (name, index): (&str, u64)) -> bool {
        process::is_killed(&mut self.command_under(strace::inject(name, index, "signal=KILL")))
    }

    /// Panics if an output is incomplete, or belongs to another one.
    pub fn check(&self, context: &str) {
        let expected = &self.bench.undisturbed(self.task).files;
        match self.task {
            Task::Train => assert_whole(&self.folder, expected, context),
            // Its runs may still write.
            Task::Sweep => {}
            Task::Sample | Task::Evaluate | Task::Export | Task::Report => {
                let found = self.results();
                let is_new = |name: &String| found[name] == expected[name];
                for (name, content) in &found {
                    let is_hidden = name.rsplit('/').next().unwrap().starts_with('.');
                    let is_old = self.before.get(name) == Some(content);
                    assert!(
                        is_hidden || is_old || is_new(name),
                        "{context}: {name} is incomplete"
                    );
                }
                let pair = ["out.npy", "out-labels.npy"].map(str::to_owned);
                if found.contains_key(&pair[0]) {
                    assert!(
                        found.contains_key(&pair[1]) && is_new(&pair[0]) == is_new(&pair[1]),
                        "{context}: an array without its labels"
                    );
                }
            }
        }
    }

    /// Does what is left of the work without disturbance, and panics unless the result is that of undisturbed work.
    pub fn finish(self, context: &str) {
        self.complete();
        let expected = &self.bench.undisturbed(self.task).files;
        assert_same(&self.results(), expected, context);
        fs::remove_dir_all(&self.folder).unwrap();
    }

    fn complete(&self) {
        for _ in 0..ATTEMPTS {
            let output = self.command().output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            if output.status.success() {
                return;
            }
            assert!(
                self.task == Task::Sweep && said.contains("in use by"),
                "{:?}: {said}",
                self.task
            );
            thread::sleep(PAUSE);
        }
        panic!("the runs of a killed sweep do not end");
    }

    fn results(&self) -> Files {
        match self.task {
            Task::Train => results(&self.folder),
            Task::Sweep => {
                let mut all = Files::new();
                for seed in SWEEP_SEEDS {
                    let run = format!("seed={seed}");
                    let found = results(&self.folder.join(&run));
                    all.extend(
                        found
                            .into_iter()
                            .map(|(path, content)| (format!("{run}/{path}"), content)),
                    );
                }
                all
            }
            Task::Sample | Task::Evaluate | Task::Export | Task::Report => files(&self.folder),
        }
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
