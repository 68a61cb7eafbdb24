//! Where in a document a place is, as a path: `$.user.password`, `$.items[2]`.

use std::ops::Range;

use super::{
    edits::Edit,
    string::{self, Escapes},
};
use crate::{mask::MASK, redacted::Hidden};

/// Returns the paths of edits, which are in order. Walks the text once.
pub(super) fn places<'e>(text: &str, edits: impl Iterator<Item = &'e Edit>) -> Vec<Hidden> {
    let mut walk = Walk {
        bytes: text.as_bytes(),
        text,
        at: 0,
        levels: Vec::new(),
        name: None,
        edited: Vec::new(),
    };
    edits
        .map(|edit| {
            walk.go_to(edit.range.start);
            walk.edited.push(edit.range.clone());
            Hidden {
                place: walk.place(),
                rule: edit.rule,
            }
        })
        .collect()
}

struct Walk<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    levels: Vec<Level>,
    /// The string read last.
    name: Option<(usize, usize)>,
    /// Where the edits up to here are.
    edited: Vec<Range<usize>>,
}

enum Level {
    Object(Option<(usize, usize)>),
    Array(usize),
}

impl Walk<'_> {
    /// Reads up to the token that `place` is in.
    fn go_to(&mut self, place: usize) {
        while self.at < self.bytes.len() {
            let next = match self.bytes[self.at] {
                b'"' => string::end(self.bytes, self.at + 1),
                _ => self.at + 1,
            };
            if next > place {
                return;
            }
            match self.bytes[self.at] {
                b'"' => self.name = Some((self.at + 1, next.saturating_sub(1))),
                b':' => {
                    if let Some(Level::Object(name)) = self.levels.last_mut() {
                        *name = self.name;
                    }
                }
                b'{' => self.levels.push(Level::Object(None)),
                b'[' => self.levels.push(Level::Array(0)),
                b'}' | b']' => drop(self.levels.pop()),
                b',' => match self.levels.last_mut() {
                    Some(Level::Array(index)) => *index += 1,
                    Some(Level::Object(name)) => *name = None,
                    None => {}
                },
                _ => {}
            }
            self.at = next;
        }
    }

    fn is_edited(&self, name: Range<usize>) -> bool {
        let before = (self.edited).partition_point(|edited| edited.end <= name.start);
        let next = self.edited.get(before);
        next.is_some_and(|edited| edited.start < name.end)
    }

    fn place(&self) -> String {
        let mut place = String::from("$");
        let mut buffer = String::new();
        for level in &self.levels {
            match level {
                Level::Array(index) => place.push_str(&format!("[{index}]")),
                Level::Object(None) => place.push_str(".(name)"),
                // A secret is no less one where it stands in a name.
                Level::Object(Some((start, end))) if self.is_edited(*start..*end) => {
                    place.push_str(&format!(".{MASK}"));
                }
                Level::Object(Some((start, end))) => {
                    place.push('.');
                    let raw = self.text.get(*start..*end).unwrap_or_default();
                    place.push_str(string::unescaped(raw, Escapes::Ascii, &mut buffer));
                }
            }
        }
        place
    }
}
