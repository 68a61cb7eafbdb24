//! The places of a text where an authentication scheme or a PEM block may start, found in blocks.

/// As many bytes as are looked at together, and those behind that tell more of the last ones.
const BLOCK: usize = 64;
const BLOCK_AND_MORE: usize = BLOCK + 4;

/// The first place at or after `from` where an [anchor](is_anchor) is.
#[inline]
pub(super) fn next_anchor(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            if may_hold_anchor(block) {
                break;
            }
            at += BLOCK;
        }
        let end = bytes.len().min(at + BLOCK);
        while at < end {
            if is_anchor(bytes, at) {
                return Some(at);
            }
            at += 1;
        }
        if at == bytes.len() {
            return None;
        }
    }
}

/// Whether an anchor may be in a block. There are no branches in it, so that the compiler makes a few vector
/// instructions of it; in exchange it takes `beach` for one, too.
fn may_hold_anchor(bytes: &[u8; BLOCK_AND_MORE]) -> bool {
    (0..BLOCK).fold(false, |found, at| {
        // Set are the bits in which the letters that fit differ: `a` and `e`, `c` and `e`.
        let scheme = (bytes[at] | 0x20 == b'b')
            & (bytes[at + 1] | 0x24 == b'a' | 0x24)
            & (bytes[at + 4] | 0x26 == b'c' | 0x26);
        let pem = (bytes[at] == b'-') & (bytes[at + 1] == b'B');
        found | scheme | pem
    })
}

/// Whether the letter at `at` is the `B` of an authentication scheme, or the dash before a PEM block's `BEGIN`.
#[inline]
fn is_anchor(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'b' | b'B' => matches!(bytes.get(at + 1).map(|b| b | 0x20), Some(b'a' | b'e')),
        b'-' => bytes.get(at + 1) == Some(&b'B'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_an_anchor_at_every_place() {
        for before in 0..3 * BLOCK {
            for after in [0, 1, 3, 5, BLOCK, 2 * BLOCK] {
                for anchor in ["bearer ", "BEARER\t", "bASiC ", "-B....."] {
                    let text = [".".repeat(before), anchor.into(), ".".repeat(after)].concat();
                    assert_eq!(next_anchor(text.as_bytes(), 0), Some(before), "{text}");
                    assert_eq!(next_anchor(text.as_bytes(), before + 1), None, "{text}");
                }
            }
        }
    }
}
