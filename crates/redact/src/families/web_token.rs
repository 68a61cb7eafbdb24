//! JSON web tokens: signed (JWS) and encrypted (JWE), RFC 7515 and RFC 7516.

use std::ops::Range;

use super::class::Class;

/// Their name in the table.
pub(super) const NAME: &str = "jwt";

/// The web token that starts at `start`, with `eyJ`, and up to where it was looked for.
pub(super) fn at(bytes: &[u8], start: usize, truncated: bool) -> (Option<Range<usize>>, usize) {
    let mut end = part_end(bytes, start);
    let mut hidden = 0;
    for _ in 0..2 {
        match bytes.get(end) {
            None => return (truncated.then_some(start..end), end),
            Some(b'.') => {}
            Some(_) => return (None, end),
        }
        let next = part_end(bytes, end + 1);
        hidden += next - (end + 1);
        end = next;
    }
    // Either part may be empty (no signature, or a detached payload), but `eyJ...` is an abbreviation.
    if hidden == 0 {
        return (None, end);
    }
    while bytes.get(end) == Some(&b'.') && part_end(bytes, end + 1) > end + 1 {
        end = part_end(bytes, end + 1);
    }
    (Some(start..end), end)
}

/// Padding is not in the standard, but in some tokens.
fn part_end(bytes: &[u8], from: usize) -> usize {
    let end = Class::TOKEN.run_end(bytes, from);
    let padding = bytes[end..]
        .iter()
        .take_while(|byte| **byte == b'=')
        .count();
    end + padding
}
