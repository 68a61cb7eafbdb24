//! What is known while an input is read, how reading ends, and what is masked then.

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
    pub(super) fn stop(&mut self, end: End, shown: usize) -> Stopped {
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
