//! What is to be hidden in a text, and by which rule.

use std::{fmt, ops::Range};

/// Why something was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The words of its name.
    Name,
    /// A name that the application gave: `redact_fields`, `redact_fields_matching`.
    Field,
    /// A path that the application gave.
    Path,
    /// A token family, by its name in the table.
    Family(&'static str),
    /// Its place in a structure: a pair of a name and a value, a member below a secret name, a GraphQL variable.
    Structure,
    /// A pair, URL or connection string in a text.
    Text,
    /// A long random run; opt-in.
    HighEntropy,
    /// Personal data by form; opt-in.
    PersonalData,
    /// The input ended within it, and what is missing could have made it a secret.
    Truncated,
}

impl fmt::Display for Rule {
    /// Writes the rule for people: `name`, `token family github-token`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Field => "field of the application",
            Self::Path => "path of the application",
            Self::Family(name) => return write!(f, "token family {name}"),
            Self::Structure => "structure",
            Self::Text => "text",
            Self::HighEntropy => "high entropy",
            Self::PersonalData => "personal data",
            Self::Truncated => "truncated",
        })
    }
}

/// A part of a text that is to be masked: never empty, on character boundaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) range: Range<usize>,
    pub(crate) rule: Rule,
}

/// Puts the findings from `start` on in order. Fast path: mostly there is one at most.
#[inline(always)]
pub(crate) fn in_order_from(start: usize, found: &mut Vec<Finding>) {
    if found.len() > start + 1 {
        order_from(start, found);
    }
}

#[inline(never)]
fn order_from(start: usize, found: &mut Vec<Finding>) {
    // Texts with very many are mostly alone.
    if start == 0 {
        return in_order(found);
    }
    let mut own = found.split_off(start);
    in_order(&mut own);
    found.append(&mut own);
}

/// Sorts findings and joins those that overlap; the rule of the one that starts first is kept.
pub(crate) fn in_order(found: &mut Vec<Finding>) {
    if found.len() < 2 {
        return;
    }
    found.sort_by_key(|finding| finding.range.start);
    found.dedup_by(|next, last| {
        let overlaps = next.range.start < last.range.end;
        if overlaps {
            last.range.end = last.range.end.max(next.range.end);
        }
        overlaps
    });
}
