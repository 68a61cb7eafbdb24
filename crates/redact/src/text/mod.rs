//! The one scanner of text: pairs, URLs, connection strings, commands, markup.
//!
//! A text has no grammar, so this is best effort. Each `:`, `=` or `<` is looked at once, for a name before it or behind
//! it; what is found to be a value is not looked into again, which keeps the work linear.

mod blocks;
mod header;
mod hide;
mod markup;
mod name;
mod named;
mod options;
mod prose;
#[cfg(test)]
mod tests;
mod urls;
mod value;
mod words;

use std::ops::Range;

use memchr::{memchr3, memchr_iter};

use self::{blocks::Blocks, name::Name, named::Half, value::skip};
use crate::{
    characters::Characters,
    finding::{in_order, Finding, Rule},
    names::{NameClass, Role, Secrecy},
    redacted::Extent,
    rules::Rules,
};

/// Finds values beside secret names in a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextScanner {}

impl TextScanner {
    /// Appends what is found in `text`, in which these characters were `seen`: in order, apart from each other. `rules` has
    /// the names and the decision.
    pub(crate) fn scan(
        &self,
        text: &str,
        seen: Characters,
        extent: Extent,
        rules: &Rules,
        out: &mut Vec<Finding>,
    ) {
        let is_plain_url = || extent == Extent::Whole && urls::is_plain(text, seen);
        if seen.has_any(BEGINNINGS) && !is_plain_url() || words::may_be_among(seen) {
            Scanner::new(text, seen, extent, rules, 0).find(out);
        }
    }
}

/// Between names and values, before the names of elements.
const MARKS: Characters = Characters::set(b":=<");
const OPTIONS: Characters = Characters::set(b"-");
const ENCODED: Characters = Characters::set(b"%");
const PARENTHESES: Characters = Characters::set(b"(");
/// All of these.
const BEGINNINGS: Characters = Characters::set(b":=<-%(");

/// Where an encoded `=` or `:` is.
fn encoded_mark(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'%', bytes)
        .find(|at| matches!(&bytes[*at..], [b'%', b'3', b'd' | b'D' | b'a' | b'A', ..]))
}

pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    seen: Characters,
    truncated: bool,
    rules: &'t Rules,
    /// Where the next name may start.
    read: usize,
    /// The last token of a URL in which a `code` was looked at, and whether a `state` is in it.
    callback: Range<usize>,
    callback_has_state: bool,
    /// Up to where URLs were looked into for what is encoded in them.
    decoded: usize,
    blocks: Blocks,
    half: Option<Half>,
    /// The last place that was searched for a `<`: up to it there is none.
    without_tag: Range<usize>,
    /// The end of the last value of a pair of halves that is shown.
    refused: usize,
    found: Vec<Range<usize>>,
}

impl<'t> Scanner<'t> {
    /// `decoded` is up to where URLs are not looked into.
    fn new(
        text: &'t str,
        seen: Characters,
        extent: Extent,
        rules: &'t Rules,
        decoded: usize,
    ) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            seen,
            truncated: extent == Extent::Truncated,
            rules,
            read: 0,
            callback: 0..0,
            callback_has_state: false,
            decoded,
            blocks: Blocks::default(),
            half: None,
            without_tag: 0..0,
            refused: 0,
            found: Vec::new(),
        }
    }

    fn find(mut self, out: &mut Vec<Finding>) {
        if self.seen.has_any(MARKS) {
            self.marks();
        }
        if self.truncated {
            blocks::cut(&mut self);
            named::cut(&mut self);
            markup::cut(&mut self);
        }
        if self.seen.has_any(OPTIONS) {
            options::find(&mut self);
        }
        if self.seen.has_any(ENCODED) {
            self.encoded_marks();
        }
        if self.seen.has_any(PARENTHESES) {
            named::in_parentheses(&mut self);
        }
        if words::may_be_among(self.seen) {
            words::find(&mut self);
        }
        let found = self.found.into_iter().filter(|range| !range.is_empty());
        let mut found: Vec<_> = found
            .map(|range| Finding {
                range,
                rule: Rule::Text,
            })
            .collect();
        in_order(&mut found);
        out.append(&mut found);
    }

    fn marks(&mut self) {
        let mut from = 0;
        let bytes = self.bytes;
        while let Some(mark) = bytes
            .get(from..)
            .and_then(|rest| memchr3(b':', b'=', b'<', rest))
            .map(|offset| from + offset)
        {
            from = match self.bytes[mark] {
                b'<' => markup::element(self, mark),
                _ => self.pair(mark),
            }
            .max(mark + 1);
            self.read = self.read.max(from);
        }
    }

    /// Pairs whose mark is percent-encoded.
    fn encoded_marks(&mut self) {
        let mut from = 0;
        while let Some(mark) = encoded_mark(&self.bytes[from..]).map(|offset| from + offset) {
            let start = mark + "%3D".len();
            let name = name::before(self.text, from, mark);
            from = start;
            if name.is_some_and(|name| self.class(&name).is_secret()) {
                let is_end = |at: &usize| {
                    let byte = self.bytes[*at];
                    byte <= b' '
                        || matches!(byte, b'&' | b'"' | b'\'' | b'#')
                        || self.bytes[*at..].starts_with(b"%26")
                };
                from = (start..self.bytes.len())
                    .find(is_end)
                    .unwrap_or(self.bytes.len());
                self.found.push(start..from);
            }
        }
    }

    fn class(&self, name: &Name) -> NameClass {
        let name = &self.text[name.range.clone()];
        // Fast path: most `:` of JSON's strings are those of times.
        if name::is_number(name) && self.rules.names.are_of_table() {
            return NameClass::default();
        }
        self.rules.names.class(name)
    }

    /// Reads the pair whose `:` or `=` is at `mark`; returns where to go on.
    fn pair(&mut self, mark: usize) -> usize {
        if self.bytes[mark..].starts_with(b"://") {
            return self.url(mark);
        }
        // Base64's padding.
        let is_padding = matches!(self.bytes[mark..], [b'='] | [b'=', b'=']);
        if is_padding && !self.truncated && !self.seen.has_any(ENCODED) {
            return self.bytes.len();
        }
        // A path in a programming language is no pair.
        if self.bytes[mark..].starts_with(b"::") {
            return mark + "::".len();
        }
        if let Some(secret) = value::oracle_secret(self.bytes, mark, self.truncated) {
            self.found.push(secret.clone());
            return secret.end;
        }
        self.encoded_name(mark);
        let Some(name) = name::before(self.text, self.read, mark) else {
            return mark + 1;
        };
        if self.is_in_resource_name(name.range.start) {
            return mark + 1;
        }
        let marks = skip(self.bytes, mark, |b| matches!(b, b':' | b'=' | b'>' | b'~'));
        let start = skip(self.bytes, marks, |b| {
            matches!(b, b' ' | b'\t') || name.quoted && b.is_ascii_whitespace()
        });
        let mut class = self.class(&name);
        let mut name = name;
        let is_whole = match self.bytes[mark] {
            b'=' => class.secrecy >= Secrecy::Strong,
            _ => class.is_secret() && name::starts_line(self.bytes, name.range.start),
        };
        if !name.quoted && !is_whole {
            (name, class) = self.name_of_words(name, class, self.bytes[mark]);
        }
        if markup::is_name_attribute(&self.text[name.range.clone()]) && self.bytes[mark] == b'=' {
            if let Some(end) = markup::attribute(self, start) {
                return end;
            }
        }
        if self.bytes[mark] == b':' && value::is_blank(&self.bytes[marks..]) {
            if let Some(place) = blocks::place(self.bytes, &name) {
                if let Some(end) = blocks::line(self, &name, class, &place, marks) {
                    return end;
                }
            }
        }
        if matches!(class.role, Role::Name | Role::Value) {
            if let Some(end) = named::half(self, &name, class.role, start) {
                return end;
            }
        }
        if !class.is_secret()
            && (self.is_signature(&name, mark) || self.is_callback_code(&name, mark))
        {
            class.secrecy = Secrecy::Strong;
        }
        if !class.is_secret() {
            return marks;
        }
        self.value(&name, class, mark, start).unwrap_or(marks)
    }

    /// Whether what starts here is a field of an AWS resource name: `arn:aws:secretsmanager:eu-1:1:secret:db` has no pair.
    fn is_in_resource_name(&self, start: usize) -> bool {
        /// The longest distance from `arn:` to the type of a resource.
        const LONGEST: usize = 100;
        let before = &self.bytes[start.saturating_sub(LONGEST)..start];
        let mut fields = 0;
        let arn = before.iter().rposition(|byte| {
            fields += usize::from(*byte == b':');
            fields == 5
        });
        let is_of_other = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'=');
        before.ends_with(b":")
            && arn.is_some_and(|end| {
                before[..end].ends_with(b"arn") && !before[end..].iter().any(is_of_other)
            })
    }

    /// Whether the name of a parameter of a query starts here.
    fn starts_parameter(&self, start: usize) -> bool {
        let is_decoded = self.decoded == usize::MAX;
        start == 0 && is_decoded || self.bytes[..start].ends_with(b"&")
    }

    /// The secret name that the last words up to `name` are; if they are none, `name` itself, which is of `class`.
    fn name_of_words(&self, name: Name, class: NameClass, mark: u8) -> (Name, NameClass) {
        let mut start = name.range.start;
        for _ in 1..name::MOST_WORDS {
            let Some(before) = name::word_before(self.bytes, self.read, start) else {
                break;
            };
            if prose::is_function_word(&self.text[before..start - 1]) {
                break;
            }
            start = before;
            let longer = Name {
                range: start..name.range.end,
                quoted: false,
            };
            let class = self.class(&longer);
            // A sentence may have a secret word anywhere; a name has it with its last one.
            let starts = match mark {
                b':' => class.secrecy >= Secrecy::Strong && name::starts_line(self.bytes, start),
                _ => class.is_secret() && self.starts_parameter(start),
            };
            if starts {
                return (longer, class);
            }
        }
        (name, class)
    }
}
