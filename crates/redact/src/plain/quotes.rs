//! Quotes in a text, which may be escaped: it may be of JSON in a string.

use memchr::memchr;

/// Whether a quoted part may begin here.
pub(super) fn opens(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|b| is_quote(*b)) && !is_apostrophe(bytes, at)
}

/// Whether this is the one of `don't`, or a quote that ends a word; the `b'` of a byte string is none.
fn is_apostrophe(bytes: &[u8], at: usize) -> bool {
    let ends_word = match &bytes[..at] {
        [b'b' | b'r' | b'u'] => false,
        [.., before, b'b' | b'r' | b'u'] => is_of_word(*before),
        [.., before] => is_of_word(*before),
        [] => false,
    };
    bytes[at] == b'\'' && ends_word
}

/// Where the quote at `open` is closed, at or after `from`: by one behind as many backslashes, or by fewer, before
/// something that is not of a word.
pub(super) fn closing_quote(bytes: &[u8], open: usize, from: usize) -> Option<usize> {
    let level = backslashes_before(bytes, open, 0);
    let mut at = from;
    while let Some(offset) = memchr(bytes[open], bytes.get(at..)?) {
        let quote = at + offset;
        let before = backslashes_before(bytes, quote, at);
        at = quote + 1;
        // One level of escaping doubles the backslashes and adds one before a quote.
        let closes = before < level || before % (2 * (level + 1)) == level;
        if closes && !bytes.get(at).is_some_and(|b| is_of_word(*b)) {
            return Some(quote);
        }
    }
    None
}

fn backslashes_before(bytes: &[u8], at: usize, from: usize) -> usize {
    let before = bytes[from..at].iter().rev();
    before.take_while(|b| **b == b'\\').count()
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
