//! Percent-encoding (RFC 3986) and that of forms.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::characters::HEX;

/// Which encoding a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// That of URLs (RFC 3986).
    Url,
    /// That of forms, where a `+` is a space.
    Form,
}

impl Encoding {
    /// What the byte of a `+` stands for.
    #[inline]
    pub(crate) fn plus(self) -> u8 {
        match self {
            Self::Form => b' ',
            Self::Url => b'+',
        }
    }

    /// Whether a text may stand for another one.
    fn may_encode(self, text: &str) -> bool {
        /// Below this length, reading byte by byte is faster than beginning a search.
        const SHORT: usize = 16;
        let bytes = text.as_bytes();
        match self {
            Self::Form if bytes.len() < SHORT => bytes.iter().any(|b| matches!(b, b'%' | b'+')),
            Self::Form => memchr2(b'%', b'+', bytes).is_some(),
            Self::Url => memchr(b'%', bytes).is_some(),
        }
    }

    /// Decodes one layer.
    pub(crate) fn decoded(self, text: &str) -> Cow<'_, str> {
        if !self.may_encode(text) {
            return Cow::Borrowed(text);
        }
        match self {
            Self::Form => form_decoded(text),
            Self::Url => percent_decoded(text),
        }
    }
}

/// Returns the byte that the `%41` at the beginning of `bytes` stands for, if there is one.
#[inline]
pub(crate) fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let [high, low] = [high, low].map(|digit| HEX[usize::from(*digit)]);
    (high | low < 16).then_some(high << 4 | low)
}

/// Decodes a text of a form, where `+` is a space. What is no escape stands for itself.
pub(crate) fn form_decoded(text: &str) -> Cow<'_, str> {
    decoded(text, b' ')
}

/// Decodes a text of a URL, where `+` is itself. What is no escape stands for itself.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    decoded(text, b'+')
}

fn decoded(text: &str, plus: u8) -> Cow<'_, str> {
    let Some(first) = first_encoded(text.as_bytes(), plus) else {
        return Cow::Borrowed(text);
    };
    let mut decoded = text.as_bytes().to_vec();
    let length = decode_in_place(&mut decoded, first, plus);
    decoded.truncate(length);
    let decoded = String::from_utf8(decoded);
    Cow::Owned(
        decoded.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    )
}

/// Where the first byte is that stands for another one, if a `+` stands for `plus`.
#[inline]
pub(crate) fn first_encoded(bytes: &[u8], plus: u8) -> Option<usize> {
    bytes.iter().enumerate().position(|(at, byte)| match byte {
        b'+' => plus != b'+',
        b'%' => escaped_byte(&bytes[at..]).is_some(),
        _ => false,
    })
}

/// Decodes from `first` on. Returns the length of the decoded bytes, those before `first` included.
#[inline]
pub(crate) fn decode_in_place(bytes: &mut [u8], first: usize, plus: u8) -> usize {
    let (mut at, mut length) = (first, first);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        bytes[length] = match byte {
            b'+' => plus,
            b'%' => match escaped_byte(&bytes[at - 1..]) {
                Some(escaped) => {
                    at += 2;
                    escaped
                }
                None => byte,
            },
            byte => byte,
        };
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_escapes_and_keeps_the_rest() {
        for (text, form, url) in [
            ("", "", ""),
            ("plain ü", "plain ü", "plain ü"),
            ("a+b%20c%2b", "a b c+", "a+b c+"),
            ("%C3%bc%41", "üA", "üA"),
            ("%zz%4%", "%zz%4%", "%zz%4%"),
            ("%%341", "%41", "%41"),
            ("%ff", "\u{fffd}", "\u{fffd}"),
            ("%é1", "%é1", "%é1"),
        ] {
            assert_eq!(form_decoded(text), form);
            assert_eq!(percent_decoded(text), url);
        }
    }
}
