//! Options of commands: `--password value`, `-u user:secret`.

use memchr::{memchr_iter, memmem};

use super::{
    value::{self, skip, Style},
    Scanner,
};
use crate::names::Secrecy;

fn starts_option(bytes: &[u8], dash: usize) -> bool {
    let starts_word =
        dash == 0 || matches!(bytes[dash - 1], b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'[');
    starts_word
        && (matches!(&bytes[dash..], [b'-', b'-', b'a'..=b'z' | b'A'..=b'Z', ..] | [b'-', b'u', b' ' | b'=' | b'"' | b'\'', ..])
            || is_attached_user(bytes, dash))
}

/// Whether this is `-uann:secret` behind `curl`.
fn is_attached_user(bytes: &[u8], dash: usize) -> bool {
    /// The longest distance from the command to its option.
    const LONGEST: usize = 200;
    matches!(&bytes[dash..], [b'-', b'u', byte, ..] if byte.is_ascii_alphanumeric())
        && memmem::rfind(&bytes[dash.saturating_sub(LONGEST)..dash], b"curl ").is_some()
}

fn attached_user(scanner: &mut Scanner<'_>, dash: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    if !is_attached_user(bytes, dash) {
        return None;
    }
    let end = skip(bytes, dash, |b| b > b' ' && !value::is_quote(b));
    let colon = bytes[dash..end].iter().position(|b| *b == b':')?;
    scanner.found.push(dash + colon + 1..end);
    Some(end)
}

/// Finds the values of options with secret names, and the secret of a user.
pub(super) fn find(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    let mut read = 0;
    for dash in memchr_iter(b'-', bytes) {
        if dash >= read && starts_option(bytes, dash) {
            read = option(scanner, dash);
        }
    }
}

/// Reads the option at `dash`; returns where to go on.
fn option(scanner: &mut Scanner<'_>, dash: usize) -> usize {
    let bytes = scanner.bytes;
    let name_start = skip(bytes, dash, |b| b == b'-');
    let name_end = skip(bytes, name_start, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')
    });
    if let Some(end) = attached_user(scanner, dash) {
        return end;
    }
    let name = &scanner.text[name_start..name_end];
    // A list of arguments has the value in quotes of its own: `["--password", "value"]`.
    let start = skip(bytes, name_end, |b| {
        matches!(b, b' ' | b'\t' | b'=' | b'"' | b'\'' | b',')
    });
    if start == name_end || bytes.get(start).is_none_or(|b| *b == b'-') {
        return name_end;
    }
    let quoted = value::is_quote(bytes[start - 1]);
    let end = match quoted {
        true => value::quoted_end(bytes, start),
        false => skip(bytes, start, |b| b > b' ' && !value::is_quote(b)),
    };
    if matches!(name, "u" | "user") {
        if let Some(colon) = bytes[start..end].iter().position(|b| *b == b':') {
            scanner.found.push(start + colon + 1..end);
            return end;
        }
        return name_end;
    }
    let class = scanner.rules.names.class(name);
    let style = if quoted || class.secrecy >= Secrecy::Strong {
        Style::Quoted
    } else {
        Style::Token
    };
    if class.is_secret() && scanner.hide_if(class, start..end, style) {
        return end;
    }
    name_end
}
