//! Private keys in PEM (RFC 7468, OpenSSH, OpenPGP) and in PuTTY's format.

use std::ops::Range;

use memchr::memmem;

/// Their names in the findings.
pub(super) const PEM: &str = "private-key";
/// Hidden up to the end of its text: nothing else is in such a file.
pub(super) const PUTTY: &str = "putty-private-key";

const DASHES: &[u8] = b"-----";
/// Longer than any label between the dashes.
const LABEL_MAX: usize = 80;

/// The block that starts around the dash at `at` before a `BEGIN`, if it is of a private key.
pub(super) fn at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = (at + 1).checked_sub(DASHES.len())?;
    if !bytes[start..].starts_with(b"-----BEGIN ") {
        return None;
    }
    let mut end = line_end(bytes, start)?;
    // Only the end of a private key ends it: nothing else is in order here.
    while let Some(offset) = memmem::find(&bytes[end..], b"-----END ") {
        match line_end(bytes, end + offset) {
            Some(line_end) => return Some(start..line_end),
            None => end += offset + DASHES.len(),
        }
    }
    Some(start..bytes.len())
}

/// The end of the line `-----BEGIN ... PRIVATE KEY-----`, or `END`, that starts at `start`, if it is one.
fn line_end(bytes: &[u8], start: usize) -> Option<usize> {
    let label = start + DASHES.len();
    let line = &bytes[label..bytes.len().min(label + LABEL_MAX)];
    let length = memmem::find(line, DASHES)?;
    memmem::find(&line[..length], b"PRIVATE KEY").map(|_| label + length + DASHES.len())
}
