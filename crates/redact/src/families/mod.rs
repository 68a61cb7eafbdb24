//! Token families: secrets that are known by their form, wherever they stand.

mod cards;
mod class;
mod entropy;
mod form;
mod hosts;
mod iban;
mod index;
mod personal;
mod private_key;
mod schemes;
pub(crate) mod table;
mod web_token;

use std::ops::Range;

use memchr::{memchr3, memmem};

pub(crate) use self::{
    hosts::{may_have_secret, may_have_secret_url},
    index::SHORTEST_RUN,
};
use crate::{
    characters::Characters,
    finding::{in_order_from, Finding, Rule},
    input::Extent,
};

/// The families that are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Families {
    /// Whether the families of the table are shown (`show_token_families`).
    pub(crate) shown: bool,
    pub(crate) high_entropy: bool,
    pub(crate) personal_data: bool,
}

impl Families {
    /// Whether more is looked for than the families of the table.
    #[inline]
    pub(crate) fn has_opt_ins(&self) -> bool {
        self.high_entropy || self.personal_data
    }

    /// Appends what is found in `text`, in which these characters were `seen`: in order, apart from each other. Where the
    /// text was truncated, a beginning of a secret at its end is found too.
    #[inline]
    pub(crate) fn scan(
        &self,
        text: &str,
        seen: Characters,
        extent: Extent,
        out: &mut Vec<Finding>,
    ) {
        let start = out.len();
        if !self.shown {
            find_families(text.as_bytes(), seen, extent == Extent::Truncated, out);
        }
        if self.has_opt_ins() {
            self.scan_opt_ins(text.as_bytes(), out);
        }
        in_order_from(start, out);
    }

    #[cold]
    fn scan_opt_ins(&self, bytes: &[u8], out: &mut Vec<Finding>) {
        let mut ranges = Vec::new();
        if self.high_entropy {
            entropy::find(bytes, &mut ranges);
            out.extend(with_rule(&mut ranges, Rule::HighEntropy));
        }
        if self.personal_data {
            personal::find(bytes, &mut ranges);
            out.extend(with_rule(&mut ranges, Rule::PersonalData));
        }
    }

    /// The family of a number, as it is written in JSON, if it is one of digits alone: a card number.
    pub(crate) fn of_number(&self, number: &str, extent: Extent) -> Option<&'static str> {
        let is_card = cards::is_card(&cards::integer(number))
            || extent == Extent::Truncated && cards::may_begin(number);
        (is_card && !self.shown).then_some(cards::NAME)
    }
}

fn with_rule(ranges: &mut Vec<Range<usize>>, rule: Rule) -> impl Iterator<Item = Finding> + '_ {
    let ranges = ranges.drain(..);
    ranges.map(move |range| Finding { range, rule })
}

const URLS: Characters = Characters::set(b"://");
const BEARER: Characters = Characters::set(b"bearer");
const BASIC: Characters = Characters::set(b"basic");
const PEM: Characters = Characters::set(b"-begin privatekey");
/// What stands behind an authentication scheme.
const BLANKS: Characters = Characters::set(b" +%");
const DIGITS: Characters = Characters::set(b"0123456789");

#[inline]
fn find_families(bytes: &[u8], seen: Characters, truncated: bool, found: &mut Vec<Finding>) {
    // Of a URL that was cut before its host, nothing is secret.
    let has_urls = seen.has_all(URLS) && !(truncated && memmem::find(bytes, b"://").is_none());
    index::find(bytes, has_urls, truncated, found);
    if has_scheme(seen) || seen.has_all(PEM) {
        find_anchored(bytes, truncated, found);
    }
    if seen.has_any(DIGITS) {
        let run = cards::next_run(bytes, 0);
        // Most texts have no long one.
        if run.is_some() || truncated {
            find_numbers(bytes, run, truncated, found);
        }
    }
}

/// Whether a text without blanks may have a token, or a card number.
#[inline]
pub(crate) fn may_have_run(text: &[u8]) -> bool {
    index::has_run::<{ cards::SHORTEST }>(text) && has_long_run(text)
}

#[inline(never)]
fn has_long_run(text: &[u8]) -> bool {
    index::has_run::<SHORTEST_RUN>(text) || may_have_card(text)
}

/// Whether a text has a run that is long enough for a card number.
pub(crate) fn may_have_card(text: &[u8]) -> bool {
    cards::next_run(text, 0).is_some()
}

/// Whether an authentication scheme may be in a text with these characters.
pub(crate) fn has_scheme(seen: Characters) -> bool {
    seen.has_any(BLANKS) && (seen.has_all(BEARER) || seen.has_all(BASIC))
}

/// Finds what authentication schemes and PEM blocks begin.
#[inline(never)]
fn find_anchored(bytes: &[u8], truncated: bool, found: &mut Vec<Finding>) {
    let mut from = 0;
    while let Some(offset) = memchr3(b'b', b'B', b'-', &bytes[from..]) {
        let at = from + offset;
        from = at + 1;
        let secret = match bytes[at..] {
            [b'-', b'B', ..] => private_key::at(bytes, at).map(|block| (private_key::PEM, block)),
            [b'b' | b'B', b'a' | b'A', b's' | b'S', ..]
            | [b'b' | b'B', b'e' | b'E', b'a' | b'A', ..] => schemes::at(bytes, at, truncated),
            _ => None,
        };
        if let Some((name, range)) = secret {
            from = range.end;
            found.push(family(name, range));
        }
    }
}

/// Finds card numbers, and bank account numbers in groups. The first run of digits that is long enough is at `run`.
#[inline(never)]
fn find_numbers(bytes: &[u8], mut run: Option<usize>, truncated: bool, found: &mut Vec<Finding>) {
    let mut cards = Vec::new();
    while let Some(start) = run {
        // Up to two groups with letters come before the digits of a bank account number.
        let mut begins =
            (start.saturating_sub(12)..=start).filter(|at| bytes[*at].is_ascii_uppercase());
        if let Some(iban) = begins.find_map(|at| iban::at(bytes, at, truncated)) {
            found.push(family(iban::NAME, iban));
        }
        run = cards::next_run(bytes, cards::find_in_run(bytes, start, &mut cards));
    }
    if truncated {
        cards.extend(cards::beginning(bytes));
        let tail = bytes.len().saturating_sub(iban::LONGEST_IN_GROUPS)..bytes.len();
        let iban = { tail }.find_map(|at| iban::at(bytes, at, true));
        found.extend(iban.map(|iban| family(iban::NAME, iban)));
    }
    found.extend(cards.into_iter().map(|card| family(cards::NAME, card)));
}

fn family(name: &'static str, range: Range<usize>) -> Finding {
    Finding {
        range,
        rule: Rule::Family(name),
    }
}

#[cfg(test)]
mod tests;
