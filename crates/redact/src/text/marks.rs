//! Visits each mark: the pair that it is of, or what else it begins.

use std::ops::Range;

use memchr::{memchr3, memchr_iter};

use super::{
    blocks,
    bytes::skip,
    codes, maps, markup,
    name::{self, Name},
    named, options, prose,
    scanner::{Scanner, ENCODED},
    tables, urls,
    value::{self, ENCODED_QUOTE},
    wide, wifi, words,
};
use crate::{
    characters::{find, table, Characters},
    decision::is_plain,
    finding::{in_order_from, Finding, Rule},
    input::Extent,
    names::{NameClass, Role, Secrecy},
    rules::Rules,
};

/// What is between names and values, or before the names of elements.
const MARKS: Characters = Characters::set(b":=<");
const OPTIONS: Characters = Characters::set(b"-");
const PARENTHESES: Characters = Characters::set(b"(");
const AMPERSANDS: Characters = Characters::set(b"&");
/// What the names of AWS resources begin with.
const RESOURCE: Characters = Characters::set(b"arn");

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

/// Fast path: whether no parameter of a text without blanks, quotes and what is percent-encoded says anything of its value. A
/// search for all that may be in it takes 3,000 instructions more.
#[inline(never)]
pub(crate) fn assigns_no_secret(text: &str, rules: &Rules) -> bool {
    const ASSIGNED: Characters = Characters::set(b"=");
    let padding = text.bytes().rev().take(2).take_while(|b| *b == b'=');
    let end = text.len() - padding.count();
    let mut scanner = Scanner::new(text, ASSIGNED, Extent::Whole, rules);
    let mut marks = memchr_iter(b'=', &text.as_bytes()[..end]);
    !text.starts_with('-')
        && marks.all(|mark| {
            let says_nothing = scanner.says_nothing(mark);
            scanner.read = mark + 1;
            says_nothing
        })
}

impl Scanner<'_> {
    pub(super) fn find(mut self, out: &mut Vec<Finding>) {
        if self.seen.has_any(OPTIONS) {
            options::find(&mut self);
        }
        if self.seen.has_any(MARKS) {
            self.secrets = 0;
            self.marks();
        }
        if self.truncated {
            maps::cut(&mut self);
            named::cut(&mut self);
            markup::cut(&mut self);
        }
        if self.seen.has_any(ENCODED) {
            self.encoded_marks();
        }
        if markup::may_be_escaped(self.seen) {
            markup::escaped(&mut self);
        }
        if urls::may_have_requests(self.seen) {
            urls::in_requests(&mut self);
        }
        if wide::may_have_marks(self.seen) {
            wide::find(&mut self);
        }
        if wifi::may_have_networks(self.seen) {
            wifi::find(&mut self);
        }
        if self.seen.has_any(PARENTHESES) {
            named::in_parentheses(&mut self);
        }
        if urls::may_have_addresses(self.seen) {
            urls::in_addresses(&mut self);
        }
        if named::may_have_headers(self.seen) {
            named::in_quotes(&mut self);
        }
        if words::has_secret_word(self.seen) {
            words::find(&mut self);
        }
        if codes::may_have_codes(self.seen) {
            codes::find(&mut self);
        }
        if tables::may_be_table(self.bytes, self.seen) {
            tables::find(&mut self);
        }
        if tables::may_have_statements(self.seen) {
            tables::in_statements(&mut self);
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

    /// Pairs whose mark is percent-encoded, and those of JSON of which all is.
    fn encoded_marks(&mut self) {
        let mut from = 0;
        while let Some(mark) = encoded_mark(&self.bytes[from..]).map(|offset| from + offset) {
            let start = mark + "%3D".len();
            let name = match self.bytes[from..mark].ends_with(ENCODED_QUOTE) {
                true => name::encoded_quoted_before(self.text, from, mark),
                false => name::before(self.text, from, mark),
            };
            from = start;
            if name.is_some_and(|name| self.class_of(&self.text[name.range]).is_secret()) {
                let value = value::encoded(self.bytes, start);
                from = value.end;
                self.found.push(value);
            }
        }
    }

    /// Fast path: whether [`pair`](Self::pair) would find nothing, and go on right behind the `:` or `=` at `mark`: a short
    /// name before it says nothing, and what is around the two makes no other name of them, and no line of a map.
    #[inline(always)]
    pub(super) fn says_nothing(&mut self, mark: usize) -> bool {
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
        // The parameters that are secret in a URL only.
        if is_other || matches!(name, "sig" | "code") {
            return false;
        }
        let names = &self.rules.names;
        if name.as_bytes()[0].is_ascii_digit() {
            return !is_assigned && names.are_of_table() && name::is_number(name);
        }
        if names.is_letter_alone(name.as_bytes()) {
            return true;
        }
        let class = names.class_in(&self.cache, name);
        self.judged = (place, class);
        class.secrecy == Secrecy::Harmless && class.role == Role::None
    }

    /// Reads the pair whose `:` or `=` is at `mark`; returns where to go on.
    #[inline(never)]
    pub(super) fn pair(&mut self, mark: usize) -> usize {
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
        // An end tag was read.
        let from = match bytes[..mark].ends_with(b">") {
            true => 0,
            false => self.read,
        };
        let Some(mut name) = name::before(self.text, from, mark) else {
            if let Some(end) = named::columns(self, mark) {
                return end;
            }
            // There is none between two `=` in a row, either.
            return skip(bytes, mark + 1, |byte| byte == b'=');
        };
        if !is_assigned && words::is_copula(&self.text[name.range.clone()]) {
            // `the password is: q7K`
            let said = name::before(self.text, self.read, name.range.start);
            name = said.unwrap_or(name);
        }
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
                if let Some(end) = maps::line(self, &name, class, &place, marks) {
                    return end;
                }
            }
        }
        if matches!(class.role, Role::Name | Role::Value) {
            if let Some(end) = named::half(self, &name, class.role, start()) {
                return end;
            }
        }
        if !class.is_secret() && is_assigned {
            if self.is_credential_of_url(&name, mark) {
                class.secrecy = Secrecy::Strong;
            } else if let Some(typed) = self.typed(&name, marks) {
                let start = skip(bytes, marks, |b| b == b' ');
                return self.value(&typed.0, typed.1, mark, start).unwrap_or(marks);
            }
        }
        if !class.is_secret() || self.is_place_in_source(&name, marks) {
            return marks;
        }
        self.value(&name, class, mark, start()).unwrap_or(marks)
    }

    /// Reads a mark that is of no pair; returns where to go on.
    #[inline(never)]
    fn other_mark(&mut self, mark: usize) -> Option<usize> {
        match self.bytes[mark..] {
            [b':', b'/', b'/', ..] => Some(self.url(mark)),
            // Of LDIF, before a value in base64.
            [b':', b':', b' ', ..] => None,
            // Also without the blank.
            [b':', b':', ..] if self.is_line_of_base64(mark + "::".len()) => None,
            // A path in a programming language.
            [b':', b':', ..] => Some(mark + "::".len()),
            // Base64's padding.
            [b'='] | [b'=', b'='] if !self.truncated && !self.seen.has_any(ENCODED) => {
                Some(self.bytes.len())
            }
            _ => None,
        }
    }

    /// Whether base64, of more than words, goes from here to the end of the line.
    fn is_line_of_base64(&self, start: usize) -> bool {
        let is_of_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        let end = skip(self.bytes, start, is_of_base64);
        let is_whole =
            end > start && (end - start).is_multiple_of(4) && value::ends_line(self.bytes, end);
        is_whole && !is_plain(&self.text[start..end])
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

    /// Whether a line of a source file is named, as in traces: `TokenService.java:118`.
    fn is_place_in_source(&self, name: &Name, start: usize) -> bool {
        const MOST_DIGITS: usize = 6;
        const SOURCES: [&str; 14] = [
            "c", "cc", "cpp", "cs", "go", "java", "js", "kt", "php", "py", "rb", "rs", "swift",
            "ts",
        ];
        let file = self.text[name.range.clone()].rsplit_once('.');
        let is_source = || file.is_some_and(|(_, own)| SOURCES.contains(&own));
        let end = skip(self.bytes, start, |b| b.is_ascii_digit());
        let goes_on = self
            .bytes
            .get(end)
            .is_some_and(|b| b.is_ascii_alphanumeric());
        (1..=MOST_DIGITS).contains(&(end - start)) && !goes_on && is_source()
    }

    /// The variable whose type `name` is, and what it says: `token: &str = ".."`, `password string = ".."`.
    fn typed(&self, name: &Name, marks: usize) -> Option<(Name, NameClass)> {
        /// No type is longer.
        const LONGEST: usize = 40;
        let bytes = self.bytes;
        let start = skip(bytes, marks, |b| b == b' ');
        bytes.get(start).filter(|b| !b.is_ascii_alphanumeric())?;
        value::quoted_start(bytes, start)?;
        let type_start = name.range.start;
        let reach = &bytes[type_start.saturating_sub(LONGEST)..type_start];
        let is_of_type = |b: &&u8| b.is_ascii_alphanumeric() || b"&'<>?_ ".contains(b);
        let of_type = reach.iter().rev().take_while(is_of_type).count();
        let before_type = &bytes[..type_start - of_type];
        let end = match &self.text[name.range.clone()] {
            _ if before_type.ends_with(b":") => before_type.len() - 1,
            "string" if bytes[..type_start].ends_with(b" ") => type_start - 1,
            _ => return None,
        };
        let name = name::before(self.text, 0, end)?;
        let class = self.class_of(&self.text[name.range.clone()]);
        class.is_secret().then_some((name, class))
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
        // Up to where words were found to be no sentence.
        let mut read = name.range.start;
        let mut start = name.range.start;
        for _ in 1..name::MOST_WORDS {
            let Some(before) = name::word_before(self.bytes, self.read, start) else {
                return;
            };
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
                if self.has_function_word(start..read) {
                    return;
                }
                read = start;
                let longer = Name::bare(self.bytes, start..name.range.end);
                let longer_class = self.class_of(&self.text[longer.range.clone()]);
                if longer_class.secrecy >= least {
                    (*name, *class) = (longer, longer_class);
                    return;
                }
            }
        }
    }

    /// Whether sentences are made of one of these words, each with a blank behind it.
    fn has_function_word(&self, words: Range<usize>) -> bool {
        self.text[words].split(' ').any(prose::is_function_word)
    }
}
