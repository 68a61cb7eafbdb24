//! Percent-encoding.

use std::borrow::Cow;

/// The byte that the `%41` at the beginning of `bytes` stands for, if there is one.
fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// What a text of a form means: with `+` for a space. What is no escape stands for itself.
pub(super) fn form_decoded(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let plain = bytes.iter().enumerate().position(|(at, byte)| match byte {
        b'+' => true,
        b'%' => escaped_byte(&bytes[at..]).is_some(),
        _ => false,
    });
    let Some(plain) = plain else {
        return Cow::Borrowed(text);
    };
    let (plain, mut rest) = bytes.split_at(plain);
    let mut decoded = Vec::with_capacity(text.len());
    decoded.extend_from_slice(plain);
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = escaped_byte(rest);
        rest = if escaped.is_some() { &rest[3..] } else { after };
        decoded.push(match byte {
            b'+' => b' ',
            _ => escaped.unwrap_or(byte),
        });
    }
    let decoded = String::from_utf8(decoded);
    Cow::Owned(
        decoded.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_the_rest_stays() {
        for (text, expected) in [
            ("", ""),
            ("plain ü", "plain ü"),
            ("a+b%20c%2b", "a b c+"),
            ("%C3%bc%41", "üA"),
            ("%zz%4%", "%zz%4%"),
            ("%%341", "%41"),
            ("%ff", "\u{fffd}"),
            ("%é1", "%é1"),
        ] {
            assert_eq!(form_decoded(text), expected);
        }
    }
}
