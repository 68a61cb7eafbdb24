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

/// What may come next.
#[derive(Clone, Copy)]
enum Next {
    Document,
    /// The first value of a level.
    FirstOrEnd,
    CommaOrEnd,
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
    /// The next byte to read.
    pub(super) at: usize,
    pub(super) output: Output<'a>,
    /// While a masked value is read, the depth at which it stands: nothing is shown or looked for.
    pub(super) hidden_at: Option<usize>,
    /// Where that value starts.
    hidden_from: usize,
    pub(super) nesting: Nesting,
    pub(super) paths: Option<PathCursor<'a>>,
    /// Of no text when shapes are not looked for.
    pub(super) anchors: shapes::Anchors<'a>,
    pub(super) documents: usize,
    /// How the input ended, and up to where everything was understood and may be shown: set once, at the end.
    end: End,
    shown: usize,
    /// Whether what was left out at the end could be secret.
    cut_secret: bool,
    /// Reused for each name or string with escapes.
    pub(super) unescaped: String,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(
        text: &'a str,
        rest: Rest,
        truncated: bool,
        layout: Layout,
        rules: &'a Rules,
    ) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            rest,
            truncated,
            compact: layout == Layout::Compact,
            rules,
            at: 0,
            output: Output::new(text),
            hidden_at: None,
            hidden_from: 0,
            nesting: Nesting::default(),
            paths: (!rules.paths.is_empty()).then(|| PathCursor::new(&rules.paths)),
            anchors: shapes::Anchors::new(if rules.shapes { text.as_bytes() } else { b"" }),
            documents: 0,
            end: End::Complete,
            shown: 0,
            cut_secret: false,
            unescaped: String::new(),
        }
    }

    /// Reads the input, of which `input_len` bytes there were.
    ///
    /// To be called once. (Moving the lexer in here would cost more than to read a short input.)
    pub(super) fn redacted(&mut self, input_len: usize) -> Redacted {
        let mut next = Next::Document;
        while let Ok(following) = self.step(next) {
            next = following;
        }
        self.finish(input_len)
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
            End::Cut if self.hidden_at.is_some() => input_len,
            _ => self.shown,
        };
        if self.hidden_at.is_none() {
            self.output.show_up_to(self.shown);
        } else {
            self.output.insert_masked(MASK);
        }
        Redacted {
            secret: self.cut_secret || self.output.masks(),
            text: self.output.take_text(),
            consumed,
            documents: self.documents,
            depth: self.nesting.deepest(),
            end: self.end,
        }
    }

    /// Reads up to the end of the next value or level, or into the level that the value opens.
    fn step(&mut self, next: Next) -> Result<Next, Stopped> {
        match self.before_value(next)? {
            Some(secret) => self.value(secret),
            None => Ok(self.close()),
        }
    }

    /// Reads what stands before a value: whether that is secret, or `None` if the level ends instead.
    #[inline]
    fn before_value(&mut self, next: Next) -> Result<Option<bool>, Stopped> {
        let follows = match next {
            Next::Document => return self.document().map(|()| Some(false)),
            Next::FirstOrEnd => false,
            Next::CommaOrEnd => true,
        };
        let byte = self.peek()?;
        let in_object = self.nesting.in_object();
        if byte == if in_object { b'}' } else { b']' } {
            return Ok(None);
        }
        if follows {
            if byte != b',' {
                return Err(self.malformed(self.at));
            }
            self.at += 1;
        }
        if in_object {
            self.name().map(Some)
        } else {
            Ok(Some(self.enters_secret_element()))
        }
    }

    fn document(&mut self) -> Result<(), Stopped> {
        let spaced = self.skip_white_space();
        if self.at == self.bytes.len() {
            let ended = !self.truncated && self.rest == Rest::Nothing;
            return Err(if ended {
                self.stop(End::Complete, self.at)
            } else {
                self.out_of_input()
            });
        }
        if spaced && self.compact && self.documents > 0 {
            self.output.insert("\n");
        }
        if let Some(paths) = &mut self.paths {
            paths.enter_document();
        }
        Ok(())
    }

    fn enters_secret_element(&mut self) -> bool {
        self.hidden_at.is_none() && self.paths.as_mut().is_some_and(PathCursor::enter_element)
    }

    /// The next byte that is no white space. No token is open here, but a document is, or must be.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, Stopped> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => self.peek_behind_white_space(),
        }
    }

    #[inline(never)]
    fn peek_behind_white_space(&mut self) -> Result<u8, Stopped> {
        self.skip_white_space();
        let byte = self.bytes.get(self.at).copied();
        byte.ok_or_else(|| self.out_of_input())
    }

    /// The text ended where no token is open.
    #[cold]
    fn out_of_input(&mut self) -> Stopped {
        if self.rest == Rest::Nothing {
            self.cut(self.at)
        } else {
            // Outside strings no part of a character is understood.
            self.malformed(self.at)
        }
    }

    /// Whether there was any.
    fn skip_white_space(&mut self) -> bool {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        if self.compact && self.at > start && self.hidden_at.is_none() {
            self.output.drop(start..self.at);
        }
        self.at > start
    }

    #[inline]
    fn value(&mut self, secret: bool) -> Result<Next, Stopped> {
        let byte = self.peek()?;
        if secret && self.hidden_at.is_none() {
            self.output.show_up_to(self.at);
            self.hidden_at = Some(self.nesting.depth());
            self.hidden_from = self.at;
        }
        match byte {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b'{' | b'[' => return Ok(self.open(byte == b'{')),
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => return Err(self.malformed(self.at)),
        }
        Ok(self.value_ended())
    }

    fn open(&mut self, object: bool) -> Next {
        self.nesting.open(object);
        if self.hidden_at.is_none() {
            if let Some(paths) = &mut self.paths {
                paths.open(object);
            }
        }
        self.at += 1;
        // Arrays often begin with arrays.
        while !object && self.paths.is_none() && self.bytes.get(self.at) == Some(&b'[') {
            self.nesting.open(false);
            self.at += 1;
        }
        Next::FirstOrEnd
    }

    fn close(&mut self) -> Next {
        self.nesting.close();
        if self.hidden_at.is_none() {
            if let Some(paths) = &mut self.paths {
                paths.close();
            }
        }
        self.at += 1;
        self.value_ended()
    }

    fn value_ended(&mut self) -> Next {
        if self.hidden_at == Some(self.nesting.depth()) {
            self.hidden_at = None;
            self.mask(self.hidden_from..self.at);
        }
        if self.nesting.depth() > 0 {
            return Next::CommaOrEnd;
        }
        self.documents += 1;
        Next::Document
    }

    /// Puts what stands for a value in its place. A string stands for what it says, however it is
    /// written; all else for its text.
    pub(super) fn mask(&mut self, value: Range<usize>) {
        let raw = &self.text[value.clone()];
        let said = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        let mask = match said {
            Some(said) if self.rules.masking.looks_at_values() => {
                let escapes = string::Escapes::Ascii;
                let said = string::unescaped(said, escapes, &mut self.unescaped);
                self.rules.masking.of(said)
            }
            _ => self.rules.masking.of(raw),
        };
        self.output.show_up_to(value.start);
        self.output.insert_masked(&mask);
        self.output.resume_at(value.end);
    }
}
