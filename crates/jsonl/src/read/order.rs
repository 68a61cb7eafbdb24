//! Finds the next file to read, however files are renamed, compressed and deleted meanwhile.

use std::{fs, io};

use uuid::Uuid;

use super::{
    files::{Files, LogFile, Place},
    open_file::OpenFile,
    source::Coding,
};
use crate::file_id::FileId;

/// A listing of a directory may miss a file that is renamed meanwhile. A file of this crate is renamed twice, by rotation
/// and by compression, so one of three consecutive listings contains it.
const AGREEING: usize = 3;

/// Maximum number of attempts while files are being renamed.
const RENAMED: usize = 100;

/// What follows a file that was read to its end.
#[derive(Debug)]
pub(super) enum Next {
    Nothing,
    /// Another file with the same beginning has replaced it, and may have more.
    Copy(Resumed),
    /// Where the file itself is now, and the one after it.
    After(LogFile, OpenFile),
    /// The file was deleted, and perhaps others after it.
    AfterGap(OpenFile),
}

/// A file in which reading is resumed.
#[derive(Debug)]
pub(super) struct Resumed {
    pub(super) file: OpenFile,
    /// The position is past its end, so it is read from its beginning.
    pub(super) is_truncated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Plan {
    Nothing,
    Copy(LogFile),
    After(LogFile, LogFile),
    AfterGap(LogFile),
}

impl Files {
    pub(super) fn oldest(&self) -> io::Result<Option<OpenFile>> {
        let first = |files: &[LogFile]| files.first().cloned();
        self.agreed(None, first, |oldest| match oldest {
            None => Some(None),
            Some(file) => OpenFile::open(&file).map(Some),
        })
    }

    /// Returns the newest of the files in question that begins with this entry.
    ///
    /// An error if there is none, and one of them cannot be opened: it may be that one.
    pub(super) fn resume(
        &self,
        first: Uuid,
        offset: u64,
        max: usize,
        is_asked_for: fn(&Place) -> bool,
    ) -> io::Result<Option<Resumed>> {
        for _ in 0..AGREEING {
            let files = self.list()?;
            let mut newest = files.iter().rev().filter(|file| is_asked_for(&file.place));
            let found = newest.find_map(|file| resume_in(file, first, offset, max));
            if found.is_some() {
                return Ok(found);
            }
        }
        let files = self.list()?;
        for file in files.iter().filter(|file| is_asked_for(&file.place)) {
            match fs::File::open(&file.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(None)
    }

    /// `last` is the first entry of the last file in which there was one.
    pub(super) fn next(
        &self,
        current: &OpenFile,
        last: Option<Uuid>,
        max: usize,
    ) -> io::Result<Next> {
        let plan = |files: &[LogFile]| plan(files, current, last, max);
        self.agreed(current.file.id, plan, |plan| match plan {
            Plan::Nothing => Some(Next::Nothing),
            Plan::Copy(file) => {
                let copy = resume_in(&file, current.first?, current.lines.offset(), max);
                copy.map(Next::Copy)
            }
            Plan::After(current, next) => {
                OpenFile::open(&next).map(|next| Next::After(current, next))
            }
            Plan::AfterGap(next) => OpenFile::open(&next).map(Next::AfterGap),
        })
    }

    /// Returns the number of bytes after a place in one of the files; of all files if there is no place.
    pub(super) fn bytes_after(&self, current: Option<&OpenFile>, max: usize) -> io::Result<u64> {
        let files = self.list_with(current.and_then(|it| it.file.id))?;
        let behind = match current {
            None => &files[..],
            Some(current) => match locate(&files, current, max) {
                Some(at) => &files[at + 1..],
                None => &files[files.partition_point(|it| it.place <= current.file.place)..],
            },
        };
        let lengths = behind
            .iter()
            .filter_map(|file| fs::metadata(&file.path).ok());
        let rest = current.and_then(|current| {
            let len = current.lines.len()?;
            Some(len.saturating_sub(current.lines.offset()))
        });
        Ok(lengths.map(|it| it.len()).sum::<u64>() + rest.unwrap_or(0))
    }

    /// Whether a file is still the live one.
    pub(super) fn is_live(&self, current: &OpenFile, max: usize) -> bool {
        let Ok(metadata) = fs::metadata(self.live()) else {
            return false;
        };
        let live = LogFile {
            path: self.live().into(),
            place: Place::Live,
            coding: Coding::Plain,
            id: FileId::of(&metadata),
        };
        match live.id {
            Some(_) => live.id == current.file.id,
            None if current.file.place != Place::Live => false,
            None => current.first.is_none() || first_of(&live, max) == current.first,
        }
    }

    /// Returns what several consecutive listings agree on, unless files are being renamed.
    fn agreed<P: Clone + PartialEq, T>(
        &self,
        open: Option<FileId>,
        plan: impl Fn(&[LogFile]) -> P,
        take: impl Fn(P) -> Option<T>,
    ) -> io::Result<T> {
        let (mut last, mut agreeing) = (None, 0);
        for _ in 0..RENAMED {
            let plan = plan(&self.list_with(open)?);
            agreeing = match &last {
                Some(last) if *last == plan => agreeing + 1,
                _ => 1,
            };
            if agreeing >= AGREEING {
                if let Some(taken) = take(plan.clone()) {
                    return Ok(taken);
                }
                agreeing = 0;
            }
            last = Some(plan);
        }
        Err(io::Error::other("files are renamed again and again"))
    }
}

fn plan(files: &[LogFile], current: &OpenFile, last: Option<Uuid>, max: usize) -> Plan {
    let Some(at) = locate(files, current, max) else {
        let next = younger(files, current, last, max);
        return next.map_or(Plan::Nothing, |next| Plan::AfterGap(next.clone()));
    };
    let file = &files[at];
    if file.id != current.file.id && first_of(file, max).is_some_and(|it| Some(it) == current.first)
    {
        return Plan::Copy(file.clone());
    }
    match files.get(at + 1) {
        Some(next) => Plan::After(file.clone(), next.clone()),
        None => Plan::Nothing,
    }
}

/// Returns where a file is now.
fn locate(files: &[LogFile], current: &OpenFile, max: usize) -> Option<usize> {
    // On other systems the identity of an open file is unknown.
    let has_id = |file: &LogFile| file.id.is_some() && file.id == current.file.id;
    let has_name =
        |file: &LogFile| matches!(file.place, Place::Time(_)) && file.place == current.file.place;
    let begins_so =
        |file: &LogFile| current.first.is_some() && first_of(file, max) == current.first;
    (files.iter().position(has_id))
        .or_else(|| files.iter().position(has_name))
        .or_else(|| files.iter().rposition(begins_so))
}

/// Returns the oldest file that follows a deleted one: by name, or else by the ids of entries, which begin with a time.
fn younger<'a>(
    files: &'a [LogFile],
    gone: &OpenFile,
    last: Option<Uuid>,
    max: usize,
) -> Option<&'a LogFile> {
    if let Place::Time(_) = gone.file.place {
        return files.iter().find(|file| file.place > gone.file.place);
    }
    let than = gone.first.or(last);
    (files.iter()).find(|file| than.is_none() || first_of(file, max) > than)
}

fn first_of(file: &LogFile, max: usize) -> Option<Uuid> {
    OpenFile::open(file)?.find_first(max)
}

fn resume_in(file: &LogFile, first: Uuid, offset: u64, max: usize) -> Option<Resumed> {
    let mut open = OpenFile::open(file)?;
    if open.find_first(max) != Some(first) {
        return None;
    }
    let is_truncated = !open.skip_to(offset, max);
    if is_truncated {
        open = OpenFile::open(file)?;
    }
    Some(Resumed {
        file: open,
        is_truncated,
    })
}
