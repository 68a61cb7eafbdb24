//! The grammar of documents: values, and the levels that they are in.
//!
//! Each function that reads something takes the place where it begins, and returns where it ends.

use super::{
    arguments::Follows,
    edits::Kind,
    members::{Elements, Next},
    paths::PathCursor,
    reader::{Context, Member, Reader, Rest, Stopped, Whole},
};
use crate::{
    finding::Rule,
    input::Extent,
    names::{NameClass, Role, Secrecy},
    redacted::End,
};

/// Stands for the first byte of a value that was read already. No text has this byte.
const ALREADY_READ: u8 = 0xff;

impl Reader<'_> {
    pub(super) fn document(&mut self, at: usize) -> Result<usize, Stopped> {
        let mut start = self.skip_white_space(at);
        // RFC 7464 puts a record separator before each document.
        while self.bytes.get(start) == Some(&0x1e) {
            self.is_sequence = true;
            start = self.skip_white_space(start + 1);
        }
        let Some(byte) = self.bytes.get(start) else {
            let ended = self.extent == Extent::Whole && self.rest == Rest::Nothing;
            return Err(if ended {
                self.stop(End::Complete, start)
            } else {
                self.unexpected(start)
            });
        };
        if self.is_embedded && self.documents > 0 && !matches!(byte, b'{' | b'[') {
            return Err(self.malformed(start));
        }
        if let Some(paths) = &mut self.paths {
            paths.enter_document();
        }
        let end = match byte {
            b'{' | b'[' => self.container(start, *byte)?,
            _ => self.scalar(start, *byte, &Member::default())?,
        };
        self.documents += 1;
        Ok(end)
    }

    /// An object or array, with all that is in it.
    pub(super) fn container(&mut self, mut at: usize, mut byte: u8) -> Result<usize, Stopped> {
        let outside = self.nesting.depth();
        let mut member = Member::default();
        loop {
            'has_next: {
                at = match byte {
                    _ if member.whole != Whole::No => self.masked_value(at, byte, member.whole)?,
                    b'"' => self.string(at, &member)?,
                    ALREADY_READ => at,
                    b'{' | b'[' => {
                        self.open(byte == b'{', &member);
                        (at, byte) = self.token(at + 1);
                        if byte != self.nesting.closing() {
                            member.is_first = true;
                            break 'has_next;
                        }
                        // Nothing is in it.
                        at
                    }
                    _ => self.scalar(at, byte, &member)?,
                };
                // A value ends at `at`, and so may the levels that it is in.
                loop {
                    (at, byte) = self.token(at);
                    if byte == b',' {
                        (at, byte) = self.token(at + 1);
                        member.is_first = false;
                        break 'has_next;
                    }
                    if byte != self.nesting.closing() {
                        return Err(self.unexpected(at));
                    }
                    self.close();
                    at += 1;
                    if self.nesting.depth() == outside {
                        return Ok(at);
                    }
                }
            }
            if self.nesting.in_object() {
                (at, byte, member) = self.member(at, byte)?;
            } else {
                self.element(&mut member);
                if member.is_first && self.is_ordinary_array(&member) {
                    (at, byte, member.is_first) = match self.ordinary_elements(at, byte) {
                        Elements::At(at, byte, is_first) => (at, byte, is_first),
                        Elements::Behind(end) => (end, ALREADY_READ, false),
                    };
                }
            }
        }
    }

    /// Reads up to a value of the object that is open, whose next name is at `at`, or past one.
    #[inline(always)]
    fn member(&mut self, at: usize, byte: u8) -> Result<(usize, u8, Member), Stopped> {
        let mut name = at;
        if byte == b'"' && self.is_ordinary_object() {
            match self.ordinary_members(at)? {
                Next::Value(start, member) => return Ok((start, self.bytes[start], member)),
                Next::Behind(end) => return Ok((end, ALREADY_READ, Member::default())),
                Next::Name(at) => name = at,
            }
        }
        let byte = self.bytes.get(name).copied().unwrap_or_default();
        let (at, member) = self.name(name, byte)?;
        let (at, byte) = self.token(at);
        Ok((at, byte, member))
    }

    /// The next value is an element of an array.
    fn element(&mut self, member: &mut Member) {
        member.class = self.context.element;
        let paths = self.paths.as_mut().filter(|_| !self.hidden);
        member.whole = match paths.is_some_and(PathCursor::enter_element) {
            true => Whole::Path,
            false => Whole::No,
        };
    }

    #[inline(never)]
    fn masked_value(&mut self, start: usize, byte: u8, whole: Whole) -> Result<usize, Stopped> {
        let rule = match whole {
            Whole::Path => Rule::Path,
            _ => Rule::Field,
        };
        if start == self.bytes.len() {
            return Err(self.unexpected(start));
        }
        let edit = self
            .edits
            .push(start..self.bytes.len(), rule, Kind::CutValue);
        self.hidden = true;
        let end = match byte {
            b'{' | b'[' => self.container(start, byte),
            _ => self.scalar(start, byte, &Member::default()),
        };
        let end = match end {
            Ok(end) => end,
            Err(Stopped) => {
                let shown = self.shown();
                // What was read of it lies behind the mask.
                self.edits.get_mut(edit).range.end = shown.max(start);
                return Err(Stopped);
            }
        };
        self.hidden = false;
        let edit = self.edits.get_mut(edit);
        (edit.range.end, edit.kind) = (end, Kind::Value);
        Ok(end)
    }

    fn open(&mut self, object: bool, member: &Member) {
        self.nesting.open(object);
        if self.hidden {
            return;
        }
        if let Some(paths) = &mut self.paths {
            paths.open(object);
        }
        let class = member.class;
        let follows_name = self.context.header.is_secret();
        // Fast path: most names say nothing of what is in their value. Then the level has the default context, as the level
        // around it has.
        if class.says_nothing() && !class.shown && !follows_name && !self.context.outer.is_secret()
        {
            return;
        }
        let outer = match class.secrecy {
            _ if !object => self.context.outer,
            _ if class.shown => NameClass::default(),
            Secrecy::Harmless => self.context.outer,
            secrecy if secrecy >= self.context.outer.secrecy => class,
            _ => self.context.outer,
        };
        let says_nothing = class.secrecy.max(outer.secrecy) == Secrecy::Harmless
            && class.role == Role::None
            && !class.shown;
        let element = if object || says_nothing {
            NameClass::default()
        } else {
            class
        };
        if !says_nothing || follows_name {
            self.enter(Context {
                outer,
                element,
                header: NameClass::default(),
                follows: Follows::default(),
                after_name: false,
                waits: match class.role {
                    Role::Value if !object => self.waiting_depth(),
                    _ => 0,
                },
            });
        }
        match class.role {
            Role::Variables if object => self.open_variables(),
            Role::Data if object => self.open_data(),
            _ => {}
        }
    }

    /// The depth of the object whose pair the array that is open now waits for.
    fn waiting_depth(&self) -> usize {
        match self.context.waits {
            0 => self.nesting.depth() - 1,
            around => around,
        }
    }

    /// Goes into a level that is open now.
    #[inline(never)]
    fn enter(&mut self, context: Context) {
        if context != self.context {
            self.outside.push((self.nesting.depth(), self.context));
            self.context = context;
        }
    }

    fn close(&mut self) {
        let depth = self.nesting.depth();
        self.nesting.close();
        if self.hidden {
            return;
        }
        if let Some(paths) = &mut self.paths {
            paths.close();
        }
        if self.lone_name.depth == depth {
            self.lone_name.depth = 0;
        }
        if self.may_have_structures(depth) {
            self.end_structures(depth);
        }
        (self.context.header, self.context.after_name) = (NameClass::default(), false);
        if self.outside.last().is_some_and(|(own, _)| *own == depth) {
            if let Some((_, context)) = self.outside.pop() {
                self.context = context;
            }
        }
    }

    /// Where the next token starts, and its first byte: 0 at the end of the text.
    #[inline(always)]
    pub(super) fn token(&mut self, at: usize) -> (usize, u8) {
        match self.bytes.get(at) {
            Some(byte) if *byte > b' ' => (at, *byte),
            _ => self.token_behind_white_space(at),
        }
    }

    #[inline(never)]
    fn token_behind_white_space(&mut self, at: usize) -> (usize, u8) {
        // Fast path: many encoders write one blank behind `:` and `,`, or a line's end and its indentation. Of indented
        // records, what is general takes a tenth more instructions, and to make room here, which needs more registers, 5 %.
        let end = match self.bytes.get(at) {
            Some(b' ') => at + 1,
            Some(b'\n') => indentation_end(self.bytes, at + 1),
            _ => at,
        };
        let has_room = self.white_space.len() < self.white_space.capacity();
        match self.bytes.get(end) {
            Some(byte @ b'!'..=0xff) if has_room => {
                self.white_space.push(at..end);
                (end, *byte)
            }
            _ => self.token_behind_any_white_space(at),
        }
    }

    #[inline(never)]
    fn token_behind_any_white_space(&mut self, at: usize) -> (usize, u8) {
        let start = self.skip_white_space(at);
        (start, self.bytes.get(start).copied().unwrap_or_default())
    }

    #[inline(never)]
    fn skip_white_space(&mut self, start: usize) -> usize {
        let end = white_space_end(self.bytes, start);
        if end > start {
            if self.white_space.len() == self.white_space.capacity() {
                self.expect_white_space(start);
            }
            self.white_space.push(start..end);
        }
        end
    }

    /// Reserves memory for some white space, and then for as much as follows if it goes on as up to `at`, and a little more:
    /// growing by doubling takes 5 % of indented records.
    #[cold]
    fn expect_white_space(&mut self, at: usize) {
        /// Number of places after which their density is known.
        const SOME: usize = 64;
        /// Minimum distance that is expected, in bytes.
        const APART: usize = 8;
        let length = self.bytes.len();
        let expected = self.white_space.len().saturating_mul(length);
        let expected = expected.checked_div(at).unwrap_or_default();
        let expected = (expected + expected / 8).min(length / APART);
        self.white_space.reserve(expected.max(SOME));
    }
}

#[inline]
pub(super) fn white_space_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte @ (b' ' | b'\n' | b'\r' | b'\t')) = bytes.get(at) {
        at += 1;
        if *byte == b'\n' {
            at = indentation_end(bytes, at);
        }
    }
    at
}

/// Reads eight blanks at once.
fn indentation_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let others = u64::from_le_bytes(*word) ^ u64::from_ne_bytes([b' '; 8]);
        at += others.trailing_zeros() as usize / 8;
        if others != 0 {
            break;
        }
    }
    at
}
