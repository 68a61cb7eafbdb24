//! An open log: its tree, its checkpoint, and its index of files.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions, TryLockError},
    io,
    ops::ControlFlow,
    path::Path,
};

use body_logger_jsonl::RawFile;
use tlog_tiles::{record_hash, Hash, Tile};
use uuid::Uuid;

use super::publish::{NewCheckpoint, Publish};
use crate::{
    checkpoint::Checkpoint,
    directory::ProofDirectory,
    error::Error,
    files::{create_directories, owner_only, replace},
    index::FileIndex,
    key::{SigningKey, VerifierKey},
    lines::{each_line, Found},
    tiles::TileLeaves,
    tree::{partial_tiles, Tree},
};

/// The target of the middleware's log lines, so that an application that filters by it sees these, too.
const LOG_TARGET: &str = "actix_web_body_logger";

#[derive(Debug)]
pub(super) struct Log {
    pub(super) directory: ProofDirectory,
    /// Locks other writers out.
    lock: File,
    tree: Tree,
    checkpoint: Checkpoint,
    /// The size of the checkpoint published last, and whether that is the stored one.
    published: u64,
    is_published: bool,
    is_failing: bool,
    /// Partial tiles that only earlier checkpoints need.
    old_tiles: Vec<Tile>,
    pub(super) index: FileIndex,
    /// The run of the entries that the proofs themselves add to the log, and the number of the last one.
    run: Uuid,
    seq: u64,
}

impl Log {
    /// Opens a log: reads its proofs, and hashes the lines that no checkpoint covers yet.
    pub(super) fn resume(
        live: &Path,
        keys: &[&SigningKey],
        lock: Option<File>,
    ) -> Result<(Self, VecDeque<Hash>), Error> {
        let directory = ProofDirectory::of(live);
        create_directories(&directory.path).map_err(Error::at(&directory.path))?;
        let lock = match lock {
            Some(lock) => lock,
            None => lock_alone(&directory.path.join("lock"))?,
        };
        let (tree, checkpoint) = match directory.read_checkpoint()? {
            Some(note) => read(&directory, &note, keys)?,
            None if directory.tiles.exist() => {
                return Err(Error::Log(format!(
                    "{}: the checkpoint is missing",
                    directory.checkpoint.display()
                )));
            }
            None => {
                let tree = Tree::default();
                let checkpoint = Checkpoint::sign(0, tree.root(), keys)?;
                store(&directory, &checkpoint)?;
                (tree, checkpoint)
            }
        };
        let (index, leaves) = read_lines(&directory, live, tree.size())?;
        directory.write_index(&index)?;
        let log = Self {
            directory,
            lock,
            published: tree.size(),
            tree,
            checkpoint,
            is_published: false,
            is_failing: false,
            old_tiles: Vec::new(),
            index,
            run: Uuid::now_v7(),
            seq: 0,
        };
        Ok((log, leaves))
    }

    pub(super) fn into_lock(self) -> File {
        self.lock
    }

    /// Returns how many lines the stored checkpoint covers.
    pub(super) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Adds the leaves of durable lines: writes their tiles, and then a checkpoint that covers them.
    pub(super) fn extend(&mut self, leaves: &[Hash], keys: &[&SigningKey]) -> Result<(), Error> {
        let mut tree = self.tree.clone();
        let mut tiles = Vec::new();
        for leaf in leaves {
            tree.push(*leaf, |tile| tiles.push(tile));
        }
        let old = partial_tiles(self.size());
        let partial = partial_tiles(tree.size());
        // A tile that has not grown is written already.
        let is_new = |tile: &Tile| !old.contains(&Some(*tile));
        tiles.extend(tree.partial().into_iter().filter(|it| is_new(&it.tile)));
        self.directory.tiles.write(tiles.iter())?;
        let checkpoint = Checkpoint::sign(tree.size(), tree.root(), keys)?;
        store(&self.directory, &checkpoint)?;
        let is_old = |tile: &Tile| !partial.contains(&Some(*tile));
        self.old_tiles
            .extend(old.into_iter().flatten().filter(is_old));
        self.tree = tree;
        self.checkpoint = checkpoint;
        self.is_published = false;
        Ok(())
    }

    pub(super) fn is_published(&self) -> bool {
        self.is_published
    }

    /// Publishes the stored checkpoint, and stores the signatures that it gets. Of consecutive failures the first is logged.
    pub(super) fn publish(&mut self, publish: &mut Publish) -> io::Result<()> {
        let published = self.try_publish(publish);
        match &published {
            Ok(()) => {
                self.is_published = true;
                self.is_failing = false;
                self.published = self.size();
            }
            Err(error) if !std::mem::replace(&mut self.is_failing, true) => log::warn!(
                target: LOG_TARGET,
                "body logger: cannot publish {}: {error}; nothing is deleted, retrying with the next sync",
                self.directory.checkpoint.display()
            ),
            Err(_) => {}
        }
        published
    }

    fn try_publish(&mut self, publish: &mut Publish) -> io::Result<()> {
        let signatures = publish(&NewCheckpoint {
            checkpoint: &self.checkpoint,
            previous: self.published,
            tiles: &self.directory.tiles,
        })?;
        if !signatures.is_empty() {
            let mut cosigned = self.checkpoint.clone();
            cosigned.add_signatures(&signatures)?;
            store(&self.directory, &cosigned)?;
            self.checkpoint = cosigned;
        }
        Ok(())
    }

    pub(super) fn remove_old_tiles(&mut self) {
        self.directory.tiles.remove(self.old_tiles.drain(..));
    }

    /// Notes that the live file was closed. The log has `lines` lines up to its end.
    pub(super) fn rotated(&mut self, closed_at: &str, lines: u64) -> Result<(), Error> {
        let first = std::mem::replace(&mut self.index.live, lines);
        self.index.closed.push((closed_at.to_owned(), first));
        self.directory.write_index(&self.index)
    }

    /// Returns the last leaf and the names of these closed files, which are the oldest.
    pub(super) fn deleting(&mut self, closed_at: &[&str]) -> Result<(u64, Vec<String>), Error> {
        let closed = &mut self.index.closed;
        closed.retain(|(known, _)| {
            closed_at
                .first()
                .is_none_or(|first| known.as_str() >= *first)
        });
        let is_gone = |known: &str| closed_at.contains(&known);
        let gone = closed
            .iter()
            .take_while(|(known, _)| is_gone(known))
            .count();
        let kept = closed
            .get(gone)
            .map_or(self.index.live, |(_, first)| *first);
        match kept.checked_sub(1) {
            Some(last) if gone == closed_at.len() => {
                let names = closed_at.iter().map(|it| (*it).to_owned()).collect();
                Ok((last, names))
            }
            _ => Err(Error::Log(format!(
                "{}: it is not known which lines are in the files that are to be deleted",
                self.directory.path.display()
            ))),
        }
    }

    pub(super) fn next_entry(&mut self) -> (Uuid, u64) {
        self.seq += 1;
        (self.run, self.seq)
    }
}

fn lock_alone(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    owner_only(&mut options);
    let file = options.open(path).map_err(Error::at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Log(format!(
            "{}: another writer has this log open, and a log with proofs has only one",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => Err(Error::at(path)(error)),
    }
}

/// Reads the tree of the stored checkpoint, and signs that again if the key has changed.
fn read(
    directory: &ProofDirectory,
    note: &str,
    keys: &[&SigningKey],
) -> Result<(Tree, Checkpoint), Error> {
    let verifiers: Vec<VerifierKey> = keys.iter().map(|key| key.verifier_key().clone()).collect();
    let mut checkpoint = Checkpoint::verify(note, &verifiers)
        .map_err(|error| error.in_file(&directory.checkpoint))?;
    let tree = Tree::resume(checkpoint.size(), |tile| directory.tiles.expect(tile))?;
    if tree.root() != checkpoint.root {
        return Err(Error::Log(format!(
            "{}: the tiles do not give the root of checkpoint {}",
            directory.path.display(),
            checkpoint.size()
        )));
    }
    let is_signed = |key| Checkpoint::verify(note, &[key]).is_ok();
    if !verifiers.into_iter().all(is_signed) {
        checkpoint = Checkpoint::sign(tree.size(), tree.root(), keys)?;
        store(directory, &checkpoint)?;
    }
    Ok((tree, checkpoint))
}

fn store(directory: &ProofDirectory, checkpoint: &Checkpoint) -> Result<(), Error> {
    let path = &directory.checkpoint;
    replace(path, checkpoint.note().as_bytes()).map_err(Error::at(path))
}

/// Returns which line each file begins with, and the leaves after the first `size` ones.
fn read_lines(
    directory: &ProofDirectory,
    live: &Path,
    size: u64,
) -> Result<(FileIndex, VecDeque<Hash>), Error> {
    let files = RawFile::list(live).map_err(Error::Files)?;
    let known = directory.read_index();
    let mut index = FileIndex::default();
    let mut leaves = VecDeque::new();
    let mut tiles = TileLeaves::new(&directory.tiles, size);
    let mut leaf = directory.first_leaf(&files, size)?;
    for (at, file) in files.iter().enumerate() {
        match file.closed_at() {
            Some(closed_at) => index.closed.push((closed_at.to_owned(), leaf)),
            None => index.live = leaf,
        }
        let next = files.get(at + 1).and_then(|next| {
            // The index knows the live file only if it was not closed since.
            let first = known.as_ref()?.first_of(next.closed_at())?;
            let is_known = known.as_ref()?.first_of(file.closed_at()) == Some(leaf);
            is_known.then_some(first)
        });
        if let Some(next) = next.filter(|next| (leaf..size).contains(next)) {
            leaf = next;
            continue;
        }
        each_line(std::slice::from_ref(file), |found| {
            if let Found::Line(line, place) = found {
                let hash = record_hash(line);
                if leaf >= size {
                    leaves.push_back(hash);
                } else if leaf + 1 == size {
                    let last = tiles.get(leaf).map_err(Error::at(&directory.path))?;
                    if last != Some(hash) {
                        return Err(Error::Log(format!(
                            "{place}: this is not the last line of checkpoint {size}; verify the log"
                        )));
                    }
                }
                leaf += 1;
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    if leaf < size {
        return Err(Error::Log(format!(
            "{}: the log ends before checkpoint {size}: it has {leaf} lines",
            live.display()
        )));
    }
    Ok((index, leaves))
}
