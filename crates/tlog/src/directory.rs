//! `LOG.tlog`: the directory of proofs beside a log.

use std::{
    ffi::OsString,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use body_logger_core::record::ErasedEntry;
use body_logger_jsonl::RawFile;
use tlog_tiles::{record_hash, Hash};

use crate::{
    error::Error,
    files::{read_if_any, remove_if_any, replace},
    index::FileIndex,
    lines::{each_line, maintenance, Found},
    tiles::{TileLeaves, Tiles},
};

/// Number of lines compared with the index. Several, so that the index is also found right if the first line was changed.
const FIRST_LINES: usize = 8;

/// Maximum number of attempts to read a log that its writer keeps rotating.
const TRIES: usize = 10;

/// The directory of proofs beside a log, with the paths in it.
#[derive(Debug)]
pub(crate) struct ProofDirectory {
    pub(crate) path: PathBuf,
    pub(crate) checkpoint: PathBuf,
    live: PathBuf,
    /// Which leaf each file begins with: a hint that saves a search, and is checked against the lines.
    index: PathBuf,
    /// Which lines are being erased: a hint, as the log itself announces them.
    unfinished: PathBuf,
    pub(crate) tiles: Tiles,
}

impl ProofDirectory {
    /// Returns the directory of a log. `live` is its live file, with all links resolved.
    pub(crate) fn of(live: &Path) -> Self {
        let mut path = OsString::from(live);
        path.push(".tlog");
        let path = PathBuf::from(path);
        Self {
            checkpoint: path.join("checkpoint"),
            live: live.to_owned(),
            index: path.join("files"),
            unfinished: path.join("erasing"),
            tiles: Tiles::at(path.clone()),
            path,
        }
    }

    pub(crate) fn read_checkpoint(&self) -> Result<Option<String>, Error> {
        let bytes = read_if_any(&self.checkpoint).map_err(Error::at(&self.checkpoint))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    pub(crate) fn read_index(&self) -> Option<FileIndex> {
        let text = String::from_utf8(read_if_any(&self.index).ok()??).ok()?;
        FileIndex::parse(&text)
    }

    pub(crate) fn write_index(&self, index: &FileIndex) -> Result<(), Error> {
        replace(&self.index, index.text().as_bytes()).map_err(Error::at(&self.index))
    }

    /// Returns the live file of the log.
    pub(crate) fn live(&self) -> &Path {
        &self.live
    }

    /// Returns the numbers of the lines that are being erased.
    pub(crate) fn read_unfinished(&self) -> Result<Vec<u64>, Error> {
        let bytes = read_if_any(&self.unfinished).map_err(Error::at(&self.unfinished))?;
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let numbers = text.unwrap_or_default();
        Ok(numbers.lines().flat_map(str::parse).collect())
    }

    pub(crate) fn write_unfinished(&self, numbers: &[u64]) -> Result<(), Error> {
        let lines: String = numbers.iter().map(|number| format!("{number}\n")).collect();
        let written = match lines.is_empty() {
            true => remove_if_any(&self.unfinished),
            false => replace(&self.unfinished, lines.as_bytes()),
        };
        written.map_err(Error::at(&self.unfinished))
    }

    /// Returns the leaf of the first line that is still there. If lines before it were deleted, the leaf is found by the index,
    /// if the first lines have the hashes that follow from it; else by the announcement of the first line's erasure; else by
    /// searching the tiles for a line's hash, which no other line has.
    pub(crate) fn first_leaf(&self, files: &[RawFile], size: u64) -> Result<u64, Error> {
        let first = first_lines(files)?;
        let mut leaves = TileLeaves::new(&self.tiles, size);
        let mut is_at = |leaf, line| {
            let hash = leaves.get(leaf).map_err(Error::at(&self.path))?;
            Ok::<_, Error>(hash == Some(line))
        };
        let oldest = files.first().and_then(RawFile::closed_at);
        let known = self.read_index().and_then(|index| index.first_of(oldest));
        let known = known.filter(|leaf| *leaf <= size);
        let hashes = (0_u64..).zip(&first).filter_map(|(at, line)| match line {
            FirstLine::Leaf(hash) => Some((at, *hash)),
            FirstLine::Erased(..) => None,
        });
        let hashes: Vec<_> = hashes.collect();
        if let Some(known) = known {
            for (at, hash) in &hashes {
                if is_at(known + at, *hash)? {
                    return Ok(known);
                }
            }
        }
        if let Some(FirstLine::Erased(entry, bytes)) = first.first() {
            if let Some(leaf) = announced_leaf(files, *entry, *bytes)? {
                return Ok(leaf.min(size));
            }
        }
        if let Some((at, hash)) = hashes.first() {
            for leaf in *at..size {
                if is_at(leaf, *hash)? {
                    return Ok(leaf - at);
                }
            }
        }
        // The line was changed, or no checkpoint covers it yet.
        Ok(known.unwrap_or(0))
    }

    /// Visits the lines of a log with their numbers. A checkpoint covers the first `size` of them.
    pub(crate) fn each_leaf(
        &self,
        size: u64,
        files: &[RawFile],
        mut visit: impl FnMut(u64, &[u8]) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let mut leaf = self.first_leaf(files, size)?;
        each_line(files, |found| {
            let Found::Line(line, _) = found else {
                return Ok(ControlFlow::Continue(()));
            };
            let visited = visit(leaf, line)?;
            leaf += 1;
            Ok(visited)
        })
    }
}

enum FirstLine {
    Leaf(Hash),
    /// The stub of an erased line, and its length.
    Erased(ErasedEntry, u64),
}

/// Returns the first lines of a log, one that was not erased among them if there is any.
fn first_lines(files: &[RawFile]) -> Result<Vec<FirstLine>, Error> {
    let mut first = Vec::new();
    each_line(files, |found| {
        if let Found::Line(line, _) = found {
            first.push(match ErasedEntry::from_line(line) {
                Some(entry) => FirstLine::Erased(entry, line.len() as u64),
                None => FirstLine::Leaf(record_hash(line)),
            });
        }
        let has_leaf = first.iter().any(|it| matches!(it, FirstLine::Leaf(_)));
        Ok(match has_leaf && first.len() >= FIRST_LINES {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })
    })?;
    Ok(first)
}

/// Returns the number of an erased line, from the entry that announces its erasure.
fn announced_leaf(files: &[RawFile], entry: ErasedEntry, bytes: u64) -> Result<Option<u64>, Error> {
    let mut announced = None;
    each_line(files, |found| {
        if let Found::Line(line, _) = found {
            let note = maintenance(line);
            let erased = note.and_then(|note| note.maintenance.erased_line());
            announced = erased
                .filter(|(_, stub, length)| (*stub, *length) == (entry, bytes))
                .map(|(leaf, ..)| leaf);
        }
        Ok(match announced {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        })
    })?;
    Ok(announced)
}

/// Reads a log with its stored checkpoint. Reads it again if the result is not good and files or checkpoint have changed
/// meanwhile: then a writer that rotates, deletes or compresses files, or removes tiles, may be the reason.
pub(crate) fn read_log<T>(
    path: &Path,
    is_good: impl Fn(&T) -> bool,
    mut read: impl FnMut(&ProofDirectory, Option<&str>, &[RawFile]) -> Result<T, Error>,
) -> Result<T, Error> {
    let live = RawFile::live_path(path).map_err(Error::Files)?;
    let directory = ProofDirectory::of(&live);
    let mut tries = 0;
    loop {
        tries += 1;
        // The checkpoint first: by then, everything it covers is written.
        let stored = directory.read_checkpoint()?;
        let files = RawFile::list(path).map_err(Error::Files)?;
        let done = read(&directory, stored.as_deref(), &files);
        if done.as_ref().is_ok_and(&is_good)
            || tries == TRIES
            || (directory.read_checkpoint()? == stored
                && RawFile::list(path).map_err(Error::Files)? == files)
        {
            return done;
        }
    }
}
