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
    ElementOrEnd,
    MemberOrEnd,
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
    /// Present when shapes are looked for.
    pub(super) anchors: Option<shapes::Anchors<'a>>,
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
            anchors: rules.shapes.then(|| shapes::Anchors::new(text.as_bytes())),
            documents: 0,
            end: End::Complete,
            shown: 0,
            cut_secret: false,
            unescaped: String::new(),
        }
    }

    /// Reads the input, of which `input_len` bytes there were.
    pub(super) fn redacted(mut self, input_len: usize) -> Redacted {
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

    fn finish(mut self, input_len: usize) -> Redacted {
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
            text: self.output.into_text(),
            consumed,
            documents: self.documents,
            depth: self.nesting.deepest(),
            end: self.end,
        }
    }

    /// Reads up to the next place where there is a choice to make.
    fn step(&mut self, next: Next) -> Result<Next, Stopped> {
        if let Next::Document = next {
            return self.document();
        }
        let byte = self.peek()?;
        match next {
            Next::CommaOrEnd => match (byte, self.nesting.in_object()) {
                (b',', in_object) => {
                    self.at += 1;
                    let byte = self.peek()?;
                    if in_object {
                        self.member(byte)
                    } else {
                        self.element(byte)
                    }
                }
                (b'}', true) | (b']', false) => Ok(self.close()),
                _ => Err(self.malformed(self.at)),
            },
            Next::MemberOrEnd if byte == b'}' => Ok(self.close()),
            Next::MemberOrEnd => self.member(byte),
            Next::ElementOrEnd if byte == b']' => Ok(self.close()),
            Next::ElementOrEnd | Next::Document => self.element(byte),
        }
    }

    fn document(&mut self) -> Result<Next, Stopped> {
        let spaced = self.skip_white_space();
        let Some(&byte) = self.bytes.get(self.at) else {
            let ended = !self.truncated && self.rest == Rest::Nothing;
            return Err(if ended {
                self.stop(End::Complete, self.at)
            } else {
                self.out_of_input()
            });
        };
        if spaced && self.compact && self.documents > 0 {
            self.output.insert("\n");
        }
        if let Some(paths) = &mut self.paths {
            paths.enter_document();
        }
        self.value(byte, false)
    }

    fn member(&mut self, byte: u8) -> Result<Next, Stopped> {
        if byte != b'"' {
            return Err(self.malformed(self.at));
        }
        let secret = self.name()?;
        let byte = self.peek()?;
        self.value(byte, secret)
    }

    fn element(&mut self, byte: u8) -> Result<Next, Stopped> {
        let secret =
            self.hidden_at.is_none() && self.paths.as_mut().is_some_and(PathCursor::enter_element);
        self.value(byte, secret)
    }

    /// The next byte that is no white space. No token is open here, but a document is, or must be.
    fn peek(&mut self) -> Result<u8, Stopped> {
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

    fn value(&mut self, byte: u8, secret: bool) -> Result<Next, Stopped> {
        if secret && self.hidden_at.is_none() {
            self.output.show_up_to(self.at);
            self.hidden_at = Some(self.nesting.depth());
            self.hidden_from = self.at;
        }
        match byte {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b'{' | b'[' => return Ok(self.open(byte == b'{')),
            b't' => self.literal("true")?,
            b'f' => self.literal("false")?,
            b'n' => self.literal("null")?,
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
        if object {
            return Next::MemberOrEnd;
        }
        // Arrays often begin with arrays.
        while self.paths.is_none() && self.bytes.get(self.at) == Some(&b'[') {
            self.nesting.open(false);
            self.at += 1;
        }
        Next::ElementOrEnd
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
