//! Redacts JSON without parsing it into values.
//!
//! One pass over the bytes, in which only names, nesting and token boundaries matter; what is shown is copied in runs. The
//! grammar is RFC 8259's, to the letter, for a sequence of documents with or without white space between them. Lone
//! surrogates (`"\ud800"`), which it leaves open, are malformed here: nothing else that reads strictly takes them.
//!
//! Fails closed: what is masked is masked before its value is read, a name is shown only once its colon was seen (unless
//! the input ends there), and at the first byte that is not understood all output ends.

mod nesting;
mod number;
mod output;
mod paths;
mod string;
#[cfg(test)]
mod tests;

use super::{field_path::FieldPath, names::SecretNames, shapes};
use nesting::Nesting;
use output::Output;
use paths::PathCursor;
use string::Scan;

/// What is secret in a document.
#[derive(Clone, Debug)]
pub(crate) struct JsonRules {
    /// Members whose value is masked wherever they are.
    pub(crate) names: SecretNames,
    /// Values that are masked where they stand.
    pub(crate) paths: Vec<FieldPath>,
    /// Whether the shapes of [`shapes`] are masked in keys, strings and numbers.
    pub(crate) shapes: bool,
}

/// How white space outside strings is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Kept.
    Verbatim,
    /// Dropped; between two documents one line feed is left of it.
    Compact,
}

/// How the input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// After a whole document, or before any.
    Complete,
    /// Inside a document, or it was said to be truncated.
    Cut,
    /// There is a byte that is not understood; nothing from its token on is shown.
    Malformed,
}

/// A text that shows what is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redacted {
    pub(crate) text: String,
    /// The count of input bytes, from the first on, that `text` stands for.
    pub(crate) consumed: usize,
    /// Documents that ended.
    pub(crate) documents: usize,
    /// The most levels that were open at once, masked ones too: 0 for a scalar, 1 for `[]`.
    pub(crate) depth: usize,
    pub(crate) end: End,
}

/// Redacts a sequence of documents; `truncated` says that more of the input was there once.
pub(crate) fn redact(input: &[u8], truncated: bool, layout: Layout, rules: &JsonRules) -> Redacted {
    let (text, rest) = match std::str::from_utf8(input) {
        Ok(text) => (text, Rest::Nothing),
        Err(error) => {
            let valid = input.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            (
                valid,
                if error.error_len().is_none() {
                    Rest::PartOfCharacter
                } else {
                    Rest::NoText
                },
            )
        }
    };
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        rest,
        truncated,
        compact: layout == Layout::Compact,
        rules,
        at: 0,
        output: Output::new(text),
        hidden_at: None,
        nesting: Nesting::default(),
        paths: (!rules.paths.is_empty()).then(|| PathCursor::new(&rules.paths)),
        anchors: rules.shapes.then(|| shapes::Anchors::new(text.as_bytes())),
        documents: 0,
        unescaped: String::new(),
    };
    let stop = lexer.run();
    lexer.finish(stop, input.len())
}

/// What follows the part of the input that is text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// The first bytes of a character, whose others may have been cut off.
    PartOfCharacter,
    NoText,
}

/// What may come next.
#[derive(Clone, Copy)]
enum Next {
    Document,
    Value { secret: bool },
    Element,
    ElementOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

/// Why there is no more output.
struct Stop {
    end: End,
    /// The input position up to which everything was understood and may be shown.
    shown: usize,
}

impl Stop {
    fn malformed(shown: usize) -> Self {
        Self {
            end: End::Malformed,
            shown,
        }
    }

    fn cut(shown: usize) -> Self {
        Self {
            end: End::Cut,
            shown,
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    rest: Rest,
    truncated: bool,
    compact: bool,
    rules: &'a JsonRules,
    /// The next byte to read.
    at: usize,
    output: Output<'a>,
    /// While a masked value is read, the depth at which it stands: nothing is shown or looked for.
    hidden_at: Option<usize>,
    nesting: Nesting,
    paths: Option<PathCursor<'a>>,
    /// Present when shapes are looked for.
    anchors: Option<shapes::Anchors<'a>>,
    documents: usize,
    /// Reused for each name or string with escapes.
    unescaped: String,
}

impl Lexer<'_> {
    fn run(&mut self) -> Stop {
        let mut next = Next::Document;
        loop {
            match self.step(next) {
                Ok(following) => next = following,
                Err(stop) => return stop,
            }
        }
    }

    fn finish(mut self, stop: Stop, input_len: usize) -> Redacted {
        let consumed = match stop.end {
            End::Complete => input_len,
            // The mask stands for all there was of the value.
            End::Cut if self.hidden_at.is_some() => input_len,
            _ => stop.shown,
        };
        if self.hidden_at.is_none() {
            self.output.show_up_to(stop.shown);
        }
        Redacted {
            text: self.output.into_text(),
            consumed,
            documents: self.documents,
            depth: self.nesting.deepest(),
            end: stop.end,
        }
    }

    fn step(&mut self, next: Next) -> Result<Next, Stop> {
        let spaced = self.skip_white_space();
        let Some(&byte) = self.bytes.get(self.at) else {
            return Err(self.out_of_input(next));
        };
        match next {
            Next::Value { secret } => self.value(byte, secret),
            Next::CommaOrEnd => match (byte, self.nesting.in_object()) {
                (b',', in_object) => {
                    self.at += 1;
                    Ok(if in_object { Next::Key } else { Next::Element })
                }
                (b'}', true) | (b']', false) => Ok(self.close()),
                _ => Err(Stop::malformed(self.at)),
            },
            Next::KeyOrEnd if byte == b'}' => Ok(self.close()),
            Next::Key | Next::KeyOrEnd if byte == b'"' => self.member(),
            Next::Key | Next::KeyOrEnd => Err(Stop::malformed(self.at)),
            Next::ElementOrEnd if byte == b']' => Ok(self.close()),
            Next::Element | Next::ElementOrEnd => {
                let secret = self.hidden_at.is_none()
                    && self.paths.as_mut().is_some_and(PathCursor::enter_element);
                self.value(byte, secret)
            }
            Next::Document => {
                if spaced && self.compact && self.documents > 0 {
                    self.output.insert("\n");
                }
                if let Some(paths) = &mut self.paths {
                    paths.enter_document();
                }
                self.value(byte, false)
            }
        }
    }

    /// What the end of the text means in a place where no token is open.
    fn out_of_input(&self, next: Next) -> Stop {
        let end = match next {
            // Outside strings no part of a character is understood.
            _ if self.rest != Rest::Nothing => End::Malformed,
            Next::Document if !self.truncated => End::Complete,
            _ => End::Cut,
        };
        Stop {
            end,
            shown: self.at,
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

    /// A name and its colon.
    fn member(&mut self) -> Result<Next, Stop> {
        let start = self.at;
        let (end, escapes) = match string::scan(self.bytes, start + 1) {
            Scan::Closed { end, escapes } => (end, escapes),
            Scan::Open { whole, .. } if self.rest != Rest::NoText => {
                return Err(self.cut_name(start, whole))
            }
            _ => return Err(Stop::malformed(start)),
        };
        let inside = start + 1..end - 1;
        self.at = end;
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(b':') => {}
            None if self.rest == Rest::Nothing => return Err(self.cut_name(start, inside.end)),
            _ => return Err(Stop::malformed(start)),
        }
        let colon = self.at;
        self.at += 1;
        if self.hidden_at.is_some() {
            return Ok(Next::Value { secret: false });
        }
        let name = string::unescaped(&self.text[inside.clone()], escapes, &mut self.unescaped);
        let secret = self.rules.names.matches(name)
            | self
                .paths
                .as_mut()
                .is_some_and(|paths| paths.enter_member(name));
        self.mask_shapes(inside, escapes, false);
        if self.compact {
            self.output.drop(end..colon);
        }
        Ok(Next::Value { secret })
    }

    /// The input ended in a name, or before its colon; `whole` is the end of the name as far as it is there.
    fn cut_name(&mut self, start: usize, whole: usize) -> Stop {
        if self.hidden_at.is_some() {
            return Stop::cut(start);
        }
        let inside = start + 1..whole;
        let name = string::unescaped(
            &self.text[inside.clone()],
            string::Escapes::Unicode,
            &mut self.unescaped,
        );
        if self.paths.is_some() || self.rules.names.could_become_secret(name) {
            return Stop::cut(start);
        }
        self.mask_shapes(inside, string::Escapes::Unicode, true);
        Stop::cut(whole)
    }

    fn value(&mut self, byte: u8, secret: bool) -> Result<Next, Stop> {
        if secret && self.hidden_at.is_none() {
            self.output.mask_from(self.at);
            self.hidden_at = Some(self.nesting.depth());
        }
        match byte {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b'{' | b'[' => return Ok(self.open(byte == b'{')),
            b't' => self.literal("true")?,
            b'f' => self.literal("false")?,
            b'n' => self.literal("null")?,
            _ => return Err(Stop::malformed(self.at)),
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
            Next::KeyOrEnd
        } else {
            Next::ElementOrEnd
        }
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
            self.output.resume_at(self.at);
        }
        if self.nesting.depth() > 0 {
            return Next::CommaOrEnd;
        }
        self.documents += 1;
        Next::Document
    }

    fn string(&mut self) -> Result<(), Stop> {
        let start = self.at + 1;
        match string::scan(self.bytes, start) {
            Scan::Closed { end, escapes } => {
                self.mask_shapes(start..end - 1, escapes, false);
                self.at = end;
                Ok(())
            }
            Scan::Open { whole, escapes } if self.rest != Rest::NoText => {
                self.mask_shapes(start..whole, escapes, true);
                Err(Stop::cut(whole))
            }
            _ => Err(Stop::malformed(self.at)),
        }
    }

    fn number(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let (end, closed) = match number::scan(self.bytes, start) {
            number::Scan::Closed { end } => (end, true),
            _ if self.rest != Rest::Nothing => return Err(Stop::malformed(start)),
            // Nothing but the end of all input ends a number that stands alone.
            number::Scan::Open { whole } => (
                self.bytes.len(),
                whole && self.nesting.depth() == 0 && !self.truncated,
            ),
            number::Scan::Bad => return Err(Stop::malformed(start)),
        };
        let number = &self.bytes[start..end];
        let looks_for_cards = self.anchors.is_some() && self.hidden_at.is_none();
        if !closed {
            let hides = looks_for_cards && number::could_become_card(number);
            return Err(Stop::cut(if hides { start } else { end }));
        }
        if looks_for_cards && number::is_card(number) {
            self.output.mask_from(start);
            self.output.resume_at(end);
        }
        self.at = end;
        Ok(())
    }

    fn literal(&mut self, word: &'static str) -> Result<(), Stop> {
        let rest = &self.text[self.at..];
        if rest.starts_with(word)
            && self
                .bytes
                .get(self.at + word.len())
                .is_none_or(|next| number::may_follow(*next))
        {
            self.at += word.len();
            Ok(())
        } else if word.starts_with(rest) && self.rest == Rest::Nothing {
            Err(Stop::cut(self.bytes.len()))
        } else {
            Err(Stop::malformed(self.at))
        }
    }

    /// Masks the shapes in the string whose text is at `inside`; `cut` says that its end is missing.
    fn mask_shapes(&mut self, inside: std::ops::Range<usize>, escapes: string::Escapes, cut: bool) {
        let Some(anchors) = &mut self.anchors else {
            return;
        };
        if self.hidden_at.is_some() {
            return;
        }
        // Letters and digits show themselves in the raw text, unless they are escaped.
        if !cut
            && escapes != string::Escapes::Unicode
            && !anchors.any_in(&inside)
            && !shapes::may_hold_card(&self.bytes[inside.clone()])
        {
            return;
        }
        let raw = &self.text[inside.clone()];
        let found = shapes::find(string::unescaped(raw, escapes, &mut self.unescaped), cut);
        let mut positions = string::RawPositions::new(raw);
        for range in found {
            self.output
                .show_up_to(inside.start + positions.raw_of(range.start));
            self.output.insert(shapes::MASK);
            self.output
                .resume_at(inside.start + positions.raw_of(range.end));
        }
    }
}
