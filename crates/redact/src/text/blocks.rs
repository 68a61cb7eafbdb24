//! The maps by indentation that a line of a text is in, as in YAML.

use std::ops::Range;

use super::{
    bytes::skip,
    name::{self, Name},
    value,
};
use crate::names::NameClass;

/// The maps that the current line is in, from the left to the right. Indentation is bounded, and so are they.
#[derive(Debug, Default)]
pub(super) struct Blocks(pub(super) Vec<Block>);

#[derive(Debug, Default)]
pub(super) struct Block {
    /// How far to the right its names are.
    pub(super) column: usize,
    /// The secret name that it stands below; harmless if there is none.
    pub(super) outer: NameClass,
    /// Whether it is the `data` of the map around.
    pub(super) is_data: bool,
    /// What a map that follows the last name stands below.
    pub(super) opens: NameClass,
    pub(super) opens_data: bool,
    /// What its `kind` is, if that was read.
    pub(super) kind: Option<Kind>,
    /// The values of its `data`, as long as its `kind` was not read.
    pub(super) data: Vec<Range<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Secret,
    Other,
}

/// Where a line has its name.
pub(super) struct Place {
    pub(super) column: usize,
    /// Whether it begins an item of a list.
    pub(super) is_item: bool,
}

impl Blocks {
    /// Goes to the map that the name at `place` is in.
    #[inline]
    pub(super) fn enter(&mut self, place: &Place, begins_document: bool) {
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
#[inline]
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
#[inline]
pub(super) fn value_range(
    bytes: &[u8],
    start: usize,
    line_end: usize,
    column: usize,
) -> Range<usize> {
    let quoted = value::quoted_start(bytes, start);
    if let Some(start) = quoted.filter(|start| *start <= line_end) {
        return start..value::quoted_end(bytes, start);
    }
    let end = match bytes.get(start) {
        Some(b'|' | b'>') => value::block_end(bytes, line_end, column, false),
        _ => line_end,
    };
    value::trimmed(bytes, start..end)
}
