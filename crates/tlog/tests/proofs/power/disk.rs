//! A disk in memory that keeps what was synced.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

pub(super) type Id = usize;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Node {
    File(Id),
    Directory,
}

#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) now: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Open {
    path: PathBuf,
    pub(super) node: Node,
    appends: bool,
    pub(super) offset: usize,
}

/// What a sync that was begun makes durable.
pub(super) enum Syncing {
    File(Id, Vec<u8>),
    Directory(PathBuf, BTreeMap<PathBuf, Node>),
}

/// A disk, and what of it is durable.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) files: Vec<Content>,
    pub(super) names: BTreeMap<PathBuf, Node>,
    synced_names: BTreeMap<PathBuf, Node>,
    pub(super) open: HashMap<String, Open>,
}

impl Disk {
    pub(super) fn sync(&self, fd: &str) -> Option<Syncing> {
        let open = self.open.get(fd)?;
        Some(match open.node {
            Node::File(id) => Syncing::File(id, self.files[id].now.clone()),
            Node::Directory => {
                let inside = |path: &Path| path.parent() == Some(&open.path);
                let names = self.names.iter().filter(|(path, _)| inside(path));
                let names = names.map(|(path, node)| (path.clone(), *node)).collect();
                Syncing::Directory(open.path.clone(), names)
            }
        })
    }

    pub(super) fn synced(&mut self, syncing: Syncing) {
        match syncing {
            Syncing::File(id, content) => self.files[id].synced = content,
            Syncing::Directory(directory, names) => {
                self.synced_names
                    .retain(|path, _| path.parent() != Some(&directory));
                self.synced_names.extend(names);
            }
        }
    }

    pub(super) fn opened(&mut self, fd: &str, path: PathBuf, flags: &str) {
        let node = match self.names.get(&path) {
            Some(node) => *node,
            None if flags.contains("O_CREAT") => {
                self.files.push(Content::default());
                let node = Node::File(self.files.len() - 1);
                self.names.insert(path.clone(), node);
                node
            }
            None => Node::Directory,
        };
        if let (Node::File(id), true) = (node, flags.contains("O_TRUNC")) {
            self.files[id].now.clear();
        }
        let open = Open {
            path,
            node,
            appends: flags.contains("O_APPEND"),
            offset: 0,
        };
        self.open.insert(fd.to_owned(), open);
    }

    /// Returns the path of the file.
    pub(super) fn wrote(&mut self, fd: &str, bytes: &[u8], at: Option<usize>) -> Option<&Path> {
        let open = self.open.get_mut(fd)?;
        let Node::File(id) = open.node else {
            panic!("a directory is written to")
        };
        let content = &mut self.files[id].now;
        let start = match at {
            Some(at) => at,
            None if open.appends => content.len(),
            None => open.offset,
        };
        let end = start + bytes.len();
        content.resize(content.len().max(end), 0);
        content[start..end].copy_from_slice(bytes);
        if at.is_none() {
            open.offset = end;
        }
        Some(&open.path)
    }

    /// What is left after a loss of power, by path: with all names of now, or with those only that were synced.
    pub(super) fn left(&self, names_are_lost: bool) -> BTreeMap<PathBuf, Vec<u8>> {
        let names = match names_are_lost {
            true => &self.synced_names,
            false => &self.names,
        };
        let is_reachable = |path: &Path| {
            let above = path.ancestors().skip(1);
            // Outside of what the process made, all is there.
            let mut made = above.take_while(|it| self.names.contains_key(*it));
            made.all(|it| names.contains_key(it))
        };
        let content = |(path, node): (&PathBuf, &Node)| match node {
            Node::File(id) if is_reachable(path) => {
                Some((path.clone(), self.files[*id].synced.clone()))
            }
            _ => None,
        };
        names.iter().filter_map(content).collect()
    }
}
