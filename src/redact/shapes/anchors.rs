//! The telling letters of shapes.

use std::ops::Range;

use super::scheme_at;

/// The places of a text where all shapes but card numbers show themselves by a few telling letters.
///
/// Reads the text once, ahead of its caller and only as far as the next such place.
#[derive(Debug)]
pub(crate) struct Anchors<'t> {
    bytes: &'t [u8],
    next: usize,
}

impl<'t> Anchors<'t> {
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            next: next_anchor(bytes, 0),
        }
    }

    /// The first anchor at or after `from`, which must not go back; past the end when there is none.
    pub(super) fn first_from(&mut self, from: usize) -> usize {
        if self.next < from {
            self.next = next_anchor(self.bytes, from);
        }
        self.next
    }

    /// Whether one is in `range`, which must not go back.
    pub(crate) fn any_in(&mut self, range: &Range<usize>) -> bool {
        self.first_from(range.start) < range.end
    }
}

fn next_anchor(bytes: &[u8], mut from: usize) -> usize {
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let block = match rest.first_chunk() {
            Some(block) if !may_hold_anchor(block) => {
                from += BLOCK;
                continue;
            }
            Some(_) => &rest[..BLOCK],
            None => rest,
        };
        let offset = (0..block.len()).find(|offset| is_anchor(bytes, from + offset));
        match offset {
            Some(offset) => return from + offset,
            None if block.is_empty() => return usize::MAX,
            None => from += block.len(),
        }
    }
}

/// As many bytes as are looked at together, and those behind that tell more of the last ones.
const BLOCK: usize = 64;
const BLOCK_AND_MORE: usize = BLOCK + 4;

/// Whether an anchor may be in a block. The compiler makes a few vector instructions of that, as long as there are no
/// branches in it; so it takes but little, and `beach`, `B?A` and `AI` too.
fn may_hold_anchor(bytes: &[u8; BLOCK_AND_MORE]) -> bool {
    (0..BLOCK).fold(false, |found, at| {
        // Set are the bits in which the letters that fit differ: `a` and `e`, `c` and `e`, `A` and `N`, small and capital.
        let scheme = (bytes[at] | 0x20 == b'b')
            & (bytes[at + 1] | 0x24 == b'a' | 0x24)
            & (bytes[at + 4] | 0x26 == b'c' | 0x26);
        let web_token = bytes[at] == b'J';
        let capitals = (bytes[at] == b'I') & (bytes[at + 1] | 0x0f == b'A' | 0x0f);
        found | scheme | web_token | capitals
    })
}

/// Whether the letter at `at` is the `B` of an authentication scheme, the `J` of a web token's `eyJ`, or the `I` of an
/// access key's `AKIA` or of a PEM block's `BEGIN`.
fn is_anchor(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'b' | b'B' => scheme_at(bytes, at).is_some(),
        b'J' => bytes[..at].ends_with(b"ey"),
        b'I' => is_access_key_at(bytes, at) || is_pem_begin_at(bytes, at),
        _ => false,
    }
}

pub(super) fn is_access_key_at(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    (before.ends_with(b"AK") || before.ends_with(b"AS")) && bytes[at..].starts_with(b"IA")
}

fn is_pem_begin_at(bytes: &[u8], at: usize) -> bool {
    bytes[at..].starts_with(b"IN ") && bytes[..at].ends_with(BEFORE_PEM_ANCHOR)
}

/// What stands before the anchor of a PEM block.
pub(super) const BEFORE_PEM_ANCHOR: &[u8] = b"-----BEG";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_found_at_every_place() {
        let cases = [
            ("bearer ", 0),
            ("BEARER\t", 0),
            ("Basic\\", 0),
            ("bASiC ", 0),
            ("eyJ", 2),
            ("AKIA", 2),
            ("ASIA", 2),
            ("-----BEGIN ", 8),
        ];
        for before in 0..3 * BLOCK {
            for after in [0, 1, 3, 5, BLOCK, 2 * BLOCK] {
                for (shape, letter) in cases {
                    let text = ".".repeat(before) + shape + &"b".repeat(after);
                    let found = next_anchor(text.as_bytes(), 0);
                    assert_eq!(found, before + letter, "{text}");
                    let none = next_anchor(text.as_bytes(), found + 1);
                    assert_eq!(none, usize::MAX, "{text}");
                }
            }
        }
    }
}
