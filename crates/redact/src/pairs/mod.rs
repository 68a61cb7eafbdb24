//! Pairs such as `a=1&b=2`, of forms, queries and fragments: values are masked, all other bytes stay as they are.

use std::{borrow::Cow, ops::Range};

use memchr::memchr;

use crate::{
    characters::{find, first_refused},
    decision::{decide, Decision, Value},
    encoded::{said_if_harmless, scan_encoded, Said},
    finding::{Finding, Rule},
    input::Extent,
    masker::Masker,
    names::{NameCache, NameClass, Secrecy},
    percent::{form_decoded, Encoding},
    redacted::{End, Redacted, Report},
    rules::Rules,
};

/// Redacts a body of `application/x-www-form-urlencoded`.
///
/// The pair that was truncated is masked, and so is the one with the first byte that is not understood. From that byte
/// on all is withheld.
pub(crate) fn redact_form(
    input: &str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Redacted {
    let (readable, whole) = readable(input);
    let end = match extent {
        _ if !whole => End::Malformed,
        Extent::Truncated => End::Truncated,
        Extent::Whole => End::Complete,
    };
    let text = redact_query(input, extent, rules, report).into_owned();
    Redacted::text(text, end, readable.len(), report.counts)
}

/// Redacts a query, without its `?`, in the way of a form.
pub(crate) fn redact_query<'q>(
    query: &'q str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'q, str> {
    let (readable, whole) = readable(query);
    let mut masker = Masker::new(readable);
    let extent = if whole { extent } else { Extent::Truncated };
    mask_pairs(&mut masker, 0..readable.len(), extent, rules, report);
    masker.finish()
}

/// Returns the text up to the first byte that pairs never contain, and whether that is all of it.
///
/// With such a byte it is JSON, XML or binary, in which a `&` or a `=` separates nothing.
pub(crate) fn readable(text: &str) -> (&str, bool) {
    let is_bracket = |byte: u8| (byte == b'<') | (byte == b'>');
    let is_refused = |byte: u8| (byte < b' ') | (byte == b'"') | is_bracket(byte) | (byte == 0x7f);
    match first_refused(text.as_bytes(), is_refused) {
        // An ASCII byte is a character's boundary.
        Some(refused) => (&text[..refused], false),
        None => (text, true),
    }
}

/// Masks what is secret in the pairs at `place`, which have `&` between them.
pub(crate) fn mask_pairs(
    masker: &mut Masker<'_>,
    place: Range<usize>,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) {
    let text = masker.text();
    find_pairs(text, place, b'&', extent, rules, |hidden| match hidden {
        Hidden::Part(finding) => masker.mask(finding.range, finding.rule, report),
        Hidden::WholeValue(finding) => {
            let value = form_decoded(&text[finding.range.clone()]);
            masker.mask_value(finding, &value, rules, report);
        }
        Hidden::Value { finding, name } => {
            report.note(finding.rule, || text[name].to_owned());
            let value = form_decoded(&text[finding.range.clone()]);
            let mask = rules.mask.of(&value);
            masker.mask_with(finding.range, &mask);
        }
    });
}

/// What is to be hidden in pairs.
pub(crate) enum Hidden {
    /// The whole value of a secret name.
    Value {
        finding: Finding,
        name: Range<usize>,
    },
    /// A whole value that is secret by what it is, or stands beside.
    WholeValue(Finding),
    /// Anything else.
    Part(Finding),
}

impl Hidden {
    pub(crate) fn finding(self) -> Finding {
        match self {
            Self::Value { finding, .. } | Self::WholeValue(finding) | Self::Part(finding) => {
                finding
            }
        }
    }
}

/// Finds what is secret in the pairs at `place`, which have `separator`, an ASCII character, between them: in order,
/// apart from each other.
pub(crate) fn find_pairs(
    text: &str,
    place: Range<usize>,
    separator: u8,
    extent: Extent,
    rules: &Rules,
    hide: impl FnMut(Hidden),
) {
    let mut pairs = Pairs {
        text,
        all: place.clone(),
        oauth: None,
        cache: rules.names.cache(),
        truncated: extent == Extent::Truncated,
        rules,
        hide,
    };
    let mut start = place.start;
    while let Some(end) = find_byte(&text.as_bytes()[..place.end], start, separator) {
        pairs.read(start..end, Extent::Whole);
        start = end + 1;
    }
    pairs.read(start..place.end, extent);
}

/// Returns where a byte is next. Fast path: most names and values are short.
#[inline]
fn find_byte(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    find(bytes, from, |b| b == byte, |far| memchr(byte, far))
}

/// Codes of countries and languages are no longer; those of OAuth all are.
const LONGEST_CODE: usize = 3;

struct Pairs<'t, H> {
    text: &'t str,
    all: Range<usize>,
    /// Whether they are of OAuth, once that was asked.
    oauth: Option<bool>,
    cache: NameCache,
    /// Whether more of them may have followed.
    truncated: bool,
    rules: &'t Rules,
    hide: H,
}

impl<'t, H: FnMut(Hidden)> Pairs<'t, H> {
    fn read(&mut self, place: Range<usize>, extent: Extent) {
        let Range { start, end } = place;
        if start == end && extent == Extent::Whole {
            return;
        }
        match find_byte(&self.text.as_bytes()[..end], start, b'=') {
            Some(mark) => self.pair(start..mark, mark + 1..end, extent),
            None => self.lone(start..end, extent),
        }
    }

    /// A part without a `=`, which may be a name or a value. A truncated one may have become a secret name.
    fn lone(&mut self, place: Range<usize>, extent: Extent) {
        if extent == Extent::Truncated {
            return self.hide(place, Rule::Truncated);
        }
        drop(self.scan(place));
    }

    fn pair(&mut self, name: Range<usize>, value: Range<usize>, extent: Extent) {
        // Fast path: a byte alone is neither a secret name nor a secret. Inputs made to take long have many.
        if name.len() < 2 && extent == Extent::Whole && self.rules.names.are_of_table() {
            if value.len() > 1 {
                drop(self.scan(value));
            }
            return;
        }
        let decoded_name = match self.scan(name.clone()) {
            Ok(decoded) => decoded,
            // A secret before the `=` may go on after it: it need not be a name at all.
            Err(rule) => return self.hide(value, rule),
        };
        if extent == Extent::Truncated {
            return self.hide(value, Rule::Truncated);
        }
        let raw_value = &self.text[value.clone()];
        let class = match self.rules.names.is_letter_alone(decoded_name.bytes()) {
            true => NameClass::default(),
            false => self.class(&decoded_name),
        };
        if class.secrecy == Secrecy::Harmless {
            let is_credential = match decoded_name.bytes() {
                b"code" => self.are_oauth() || self.truncated && raw_value.len() > LONGEST_CODE,
                // Azure's shared access signature.
                b"sig" => true,
                _ => false,
            };
            if is_credential && !value.is_empty() {
                return self.hide(value, Rule::Structure);
            }
            return drop(self.scan(value));
        }
        let decoded = form_decoded(raw_value);
        match decide(class, Value::Text(&decoded)) {
            Decision::Show => {}
            Decision::Mask(rule) => {
                let finding = Finding { range: value, rule };
                (self.hide)(Hidden::Value { finding, name });
            }
            Decision::Scan => drop(self.scan(value)),
        }
    }

    fn class(&self, name: &str) -> NameClass {
        let class = |name| self.rules.names.class_in(&self.cache, name);
        let whole = class(name);
        // The query of a route in a fragment: `#/callback?token=`.
        let begins = |byte: &u8| matches!(byte, b'?' | b'#' | b';' | b'&');
        let last = name.as_bytes().iter().rposition(begins);
        match last.map(|at| class(&name[at + 1..])) {
            Some(last) if !whole.is_secret() => last,
            _ => whole,
        }
    }

    /// Whether these pairs are of OAuth, in which `code` is a credential (RFC 6749, sections 4.1.2 and 4.1.3).
    fn are_oauth(&mut self) -> bool {
        const BESIDE: [&str; 6] = [
            "client_id",
            "grant_type",
            "iss",
            "redirect_uri",
            "session_state",
            "state",
        ];
        let all = &self.text[self.all.clone()];
        *self.oauth.get_or_insert_with(|| {
            let names = all.split(['&', ';']).map(|pair| pair.split('=').next());
            names.flatten().any(|name| BESIDE.contains(&name))
        })
    }

    /// Hides what is found in a part. Returns what the part says, or the first of the rules that hid something.
    #[inline]
    fn scan(&mut self, place: Range<usize>) -> Result<Said<'t>, Rule> {
        match said_if_harmless(&self.text[place.clone()], Encoding::Form, self.rules) {
            Some(said) => Ok(said),
            None => self.scan_for(place),
        }
    }

    #[inline(never)]
    fn scan_for(&mut self, place: Range<usize>) -> Result<Said<'t>, Rule> {
        let mut found = Vec::new();
        let text = &self.text[place.clone()];
        let said = scan_encoded(text, Encoding::Form, Extent::Whole, self.rules, &mut found);
        let Some(first) = found.first().map(|finding| finding.rule) else {
            return Ok(said);
        };
        for mut finding in found {
            finding.range.start += place.start;
            finding.range.end += place.start;
            (self.hide)(match finding.range == place {
                true => Hidden::WholeValue(finding),
                false => Hidden::Part(finding),
            });
        }
        Err(first)
    }

    fn hide(&mut self, range: Range<usize>, rule: Rule) {
        let finding = Finding { range, rule };
        (self.hide)(match rule {
            Rule::Truncated => Hidden::Part(finding),
            _ => Hidden::WholeValue(finding),
        });
    }
}

#[cfg(test)]
mod tests;
