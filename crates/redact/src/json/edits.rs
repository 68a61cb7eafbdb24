//! The places of an input that are changed to show it.

use std::ops::Range;

use super::string;
use crate::{finding::Rule, mask::MASK, rules::Rules};

/// A place that is hidden, or still may be.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) rule: Rule,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole value, in the place of which a string is shown.
    Value,
    /// A value of which the end is missing.
    CutValue,
    /// A part of a string.
    Part,
    /// Nothing yet: a value whose name may follow.
    Waiting,
}

/// All places, in the order of the input. Those within a hidden value do not count.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

impl Edits {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds a place, and returns its number.
    pub(super) fn push(&mut self, range: Range<usize>, rule: Rule, kind: Kind) -> usize {
        self.0.push(Edit { range, rule, kind });
        self.0.len() - 1
    }

    pub(super) fn get_mut(&mut self, number: usize) -> &mut Edit {
        &mut self.0[number]
    }

    pub(super) fn range(&self, number: usize) -> Range<usize> {
        self.0[number].range.clone()
    }

    /// Returns what is hidden, each place once.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &Edit> {
        let mut end = 0;
        self.0.iter().filter(move |edit| {
            let hidden = edit.kind != Kind::Waiting && edit.range.start >= end;
            if hidden {
                end = edit.range.end;
            }
            hidden
        })
    }
}

/// Returns a part of the text with all hidden places masked, and without `white_space`.
pub(super) fn render(
    text: &str,
    part: Range<usize>,
    edits: &Edits,
    white_space: &[Range<usize>],
    rules: &Rules,
) -> String {
    let mut output = match white_space {
        [] => render_into(String::new(), text, part, edits, rules),
        _ => {
            let output = Compact::new(white_space);
            render_into(output, text, part, edits, rules).into_text()
        }
    };
    // A record may be kept for long: it should cost what it shows.
    if output.len() < output.capacity() / 2 {
        output.shrink_to_fit();
    }
    output
}

fn render_into<O: Output>(
    mut output: O,
    text: &str,
    part: Range<usize>,
    edits: &Edits,
    rules: &Rules,
) -> O {
    output.reserve(part.len() + 8);
    let mut shown = part.start;
    let mut buffer = String::new();
    for edit in edits.hidden() {
        output.copy(text, shown..edit.range.start);
        shown = edit.range.end;
        match edit.kind {
            Kind::Value => {
                output.push("\"");
                push_mask(&mut output, &text[edit.range.clone()], rules, &mut buffer);
                output.push("\"");
            }
            Kind::CutValue => {
                output.push("\"");
                output.push(MASK);
                output.push("\"");
            }
            Kind::Part if is_all_of_a_string(text, &edit.range) => {
                let range = edit.range.start - 1..edit.range.end + 1;
                push_mask(&mut output, &text[range], rules, &mut buffer);
            }
            Kind::Part | Kind::Waiting => output.push(MASK),
        }
    }
    if part.end > shown {
        output.copy(text, shown..part.end);
    }
    output
}

/// What a text is rendered to.
trait Output {
    fn reserve(&mut self, bytes: usize);
    fn push(&mut self, text: &str);
    /// Appends what is shown of a part of the input. Parts are copied in their order.
    fn copy(&mut self, text: &str, part: Range<usize>);
}

impl Output for String {
    fn reserve(&mut self, bytes: usize) {
        self.reserve_exact(bytes);
    }

    fn push(&mut self, text: &str) {
        self.push_str(text);
    }

    fn copy(&mut self, text: &str, part: Range<usize>) {
        self.push_str(&text[part]);
    }
}

/// A text without its white space.
struct Compact<'w> {
    bytes: Vec<u8>,
    /// What there is of it from the last part on.
    white_space: &'w [Range<usize>],
}

impl<'w> Compact<'w> {
    fn new(white_space: &'w [Range<usize>]) -> Self {
        Self {
            bytes: Vec::new(),
            white_space,
        }
    }

    fn into_text(self) -> String {
        String::from_utf8(self.bytes).expect("white space is whole characters")
    }

    /// Appends a run of bytes. Most are short: what copies as many bytes for each of those takes no call.
    #[inline(always)]
    fn push_run(&mut self, bytes: &[u8], run: Range<usize>) {
        const MOST: usize = 32;
        let length = run.end - run.start;
        let from = bytes.get(run.start..);
        match from.and_then(|rest| rest.first_chunk::<MOST>()) {
            Some(from) if length <= MOST => {
                self.bytes.extend_from_slice(from);
                self.bytes.truncate(self.bytes.len() - MOST + length);
            }
            _ => self.push_bytes(&bytes[run]),
        }
    }

    #[inline(never)]
    fn push_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

impl Output for Compact<'_> {
    fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve_exact(bytes);
    }

    fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    fn copy(&mut self, text: &str, part: Range<usize>) {
        let bytes = text.as_bytes();
        let mut from = part.start;
        while let [next, rest @ ..] = self.white_space {
            if next.start >= part.end {
                break;
            }
            // What begins before is hidden.
            if next.start >= from {
                self.push_run(bytes, from..next.start);
                from = next.end;
            }
            self.white_space = rest;
        }
        self.push_run(bytes, from..part.end);
    }
}

/// Whether a part of a string is all that it says: within a string, quotes have a backslash before them.
fn is_all_of_a_string(text: &str, part: &Range<usize>) -> bool {
    let opened = text[..part.start].strip_suffix('"');
    opened.is_some_and(|before| !before.ends_with('\\')) && text[part.end..].starts_with('"')
}

/// Appends the mask of a value. A string stands for what it says, however it is written; all else for its text.
fn push_mask(output: &mut impl Output, raw: &str, rules: &Rules, buffer: &mut String) {
    if !rules.mask.depends_on_value() {
        return output.push(MASK);
    }
    let said = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    let value = said.map_or(raw, |said| string::decoded(said, buffer));
    push_escaped(output, &rules.mask.of(value));
}

fn push_escaped(output: &mut impl Output, text: &str) {
    let mut buffer = [0; 4];
    for char in text.chars() {
        match char {
            '"' | '\\' => {
                output.push("\\");
                output.push(char.encode_utf8(&mut buffer));
            }
            '\0'..='\x1f' => output.push(&format!("\\u{:04x}", u32::from(char))),
            _ => output.push(char.encode_utf8(&mut buffer)),
        }
    }
}
