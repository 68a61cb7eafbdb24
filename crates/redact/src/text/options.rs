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
        && matches!(&bytes[dash..], [b'-', b'-', b'a'..=b'z' | b'A'..=b'Z', ..] | [b'-', b'u', b' ' | b'=' | b'"' | b'\'' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z', ..])
}

/// Finds the values of options with secret names, and the secret of a user.
pub(super) fn find(scanner: &mut Scanner<'_>) {
    /// The longest distance from `curl` to an option with its user attached.
    const LONGEST: usize = 200;
    let bytes = scanner.bytes;
    let (mut read, mut searched, mut curl) = (0, 0, None);
    for dash in memchr_iter(b'-', bytes) {
        if dash >= scanner.limit || dash < read || !starts_option(bytes, dash) {
            continue;
        }
        let known = scanner.found.len();
        if bytes[dash + 1] == b'u' && bytes[dash + 2].is_ascii_alphanumeric() {
            let last = memmem::rfind(&bytes[searched..dash], b"curl ").map(|at| searched + at);
            (searched, curl) = (dash, last.or(curl));
            if curl.is_some_and(|curl| dash - curl <= LONGEST) {
                read = attached_user(scanner, dash);
            }
        } else {
            read = option(scanner, dash);
        }
        if scanner.found.len() > known {
            scanner.note_secret(read);
        }
    }
}

/// Hides the secret of `-uann:secret`; returns where to go on.
fn attached_user(scanner: &mut Scanner<'_>, dash: usize) -> usize {
    let bytes = scanner.bytes;
    let end = skip(bytes, dash, |b| b > b' ' && !value::is_quote(b));
    let Some(colon) = bytes[dash..end].iter().position(|b| *b == b':') else {
        return option(scanner, dash);
    };
    scanner.found.push(dash + colon + 1..end);
    end
}

/// Reads the option at `dash`; returns where to go on.
fn option(scanner: &mut Scanner<'_>, dash: usize) -> usize {
    let bytes = scanner.bytes;
    let name_start = skip(bytes, dash, |b| b == b'-');
    let name_end = skip(bytes, name_start, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')
    });
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
    let class = scanner.class_of(name);
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
