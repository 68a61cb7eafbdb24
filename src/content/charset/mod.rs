//! Converts captured bytes to UTF-8 text, by the charset of their media type or their byte order mark.

use std::{borrow::Cow, fmt};

use body_logger_redact::header_parameter;
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE, UTF_8};

/// The text of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    /// The text up to the first byte that cannot be decoded, without a byte order mark.
    pub(crate) text: Cow<'a, str>,
    /// Whether all bytes were decoded, not counting a final character that was truncated.
    pub(crate) whole: bool,
}

/// Why bytes cannot be read as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CharsetError {
    /// An unknown charset, or one that cannot be decoded safely.
    Unknown(String),
    /// The media type's parameters are ambiguous, or its charset and the byte order mark contradict each other.
    Unclear,
    /// UTF-32, which no browser supports.
    Utf32,
}

impl fmt::Display for CharsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "unknown charset `{name}`"),
            Self::Unclear => f.write_str("unclear charset"),
            Self::Utf32 => f.write_str("UTF-32 is not supported"),
        }
    }
}

impl std::error::Error for CharsetError {}

/// Decodes `bytes`. They are UTF-8 unless the media type or a byte order mark says otherwise.
///
/// If they are `truncated`, an incomplete last character is dropped. Nothing is ever replaced: text
/// after an invalid sequence, or after a NUL, is left out. (UTF-16 without a mark would pass for UTF-8 with NULs, in
/// which no secret name is found.)
pub(crate) fn to_utf8<'a>(
    bytes: &'a [u8],
    content_type: Option<&[u8]>,
    truncated: bool,
) -> Result<Text<'a>, CharsetError> {
    let (encoding, mark) = encoding(bytes, content_type)?;
    let bytes = &bytes[mark..];
    let mut text = if encoding == UTF_8 {
        from_utf8(bytes, truncated)
    } else {
        from_other(
            bytes,
            encoding.new_decoder_without_bom_handling(),
            truncated,
        )
    };
    if let Some(nul) = memchr::memchr(0, text.text.as_bytes()) {
        text.whole = false;
        match &mut text.text {
            Cow::Borrowed(text) => *text = &text[..nul],
            Cow::Owned(text) => text.truncate(nul),
        }
    }
    Ok(text)
}

/// Whether `bytes` are UTF-8 without control characters, except for a truncated last character.
pub(crate) fn is_plain_utf8(bytes: &[u8]) -> bool {
    let text = from_utf8(bytes, true);
    let is_plain = |char: char| !char.is_control() || matches!(char, '\t' | '\n' | '\r');
    text.whole && text.text.chars().all(is_plain)
}

/// Whether `bytes` are UTF-8 although their media type declares another charset, which cannot decode them or is not
/// ASCII-compatible.
pub(crate) fn is_falsely_declared(
    bytes: &[u8],
    content_type: Option<&[u8]>,
    truncated: bool,
) -> bool {
    if says_utf8(bytes, content_type) || !is_plain_utf8(bytes) {
        return false;
    }
    match encoding(bytes, content_type) {
        Ok((encoding, _)) if encoding.is_ascii_compatible() => {
            to_utf8(bytes, content_type, truncated).map_or(true, |text| !text.whole)
        }
        _ => true,
    }
}

/// Whether `bytes` are UTF-8 by their media type or by default, and have no byte order mark.
pub(crate) fn says_utf8(bytes: &[u8], content_type: Option<&[u8]>) -> bool {
    encoding(bytes, content_type) == Ok((UTF_8, 0))
}

/// Returns the encoding, and the length of the byte order mark.
fn encoding(
    bytes: &[u8],
    content_type: Option<&[u8]>,
) -> Result<(&'static Encoding, usize), CharsetError> {
    // UTF-32's little-endian mark starts with that of UTF-16.
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        return Err(CharsetError::Utf32);
    }
    let declared = content_type.map_or(Ok(None), |value| header_parameter(value, "charset"));
    let declared = match declared.map_err(|_| CharsetError::Unclear)? {
        Some(label) => Some(
            Encoding::for_label_no_replacement(&label)
                .ok_or_else(|| CharsetError::Unknown(shown(&label)))?,
        ),
        None => None,
    };
    match (declared, Encoding::for_bom(bytes)) {
        (None, None) => Ok((UTF_8, 0)),
        (Some(declared), None) => Ok((declared, 0)),
        (None, Some(marked)) => Ok(marked),
        (Some(declared), Some(marked)) => {
            let utf_16 = |encoding| encoding == UTF_16LE || encoding == UTF_16BE;
            // As in browsers the mark wins, but only if both encodings agree on ASCII: otherwise a handler that
            // ignores the mark would find secret names that this reader does not.
            let agree = if utf_16(marked.0) {
                utf_16(declared)
            } else {
                declared.is_ascii_compatible()
            };
            agree.then_some(marked).ok_or(CharsetError::Unclear)
        }
    }
}

fn from_utf8(bytes: &[u8], truncated: bool) -> Text<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Text {
            text: Cow::Borrowed(text),
            whole: true,
        },
        Err(error) => Text {
            text: String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
            whole: truncated && error.error_len().is_none(),
        },
    }
}

fn from_other(bytes: &[u8], mut decoder: Decoder, truncated: bool) -> Text<'static> {
    let needed = |decoder: &Decoder, bytes: usize| {
        decoder
            .max_utf8_buffer_length_without_replacement(bytes)
            .unwrap_or(bytes)
    };
    let mut text = String::with_capacity(needed(&decoder, bytes.len()));
    let mut rest = bytes;
    let whole = loop {
        // If truncated, the decoder expects more bytes: then an incomplete last character is neither
        // decoded nor an error.
        let (result, read) =
            decoder.decode_to_string_without_replacement(rest, &mut text, !truncated);
        rest = &rest[read..];
        match result {
            DecoderResult::InputEmpty => break true,
            DecoderResult::Malformed(..) => break false,
            DecoderResult::OutputFull => text.reserve(needed(&decoder, rest.len()).max(16)),
        }
    };
    Text {
        text: Cow::Owned(text),
        whole,
    }
}

/// Returns a name from a header, truncated and with escapes.
fn shown(name: &[u8]) -> String {
    name.iter()
        .take(32)
        .copied()
        .flat_map(std::ascii::escape_default)
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests;
