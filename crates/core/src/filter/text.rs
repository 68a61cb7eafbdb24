//! Writes a filter as text.

use std::{fmt, ops::RangeInclusive};

use super::{units, Filter};
use crate::rfc3339;

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_ref().map(status_text);
        let values = [
            ("status", status),
            ("method", self.method.clone()),
            ("path", self.path.clone()),
            ("route", self.route.clone()),
            ("outcome", self.outcome.map(|it| it.to_string())),
            ("slower", self.slower_than.map(units::duration)),
            ("larger", self.larger_than.map(units::size)),
            ("body", self.body.map(|it| it.as_str().to_owned())),
            ("client", self.client.clone()),
            ("id", self.id.clone()),
            ("trace", self.trace.clone()),
            ("from", self.from.and_then(rfc3339::text)),
            ("to", self.to.and_then(rfc3339::text)),
        ];
        let mut separator = "";
        for (key, value) in values {
            if let Some(value) = value {
                write!(f, "{separator}{key}:")?;
                quoted_if(f, &value, needs_quotes(&value))?;
                separator = " ";
            }
        }
        for (name, value) in &self.attributes {
            write!(f, "{separator}@")?;
            quoted_if(f, name, needs_quotes(name) || name.contains(':'))?;
            f.write_str(":")?;
            quoted_if(f, value, needs_quotes(value))?;
            separator = " ";
        }
        for phrase in &self.words {
            let text = phrase.text();
            f.write_str(separator)?;
            let is_special = text.starts_with('@') || text.contains(':');
            quoted_if(f, text, needs_quotes(text) || is_special)?;
            separator = " ";
        }
        Ok(())
    }
}

fn status_text(range: &RangeInclusive<u16>) -> String {
    let (low, high) = (*range.start(), *range.end());
    if low == high && (100..=999).contains(&low) {
        low.to_string()
    } else if (100..=500).contains(&low) && low % 100 == 0 && high == low + 99 {
        format!("{}xx", low / 100)
    } else {
        format!("{low}..{high}")
    }
}

fn needs_quotes(text: &str) -> bool {
    text.is_empty() || text.starts_with('"') || text.contains(char::is_whitespace)
}

fn quoted_if(f: &mut fmt::Formatter<'_>, text: &str, is_quoted: bool) -> fmt::Result {
    if !is_quoted {
        return f.write_str(text);
    }
    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#);
    write!(f, "\"{escaped}\"")
}
