//! A cheap test on a line's bytes: whether a filter can match the record in it.
//!
//! Parsing a line takes many times as long. [`Filter::matches`] decides in the end; this only rules lines out, and a test holds
//! it to that.

use std::ops::RangeInclusive;

use body_logger_core::{
    filter::{BodyCondition, Filter, Phrase},
    record::Reason,
    rfc3339,
};
use memchr::memmem::{self, Finder};
use regex::bytes::{Regex, RegexBuilder};

/// What a line must have in it for a filter to match. The default rules nothing out.
#[derive(Debug, Default)]
pub(super) struct LineFilter(Vec<Test>);

/// What the bytes of a line must have, as long as no letter is escaped.
#[derive(Debug)]
enum Test {
    /// One of these.
    AnyOf(Vec<Finder<'static>>),
    /// A match.
    Pattern(Regex),
    /// A member of this name with this value in quotes, in any case of ASCII's letters: its name, of one case, is found sooner.
    Member(Box<Finder<'static>>, String),
    /// A member of this name with a number in this range.
    Number(Box<Finder<'static>>, RangeInclusive<u64>),
    /// A member `time` that is not before the first, and before the second.
    Time(Option<String>, Option<String>),
}

impl LineFilter {
    pub(super) fn of(filter: &Filter) -> Self {
        let mut tests = Vec::new();
        let mut quoted = |text: &str| tests.extend(Test::text(&format!("\"{text}\""), text));
        if let Some(route) = &filter.route {
            quoted(route);
        }
        if let Some(outcome) = filter.outcome {
            quoted(outcome.as_str());
        }
        if let Some(id) = &filter.id {
            quoted(id);
        }
        for (name, value) in &filter.attributes {
            quoted(name);
            quoted(value);
        }
        if let Some(path) = &filter.path {
            tests.extend(Test::text(&format!("\"{path}"), path));
        }
        if let Some(client) = &filter.client {
            // Its host may stand in brackets.
            tests.extend(Test::text(client, client));
        }
        for (name, text) in [("method", &filter.method), ("trace_id", &filter.trace)] {
            tests.extend(
                text.as_ref()
                    .and_then(|text| Test::member_in_any_case(name, text)),
            );
        }
        if let Some(status) = &filter.status {
            let range = u64::from(*status.start())..=u64::from(*status.end());
            tests.push(Test::number("status", range));
        }
        if let Some(limit) = filter.slower_than {
            let limit = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
            tests.push(Test::number("duration_us", limit..=u64::MAX));
        }
        if let Some(limit) = filter.larger_than {
            tests.push(Test::number("bytes", limit..=u64::MAX));
        }
        tests.extend(filter.body.and_then(Test::body));
        if filter.from.is_some() || filter.to.is_some() {
            let text = |time: Option<_>| time.and_then(rfc3339::text);
            tests.push(Test::Time(text(filter.from), text(filter.to)));
        }
        tests.extend(filter.words.iter().filter_map(Test::words));
        Self(tests)
    }

    /// Whether the filter may match what this line holds. True if it is not clear that the line is a record.
    pub(super) fn may_match(&self, line: &[u8]) -> bool {
        self.0.iter().all(|test| test.holds(line)) || !is_like_a_record(line) || has_escapes(line)
    }
}

fn is_like_a_record(line: &[u8]) -> bool {
    line.starts_with(b"{\"v\":") && line.ends_with(b"}")
}

/// Whether a letter or a slash may be written as an escape. Other escapes stand for what no test looks for.
fn has_escapes(line: &[u8]) -> bool {
    memmem::find(line, b"\\u").is_some() || memmem::find(line, b"\\/").is_some()
}

/// Finds the name of a member.
fn member(name: &str) -> Finder<'static> {
    Finder::new(&format!("\"{name}\"")).into_owned()
}

impl Test {
    /// A test for `text`, in which `value` stands in quotes or not. `None` if JSON always writes some of it as an escape.
    fn text(text: &str, value: &str) -> Option<Self> {
        let is_escaped = |char: char| char < ' ' || matches!(char, '"' | '\\');
        let is_plain = !value.contains(is_escaped);
        is_plain.then(|| Self::AnyOf(vec![Finder::new(text).into_owned()]))
    }

    /// A test for a member with this value, in any case of ASCII's letters.
    fn member_in_any_case(name: &str, value: &str) -> Option<Self> {
        Self::text(value, value)?;
        Some(Self::Member(Box::new(member(name)), format!("\"{value}\"")))
    }

    /// A test for the longest of the words.
    fn words(phrase: &Phrase) -> Option<Self> {
        // In another script, one letter may have many forms.
        let words = phrase.words().iter().filter(|word| word.is_ascii());
        let longest = words.max_by_key(|word| word.len())?;
        // The sign for kelvin is the one character beyond ASCII that is a letter of ASCII in lower case.
        Self::pattern(&longest.replace('k', "(?:k|\u{212a})"))
    }

    fn pattern(pattern: &str) -> Option<Self> {
        let mut builder = RegexBuilder::new(pattern);
        let regex = builder.unicode(false).case_insensitive(true).build();
        // A pattern that is too long for a regex rules nothing out.
        regex.ok().map(Self::Pattern)
    }

    fn number(name: &str, range: RangeInclusive<u64>) -> Self {
        Self::Number(Box::new(member(name)), range)
    }

    fn body(condition: BodyCondition) -> Option<Self> {
        let reasons = match condition {
            BodyCondition::Lost => &[
                Reason::BodyLimit,
                Reason::MemoryBudget,
                Reason::RecordLimit,
                Reason::Decode,
            ][..],
            BodyCondition::Withheld => &[Reason::Redaction, Reason::Handler][..],
            _ => return None,
        };
        let finders = reasons.iter().map(|reason| member(reason.as_str()));
        Some(Self::AnyOf(finders.collect()))
    }

    fn holds(&self, line: &[u8]) -> bool {
        match self {
            Self::AnyOf(finders) => finders.iter().any(|finder| finder.find(line).is_some()),
            Self::Pattern(regex) => regex.is_match(line),
            Self::Member(name, quoted) => values(name, line).any(|value| {
                let value = value.get(..quoted.len());
                value.is_some_and(|value| value.eq_ignore_ascii_case(quoted.as_bytes()))
            }),
            Self::Number(name, range) => values(name, line).any(|value| {
                let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
                let number = digits.fold(None, |number: Option<u64>, digit| {
                    let number = number.unwrap_or(0).saturating_mul(10);
                    Some(number.saturating_add(u64::from(digit - b'0')))
                });
                number.is_some_and(|number| range.contains(&number))
            }),
            Self::Time(from, to) => values(&member("time"), line).any(|value| {
                // Only times of the same form are in the order of their texts.
                let Some(time) = common_time(value) else {
                    return true;
                };
                let is_before = |other: &Option<String>| {
                    other.as_ref().is_some_and(|other| time < other.as_bytes())
                };
                !is_before(from) && (to.is_none() || is_before(to))
            }),
        }
    }
}

/// The values of all members of this name, from their first byte to the end of the line.
fn values<'l>(name: &'l Finder<'static>, line: &'l [u8]) -> impl Iterator<Item = &'l [u8]> {
    name.find_iter(line).filter_map(|at| {
        let behind = line[at + name.needle().len()..].trim_ascii_start();
        Some(behind.strip_prefix(b":")?.trim_ascii_start())
    })
}

/// A time as records have it, in UTC with microseconds, without its quotes.
fn common_time(value: &[u8]) -> Option<&[u8]> {
    const LENGTH: usize = "2026-11-21T09:15:01.123456Z".len();
    let (time, rest) = value.strip_prefix(b"\"")?.split_at_checked(LENGTH)?;
    let marks = [(10, b'T'), (19, b'.'), (LENGTH - 1, b'Z')];
    let is_common =
        marks.iter().all(|(at, mark)| time[*at] == *mark) && rest.first() == Some(&b'"');
    is_common.then_some(time)
}

#[cfg(test)]
mod tests;
