//! The telling letters of shapes.

use std::ops::Range;

use super::scheme_at;
use crate::scan;

/// The places of a text where all shapes but card numbers show themselves by a few telling letters.
///
/// Reads the text once, ahead of its caller and only as far as the next such place.
#[derive(Debug)]
pub(crate) struct Anchors<'t> {
    bytes: &'t [u8],
    next: usize,
    /// The end of the block that `next` is in, or was looked for in.
    block_end: usize,
}

impl<'t> Anchors<'t> {
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        let mut anchors = Self {
            bytes,
            next: 0,
            block_end: 0,
        };
        anchors.find_next(0);
        anchors
    }

    /// The first anchor at or after `from`, which must not go back; past the end when there is none.
    #[inline]
    pub(super) fn first_from(&mut self, from: usize) -> usize {
        if self.next < from {
            self.find_next(from);
        }
        self.next
    }

    /// Whether one may be in a part up to `end`, which must not go back, as far as can be told without looking for it.
    #[inline]
    pub(crate) fn any_before(&self, end: usize) -> bool {
        self.next < end
    }

    /// Whether one is in `range`, which must not go back.
    #[inline]
    pub(crate) fn any_in(&mut self, range: &Range<usize>) -> bool {
        self.first_from(range.start) < range.end
    }

    #[inline(never)]
    fn find_next(&mut self, from: usize) {
        let mut at = from;
        while at < self.bytes.len() {
            while at < self.block_end {
                if is_anchor(self.bytes, at) {
                    self.next = at;
                    return;
                }
                at += 1;
            }
            while let Some(block) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
                if may_hold_anchor(block) {
                    break;
                }
                at += BLOCK;
            }
            self.block_end = self.bytes.len().min(at + BLOCK);
        }
        self.next = usize::MAX;
    }
}

/// As many bytes as are looked at together, and those behind that tell more of the last ones.
pub(super) const BLOCK: usize = 64;
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
        b'I' => match bytes.get(at + 1) {
            Some(b'A') => is_access_key_at(bytes, at),
            Some(b'N') => is_pem_begin_at(bytes, at),
            _ => false,
        },
        _ => false,
    }
}

/// A text with fewer bytes has no shape with an anchor: `eyJ..a` has the fewest.
pub(crate) const SHORTEST_ANCHORED: usize = 6;

/// Whether an [anchor](is_anchor) can be this byte.
pub(crate) const fn is_anchor_letter(byte: u8) -> bool {
    (byte | 0x20 == b'b') | (byte == b'I') | (byte == b'J')
}

/// Whether a look tells that no part of `bytes` has an [anchor](is_anchor).
pub(super) fn none_in(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return !scan::any(bytes, is_anchor_letter);
    };
    let mut rest = bytes;
    while let Some(block) = rest.first_chunk() {
        if may_hold_anchor(block) {
            return false;
        }
        rest = &rest[BLOCK..];
    }
    let beyond_blocks = &bytes[bytes.len() - (BLOCK_AND_MORE - BLOCK)..];
    !may_hold_anchor(last) && !scan::any(beyond_blocks, is_anchor_letter)
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
                    let mut anchors = Anchors::new(text.as_bytes());
                    let found = anchors.first_from(0);
                    assert_eq!(found, before + letter, "{text}");
                    assert_eq!(anchors.first_from(found + 1), usize::MAX, "{text}");
                }
            }
        }
    }
}
