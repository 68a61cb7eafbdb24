//! Words of a name that is not in quotes, and the white space between them.

/// What a character is in a name that is not in quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    OfWord,
    /// White space within a line.
    Space,
    /// It is not of the name.
    Other,
    /// A byte of a character that is not ASCII.
    OfWide,
}

/// The kind of each byte.
static KINDS: [Kind; 256] = {
    let mut kinds = [Kind::OfWide; 256];
    let mut byte = 0;
    while byte < 0x80 {
        kinds[byte as usize] = match byte {
            b'\n' | b'"' | b'\'' | b'`' | b',' | b';' | b'&' | b'|' | b'!' | b'?' | b'#' | b'/'
            | b'\\' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' => Kind::Other,
            b' ' | b'\t'..=b'\r' => Kind::Space,
            _ => Kind::OfWord,
        };
        byte += 1;
    }
    kinds
};

/// Where the characters between `from` and `end` that are of a kind, up to the last one, start.
#[inline]
pub(super) fn run_start(text: &str, from: usize, end: usize, kind: Kind) -> usize {
    let mut start = end;
    while start > from {
        let length = match KINDS[usize::from(text.as_bytes()[start - 1])] {
            found if found == kind => 1,
            Kind::OfWide => match wide_kind(&text[..start]) {
                (found, length) if found == kind => length,
                _ => break,
            },
            _ => break,
        };
        start -= length;
    }
    start
}

/// The kind and the length of the character at the end of `text`, which is not ASCII.
fn wide_kind(text: &str) -> (Kind, usize) {
    let last = text.chars().next_back().unwrap_or_default();
    let kind = if last.is_whitespace() {
        Kind::Space
    } else {
        Kind::OfWord
    };
    (kind, last.len_utf8())
}

/// Whether this is an ASCII character of a word.
#[inline]
pub(super) fn is_word_byte(byte: u8) -> bool {
    KINDS[usize::from(byte)] == Kind::OfWord
}
