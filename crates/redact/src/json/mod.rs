//! JSON without parsing it into values.
//!
//! One pass over the bytes, in which only names, nesting and token boundaries matter, notes what is to be hidden; what is
//! shown is then copied in runs. The grammar is RFC 8259's, for a sequence of documents with or without white space, or
//! the record separators of RFC 7464, between them. Lone surrogates (`"\ud800"`) are malformed.
//!
//! Fails closed: at the first byte that is not understood all output ends, a name is shown only once its colon was seen,
//! and a value that still waits for its name when the input ends is masked.

mod arguments;
mod edits;
mod embedded;
mod levels;
mod manifest;
mod members;
mod nesting;
mod number;
mod paths;
mod place;
mod reader;
mod scalars;
mod string;
mod structures;
#[cfg(test)]
mod tests;
mod values;
mod web_keys;

pub(crate) use self::embedded::scan_embedded;
use self::{
    edits::render,
    reader::{Reader, Rest},
};
use crate::{
    input::Extent,
    redacted::{Content, End, Redacted, Report},
    rules::Rules,
};

/// The deepest document that is shown as JSON; a deeper one is shown as text.
const DEEPEST_JSON: usize = 64;

/// Redacts a sequence of documents.
pub(crate) fn redact(input: &[u8], extent: Extent, rules: &Rules, report: &mut Report) -> Redacted {
    let (text, rest) = match std::str::from_utf8(input) {
        Ok(text) => (text, Rest::Nothing),
        Err(error) => {
            let valid = input.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            match error.error_len() {
                None => (valid, Rest::PartOfCharacter),
                Some(_) => (valid, Rest::NoText),
            }
        }
    };
    let mut reader = Reader::new(text, rest, extent, rules);
    let (start, end) = (reader.start(), reader.read());
    let shown = reader.shown();
    for edit in reader.edits.hidden() {
        report.counts.add(edit.rule);
    }
    if let Some(hidden) = &mut report.hidden {
        hidden.extend(place::places(text, reader.edits.hidden()));
    }
    let is_json = end == End::Complete
        && reader.documents == 1
        && !reader.is_sequence
        && reader.nesting.deepest() <= DEEPEST_JSON;
    let rendered = |white_space| render(text, start..shown, &reader.edits, white_space, rules);
    let content = match is_json {
        true => Content::Json(rendered(&reader.white_space)),
        false => Content::Text(rendered(&[])),
    };
    let consumed = if end == End::Complete {
        input.len()
    } else {
        shown
    };
    Redacted {
        content,
        end,
        consumed,
        counts: report.counts,
    }
}
