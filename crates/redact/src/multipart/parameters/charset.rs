//! Texts with a charset, `utf-8'en'a%20b` (RFC 8187).

use super::UnclearParameter;
use crate::percent::escaped_byte;

/// `charset'language'percent-encoded`.
pub(super) fn decoded(value: &[u8]) -> Result<String, UnclearParameter> {
    let (charset, encoded) = split(value)?;
    let mut bytes = Vec::with_capacity(encoded.len());
    percent_decode(encoded, &mut bytes)?;
    charset.text(bytes)
}

/// The charsets that are read, which are those that senders have to use (RFC 8187) or had to (RFC 5987).
#[derive(Clone, Copy, Debug)]
pub(super) enum Charset {
    Utf8,
    Latin1,
}

impl Charset {
    pub(super) fn text(self, bytes: Vec<u8>) -> Result<String, UnclearParameter> {
        match self {
            Self::Utf8 => String::from_utf8(bytes).map_err(|_| UnclearParameter),
            Self::Latin1 => Ok(bytes.into_iter().map(char::from).collect()),
        }
    }
}

pub(super) fn split(value: &[u8]) -> Result<(Charset, &[u8]), UnclearParameter> {
    let mut pieces = value.splitn(3, |byte| *byte == b'\'');
    let (Some(charset), Some(_language), Some(encoded)) =
        (pieces.next(), pieces.next(), pieces.next())
    else {
        return Err(UnclearParameter);
    };
    let is = |name: &str| charset.eq_ignore_ascii_case(name.as_bytes());
    // Without a charset it is ASCII, which is UTF-8 too.
    let charset = if charset.is_empty() || is("utf-8") || is("utf8") || is("us-ascii") {
        Charset::Utf8
    } else if is("iso-8859-1") {
        Charset::Latin1
    } else {
        return Err(UnclearParameter);
    };
    Ok((charset, encoded))
}

pub(super) fn percent_decode(
    mut encoded: &[u8],
    decoded: &mut Vec<u8>,
) -> Result<(), UnclearParameter> {
    while let [byte, rest @ ..] = encoded {
        if *byte == b'%' {
            decoded.push(escaped_byte(encoded).ok_or(UnclearParameter)?);
            encoded = &rest[2..];
        } else {
            decoded.push(*byte);
            encoded = rest;
        }
    }
    Ok(())
}
