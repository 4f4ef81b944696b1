//! Account of what is durable, and the states that a loss of power may leave.
//!
//! The model is that of POSIX, which promises little. The content of a file is durable after its `fsync`; what was written
//! since may be lost, be zeros, or be there in part. A name is durable after the `fsync` of its folder; changes of a folder
//! since then (new names, renames, removals) may be lost, all of them or all from one on, or one may be lost that others follow, or be
//! kept without those before it. Contents and names are independent of each other.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use thumbgan_core::latent::SplitMix64;

use crate::{common::small_run::Files, strace::Operation};

/// What a loss of power leaves of the bytes that were written since the last `fsync`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    None,
    /// The length, with zeros instead of the bytes.
    Zeros,
    /// The first half.
    Half,
    All,
}

const KEPT: [Kept; 4] = [Kept::None, Kept::Zeros, Kept::Half, Kept::All];

/// Files and folders by their paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct State(pub BTreeMap<String, Node>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    Folder,
    File(Rc<Vec<u8>>),
}

impl State {
    pub fn files(&self) -> Files {
        let contents = self.0.iter().filter_map(|(path, node)| match node {
            Node::File(content) => Some((path.clone(), content.to_vec())),
            Node::Folder => None,
        });
        contents.collect()
    }
}

/// File or folder.
enum Inode {
    Folder,
    File {
        live: Rc<Vec<u8>>,
        durable: Rc<Vec<u8>>,
    },
}

/// Change of the names in folders: the folder, the name, and its new inode, if any. All of them are made together.
type Change = Vec<(usize, String, Option<usize>)>;

/// File system.
pub struct Disk {
    inodes: Vec<Inode>,
    /// Names that are durable, by folder.
    durable: BTreeMap<(usize, String), usize>,
    /// Changes of names that are not, in their order.
    changes: Vec<Change>,
    /// Open files by their numbers.
    open: HashMap<u32, usize>,
}

/// Root of the file system.
const ROOT: usize = 0;

impl Disk {
    pub fn new() -> Self {
        Self {
            inodes: vec![Inode::Folder],
            durable: BTreeMap::new(),
            changes: Vec::new(),
            open: HashMap::new(),
        }
    }

    pub fn execute(&mut self, operation: &Operation) {
        match operation {
            Operation::MakeFolder(path) => self.create(path, Inode::Folder),
            Operation::Create(path) => {
                let empty = Rc::new(Vec::new());
                let file = Inode::File {
                    live: Rc::clone(&empty),
                    durable: empty,
                };
                self.create(path, file);
            }
            Operation::Open(path, number) => {
                let inode = self.find(path);
                self.open.insert(*number, inode);
            }
            Operation::Write(number, offset, bytes) => {
                let live = self.content(*number);
                let at =
                    usize::try_from(*offset).map_or(live.len(), |offset| offset.min(live.len()));
                live.splice(at..live.len().min(at + bytes.len()), bytes.iter().copied());
            }
            Operation::Truncate(number, length) => {
                self.content(*number).resize(*length as usize, 0);
            }
            Operation::SyncFile(number) => {
                if let Inode::File { live, durable } = &mut self.inodes[self.open[number]] {
                    *durable = Rc::clone(live);
                }
            }
            Operation::SyncFolder(path) => {
                let folder = self.find(path);
                let is_durable =
                    |change: &Change| change.iter().any(|(other, ..)| *other == folder);
                let (durable, pending) = std::mem::take(&mut self.changes)
                    .into_iter()
                    .partition(is_durable);
                self.changes = pending;
                apply(&mut self.durable, &durable);
            }
            Operation::Link(from, to) => {
                let inode = self.find(from);
                let (folder, name) = self.place(to);
                self.changes.push(vec![(folder, name, Some(inode))]);
            }
            Operation::Rename(from, to) => {
                let inode = self.find(from);
                let ((old, from), (new, to)) = (self.place(from), self.place(to));
                self.changes
                    .push(vec![(old, from, None), (new, to, Some(inode))]);
            }
            Operation::Remove(path) => {
                let (folder, name) = self.place(path);
                self.changes.push(vec![(folder, name, None)]);
            }
            Operation::Print(_) => {}
        }
    }

    fn content(&mut self, number: u32) -> &mut Vec<u8> {
        match &mut self.inodes[self.open[&number]] {
            Inode::File { live, .. } => Rc::make_mut(live),
            Inode::Folder => panic!("file {number} is a folder"),
        }
    }

    fn create(&mut self, path: &str, inode: Inode) {
        let (folder, name) = self.place(path);
        self.inodes.push(inode);
        self.changes
            .push(vec![(folder, name, Some(self.inodes.len() - 1))]);
    }

    /// Returns the folder and the name of a path.
    fn place(&self, path: &str) -> (usize, String) {
        match path.rsplit_once('/') {
            Some((folder, name)) => (self.find(folder), name.to_owned()),
            None => (ROOT, path.to_owned()),
        }
    }

    /// Returns the inode of a path that exists.
    fn find(&self, path: &str) -> usize {
        let mut names = self.durable.clone();
        apply(&mut names, &self.changes);
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.fold(ROOT, |folder, part| names[&(folder, part.to_owned())])
    }

    /// Returns the state with the changes of names that `is_made` accepts by their index, and what `kept` says of the files by
    /// their inode.
    pub fn state(
        &self,
        is_made: impl Fn(usize) -> bool,
        mut kept: impl FnMut(usize) -> Kept,
    ) -> State {
        let mut names = self.durable.clone();
        let made = self
            .changes
            .iter()
            .enumerate()
            .filter(|(index, _)| is_made(*index));
        let made: Vec<Change> = made.map(|(_, change)| change.clone()).collect();
        apply(&mut names, &made);
        let mut state = State(BTreeMap::new());
        let mut folders = vec![(ROOT, String::new())];
        while let Some((folder, path)) = folders.pop() {
            let entries = names.range((folder, String::new())..(folder + 1, String::new()));
            for ((_, name), &inode) in entries {
                let path = format!("{path}{name}");
                let node = match &self.inodes[inode] {
                    Inode::Folder => {
                        folders.push((inode, format!("{path}/")));
                        Node::Folder
                    }
                    Inode::File { live, durable } if live == durable => Node::File(Rc::clone(live)),
                    Inode::File { live, durable } => {
                        Node::File(remainder(live, durable, kept(inode)))
                    }
                };
                state.0.insert(path, node);
            }
        }
        state
    }

    /// Returns states that a loss of power may leave now, each with a description: everything that is not durable lost or kept, and
    /// a random selection.
    pub fn losses(&self, random: &mut SplitMix64) -> Vec<(String, State)> {
        let mut below = |limit: usize| (random.next_u64() % limit as u64) as usize;
        let count = self.changes.len();
        let mut states = Vec::new();
        for kept in KEPT {
            let contents = format!("{kept:?} of the contents");
            states.push((
                format!("no name, {contents}"),
                self.state(|_| false, |_| kept),
            ));
            states.push((
                format!("all names, {contents}"),
                self.state(|_| true, |_| kept),
            ));
            if count > 0 {
                let chosen = below(count);
                let before = self.state(|index| index < chosen, |_| kept);
                states.push((format!("{chosen} of {count} names, {contents}"), before));
                let without = self.state(|index| index != chosen, |_| kept);
                states.push((
                    format!("all names but {chosen} of {count}, {contents}"),
                    without,
                ));
                let only = self.state(|index| index == chosen, |_| kept);
                states.push((format!("only name {chosen} of {count}, {contents}"), only));
            }
        }
        let mixed = below(usize::MAX);
        let state = self.state(|_| true, |inode| KEPT[(mixed / (inode + 1)) % KEPT.len()]);
        states.push(("all names, parts of the contents".to_owned(), state));
        states
    }
}

fn apply(names: &mut BTreeMap<(usize, String), usize>, changes: &[Change]) {
    for (folder, name, inode) in changes.iter().flatten() {
        let place = (*folder, name.clone());
        match inode {
            Some(inode) => names.insert(place, *inode),
            None => names.remove(&place),
        };
    }
}

/// Returns what is left of a file.
fn remainder(live: &Rc<Vec<u8>>, durable: &Rc<Vec<u8>>, kept: Kept) -> Rc<Vec<u8>> {
    let common = live
        .iter()
        .zip(durable.iter())
        .take_while(|(live, durable)| live == durable)
        .count();
    match kept {
        Kept::None => Rc::clone(durable),
        Kept::All => Rc::clone(live),
        Kept::Half => Rc::new(live[..common.midpoint(live.len())].to_vec()),
        Kept::Zeros => {
            let mut content = live[..common].to_vec();
            content.resize(live.len(), 0);
            Rc::new(content)
        }
    }
}
