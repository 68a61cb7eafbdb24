//! The layers of a percent-encoded text, which may stand for another one that is encoded, too.

use std::{borrow::Cow, ops::Range};

use crate::{
    finding::Finding,
    percent::{escaped_byte, Encoding},
};

/// How often a text is decoded in search of a secret, before it is hidden as one.
pub(crate) const MAX_LAYERS: usize = 4;

/// The decoded layers of a text, one by one.
pub(crate) struct Layers<'t> {
    text: &'t str,
    encoding: Encoding,
    /// The last one, of this depth; the text itself at first.
    pub(crate) last: Cow<'t, str>,
    pub(crate) depth: usize,
}

impl<'t> Layers<'t> {
    pub(crate) fn of(text: &'t str, encoding: Encoding) -> Self {
        Self {
            text,
            encoding,
            last: Cow::Borrowed(text),
            depth: 0,
        }
    }

    /// Decodes one layer more, if there is one.
    pub(crate) fn descend(&mut self) -> bool {
        let Cow::Owned(layer) = self.encoding.decoded(&self.last) else {
            return false;
        };
        self.last = Cow::Owned(layer);
        self.depth += 1;
        true
    }

    /// What was found in the last layer, by its places in the text.
    pub(crate) fn as_written(&self, found: Vec<Finding>) -> impl Iterator<Item = Finding> {
        let places = if found.is_empty() {
            Vec::new()
        } else {
            self.places()
        };
        found.into_iter().map(move |finding| Finding {
            range: places[finding.range.start]..places[finding.range.end],
            rule: finding.rule,
        })
    }

    /// Where each byte of the last layer, and its end, was written. Most texts have nothing that this is asked for.
    fn places(&self) -> Vec<usize> {
        let mut layer = Cow::Borrowed(self.text);
        let mut places: Vec<_> = (0..=self.text.len()).collect();
        for _ in 0..self.depth {
            let above = places_in(&layer);
            places = above.into_iter().map(|place| places[place]).collect();
            layer = Cow::Owned(self.encoding.decoded(&layer).into_owned());
        }
        places
    }
}

/// Returns what `find` finds in the decoded layers of a part of a text, by places in it as it is written.
pub(crate) fn find_decoded(
    text: &str,
    encoding: Encoding,
    find: impl Fn(&str, &mut Vec<Finding>),
) -> Vec<Range<usize>> {
    let mut layers = Layers::of(text, encoding);
    let mut places = Vec::new();
    while layers.depth < MAX_LAYERS && layers.descend() {
        let mut found = Vec::new();
        find(&layers.last, &mut found);
        places.extend(layers.as_written(found).map(|finding| finding.range));
    }
    places
}

/// Decodes a text until nothing in it is encoded. `None` if there is no end to that.
pub(crate) fn fully_decoded(text: &str, encoding: Encoding) -> Option<Cow<'_, str>> {
    let mut layer = Cow::Borrowed(text);
    for _ in 0..MAX_LAYERS {
        let Cow::Owned(below) = encoding.decoded(&layer) else {
            return Some(layer);
        };
        layer = Cow::Owned(below);
    }
    None
}

/// Where each byte of the text that `text` stands for, and its end, is in `text`.
fn places_in(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut starts = Vec::with_capacity(bytes.len() + 1);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        starts.push(at);
        let escaped = escaped_byte(&bytes[at..]);
        // What a `+` stands for is as long.
        decoded.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    starts.push(at);
    let mut places = Vec::with_capacity(starts.len());
    let mut at = 0;
    for chunk in decoded.utf8_chunks() {
        let valid = chunk.valid().len();
        places.extend(&starts[at..at + valid]);
        at += valid;
        if !chunk.invalid().is_empty() {
            // What is not UTF-8 is replaced.
            places.extend([starts[at]; char::REPLACEMENT_CHARACTER.len_utf8()]);
            at += chunk.invalid().len();
        }
    }
    places.push(starts[at]);
    places
}
