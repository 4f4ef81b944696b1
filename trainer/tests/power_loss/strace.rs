//! File operations of a process, its threads and the processes that it starts, recorded by strace.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::{self, Display},
    path::{Path, PathBuf},
};

/// System calls that change files; a question mark allows for processors without one.
pub const CALLS: &str = "?open,?creat,openat,close,write,writev,pwrite64,?sendfile,?copy_file_range,ftruncate,\
    ?truncate,fallocate,fsync,fdatasync,?sync,?syncfs,?rename,renameat,?renameat2,?link,linkat,?unlink,unlinkat,?rmdir,?mkdir,\
    mkdirat,?symlink,symlinkat,fcntl,dup,?dup2,dup3,clone,?clone3,?fork,?vfork,execve";

/// File operation; paths are relative to the recorded folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    MakeFolder(String),
    /// A new, empty file.
    Create(String),
    /// Bytes at an offset of a file with this number.
    Write(u32, u64, Vec<u8>),
    /// Length of a file with this number.
    Truncate(u32, u64),
    /// A file was opened: from now on it has this number.
    Open(String, u32),
    Link(String, String),
    Rename(String, String),
    Remove(String),
    SyncFile(u32),
    SyncFolder(String),
    /// Text on standard output.
    Print(String),
}

impl Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(file, offset, bytes) => {
                write!(f, "Write({file}, {offset}, {} bytes)", bytes.len())
            }
            other => write!(f, "{other:?}"),
        }
    }
}

/// Returns the index of the first operation after which standard output has named `out`.
pub fn announcement(operations: &[Operation], out: &str) -> usize {
    let is_named =
        |operation: &Operation| matches!(operation, Operation::Print(text) if text.contains(out));
    operations.iter().position(is_named).unwrap()
}

/// System call that succeeded.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<&'a str>,
    result: u64,
}

/// Descriptor of an open file or folder.
#[derive(Clone)]
struct Descriptor {
    path: PathBuf,
    file: Option<u32>,
    offset: u64,
    appends: bool,
    closes_on_exec: bool,
}

/// Open files of a process by their numbers.
type Descriptors = HashMap<u64, Descriptor>;

/// Origin of a thread or a process: the thread that made it.
struct Origin<'a> {
    parent: &'a str,
    is_thread: bool,
}

/// Returns the operations below `root` and on standard output of the first process.
///
/// # Panics
/// On system calls whose effect is not known here.
pub fn parse(trace: &str, root: &Path) -> Vec<Operation> {
    let calls = complete_calls(trace);
    let origins = origins(&calls);
    let first = calls
        .first()
        .map_or("", |(thread, _)| process(thread, &origins));
    let mut parser = Parser {
        root,
        first,
        current: first,
        descriptors: HashMap::new(),
        existing: Vec::new(),
        files: 0,
        operations: Vec::new(),
    };
    for (thread, call) in &calls {
        let process = process(thread, &origins);
        if !parser.descriptors.contains_key(process) {
            // A new process has the descriptors of the one that made it.
            let parent = origins
                .get(process)
                .map(|origin| self::process(origin.parent, &origins));
            let inherited = parent.map(|parent| parser.descriptors[parent].clone());
            parser
                .descriptors
                .insert(process, inherited.unwrap_or_default());
        }
        parser.current = process;
        parser.line(call);
    }
    parser.operations
}

/// Returns the threads and texts of the calls, in the order in which they ended. A call that another thread interrupts is on
/// two lines.
fn complete_calls(trace: &str) -> Vec<(&str, Cow<'_, str>)> {
    let mut unfinished: HashMap<&str, &str> = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let (thread, text) = line.split_once(' ').unwrap();
        let text = text.trim_start();
        if let Some(start) = text.strip_suffix(" <unfinished ...>") {
            unfinished.insert(thread, start);
        } else if let Some((_, end)) = text.split_once(" resumed>") {
            let start = unfinished.remove(thread).unwrap();
            calls.push((thread, Cow::Owned(start.to_owned() + end)));
        } else {
            calls.push((thread, Cow::Borrowed(text)));
        }
    }
    calls
}

/// Returns the origins of all threads but the first, by the number of the thread.
fn origins<'a>(calls: &[(&'a str, Cow<'_, str>)]) -> HashMap<String, Origin<'a>> {
    let origins = calls.iter().filter_map(|(parent, text)| {
        let call = Call::parse(text)?;
        let is_thread = text.contains("CLONE_THREAD");
        ["clone", "clone3", "fork", "vfork"]
            .contains(&call.name)
            .then(|| (call.result.to_string(), Origin { parent, is_thread }))
    });
    origins.collect()
}

/// Returns the process of a thread: its first thread.
fn process<'a>(thread: &'a str, origins: &HashMap<String, Origin<'a>>) -> &'a str {
    match origins.get(thread) {
        Some(origin) if origin.is_thread => process(origin.parent, origins),
        _ => thread,
    }
}

impl<'a> Call<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (name, rest) = text.split_once('(')?;
        let (arguments, result) = rest.rsplit_once(") ")?;
        let result = result.trim_start().strip_prefix("= ")?;
        let result = result.split(' ').next()?;
        Some(Self {
            name,
            // Strings are hexadecimal, so that they contain no commas.
            arguments: arguments.split(", ").collect(),
            result: result.parse().ok()?,
        })
    }

    fn number(&self, index: usize) -> u64 {
        self.arguments[index].parse().unwrap()
    }

    fn text(&self, index: usize) -> String {
        String::from_utf8(bytes(self.arguments[index])).unwrap()
    }
}

/// Returns the bytes of all strings in an argument.
fn bytes(argument: &str) -> Vec<u8> {
    let strings = argument.split('"').skip(1).step_by(2);
    strings
        .flat_map(|text| text.split("\\x").skip(1))
        .map(|digits| u8::from_str_radix(digits, 16).unwrap())
        .collect()
}

struct Parser<'a> {
    root: &'a Path,
    /// First process, whose standard output counts.
    first: &'a str,
    /// Process whose call is parsed.
    current: &'a str,
    descriptors: HashMap<&'a str, Descriptors>,
    /// Paths of files that exist.
    existing: Vec<String>,
    /// Number of files that were opened.
    files: u32,
    operations: Vec<Operation>,
}

impl Parser<'_> {
    /// Returns the descriptors of the current process.
    fn opened(&self) -> &Descriptors {
        &self.descriptors[self.current]
    }

    fn opened_mut(&mut self) -> &mut Descriptors {
        self.descriptors.entry(self.current).or_default()
    }

    fn line(&mut self, text: &str) {
        let Some(call) = Call::parse(text) else {
            return;
        };
        match call.name {
            "open" => self.open(&call, Path::new("/").join(call.text(0)), call.arguments[1]),
            "creat" => self.open(&call, Path::new("/").join(call.text(0)), "O_CREAT|O_TRUNC"),
            "openat" => self.open(&call, self.path(&call, 0), call.arguments[2]),
            "close" => {
                self.opened_mut().remove(&call.number(0));
            }
            "write" | "writev" => self.write(&call),
            "mkdir" => self.make_folder(&Path::new("/").join(call.text(0))),
            "mkdirat" => self.make_folder(&self.path(&call, 0)),
            "unlink" | "rmdir" => self.remove(&Path::new("/").join(call.text(0))),
            "unlinkat" => self.remove(&self.path(&call, 0)),
            "rename" => self.rename(Path::new(&call.text(0)), Path::new(&call.text(1))),
            "renameat" | "renameat2" => self.rename(&self.path(&call, 0), &self.path(&call, 2)),
            "link" => self.link(Path::new(&call.text(0)), Path::new(&call.text(1))),
            "linkat" => self.link(&self.path(&call, 0), &self.path(&call, 2)),
            "fsync" | "fdatasync" => self.sync(call.number(0)),
            "ftruncate" => {
                if let Some(file) = self
                    .opened()
                    .get(&call.number(0))
                    .and_then(|open| open.file)
                {
                    self.operations
                        .push(Operation::Truncate(file, call.number(1)));
                }
            }
            "fcntl" if !call.arguments[1].starts_with("F_DUPFD") => {}
            "fcntl" => self.duplicate(&call, call.arguments[1].contains("CLOEXEC")),
            "dup" | "dup2" | "dup3" => self.duplicate(&call, text.contains("O_CLOEXEC")),
            "clone" | "clone3" | "fork" | "vfork" => {}
            "execve" => self.opened_mut().retain(|_, open| !open.closes_on_exec),
            _ => {
                let is_ours = self
                    .opened()
                    .get(&call.number(0))
                    .is_some_and(|open| self.relative(&open.path).is_some());
                assert!(!is_ours, "unknown effect: {text:.200}");
            }
        }
    }

    /// Returns the path of two arguments, a descriptor of a folder and a path relative to it.
    fn path(&self, call: &Call<'_>, index: usize) -> PathBuf {
        let named = PathBuf::from(call.text(index + 1));
        match call.arguments[index].parse::<u64>() {
            Ok(folder) => self.opened()[&folder].path.join(named),
            Err(_) => named,
        }
    }

    /// Returns a path relative to the root; `None` outside.
    fn relative(&self, path: &Path) -> Option<String> {
        let path = path.strip_prefix(self.root).ok()?;
        Some(path.to_str().unwrap().to_owned())
    }

    fn open(&mut self, call: &Call<'_>, path: PathBuf, flags: &str) {
        let has = |flag: &str| flags.split('|').any(|other| other == flag);
        let mut file = None;
        // A file without a name vanishes.
        if let Some(relative) = self.relative(&path).filter(|_| !has("O_TMPFILE")) {
            let exists = self.existing.contains(&relative);
            if has("O_CREAT") && !exists {
                self.existing.push(relative.clone());
                self.operations.push(Operation::Create(relative.clone()));
            }
            if has("O_CREAT") || exists {
                self.files += 1;
                file = Some(self.files);
                self.operations.push(Operation::Open(relative, self.files));
                if has("O_TRUNC") && exists {
                    self.operations.push(Operation::Truncate(self.files, 0));
                }
            }
        }
        let descriptor = Descriptor {
            path,
            file,
            offset: 0,
            appends: has("O_APPEND"),
            closes_on_exec: has("O_CLOEXEC"),
        };
        self.opened_mut().insert(call.result, descriptor);
    }

    /// Counts a second descriptor of an open file.
    ///
    /// # Panics
    /// For a file of the folder at whose offset is written: both descriptors would move it.
    fn duplicate(&mut self, call: &Call<'_>, closes_on_exec: bool) {
        let Some(open) = self.opened().get(&call.number(0)).cloned() else {
            self.opened_mut().remove(&call.result);
            return;
        };
        assert!(
            open.file.is_none() || open.appends,
            "two descriptors of {}",
            open.path.display()
        );
        let second = Descriptor {
            closes_on_exec,
            ..open
        };
        self.opened_mut().insert(call.result, second);
    }

    fn write(&mut self, call: &Call<'_>) {
        let mut content: Vec<u8> = call.arguments[1..]
            .iter()
            .flat_map(|argument| bytes(argument))
            .collect();
        content.truncate(call.result as usize);
        match self
            .descriptors
            .get_mut(self.current)
            .and_then(|open| open.get_mut(&call.number(0)))
        {
            Some(Descriptor {
                file: Some(file),
                offset,
                appends,
                ..
            }) => {
                // The account appends at this offset.
                let at = if *appends { u64::MAX } else { *offset };
                *offset += content.len() as u64;
                self.operations.push(Operation::Write(*file, at, content));
            }
            None if self.current == self.first && call.number(0) == 1 => {
                let text = String::from_utf8_lossy(&content).into_owned();
                self.operations.push(Operation::Print(text));
            }
            _ => {}
        }
    }

    fn make_folder(&mut self, path: &Path) {
        if let Some(path) = self.relative(path) {
            self.operations.push(Operation::MakeFolder(path));
        }
    }

    fn remove(&mut self, path: &Path) {
        if let Some(path) = self.relative(path) {
            self.existing.retain(|other| *other != path);
            self.operations.push(Operation::Remove(path));
        }
    }

    fn link(&mut self, from: &Path, to: &Path) {
        if let (Some(from), Some(to)) = (self.relative(from), self.relative(to)) {
            self.existing.push(to.clone());
            self.operations.push(Operation::Link(from, to));
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        if let (Some(from), Some(to)) = (self.relative(from), self.relative(to)) {
            self.existing.retain(|other| *other != to);
            for path in &mut self.existing {
                let is_inside = path.starts_with(&format!("{from}/"));
                if *path == from || is_inside {
                    path.replace_range(..from.len(), &to);
                }
            }
            self.operations.push(Operation::Rename(from, to));
        }
    }

    fn sync(&mut self, descriptor: u64) {
        let Some(open) = self.opened().get(&descriptor) else {
            return;
        };
        if let Some(file) = open.file {
            self.operations.push(Operation::SyncFile(file));
        } else if let Some(folder) = self.relative(&open.path) {
            self.operations.push(Operation::SyncFolder(folder));
        }
    }
}
