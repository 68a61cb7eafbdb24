//! What is to be changed of the input to show it.

use std::{borrow::Cow, ops::Range};

use super::{string, values::white_space_end};
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

/// Returns a part of the text with all hidden places masked, without the white space that begins at `white_space`.
pub(super) fn render(
    text: &str,
    part: Range<usize>,
    edits: &Edits,
    mut white_space: &[usize],
    rules: &Rules,
) -> String {
    let mut output = String::with_capacity(part.len() + 8);
    let mut shown = part.start;
    let mut buffer = String::new();
    for edit in edits.hidden() {
        white_space = push_compact(&mut output, text, shown..edit.range.start, white_space);
        shown = edit.range.end;
        match edit.kind {
            Kind::Value => {
                output.push('"');
                push_escaped(
                    &mut output,
                    &mask_of(&text[edit.range.clone()], rules, &mut buffer),
                );
                output.push('"');
            }
            Kind::CutValue => {
                output.push('"');
                output.push_str(MASK);
                output.push('"');
            }
            Kind::Part if is_all_of_a_string(text, &edit.range) => {
                let range = edit.range.start - 1..edit.range.end + 1;
                push_escaped(&mut output, &mask_of(&text[range], rules, &mut buffer));
            }
            Kind::Part | Kind::Waiting => output.push_str(MASK),
        }
    }
    if part.end > shown {
        push_compact(&mut output, text, shown..part.end, white_space);
    }
    // A record may be kept for long: it should cost what it shows.
    if output.len() < output.capacity() / 2 {
        output.shrink_to_fit();
    }
    output
}

/// Copies a part of the text without the white space that begins at `white_space`; returns what there is of it behind.
fn push_compact<'w>(
    output: &mut String,
    text: &str,
    part: Range<usize>,
    mut white_space: &'w [usize],
) -> &'w [usize] {
    let mut from = part.start;
    while let Some((start, rest)) = white_space.split_first().filter(|(at, _)| **at < part.end) {
        // What begins before is hidden.
        if *start >= from {
            output.push_str(&text[from..*start]);
            from = white_space_end(text.as_bytes(), *start);
        }
        white_space = rest;
    }
    output.push_str(&text[from..part.end]);
    white_space
}

/// Whether a part of a string is all that it says: within a string, quotes have a backslash before them.
fn is_all_of_a_string(text: &str, part: &Range<usize>) -> bool {
    let opened = text[..part.start].strip_suffix('"');
    opened.is_some_and(|before| !before.ends_with('\\')) && text[part.end..].starts_with('"')
}

/// Returns the mask of a value. A string stands for what it says, however it is written; all else for its text.
fn mask_of(raw: &str, rules: &Rules, buffer: &mut String) -> Cow<'static, str> {
    if !rules.mask.depends_on_value() {
        return Cow::Borrowed(MASK);
    }
    let said = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    rules
        .mask
        .of(said.map_or(raw, |said| string::decoded(said, buffer)))
}

fn push_escaped(output: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '"' | '\\' => output.extend(['\\', char]),
            '\0'..='\x1f' => output.push_str(&format!("\\u{:04x}", u32::from(char))),
            _ => output.push(char),
        }
    }
}
