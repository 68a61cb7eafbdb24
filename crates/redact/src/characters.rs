//! Which characters are in a text, found in one pass: most texts lack those that a secret could begin with.

use crate::input::Extent;

/// A set of ASCII characters, and the first byte of wide marks. Several count as one: both cases of a letter; all blanks and
/// control characters; a backtick and `@`; all other bytes, which no secret begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Characters(u64);

impl Characters {
    pub(crate) const fn set(characters: &[u8]) -> Self {
        let mut set = 0;
        let mut at = 0;
        while at < characters.len() {
            set |= BITS[characters[at] as usize];
            at += 1;
        }
        Self(set)
    }

    /// Returns the characters of a text; of a truncated one all characters, as any may follow.
    #[inline]
    pub(crate) fn of(text: &str, extent: Extent) -> Self {
        match extent {
            Extent::Whole => Self::of_whole(text.as_bytes()),
            Extent::Truncated => Self(u64::MAX),
        }
    }

    /// Returns the characters of a whole text.
    #[inline]
    pub(crate) fn of_whole(text: &[u8]) -> Self {
        match text.len() {
            0..BLOCK => Self::of_short(text),
            _ => Self::of_long(text),
        }
    }

    /// A block of prose counts as having all characters of prose: to find that out takes a third of what the table takes.
    #[inline(never)]
    fn of_long(text: &[u8]) -> Self {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        blocks.iter().fold(Self::of_short(rest), |set, block| {
            let own = match is_prose(block) {
                true => PROSE,
                false => Self::of_short(block),
            };
            Self(set.0 | own.0)
        })
    }

    #[inline]
    fn of_short(text: &[u8]) -> Self {
        let bits_of = |bytes: &[u8]| {
            let bits = bytes.iter().map(|byte| BITS[usize::from(*byte)]);
            bits.fold(0, |set, bit| set | bit)
        };
        // Eight at a time take no loop. Some of the last eight may be read twice.
        let Some(last) = text.last_chunk::<8>() else {
            return Self(bits_of(text));
        };
        let (words, _) = text.as_chunks::<8>();
        Self(
            words
                .iter()
                .fold(bits_of(last), |set, word| set | bits_of(word)),
        )
    }

    /// Whether one of these is among them.
    #[inline]
    pub(crate) fn has_any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Whether all of these are among them.
    #[inline]
    pub(crate) fn has_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

const BLOCK: usize = 64;

/// What [`is_prose`] admits.
const PROSE: Characters = Characters::set(b"abcdefghijklmnopqrstuvwxyz ,.;?!");

/// Whether a block has letters, blanks, and the commonest marks only. Without branches: the compiler makes vector
/// instructions of it.
#[inline]
fn is_prose(block: &[u8; BLOCK]) -> bool {
    block.iter().fold(true, |all, byte| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        // The two marks of each pair differ in one bit.
        let is_mark = (byte | 1 == b'!') | (byte | 2 == b'.') | (byte | 4 == b'?');
        all & (is_letter | is_mark)
    })
}

/// Returns the first boundary of a character of UTF-8 at or after `at`: limits count bytes.
#[inline]
pub(crate) fn boundary_from(bytes: &[u8], at: usize) -> usize {
    let within = bytes[at..].iter().take_while(|b| **b & 0xc0 == 0x80);
    at + within.count()
}

/// Returns up to sixteen bytes as a number: the first byte lowest, zeros after the last one.
#[inline]
pub(crate) fn padded(bytes: &[u8]) -> u128 {
    // Where the first and the last bytes overlap, both have the same bits.
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let last = u128::from(u64::from_le_bytes(*last)) << (8 * (bytes.len() - 8));
            u128::from(u64::from_le_bytes(*first)) | last
        }
        _ => u128::from(padded_word(bytes)),
    }
}

/// Returns fewer than eight bytes as a number, the first byte lowest.
#[inline]
fn padded_word(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => match *bytes {
            [first, second, third] => u64::from_le_bytes([first, second, third, 0, 0, 0, 0, 0]),
            [first, second] => u64::from_le_bytes([first, second, 0, 0, 0, 0, 0, 0]),
            [first] => u64::from(first),
            _ => 0,
        },
    }
}

/// Which bytes are in a set.
pub(crate) const fn table(mut set: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    while let [byte, rest @ ..] = set {
        table[*byte as usize] = true;
        set = rest;
    }
    table
}

/// Which bytes are in a set, or are blanks or control characters.
pub(crate) const fn table_with_blanks(set: &[u8]) -> [bool; 256] {
    let mut table = table(set);
    let mut byte = 0;
    while byte <= b' ' {
        table[byte as usize] = true;
        byte += 1;
    }
    table
}

/// Which bytes are in a set, or are letters, digits, or parts of characters that are not ASCII.
pub(crate) const fn table_with_words(set: &[u8]) -> [bool; 256] {
    let mut table = table(set);
    let mut byte = 0;
    while byte < 256 {
        let own = byte as u8;
        table[byte] |= own.is_ascii_alphanumeric() || !own.is_ascii();
        byte += 1;
    }
    table
}

/// Returns where the first refused byte is. `is_refused` should have no branches: then the compiler makes a few vector
/// instructions of a block.
#[inline]
pub(crate) fn first_refused(bytes: &[u8], is_refused: impl Fn(u8) -> bool) -> Option<usize> {
    let has_refused = |block: &[u8; BLOCK]| {
        block
            .iter()
            .fold(false, |any, byte| any | is_refused(*byte))
    };
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let before = blocks.iter().take_while(|block| !has_refused(block));
    let start = before.count() * BLOCK;
    let offset = bytes[start..].iter().position(|byte| is_refused(*byte))?;
    Some(start + offset)
}

/// Returns where the first byte of a kind is, at or after `from`. Fast path: a near one is found sooner byte by byte.
#[inline]
pub(crate) fn find(
    bytes: &[u8],
    from: usize,
    is_of_kind: impl Fn(u8) -> bool,
    find_far: impl Fn(&[u8]) -> Option<usize>,
) -> Option<usize> {
    const NEAR: usize = 16;
    let rest = bytes.get(from..)?;
    let (near, far) = rest.split_at(rest.len().min(NEAR));
    let offset = near.iter().position(|byte| is_of_kind(*byte));
    let offset = offset.or_else(|| find_far(far).map(|length| near.len() + length))?;
    Some(from + offset)
}

/// The value of each hexadecimal digit; 16 for all other bytes.
pub(crate) static HEX: [u8; 256] = {
    let mut table = [16; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value];
        table[digit as usize] = value as u8;
        table[digit.to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    table
};

static BITS: [u64; 256] = {
    let mut bits = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let bit = match byte {
            0..=0x20 => 0x20,
            0x21..=0x3f => byte,
            0x41..=0x5a | 0x61..=0x7a => byte & 0x1f,
            0x5b => 27, // `[`
            0x5c => 28, // `\`
            0x7b => 29, // `{`
            0x40 | 0x60 => 30,
            // The first byte of wide marks, such as `：`.
            0xef => 31,
            _ => 0,
        };
        bits[byte] = 1 << bit;
        byte += 1;
    }
    bits
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_before_a_character() {
        let bytes = "a\u{20ac}b".as_bytes();
        let boundaries = (0..=bytes.len()).map(|at| boundary_from(bytes, at));
        assert!(boundaries.eq([0, 1, 4, 4, 4, 5]));
    }

    #[test]
    fn prose_has_no_other_characters_than_its_set() {
        for byte in 0..=255 {
            for at in 0..BLOCK {
                let mut block = [b'a'; BLOCK];
                block[at] = byte;
                let is_of_set = PROSE.has_all(Characters::set(&[byte]));
                // All that is not above a blank is one.
                let is_control = byte < b' ';
                assert_eq!(is_prose(&block), is_of_set && !is_control, "{byte}");
                let text = [&block[..], b"12"].concat();
                let set = Characters::of_whole(&text);
                assert!(set.has_all(Characters::set(&[byte, b'a', b'1', b'2'])));
                let other = if byte == b'3' { b'4' } else { b'3' };
                assert!(!set.has_any(Characters::set(&[other])));
            }
        }
    }

    #[test]
    fn the_first_refused_byte_is_found_at_every_offset() {
        for length in 0..3 * BLOCK {
            let mut bytes = vec![b'a'; length];
            assert_eq!(first_refused(&bytes, |byte| byte == b'b'), None);
            bytes.extend(b"bab");
            let found = first_refused(&bytes, |byte| byte == b'b');
            assert_eq!(found, Some(length));
        }
    }

    #[test]
    fn a_set_has_what_is_in_the_text_and_nothing_else() {
        let whole = |text| Characters::of(text, Extent::Whole);
        for (text, has, lacks) in [
            ("", "", " az09:=<%-+([{\"@"),
            ("Basic 1", "basic \t1", "z2:="),
            ("{é", "{é|", "a \"([@"),
            ("a\nb", " \n", "c"),
        ] {
            let set = whole(text);
            assert!(set.has_all(Characters::set(has.as_bytes())), "{text}");
            assert!(!set.has_any(Characters::set(lacks.as_bytes())), "{text}");
        }
        let all = Characters::of("", Extent::Truncated);
        assert!((0..=255).all(|byte| all.has_all(Characters::set(&[byte]))));
    }
}
