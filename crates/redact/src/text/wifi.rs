//! Networks as QR codes have them: `WIFI:T:WPA;S:guest;P:secret;;`.

use memchr::memmem;

use super::{bytes::skip, scanner::Scanner};
use crate::characters::Characters;

const BEGIN: &[u8] = b"WIFI:";

/// Whether one may be in a text with these characters.
#[inline]
pub(super) fn may_have_networks(seen: Characters) -> bool {
    const NETWORK: Characters = Characters::set(b"wif:;p");
    seen.has_all(NETWORK)
}

/// Hides the passwords of networks.
#[inline(never)]
pub(super) fn find(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    let mut read = 0;
    for at in memmem::find_iter(bytes, BEGIN) {
        let mut field = at + BEGIN.len();
        while field >= read {
            let end = field_end(bytes, field);
            if bytes[field..end].starts_with(b"P:") {
                scanner.found.push(field + 2..end);
            }
            read = end + 1;
            // An empty field is the last one.
            if end == field || bytes.get(end) != Some(&b';') {
                break;
            }
            field = end + 1;
        }
    }
}

/// The end of a field: a `;` without a backslash before it, or the end of the line.
fn field_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = skip(bytes, at, |b| !matches!(b, b';' | b'\\' | b'\n'));
        match bytes.get(at) {
            Some(b'\\') => at = bytes.len().min(at + 2),
            _ => return at,
        }
    }
}
