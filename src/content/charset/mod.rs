//! Captured bytes as UTF-8 text, by the charset their media type or their byte order mark names.

use std::{borrow::Cow, fmt};

use body_logger_redact::header_parameter;
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE, UTF_8};

/// The text of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    /// The text up to the first byte that is not understood, without a byte order mark.
    pub(crate) text: Cow<'a, str>,
    /// Whether all bytes were understood. A character that a cut went through does not count.
    pub(crate) whole: bool,
}

/// Why bytes are not text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CharsetError {
    /// No such charset, or none that can be read safely.
    Unknown(String),
    /// The media type's parameters can be read in more than one way, or its charset and the byte
    /// order mark contradict each other.
    Unclear,
    /// UTF-32, which no browser reads.
    Utf32,
}

impl fmt::Display for CharsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "unknown charset `{name}`"),
            Self::Unclear => f.write_str("unclear charset"),
            Self::Utf32 => f.write_str("UTF-32 is not read"),
        }
    }
}

impl std::error::Error for CharsetError {}

/// The text that `bytes` are. They are UTF-8 unless the media type or a byte order mark says else.
///
/// Where the bytes were `cut`, a character that lacks its end is dropped. Nothing is ever replaced:
/// text behind an invalid sequence, or behind a NUL, is left out. (Between NULs, UTF-16 without a
/// mark passes for UTF-8 in which no name of a secret is found.)
pub(crate) fn to_utf8<'a>(
    bytes: &'a [u8],
    content_type: Option<&[u8]>,
    cut: bool,
) -> Result<Text<'a>, CharsetError> {
    let (encoding, mark) = encoding(bytes, content_type)?;
    let bytes = &bytes[mark..];
    let mut text = if encoding == UTF_8 {
        from_utf8(bytes, cut)
    } else {
        from_other(bytes, encoding.new_decoder_without_bom_handling(), cut)
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

/// Whether `bytes` are UTF-8 without control characters, as far as they go.
pub(crate) fn is_plain_utf8(bytes: &[u8]) -> bool {
    let text = from_utf8(bytes, true);
    let is_plain = |char: char| !char.is_control() || matches!(char, '\t' | '\n' | '\r');
    text.whole && text.text.chars().all(is_plain)
}

/// Whether `bytes` are UTF-8, which the charset of their media type contradicts: they cannot be read
/// by it, or would make something else of ASCII.
pub(crate) fn is_falsely_declared(bytes: &[u8], content_type: Option<&[u8]>, cut: bool) -> bool {
    if says_utf8(bytes, content_type) || !is_plain_utf8(bytes) {
        return false;
    }
    match encoding(bytes, content_type) {
        Ok((encoding, _)) if encoding.is_ascii_compatible() => {
            to_utf8(bytes, content_type, cut).map_or(true, |text| !text.whole)
        }
        _ => true,
    }
}

/// Whether `bytes` are UTF-8, or claim to be, from the first on.
pub(crate) fn says_utf8(bytes: &[u8], content_type: Option<&[u8]>) -> bool {
    encoding(bytes, content_type) == Ok((UTF_8, 0))
}

/// The encoding, and the length of the byte order mark.
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
            // As in browsers the mark wins, but only where ASCII stays ASCII: names of secrets
            // must not be hidden from the one reader and not from the other.
            let agree = if utf_16(marked.0) {
                utf_16(declared)
            } else {
                declared.is_ascii_compatible()
            };
            agree.then_some(marked).ok_or(CharsetError::Unclear)
        }
    }
}

fn from_utf8(bytes: &[u8], cut: bool) -> Text<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Text {
            text: Cow::Borrowed(text),
            whole: true,
        },
        Err(error) => Text {
            text: String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
            whole: cut && error.error_len().is_none(),
        },
    }
}

fn from_other(bytes: &[u8], mut decoder: Decoder, cut: bool) -> Text<'static> {
    let needed = |decoder: &Decoder, bytes: usize| {
        decoder
            .max_utf8_buffer_length_without_replacement(bytes)
            .unwrap_or(bytes)
    };
    let mut text = String::with_capacity(needed(&decoder, bytes.len()));
    let mut rest = bytes;
    let whole = loop {
        // That these bytes are not the last keeps a character without its end out of the text, and
        // from being an error.
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, !cut);
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

/// A name out of a header, short and printable.
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
