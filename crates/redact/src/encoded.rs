//! What stands in percent-encoded text, in any layer of it.

use std::{borrow::Cow, ops::Range};

use crate::{
    finding::{in_order, Finding, Rule},
    percent::{escaped_byte, form_decoded, percent_decoded},
    redacted::Extent,
    rules::Rules,
    scan::scan,
};

/// How often a text is decoded in search of a secret, before it is taken for one.
const MAX_LAYERS: usize = 4;

/// Which encoding a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// That of URLs (RFC 3986).
    Url,
    /// That of forms, where a `+` is a space.
    Form,
}

/// Appends what is to be hidden in an encoded text, by places in it as it is written: in order, apart from each other.
///
/// A text that is still encoded after some layers is hidden whole.
pub(crate) fn scan_encoded(
    text: &str,
    encoding: Encoding,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    let start = out.len();
    scan(text, extent, rules, out);
    if !may_be_encoded(text, encoding) {
        return;
    }
    let mut layer = Decoded {
        text: text.to_owned(),
        places: (0..=text.len()).collect(),
    };
    for depth in 0.. {
        match layer.decoded(encoding) {
            None => break,
            Some(_) if depth == MAX_LAYERS - 1 => {
                out.push(Finding {
                    range: 0..text.len(),
                    rule: Rule::Text,
                });
                break;
            }
            Some(decoded) => layer = decoded,
        }
        let mut found = Vec::new();
        scan(&layer.text, extent, rules, &mut found);
        out.extend(found.into_iter().map(|finding| Finding {
            range: layer.place(&finding.range),
            rule: finding.rule,
        }));
    }
    let mut own = out.split_off(start);
    in_order(&mut own);
    out.append(&mut own);
}

/// Returns what `find` finds in the decoded layers of a part of a text, by places in it as it is written.
pub(crate) fn find_decoded(
    text: &str,
    encoding: Encoding,
    find: impl Fn(&str, &mut Vec<Finding>),
) -> Vec<Range<usize>> {
    let mut layer = Decoded {
        text: text.to_owned(),
        places: (0..=text.len()).collect(),
    };
    let mut places = Vec::new();
    for _ in 0..MAX_LAYERS {
        match layer.decoded(encoding) {
            Some(decoded) => layer = decoded,
            None => break,
        }
        let mut found = Vec::new();
        find(&layer.text, &mut found);
        places.extend(found.iter().map(|finding| layer.place(&finding.range)));
    }
    places
}

/// Decodes a text until nothing in it is encoded. `None` if there is no end to that.
pub(crate) fn fully_decoded(text: &str, encoding: Encoding) -> Option<Cow<'_, str>> {
    let mut layer = Cow::Borrowed(text);
    for _ in 0..MAX_LAYERS {
        let below = match encoding {
            Encoding::Form => form_decoded(&layer),
            Encoding::Url => percent_decoded(&layer),
        };
        let Cow::Owned(below) = below else {
            return Some(layer);
        };
        layer = Cow::Owned(below);
    }
    None
}

/// Whether a text may stand for another one.
fn may_be_encoded(text: &str, encoding: Encoding) -> bool {
    memchr::memchr2(
        b'%',
        if encoding == Encoding::Form {
            b'+'
        } else {
            b'%'
        },
        text.as_bytes(),
    )
    .is_some()
}

/// A decoded text, and where each of its bytes was written.
struct Decoded {
    text: String,
    /// For each byte, and for the end.
    places: Vec<usize>,
}

impl Decoded {
    /// Decodes one layer more; `None` if there is none.
    fn decoded(&self, encoding: Encoding) -> Option<Self> {
        let bytes = self.text.as_bytes();
        let mut decoded = Vec::with_capacity(bytes.len());
        let mut places = Vec::with_capacity(bytes.len() + 1);
        let mut changed = false;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            places.push(self.places[at]);
            let escaped = escaped_byte(&bytes[at..]);
            let is_space = *byte == b'+' && encoding == Encoding::Form;
            changed |= is_space || escaped.is_some();
            decoded.push(match escaped {
                _ if is_space => b' ',
                Some(escaped) => escaped,
                None => *byte,
            });
            at += if escaped.is_some() { 3 } else { 1 };
        }
        places.push(self.places[bytes.len()]);
        changed.then(|| Self::of_bytes(&decoded, &places))
    }

    /// What is not UTF-8 is replaced.
    fn of_bytes(bytes: &[u8], places: &[usize]) -> Self {
        let mut decoded = Self {
            text: String::with_capacity(bytes.len()),
            places: Vec::with_capacity(places.len()),
        };
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            let valid = chunk.valid();
            decoded.text.push_str(valid);
            decoded.places.extend(&places[at..at + valid.len()]);
            at += valid.len();
            if !chunk.invalid().is_empty() {
                let replacement = char::REPLACEMENT_CHARACTER;
                decoded.text.push(replacement);
                let own = std::iter::repeat_n(places[at], replacement.len_utf8());
                decoded.places.extend(own);
                at += chunk.invalid().len();
            }
        }
        decoded.places.push(places[at]);
        decoded
    }

    /// Where a part of the text was written.
    fn place(&self, range: &Range<usize>) -> Range<usize> {
        self.places[range.start]..self.places[range.end]
    }
}
