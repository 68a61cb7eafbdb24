//! The one scanner of text: pairs, URLs, connection strings, commands, markup.
//!
//! A text has no grammar, so this is best effort. Each `:`, `=` or `<` is visited once, for a name before it or behind
//! it; what is found to be a value is not scanned again, which keeps the work linear.

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
pub(crate) use self::{named::may_have_headers, words::has_secret_word};
use crate::{
    characters::{find, table, Characters},
    encoded::Encoding,
    finding::{in_order_from, Finding, Rule},
    names::{NameCache, NameClass, Role, Secrecy},
    redacted::Extent,
    rules::Rules,
};

/// Appends the values beside secret names in `text`, in which these characters were `seen`: in order, apart from each other.
/// `rules` has the names and the decision. Layers `below` it, in this encoding, are scanned too.
#[inline]
pub(crate) fn scan_text(
    text: &str,
    seen: Characters,
    below: Option<Encoding>,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    // What is looked for here begins with what is there, also where the text was truncated.
    let seen = match extent {
        Extent::Whole => seen,
        Extent::Truncated => Characters::of(text, Extent::Whole),
    };
    let is_plain_url = || extent == Extent::Whole && urls::is_plain(text, seen);
    if seen.has_any(BEGINNINGS) && !is_plain_url()
        || has_secret_word(seen)
        || may_have_headers(seen)
    {
        let scanner = Scanner::new(text, seen, extent, rules);
        find_in(Scanner { below, ..scanner }, out);
    }
}

#[inline(never)]
fn find_in(scanner: Scanner<'_>, out: &mut Vec<Finding>) {
    scanner.find(out);
}

/// Between names and values, before the names of elements.
const MARKS: Characters = Characters::set(b":=<");
const OPTIONS: Characters = Characters::set(b"-");
const ENCODED: Characters = Characters::set(b"%");
const PARENTHESES: Characters = Characters::set(b"(");
const AMPERSANDS: Characters = Characters::set(b"&");
/// Of the names of AWS resources.
const RESOURCE: Characters = Characters::set(b"arn");
/// All of these.
const BEGINNINGS: Characters = Characters::set(b":=<-%(");

/// Where the next mark is at or after `from`.
#[inline]
fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    static IS_MARK: [bool; 256] = table(b":=<");
    let is_mark = |byte: u8| IS_MARK[usize::from(byte)];
    find(bytes, from, is_mark, |far| memchr3(b':', b'=', b'<', far))
}

/// Whether this may follow a `:` or `=`, as in `:=` and `=>`.
fn is_mark(byte: u8) -> bool {
    matches!(byte, b':' | b'=' | b'>' | b'~')
}

/// Where an encoded `=` or `:` is.
pub(crate) fn encoded_mark(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'%', bytes)
        .find(|at| matches!(&bytes[*at..], [b'%', b'3', b'd' | b'D' | b'a' | b'A', ..]))
}

pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    seen: Characters,
    truncated: bool,
    rules: &'t Rules,
    cache: NameCache,
    /// Where the next name may start.
    read: usize,
    /// The last token of a URL in which a `code` was found, and whether a `state` is in it.
    callback: Range<usize>,
    callback_has_state: bool,
    /// Up to where URLs were decoded and scanned.
    decoded: usize,
    /// The encoding of the layers below this text, if they are scanned too.
    below: Option<Encoding>,
    /// The last plain name that was judged, and what it says.
    judged: (Range<usize>, NameClass),
    /// Where the last value that was asked for the end of its line starts, and that end.
    line: Range<usize>,
    blocks: Blocks,
    half: Option<Half>,
    /// The last place that was searched for a `<`: up to it there is none.
    without_tag: Range<usize>,
    /// The end of the last value of a pair of halves that is shown.
    refused: usize,
    /// How many secret names, or options, there were.
    secrets: usize,
    /// All from here on is hidden.
    limit: usize,
    found: Vec<Range<usize>>,
}

impl<'t> Scanner<'t> {
    #[inline]
    fn new(text: &'t str, seen: Characters, extent: Extent, rules: &'t Rules) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            seen,
            truncated: extent == Extent::Truncated,
            rules,
            cache: rules.names.cache(),
            read: 0,
            callback: 0..0,
            callback_has_state: false,
            decoded: 0,
            below: None,
            judged: (0..0, NameClass::default()),
            line: 0..0,
            blocks: Blocks::default(),
            half: None,
            without_tag: 0..0,
            refused: 0,
            secrets: 0,
            limit: text.len(),
            found: Vec::new(),
        }
    }

    fn find(mut self, out: &mut Vec<Finding>) {
        if self.seen.has_any(OPTIONS) {
            options::find(&mut self);
        }
        if self.seen.has_any(MARKS) {
            self.secrets = 0;
            self.marks();
        }
        if self.truncated {
            blocks::cut(&mut self);
            named::cut(&mut self);
            markup::cut(&mut self);
        }
        if self.seen.has_any(ENCODED) {
            self.encoded_marks();
        }
        if self.seen.has_any(PARENTHESES) {
            named::in_parentheses(&mut self);
        }
        if named::may_have_headers(self.seen) {
            named::in_quotes(&mut self);
        }
        if has_secret_word(self.seen) {
            words::find(&mut self);
        }
        let start = out.len();
        let found = self.found.into_iter().filter(|range| !range.is_empty());
        out.extend(found.map(|range| Finding {
            range,
            rule: Rule::Text,
        }));
        in_order_from(start, out);
    }

    fn marks(&mut self) {
        let mut from = 0;
        while let Some(mark) = next_mark(self.bytes, from).filter(|mark| *mark < self.limit) {
            let is_element = self.bytes[mark] == b'<';
            from = mark + 1;
            if is_element {
                from = from.max(markup::element(self, mark));
            } else if !self.says_nothing(mark) {
                from = from.max(self.pair(mark));
            }
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
            if name.is_some_and(|name| self.class_of(&self.text[name.range]).is_secret()) {
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

    #[inline(always)]
    fn class(&self, name: &Name) -> NameClass {
        if name.range == self.judged.0 {
            return self.judged.1;
        }
        let name = &self.text[name.range.clone()];
        // Fast path: most `:` of JSON's strings are those of times.
        if name::is_number(name) && self.rules.names.are_of_table() {
            return NameClass::default();
        }
        self.rules.names.class_in(&self.cache, name)
    }

    /// What a name says.
    #[inline(never)]
    fn class_of(&self, name: &str) -> NameClass {
        self.rules.names.class_in(&self.cache, name)
    }

    /// Fast path: whether [`pair`](Self::pair) would find nothing, and go on right behind the `:` or `=` at `mark`: a short
    /// name before it says nothing, and what is around the two makes no other name of them, and no line of a map.
    #[inline(always)]
    fn says_nothing(&mut self, mark: usize) -> bool {
        /// Other marks, and for a `:` what is a blank or may begin one, have more to them.
        static ENDS: [[bool; 256]; 2] = [table(b"=/:>~"), table(b"=/:>~ \t\n\r\\")];
        let bytes = self.bytes;
        let is_assigned = bytes[mark] == b'=';
        let is_plain_end = |next: &u8| !ENDS[usize::from(!is_assigned)][usize::from(*next)];
        if !bytes.get(mark + 1).is_some_and(is_plain_end)
            || is_assigned && self.seen.has_any(ENCODED) && self.decoded < mark
        {
            return false;
        }
        let Some(name) = name::plain_before(bytes, self.read, mark) else {
            return false;
        };
        if name.is_empty() {
            return true;
        }
        let before = bytes[..name.start].last();
        let (place, name) = (name.clone(), &self.text[name]);
        let is_other = match before {
            Some(b' ' | b'\\' | b'%') => true,
            // An address of Oracle.
            Some(b':') if matches!(name, "thin" | "oci") => true,
            Some(b':') if self.seen.has_all(RESOURCE) && self.is_in_resource_name(place.start) => {
                return true;
            }
            _ => false,
        };
        // Numbers, and the parameters that are secret in a URL only.
        let is_special = || name.as_bytes()[0].is_ascii_digit() || matches!(name, "sig" | "code");
        if is_other || is_special() {
            return false;
        }
        let names = &self.rules.names;
        if names.is_letter_alone(name.as_bytes()) {
            return true;
        }
        let class = names.class_in(&self.cache, name);
        self.judged = (place, class);
        class.secrecy == Secrecy::Harmless && class.role == Role::None
    }

    /// Reads the pair whose `:` or `=` is at `mark`; returns where to go on.
    #[inline(never)]
    fn pair(&mut self, mark: usize) -> usize {
        let bytes = self.bytes;
        let is_assigned = bytes[mark] == b'=';
        if matches!(bytes.get(mark + 1), None | Some(b'=' | b'/' | b':')) {
            if let Some(end) = self.other_mark(mark) {
                return end;
            }
        }
        // Once a URL was decoded, so were the names in it.
        let is_encoded = is_assigned && self.seen.has_any(ENCODED) && self.decoded < mark;
        if let Some(secret) = value::oracle_secret(bytes, mark, self.truncated) {
            self.found.push(secret.clone());
            return secret.end;
        }
        if is_encoded {
            self.encoded_name(mark);
        }
        let Some(mut name) = name::before(self.text, self.read, mark) else {
            // There is none between two `=` in a row, either.
            return skip(bytes, mark + 1, |byte| byte == b'=');
        };
        let before = bytes[..name.range.start].last();
        if before == Some(&b':')
            && self.seen.has_all(RESOURCE)
            && self.is_in_resource_name(name.range.start)
        {
            return mark + 1;
        }
        let marks = skip(bytes, mark + 1, is_mark);
        let mut class = self.class(&name);
        let is_whole = match is_assigned {
            true => class.secrecy >= Secrecy::Strong,
            false => class.is_secret() && name.line.is_some(),
        };
        // A name of words before a `=` is of a query, or ends as compounds do: `api key=..`.
        let may_be_words = || {
            !is_assigned
                || self.seen.has_any(AMPERSANDS)
                || self.decoded == usize::MAX
                || self.ends_compounds(&name)
        };
        if before == Some(&b' ') && !is_whole && !name.quoted && may_be_words() {
            self.extend_to_words(&mut name, &mut class, is_assigned);
        }
        if class.secrecy >= Secrecy::Strong {
            self.note_secret(mark);
        }
        let start = || {
            skip(bytes, marks, |b| {
                matches!(b, b' ' | b'\t') || name.quoted && b.is_ascii_whitespace()
            })
        };
        if is_assigned {
            let is_attribute = || markup::is_name_attribute(&self.text[name.range.clone()]);
            if class.role == Role::Name && is_attribute() {
                if let Some(end) = markup::attribute(self, start()) {
                    return end;
                }
            }
        } else if value::is_blank(&bytes[marks..]) {
            if let Some(place) = blocks::place(bytes, &name) {
                if let Some(end) = blocks::line(self, &name, class, &place, marks) {
                    return end;
                }
            }
        }
        if matches!(class.role, Role::Name | Role::Value) {
            if let Some(end) = named::half(self, &name, class.role, start()) {
                return end;
            }
        }
        if !class.is_secret() && is_assigned && self.is_credential_of_url(&name, mark) {
            class.secrecy = Secrecy::Strong;
        }
        if !class.is_secret() {
            return marks;
        }
        self.value(&name, class, mark, start()).unwrap_or(marks)
    }

    /// Notes a secret name, or an option. What is behind more of them than any text has that was not made to take long is
    /// hidden, whatever it is.
    fn note_secret(&mut self, at: usize) {
        /// So many there may be, and one in as many bytes.
        const MOST: usize = 256;
        const APART: usize = 16;
        self.secrets += 1;
        if self.secrets > MOST && self.secrets * APART > at && at < self.limit {
            self.found.push(at..self.bytes.len());
            self.limit = at;
        }
    }

    /// Reads a mark that is of no pair; returns where to go on.
    #[inline(never)]
    fn other_mark(&mut self, mark: usize) -> Option<usize> {
        match self.bytes[mark..] {
            [b':', b'/', b'/', ..] => Some(self.url(mark)),
            // A path in a programming language.
            [b':', b':', ..] => Some(mark + "::".len()),
            // Base64's padding.
            [b'='] | [b'=', b'='] if !self.truncated && !self.seen.has_any(ENCODED) => {
                Some(self.bytes.len())
            }
            _ => None,
        }
    }

    /// Whether what starts here, behind a `:`, is a field of an AWS resource name: `arn:aws:secretsmanager:eu-1:1:secret:db` has no pair.
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
        arn.is_some_and(|end| {
            before[..end].ends_with(b"arn") && !before[end..].iter().any(is_of_other)
        })
    }

    /// Whether the name of a parameter of a query starts here.
    fn starts_parameter(&self, start: usize) -> bool {
        let is_decoded = self.decoded == usize::MAX;
        start == 0 && is_decoded || self.bytes[..start].ends_with(b"&")
    }

    /// Whether the words before decide what a name of this one says: `api key`, `security code`.
    fn ends_compounds(&self, name: &Name) -> bool {
        let name = &self.text[name.range.clone()];
        let last = ["key", "code", "number"];
        last.iter().any(|word| name.eq_ignore_ascii_case(word))
    }

    /// Makes `name`, which is of `class`, the secret name that the last words up to it are, if they are one.
    #[inline(never)]
    fn extend_to_words(&self, name: &mut Name, class: &mut NameClass, is_assigned: bool) {
        let mut start = name.range.start;
        for _ in 1..name::MOST_WORDS {
            let Some(before) = name::word_before(self.bytes, self.read, start) else {
                return;
            };
            if prose::is_function_word(&self.text[before..start - 1]) {
                return;
            }
            start = before;
            // A sentence may have a secret word anywhere; a name has it with its last one.
            let (begins, least) = match is_assigned {
                true if self.starts_parameter(start) => (true, Secrecy::Faint),
                true => (self.ends_compounds(name), Secrecy::Strong),
                false => (
                    name::line_start(self.bytes, start).is_some(),
                    Secrecy::Strong,
                ),
            };
            if begins {
                let longer = Name::bare(self.bytes, start..name.range.end);
                let longer_class = self.class_of(&self.text[longer.range.clone()]);
                if longer_class.secrecy >= least {
                    (*name, *class) = (longer, longer_class);
                    return;
                }
            }
        }
    }
}
