//! Parses a filter's text.

use std::{
    borrow::Cow,
    ops::{Range, RangeInclusive},
    str::FromStr,
    time::SystemTime,
};

use serde::{de::value::StrDeserializer, Deserialize};

use super::{units, BodyCondition, Filter, FilterError, Phrase, KEYS};
use crate::{record::Outcome, rfc3339};

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        let mut scanner = Scanner { text, at: 0 };
        while let Some(condition) = scanner.condition()? {
            filter = condition.add_to(filter)?;
        }
        Ok(filter)
    }
}

/// A condition's parts, and where they stand.
struct Condition<'t> {
    kind: Kind<'t>,
    /// The key, the attribute's name, or the words.
    name: Range<usize>,
    value: Spanned<'t>,
}

enum Kind<'t> {
    Key(&'t str),
    Attribute(Cow<'t, str>),
    Words,
}

struct Spanned<'t> {
    text: Cow<'t, str>,
    range: Range<usize>,
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn condition(&mut self) -> Result<Option<Condition<'t>>, FilterError> {
        self.at = self.text.len() - self.rest().trim_start().len();
        let start = self.at;
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(None);
        }
        if rest.starts_with('@') {
            self.at += 1;
            let name = self.value(|c| c == ':' || c.is_whitespace())?;
            if name.text.is_empty() && name.range.is_empty() {
                let message = "the attribute's name is missing: write @name:value";
                return Err(FilterError::new(start..self.at, message));
            }
            self.colon(start)?;
            return Ok(Some(Condition {
                name: start..name.range.end,
                kind: Kind::Attribute(name.text),
                value: self.attached()?,
            }));
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let colon = rest[..end].find(':').filter(|_| !rest.starts_with('"'));
        let Some(colon) = colon else {
            let value = self.attached()?;
            return Ok(Some(Condition {
                kind: Kind::Words,
                name: value.range.clone(),
                value,
            }));
        };
        self.at += colon + 1;
        Ok(Some(Condition {
            kind: Kind::Key(&rest[..colon]),
            name: start..start + colon,
            value: self.attached()?,
        }))
    }

    /// A value up to white space or to its closing quote, which white space must follow.
    fn attached(&mut self) -> Result<Spanned<'t>, FilterError> {
        let value = self.value(char::is_whitespace)?;
        let after = self.rest().chars().next();
        if after.is_some_and(|c| !c.is_whitespace()) {
            let message = "white space is missing after the closing quote";
            return Err(FilterError::new(self.at..self.at, message));
        }
        Ok(value)
    }

    /// A value up to a character that ends it, or to its closing quote.
    fn value(&mut self, ends: fn(char) -> bool) -> Result<Spanned<'t>, FilterError> {
        let start = self.at;
        let rest = self.rest();
        let Some(quoted) = rest.strip_prefix('"') else {
            let end = rest.find(ends).unwrap_or(rest.len());
            self.at += end;
            return Ok(Spanned {
                text: rest[..end].into(),
                range: start..self.at,
            });
        };
        let mut text = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += 1 + at + 1;
                    return Ok(Spanned {
                        text: text.into(),
                        range: start..self.at,
                    });
                }
                '\\' => match chars.next() {
                    Some((_, c @ ('"' | '\\'))) => text.push(c),
                    escaped => {
                        text.push('\\');
                        text.extend(escaped.map(|(_, c)| c));
                    }
                },
                c => text.push(c),
            }
        }
        let message = "the closing quote is missing";
        Err(FilterError::new(start..self.text.len(), message))
    }

    fn colon(&mut self, start: usize) -> Result<(), FilterError> {
        if !self.rest().starts_with(':') {
            let message = "the attribute's value is missing: write @name:value";
            return Err(FilterError::new(start..self.at, message));
        }
        self.at += 1;
        Ok(())
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }
}

impl Condition<'_> {
    fn add_to(self, mut filter: Filter) -> Result<Filter, FilterError> {
        match &self.kind {
            Kind::Words => {
                let phrase = Phrase::new(&self.value.text);
                let phrase =
                    phrase.ok_or_else(|| self.invalid("has no letters or digits to search for"))?;
                filter.words.push(phrase);
            }
            Kind::Attribute(name) => {
                let value = self.present()?;
                if filter.attributes.contains_key(&**name) {
                    return Err(self.repeated());
                }
                filter.attributes.insert(name.to_string(), value.to_owned());
            }
            Kind::Key(key) => self.add_key(key, &mut filter)?,
        }
        Ok(filter)
    }

    fn add_key(&self, key: &str, filter: &mut Filter) -> Result<(), FilterError> {
        if !KEYS.iter().any(|known| known.name == key) {
            let keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
            let message = format!(
                "there is no key `{key}`: the keys are {}; text with a colon is searched for in quotes",
                keys.join(", ")
            );
            return Err(FilterError::new(self.name.clone(), message));
        }
        let value = self.present()?;
        let text = || Ok(value.to_owned());
        match key {
            "status" => self.set(&mut filter.status, self.status(value)),
            "method" => self.set(&mut filter.method, text()),
            "path" => self.set(&mut filter.path, text()),
            "route" => self.set(&mut filter.route, text()),
            "outcome" => self.set(&mut filter.outcome, self.outcome(value)),
            "id" => self.set(&mut filter.id, text()),
            "trace" => self.set(&mut filter.trace, text()),
            "client" => self.set(&mut filter.client, text()),
            "slower" => {
                let duration = units::parse_duration(value);
                let help =
                    "is not a duration: write a number with us, ms, s, m or h, such as 200ms";
                self.set(
                    &mut filter.slower_than,
                    duration.ok_or_else(|| self.invalid(help)),
                )
            }
            "larger" => {
                let size = units::parse_size(value);
                let help = "is not a size: write a number with B, kB, KiB, MB, MiB, GB or GiB, such as 64KiB";
                self.set(
                    &mut filter.larger_than,
                    size.ok_or_else(|| self.invalid(help)),
                )
            }
            "body" => {
                let mut all = BodyCondition::ALL.into_iter();
                let condition = all.find(|condition| condition.as_str() == value);
                let help = "is no condition of a body: write lost or withheld";
                self.set(
                    &mut filter.body,
                    condition.ok_or_else(|| self.invalid(help)),
                )
            }
            "from" => self.set(&mut filter.from, self.time(value)),
            // All keys are known here, and the others are above.
            _ => self.set(&mut filter.to, self.time(value)),
        }
    }

    fn set<T>(
        &self,
        slot: &mut Option<T>,
        value: Result<T, FilterError>,
    ) -> Result<(), FilterError> {
        let before = slot.replace(value?);
        before.map_or(Ok(()), |_| Err(self.repeated()))
    }

    fn status(&self, value: &str) -> Result<RangeInclusive<u16>, FilterError> {
        let code = |text: &str| text.parse().ok().filter(|code| (100..=999).contains(code));
        let class = |text: &str| {
            let class = text.strip_suffix("xx").or(text.strip_suffix("XX"))?;
            let digit = class.parse().ok().filter(|class| (1..=5).contains(class));
            digit.map(|class: u16| class * 100..=class * 100 + 99)
        };
        let range = |text: &str| {
            let (low, high) = text.split_once("..")?;
            let (low, high) = (low.parse().ok()?, high.parse().ok()?);
            (low <= high).then_some(low..=high)
        };
        let one = code(value).map(|code| code..=code);
        one.or_else(|| class(value))
            .or_else(|| range(value))
            .ok_or_else(|| {
                self.invalid(
                    "is not a status: write a code (503), a class (5xx) or a range (500..504)",
                )
            })
    }

    fn outcome(&self, value: &str) -> Result<Outcome, FilterError> {
        let outcome = Outcome::deserialize(StrDeserializer::<serde::de::value::Error>::new(value));
        outcome.map_err(|_| {
            let key = KEYS.iter().find(|key| key.name == "outcome");
            let all = key.map_or(String::new(), |key| key.values.join(", "));
            self.invalid(&format!("is not an outcome: write one of {all}"))
        })
    }

    fn time(&self, value: &str) -> Result<SystemTime, FilterError> {
        let whole = rfc3339::parse(value);
        let time = whole.or_else(|| rfc3339::parse(&format!("{value}T00:00:00Z")));
        time.map(crate::record::whole_micros).ok_or_else(|| {
            self.invalid("is not a time: write 2026-11-21T09:15:00Z, or a date such as 2026-11-21")
        })
    }

    /// The value, which may be empty only if it is quoted.
    fn present(&self) -> Result<&str, FilterError> {
        if self.value.range.is_empty() {
            let message = "the value is missing";
            return Err(FilterError::new(
                self.name.start..self.value.range.end,
                message,
            ));
        }
        Ok(&self.value.text)
    }

    fn invalid(&self, what: &str) -> FilterError {
        FilterError::new(
            self.value.range.clone(),
            format!("`{}` {what}", self.value.text),
        )
    }

    fn repeated(&self) -> FilterError {
        let message = "this is given twice, and only one of both can be meant";
        FilterError::new(self.name.start..self.value.range.end, message)
    }
}
