//! How a reader gets from one file of its log to the next.

use std::io;

use uuid::Uuid;

use super::{Reader, State};
use crate::read::{
    files::Place,
    open_file::{Change, OpenFile},
    order::{Next, Resumed},
    skip::Skip,
    Position, ReadError, ReadErrorKind,
};

/// What to do next.
enum Step {
    Read,
    Report(ReadError),
    Wait,
}

impl Reader {
    /// Returns what `read` finds in the current file, or in those that follow it.
    pub(super) fn next_by<T>(
        &mut self,
        mut read: impl FnMut(&mut OpenFile, usize, &Skip) -> Option<Result<T, ReadError>>,
    ) -> Option<Result<T, ReadError>> {
        match self.state {
            State::Reads => {}
            State::Pauses => {
                self.state = State::Reads;
                return None;
            }
            State::Ended => return None,
        }
        loop {
            let step = match &mut self.current {
                None => self.begin(),
                Some(current) => match read(current, self.max_line_bytes, &self.skip) {
                    Some(next) => return Some(next),
                    None => self.go_on(),
                },
            };
            match step {
                Ok(Step::Read) => {}
                Ok(Step::Report(error)) => return Some(Err(error)),
                Ok(Step::Wait) => return None,
                Err(error) => {
                    self.state = match self.follows {
                        true => State::Pauses,
                        false => State::Ended,
                    };
                    let offset = self.current_position().offset;
                    return Some(Err(self.error_at(offset, ReadErrorKind::Io(error))));
                }
            }
        }
    }

    /// Opens the file to begin with.
    fn begin(&mut self) -> io::Result<Step> {
        let Position { file, offset } = self.position;
        if let Some(first) = file {
            let any = |_: &Place| true;
            let found = (self.files).resume(first, offset, self.max_line_bytes, any)?;
            return Ok(match found {
                Some(resumed) => self.resume(resumed, offset),
                None => {
                    self.position = Position::default();
                    Step::Report(self.gone(file, offset))
                }
            });
        }
        self.current = self.files.oldest()?;
        Ok(match self.current {
            Some(_) => Step::Read,
            None => self.wait(),
        })
    }

    fn resume(&mut self, resumed: Resumed, offset: u64) -> Step {
        let file = self.current.insert(resumed.file);
        if resumed.is_truncated {
            return Step::Report(file.error_at(offset, ReadErrorKind::Truncated));
        }
        Step::Read
    }

    /// Continues after the current file was read to its end.
    fn go_on(&mut self) -> io::Result<Step> {
        let max = self.max_line_bytes;
        let Some(current) = &mut self.current else {
            return Ok(Step::Read);
        };
        if self.files.is_live(current, max) {
            return self.at_the_end();
        }
        let (next, is_gone) = match self.files.next(current, self.position.file, max)? {
            Next::Nothing => return self.at_the_end(),
            Next::Copy(copy) => {
                let offset = current.lines.offset();
                return Ok(self.resume(copy, offset));
            }
            Next::After(now, next) => {
                current.file = now;
                (next, false)
            }
            Next::AfterGap(next) => (next, true),
        };
        // Only from now on is nothing more written to it.
        if current.check_again()? == Change::Grown {
            return Ok(Step::Read);
        }
        if let Some(torn) = current.take_torn(max) {
            return Ok(Step::Report(torn));
        }
        let (first, offset) = (current.first, current.lines.offset());
        self.position = self.current_position();
        self.current = Some(next);
        Ok(match is_gone {
            true => Step::Report(self.gone(first, offset)),
            false => Step::Read,
        })
    }

    /// The newest file was read to its end.
    fn at_the_end(&mut self) -> io::Result<Step> {
        let Some(current) = &mut self.current else {
            return Ok(Step::Read);
        };
        match current.check_again()? {
            Change::Grown => return Ok(Step::Read),
            Change::Truncated => return self.truncated(),
            Change::None => {}
        }
        let mut torn = None;
        if !self.follows {
            let offset = current.lines.offset();
            torn = current.take_torn(self.max_line_bytes);
            if current.file.place == Place::Live {
                // Its end may still be written.
                current.skip_to(offset, self.max_line_bytes);
            }
        }
        let wait = self.wait();
        Ok(torn.map_or(wait, Step::Report))
    }

    fn wait(&mut self) -> Step {
        if !self.follows {
            self.state = State::Ended;
        }
        Step::Wait
    }

    /// The current file is shorter than what was read of it: it was truncated.
    fn truncated(&mut self) -> io::Result<Step> {
        self.position = self.current_position();
        let Position { file, offset } = self.position;
        let is_rotated = |place: &Place| *place != Place::Live;
        let copy = match file {
            Some(first) => (self.files).resume(first, offset, self.max_line_bytes, is_rotated)?,
            None => None,
        };
        let Some(current) = &mut self.current else {
            return Ok(Step::Read);
        };
        let error = current.error_at(current.lines.offset(), ReadErrorKind::Truncated);
        match copy.filter(|copy| !copy.is_truncated) {
            Some(copy) => *current = copy.file,
            None => current.restart()?,
        }
        Ok(Step::Report(error))
    }

    fn gone(&self, entry_id: Option<Uuid>, offset: u64) -> ReadError {
        self.error_at(offset, ReadErrorKind::Gone { entry_id })
    }

    /// Returns an error about the log rather than about one of its files.
    fn error_at(&self, offset: u64, kind: ReadErrorKind) -> ReadError {
        ReadError {
            file: self.files.live().into(),
            offset,
            kind,
            line: Vec::new(),
        }
    }
}
