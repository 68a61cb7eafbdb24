//! Lists of names for comments, with bounded number and length.

use std::fmt;

use super::{escape::escaped, shell::quoted};

/// Maximum number of names in a list.
const MAX_NAMES: usize = 20;

/// Maximum length of a name in bytes; longer ones are truncated.
const MAX_NAME: usize = 80;

/// Names with their kinds, such as `header 'authorization'`, without duplicates.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Names {
    found: Vec<Name>,
    more: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    kind: &'static str,
    text: String,
    truncated: bool,
}

impl Names {
    pub(super) fn add(&mut self, kind: &'static str, name: &str) {
        if self.more {
            return;
        }
        let text = prefix(name, MAX_NAME);
        let truncated = text.len() < name.len();
        let is_known =
            |known: &Name| known.kind == kind && known.text == text && known.truncated == truncated;
        if self.found.iter().any(is_known) {
            return;
        }
        if self.found.len() == MAX_NAMES {
            self.more = true;
            return;
        }
        self.found.push(Name {
            kind,
            text: text.to_owned(),
            truncated,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn has(&self, kind: &str) -> bool {
        self.found.iter().any(|name| name.kind == kind)
    }
}

/// Formats the list on one line, quoted so that even a shell without comments runs nothing in it.
impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.found.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let dots = if name.truncated { "…" } else { "" };
            let text = format!("{}{dots}", escaped(&name.text));
            // An escaped text contains no NUL.
            let word = quoted(&text).unwrap_or_default();
            write!(f, "{comma}{} {word}", name.kind)?;
        }
        if self.more {
            f.write_str(" and more")?;
        }
        Ok(())
    }
}

/// Returns the longest prefix of whole characters with at most `limit` bytes.
pub(super) fn prefix(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len()))
        .rev()
        .find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_the_list_and_removes_duplicates() {
        let mut names = Names::default();
        assert!(names.is_empty());
        for _ in 0..3 {
            names.add("header", "a");
            names.add("part", "it's\n");
            names.add("part", &"é".repeat(1_000));
        }
        let long = "é".repeat(MAX_NAME / 2);
        let expected = format!(r"header 'a', part 'it'\''s\n', part '{long}…'");
        assert_eq!(names.to_string(), expected);
        assert!(names.has("part") && !names.has("body"));
        for i in 0..1_000 {
            names.add("part", &i.to_string());
        }
        let shown = names.to_string();
        assert!(shown.ends_with("part '16' and more"), "{shown}");
    }
}
