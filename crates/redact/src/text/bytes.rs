//! Runs of bytes of a kind.

pub(super) fn skip(bytes: &[u8], from: usize, is_of_kind: impl Fn(u8) -> bool) -> usize {
    let from = from.min(bytes.len());
    let length = bytes[from..].iter().position(|byte| !is_of_kind(*byte));
    length.map_or(bytes.len(), |length| from + length)
}

/// Whether a byte may open and close a quotation.
pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}
