//! Maps by indentation, as in YAML: what stands below a secret name, and the values of a Kubernetes Secret.

use std::ops::Range;

use super::{
    name::{self, Name},
    prose::{is_sentence, is_type},
    value::{self, skip},
    Scanner,
};
use crate::{
    decision::{decide_below, Decision, Value},
    names::{NameClass, Role, Secrecy},
};

/// The maps that the current line is in, from the left to the right. Indentation is bounded, and so are they.
#[derive(Debug, Default)]
pub(super) struct Blocks(Vec<Block>);

#[derive(Debug, Default)]
struct Block {
    /// How far to the right its names are.
    column: usize,
    /// The secret name that it stands below; harmless if there is none.
    outer: NameClass,
    /// Whether it is the `data` of the map around.
    is_data: bool,
    /// What a map that follows the last name stands below.
    opens: NameClass,
    opens_data: bool,
    /// What its `kind` is, if that was read.
    kind: Option<Kind>,
    /// The values of its `data`, as long as its `kind` was not read.
    data: Vec<Range<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Secret,
    Other,
}

/// Where a line has its name.
pub(super) struct Place {
    column: usize,
    /// Whether it begins an item of a list.
    is_item: bool,
}

impl Blocks {
    /// Goes to the map that the name at `place` is in.
    fn enter(&mut self, place: &Place, begins_document: bool) {
        if begins_document {
            self.0.clear();
        }
        let is_left = |block: &Block| {
            block.column > place.column || block.column == place.column && place.is_item
        };
        while self.0.last().is_some_and(is_left) {
            self.0.pop();
        }
        let around = self.0.last();
        if around.is_some_and(|block| block.column == place.column) {
            return;
        }
        let outer = match around {
            Some(around) if around.opens.secrecy >= around.outer.secrecy => around.opens,
            Some(around) => around.outer,
            None => NameClass::default(),
        };
        self.0.push(Block {
            column: place.column,
            outer,
            is_data: around.is_some_and(|around| around.opens_data),
            ..Block::default()
        });
    }
}

/// Reads the line of a map whose name is at `place` and ends before `from`; returns where to go on if nothing more is to
/// be said of it.
#[inline(never)]
pub(super) fn line(
    scanner: &mut Scanner<'_>,
    name: &Name,
    class: NameClass,
    place: &Place,
    from: usize,
) -> Option<usize> {
    let bytes = scanner.bytes;
    let start = skip(bytes, from, |b| matches!(b, b' ' | b'\t'));
    let line_start = name.range.start - place.column - usize::from(name.quoted);
    let begins_document = bytes[..line_start].ends_with(b"---\n");
    scanner.blocks.enter(place, begins_document);
    let text = &scanner.text[name.range.clone()];
    let is_data = matches!(text, "data" | "stringData");
    let line_end = scanner.pair_line_end(name, start);
    // Behind the colon there may be a comment, an anchor or a tag.
    let is_empty = line_end == start || matches!(bytes[start], b'#' | b'&' | b'!');
    let opens = is_empty && begins_map(bytes, line_end, place.column);
    let around = scanner.blocks.0.len().checked_sub(2);
    let block = scanner.blocks.0.last_mut()?;
    block.opens = if opens { class } else { NameClass::default() };
    block.opens_data = opens && is_data;
    if opens {
        return Some(line_end);
    }
    if start == line_end {
        // Nothing is on the line, nor below it.
        let says_nothing = !name.quoted
            && !matches!(class.role, Role::Name | Role::Value)
            && value::block_end(bytes, line_end, place.column, true) == line_end;
        return says_nothing.then_some(line_end);
    }
    let (outer, is_data) = (block.outer, block.is_data);
    let is_of_map = !class.is_secret() && !class.shown && outer.secrecy != Secrecy::Harmless;
    if text != "kind" && !is_data && !is_of_map {
        return None;
    }
    let range = value_range(bytes, start, line_end, place.column);
    if range.is_empty() {
        return None;
    }
    if text == "kind" {
        note_kind(scanner, &range);
        return None;
    }
    if let Some(around) = around.filter(|_| is_data) {
        if is_of_secret(scanner, around, &range) {
            scanner.found.push(range.clone());
            return Some(range.end);
        }
    }
    if !is_of_map {
        return None;
    }
    let said = &scanner.text[range.clone()];
    let value = match said.bytes().all(|b| b.is_ascii_digit()) {
        true => Value::Number,
        false => Value::Text(said),
    };
    let is_hidden = matches!(decide_below(outer, class, value), Decision::Mask(_))
        && !is_type(said)
        && !is_sentence(said);
    if !is_hidden {
        return None;
    }
    scanner.found.push(range.clone());
    Some(range.end)
}

/// The innermost map has a `kind`. What was cut off may have become one.
fn note_kind(scanner: &mut Scanner<'_>, said: &Range<usize>) {
    let is_cut = scanner.truncated && said.end == scanner.bytes.len();
    let kind = match scanner.text[said.clone()].split_ascii_whitespace().next() {
        _ if is_cut => return,
        Some("Secret") => Kind::Secret,
        _ => Kind::Other,
    };
    if let Some(block) = scanner.blocks.0.last_mut() {
        block.kind = Some(kind);
        let waiting = std::mem::take(&mut block.data);
        if kind == Kind::Secret {
            scanner.found.extend(waiting);
        }
    }
}

/// Whether this value of the `data` of the map at `around` is known to be secret; if it may be, it is noted.
fn is_of_secret(scanner: &mut Scanner<'_>, around: usize, value: &Range<usize>) -> bool {
    let manifest = &mut scanner.blocks.0[around];
    if manifest.kind.is_none() {
        manifest.data.push(value.clone());
    }
    manifest.kind == Some(Kind::Secret)
}

/// The text ended before the `kind` of a map with `data`: its values may be secret.
pub(super) fn cut(scanner: &mut Scanner<'_>) {
    for block in std::mem::take(&mut scanner.blocks.0) {
        scanner.found.extend(block.data);
    }
}

/// Where a name stands that begins its line, but for the marks of a list.
#[inline]
pub(super) fn place(bytes: &[u8], name: &Name) -> Option<Place> {
    let start = name.range.start - usize::from(name.quoted);
    let line = match name.quoted {
        true => name::line_start(bytes, start)?,
        false => name.line?,
    };
    let indentation = &bytes[line..start];
    let begins =
        indentation.iter().all(|b| matches!(b, b' ' | b'-')) && !bytes[..line].ends_with(b"\r");
    begins.then(|| Place {
        column: indentation.len(),
        is_item: indentation.contains(&b'-'),
    })
}

/// Whether the lines behind `end`, the end of one, are of a map, or of a list of maps, further to the right than `column`.
pub(super) fn begins_map(bytes: &[u8], end: usize, column: usize) -> bool {
    let mut end = end;
    loop {
        let Some(start) = value::next_line(bytes, end) else {
            return false;
        };
        let text = skip(bytes, start, |b| b == b' ');
        let is_nothing = value::ends_line(bytes, text) || bytes[text] == b'#';
        if is_nothing {
            end = value::line_end(bytes, text);
            continue;
        }
        let name = skip(bytes, text, |b| matches!(b, b' ' | b'-'));
        let is_inside = text - start > column || name > text && text - start == column;
        if !is_inside {
            return false;
        }
        let mark = skip(bytes, name, |b| {
            b.is_ascii_alphanumeric()
                || !b.is_ascii()
                || matches!(b, b'_' | b'-' | b'.' | b'/' | b'"' | b'\'')
        });
        return mark > name
            && bytes.get(mark) == Some(&b':')
            && matches!(
                bytes.get(mark + 1),
                None | Some(b' ' | b'\n' | b'\r' | b'\\')
            );
    }
}

/// What the value on a line says, which may be a block of the lines behind it.
fn value_range(bytes: &[u8], start: usize, line_end: usize, column: usize) -> Range<usize> {
    let quoted = bytes
        .get(start)
        .and_then(|_| value::quoted_start(bytes, start));
    if let Some(start) = quoted.filter(|start| *start <= line_end) {
        return start..value::quoted_end(bytes, start);
    }
    let end = match bytes.get(start) {
        Some(b'|' | b'>') => value::block_end(bytes, line_end, column, false),
        _ => line_end,
    };
    value::trimmed(bytes, start..end)
}
