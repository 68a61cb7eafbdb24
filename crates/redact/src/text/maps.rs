//! The lines of maps by indentation: what stands below a secret name, and the values of a Kubernetes Secret.

use std::ops::Range;

use super::{
    blocks::{begins_map, value_range, Kind, Place},
    bytes::skip,
    name::Name,
    prose::{is_sentence, is_type},
    scanner::Scanner,
    value,
};
use crate::{
    decision::{decide_below, Decision, Value},
    names::{NameClass, Role, Secrecy},
};

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

/// The innermost map has a `kind`. A truncated one may have become another.
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
