//! The grammar of documents, and what is hidden while it is followed.

use std::ops::Range;

use super::{
    nesting::Nesting, output::Output, paths::PathCursor, shapes, string, End, Layout, Redacted,
    Rules,
};
use crate::record::MASK;

/// What follows the part of the input that is text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    /// The first bytes of a character, whose others may have been cut off.
    PartOfCharacter,
    NoText,
}

/// Nothing more can be read; the lexer holds why.
///
/// Has no fields, so that each step's result fits a register.
pub(super) struct Stopped;

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) rest: Rest,
    pub(super) truncated: bool,
    pub(super) compact: bool,
    pub(super) rules: &'a Rules,
    pub(super) output: Output<'a>,
    /// Whether a masked value is being read: nothing is shown or looked for.
    pub(super) hidden: bool,
    pub(super) nesting: Nesting,
    pub(super) paths: Option<PathCursor<'a>>,
    /// Of no text when there are none, or shapes are not looked for.
    pub(super) anchors: shapes::Anchors<'a>,
    pub(super) documents: usize,
    /// How the input ended, and up to where everything was understood and may be shown: set once, at the end.
    end: End,
    shown: usize,
    /// Whether what was left out at the end could be secret.
    cut_secret: bool,
    /// Reused for each name or string with escapes.
    pub(super) unescaped: String,
    /// Reused for each string with shapes in it.
    pub(super) found: Vec<Range<usize>>,
}

impl<'a> Lexer<'a> {
    /// `letters` says that there may be letters of shapes in the text.
    pub(super) fn new(
        text: &'a str,
        rest: Rest,
        truncated: bool,
        layout: Layout,
        letters: bool,
        rules: &'a Rules,
    ) -> Self {
        let letters = letters && rules.shapes;
        Self {
            text,
            bytes: text.as_bytes(),
            rest,
            truncated,
            compact: layout == Layout::Compact,
            rules,
            output: Output::new(text),
            hidden: false,
            nesting: Nesting::default(),
            paths: (!rules.paths.is_empty()).then(|| PathCursor::new(&rules.paths)),
            anchors: shapes::Anchors::new(if letters { text.as_bytes() } else { b"" }),
            documents: 0,
            end: End::Complete,
            shown: 0,
            cut_secret: false,
            unescaped: String::new(),
            found: Vec::new(),
        }
    }

    /// Reads the input, of which `input_len` bytes there were.
    ///
    /// To be called once. (Moving the lexer in here would cost more than to read a short input.)
    pub(super) fn redacted(&mut self, input_len: usize) -> Redacted {
        self.read();
        self.finish(input_len)
    }

    /// Reads the input: how it ended, and whether anything was masked, or is left out because it was cut and could be
    /// secret. To be called once.
    pub(super) fn read(&mut self) -> (End, bool) {
        let mut at = 0;
        while let Ok(end) = self.document(at) {
            at = end;
        }
        let secret = self.hidden || self.cut_secret || self.output.masks();
        (self.end, secret)
    }

    #[cold]
    fn stop(&mut self, end: End, shown: usize) -> Stopped {
        (self.end, self.shown) = (end, shown);
        Stopped
    }

    pub(super) fn malformed(&mut self, shown: usize) -> Stopped {
        self.stop(End::Malformed, shown)
    }

    pub(super) fn cut(&mut self, shown: usize) -> Stopped {
        self.stop(End::Cut, shown)
    }

    /// The input ended within what could be secret.
    pub(super) fn cut_secret(&mut self, shown: usize) -> Stopped {
        self.cut_secret = true;
        self.cut(shown)
    }

    fn finish(&mut self, input_len: usize) -> Redacted {
        let consumed = match self.end {
            End::Complete => input_len,
            // The mask stands for all there was of the value.
            End::Cut if self.hidden => input_len,
            _ => self.shown,
        };
        if self.hidden {
            self.output.insert_masked(MASK);
        } else {
            self.output.show_up_to(self.shown);
        }
        Redacted {
            text: self.output.take_text(),
            consumed,
            documents: self.documents,
            depth: self.nesting.deepest(),
            end: self.end,
        }
    }

    /// Each of these reads what starts at `at`, or behind white space there, and says where that ends.
    #[inline]
    fn document(&mut self, at: usize) -> Result<usize, Stopped> {
        let start = self.skip_white_space(at);
        let Some(byte) = self.bytes.get(start) else {
            let ended = !self.truncated && self.rest == Rest::Nothing;
            return Err(if ended {
                self.stop(End::Complete, start)
            } else {
                self.unexpected(start)
            });
        };
        if start > at && self.compact && self.documents > 0 {
            self.output.insert("\n");
        }
        if let Some(paths) = &mut self.paths {
            paths.enter_document();
        }
        let end = self.value(start, *byte)?;
        self.documents += 1;
        Ok(end)
    }

    /// A value that begins with `byte`, and all that is in it.
    #[inline(always)]
    fn value(&mut self, at: usize, byte: u8) -> Result<usize, Stopped> {
        match byte {
            b'{' | b'[' => self.container(at, byte),
            _ => self.scalar(at, byte),
        }
    }

    #[inline(always)]
    fn scalar(&mut self, at: usize, byte: u8) -> Result<usize, Stopped> {
        match byte {
            b'"' => self.string(at),
            b'-' | b'0'..=b'9' => self.number(at),
            b't' => self.literal(at, b"true"),
            b'f' => self.literal(at, b"false"),
            b'n' => self.literal(at, b"null"),
            _ => Err(self.unexpected(at)),
        }
    }

    #[inline(never)]
    fn container(&mut self, mut at: usize, mut byte: u8) -> Result<usize, Stopped> {
        let outside = self.nesting.depth();
        let mut secret = false;
        loop {
            'has_next: {
                at = match byte {
                    _ if secret => self.masked_value(at, byte)?,
                    b'{' | b'[' => {
                        at = self.open(at, byte == b'{');
                        (at, byte) = self.token(at);
                        if byte != self.nesting.closing() {
                            break 'has_next;
                        }
                        at
                    }
                    _ => self.scalar(at, byte)?,
                };
                loop {
                    (at, byte) = self.token(at);
                    if byte == b',' {
                        (at, byte) = self.token(at + 1);
                        break 'has_next;
                    }
                    if byte != self.nesting.closing() {
                        return Err(self.unexpected(at));
                    }
                    at = self.close(at);
                    if self.nesting.depth() == outside {
                        return Ok(at);
                    }
                }
            }
            if self.nesting.in_object() {
                (at, secret) = self.name(at, byte)?;
                (at, byte) = self.token(at);
            } else {
                secret = self.enters_secret_element();
            }
        }
    }

    #[inline(never)]
    fn masked_value(&mut self, start: usize, byte: u8) -> Result<usize, Stopped> {
        if start == self.bytes.len() {
            return Err(self.unexpected(start));
        }
        self.output.show_up_to(start);
        self.hidden = true;
        let end = self.value(start, byte)?;
        self.hidden = false;
        self.mask(start..end);
        Ok(end)
    }

    #[inline]
    fn open(&mut self, start: usize, object: bool) -> usize {
        self.nesting.open(object);
        if let Some(paths) = self.paths.as_mut().filter(|_| !self.hidden) {
            paths.open(object);
        }
        let mut at = start + 1;
        // Arrays often begin with arrays.
        while !object && self.paths.is_none() && self.bytes.get(at) == Some(&b'[') {
            self.nesting.open(false);
            at += 1;
        }
        at
    }

    #[inline]
    fn close(&mut self, at: usize) -> usize {
        self.nesting.close();
        if let Some(paths) = self.paths.as_mut().filter(|_| !self.hidden) {
            paths.close();
        }
        at + 1
    }

    #[inline]
    fn enters_secret_element(&mut self) -> bool {
        let paths = self.paths.as_mut().filter(|_| !self.hidden);
        paths.is_some_and(PathCursor::enter_element)
    }

    /// Where the next token starts, and its first byte: 0 at the end of the text.
    #[inline]
    fn token(&mut self, at: usize) -> (usize, u8) {
        match self.bytes.get(at) {
            Some(byte) if *byte > b' ' => (at, *byte),
            _ => self.token_behind_white_space(at),
        }
    }

    #[inline(never)]
    fn token_behind_white_space(&mut self, at: usize) -> (usize, u8) {
        let start = self.skip_white_space(at);
        (start, self.bytes.get(start).copied().unwrap_or_default())
    }

    /// Where a token should start, there is none, or the text ended within a document, or before one.
    #[cold]
    pub(super) fn unexpected(&mut self, at: usize) -> Stopped {
        if at == self.bytes.len() && self.rest == Rest::Nothing {
            self.cut(at)
        } else {
            // Outside strings no part of a character is understood.
            self.malformed(at)
        }
    }

    fn skip_white_space(&mut self, start: usize) -> usize {
        let end = white_space_end(self.bytes, start);
        if self.compact && end > start && !self.hidden {
            self.output.drop(start..end);
        }
        end
    }

    /// Puts what stands for a value in its place. A string stands for what it says, however it is
    /// written; all else for its text.
    pub(super) fn mask(&mut self, value: Range<usize>) {
        self.output.show_up_to(value.start);
        if self.rules.masking.looks_at_values() {
            let raw = &self.text[value.clone()];
            let said = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
            let said = said.map_or(raw, |said| string::decoded(said, &mut self.unescaped));
            self.output.insert_masked(&self.rules.masking.of(said));
        } else {
            self.output.insert_masked(MASK);
        }
        self.output.resume_at(value.end);
    }
}

#[inline]
pub(super) fn white_space_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}
