//! `LOG.tlog`: what lies beside a log.

use std::{
    ffi::OsString,
    fmt::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use body_logger_core::record::ErasedEntry;
use body_logger_jsonl::RawFile;
use tlog_tiles::{record_hash, Hash};

use crate::{
    files::{read_if_any, remove_if_any, replace},
    lines::{each_line, maintenance, Found},
    tiles::{TileLeaves, Tiles},
    Error,
};

/// The directory beside a log, with the names in it.
#[derive(Debug)]
pub(crate) struct Beside {
    pub(crate) directory: PathBuf,
    pub(crate) checkpoint: PathBuf,
    live: PathBuf,
    /// Which leaf each file begins with: to find lines sooner, and never believed without a look.
    index: PathBuf,
    /// Which lines are being erased: a hint, as their announcements are in the log.
    unfinished: PathBuf,
    pub(crate) tiles: Tiles,
}

impl Beside {
    /// `live` is the live file, behind all links.
    pub(crate) fn of(live: &Path) -> Self {
        let mut directory = OsString::from(live);
        directory.push(".tlog");
        let directory = PathBuf::from(directory);
        Self {
            checkpoint: directory.join("checkpoint"),
            live: live.to_owned(),
            index: directory.join("files"),
            unfinished: directory.join("erasing"),
            tiles: Tiles::at(directory.clone()),
            directory,
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

    /// The live file of the log.
    pub(crate) fn live(&self) -> &Path {
        &self.live
    }

    /// The numbers of the lines that are being erased.
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

    /// The leaf of the first line that is there. Where lines were deleted, that is known from the index, if the first
    /// lines are as that says; from what announces that the first one was erased; or by the hash of a line, which no other
    /// line has.
    pub(crate) fn first_leaf(&self, files: &[RawFile], size: u64) -> Result<u64, Error> {
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
        let mut leaves = TileLeaves::new(&self.tiles, size);
        let mut is_at = |leaf, line| {
            let hash = leaves.get(leaf).map_err(Error::at(&self.directory))?;
            Ok::<_, Error>(hash == Some(line))
        };
        let oldest = files.first().and_then(RawFile::closed_at);
        let known = self.read_index().and_then(|index| index.first_of(oldest));
        let known = known.filter(|leaf| *leaf <= size);
        let hashes = (0..).zip(&first).filter_map(|(at, line)| match line {
            FirstLine::Leaf(hash) => Some((at, *hash)),
            FirstLine::Erased(..) => None,
        });
        let hashes: Vec<(u64, Hash)> = hashes.collect();
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
        // It was changed, or is not covered by a checkpoint yet.
        Ok(known.unwrap_or(0))
    }
}

enum FirstLine {
    Leaf(Hash),
    /// What stays of it, and its length.
    Erased(ErasedEntry, u64),
}

/// The number that a line had, as the entry says that announces its erasure.
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

/// How many lines are compared with the index. With several it also holds if the first one was tampered with.
const FIRST_LINES: usize = 8;

/// How often a log is read anew that its writer has rotated meanwhile.
const TRIES: usize = 10;

/// Reads a log with its stored checkpoint, and does so again if the result is not good and a writer may be the reason:
/// it may have rotated, deleted or compressed files meanwhile, and removed tiles.
pub(crate) fn read_log<T>(
    path: &Path,
    is_good: impl Fn(&T) -> bool,
    mut read: impl FnMut(&Beside, Option<&str>, &[RawFile]) -> Result<T, Error>,
) -> Result<T, Error> {
    let live = RawFile::live_path(path).map_err(Error::Files)?;
    let beside = Beside::of(&live);
    let mut tries = 0;
    loop {
        tries += 1;
        // The checkpoint first: what it covers is there by then.
        let stored = beside.read_checkpoint()?;
        let files = RawFile::list(path).map_err(Error::Files)?;
        let done = read(&beside, stored.as_deref(), &files);
        if done.as_ref().is_ok_and(&is_good)
            || tries == TRIES
            || (beside.read_checkpoint()? == stored
                && RawFile::list(path).map_err(Error::Files)? == files)
        {
            return done;
        }
    }
}

/// Which leaf each file begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileIndex {
    /// Closed files, by the times in their names.
    pub(crate) closed: Vec<(String, u64)>,
    pub(crate) live: u64,
}

impl FileIndex {
    /// One line a file: the leaf, and the time in its name, or `live`.
    fn text(&self) -> String {
        let mut text = String::new();
        for (closed_at, first) in &self.closed {
            let _ = writeln!(text, "{first} {closed_at}");
        }
        let _ = writeln!(text, "{} live", self.live);
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut index = Self::default();
        for line in text.lines() {
            let (first, name) = line.split_once(' ')?;
            let first = first.parse().ok()?;
            match name {
                "live" => index.live = first,
                _ => index.closed.push((name.to_owned(), first)),
            }
        }
        text.ends_with(" live\n").then_some(index)
    }

    /// The first leaf of a closed file, or of the live one.
    pub(crate) fn first_of(&self, closed_at: Option<&str>) -> Option<u64> {
        let Some(closed_at) = closed_at else {
            return Some(self.live);
        };
        let mut closed = self.closed.iter();
        Some(closed.find(|(known, _)| known == closed_at)?.1)
    }
}
