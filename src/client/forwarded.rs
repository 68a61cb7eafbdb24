//! Parses the hops in `Forwarded` and `X-Forwarded-For`, nearest first.
//!
//! Both are lists to which each proxy appends an element. Earlier elements may come from the client, so the list is
//! parsed from the right, and each element only after a trusted proxy has vouched for it.

use std::{borrow::Cow, iter, net::IpAddr, str};

use actix_web::http::header::{HeaderName, FORWARDED, X_FORWARDED_FOR};

/// The header in which trusted proxies name the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`: addresses with or without ports, such as `192.0.2.7`, `192.0.2.7:80`, `2001:db8::1`,
    /// `[2001:db8::1]` or `[2001:db8::1]:80`.
    XForwardedFor,
    /// `Forwarded` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)). White space is also accepted around
    /// semicolons.
    Forwarded,
}

/// The sender that one element of the header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hop {
    Addr(IpAddr),
    /// `unknown`, an obfuscated identifier, or no sender at all.
    Nameless,
}

/// Error: an element violates its header's grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl ForwardedHeader {
    pub(super) fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => X_FORWARDED_FOR,
            Self::Forwarded => FORWARDED,
        }
    }

    /// Splits off the last element of a list.
    fn split_last(self, list: &[u8]) -> (Option<&[u8]>, &[u8]) {
        let comma = match self {
            Self::XForwardedFor => memchr::memrchr(b',', list),
            Self::Forwarded => last_comma_outside_quotes(list),
        };
        match comma {
            Some(at) => (Some(&list[..at]), &list[at + 1..]),
            None => (None, list),
        }
    }

    fn hop(self, element: &[u8]) -> Result<Hop, Malformed> {
        match self {
            Self::XForwardedFor => bare_node(element),
            Self::Forwarded => match value_of_for(element)? {
                Some(value) => node(&value),
                None => Ok(Hop::Nameless),
            },
        }
    }
}

/// Joins the lines of a header into one list (RFC 9110, section 5.3).
pub(super) fn joined<'h>(mut lines: impl Iterator<Item = &'h [u8]>) -> Cow<'h, [u8]> {
    let mut list = Cow::Borrowed(lines.next().unwrap_or_default());
    for line in lines {
        let list = list.to_mut();
        list.push(b',');
        list.extend_from_slice(line);
    }
    list
}

/// Parses the elements of a list from the right. Empty elements are skipped (RFC 9110, section 5.6.1).
pub(super) fn hops(
    list: &[u8],
    header: ForwardedHeader,
) -> impl Iterator<Item = Result<Hop, Malformed>> + use<'_> {
    let mut rest = Some(list);
    let elements = iter::from_fn(move || {
        let (before, element) = header.split_last(rest?);
        rest = before;
        Some(trim(element))
    });
    (elements.filter(|element| !element.is_empty())).map(move |element| header.hop(element))
}

/// Finds the last comma outside of quoted strings. Scanning from the right is unambiguous: a quote inside of a quoted
/// string follows an odd number of backslashes, and an opening or closing quote does not.
fn last_comma_outside_quotes(list: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut end = list.len();
    while let Some(at) = memchr::memrchr2(b',', b'"', &list[..end]) {
        end = at;
        if list[at] == b'"' {
            let before = list[..at].iter().rev();
            let backslashes = before.take_while(|&&byte| byte == b'\\').count();
            quoted ^= !quoted || backslashes % 2 == 0;
        } else if !quoted {
            return Some(at);
        }
    }
    None
}

/// Parses a whole element of `Forwarded`, and returns the value of its `for`.
fn value_of_for(element: &[u8]) -> Result<Option<Cow<'_, [u8]>>, Malformed> {
    let mut found = None;
    let mut rest = element;
    loop {
        rest = trim(rest);
        if let Some(next) = rest.strip_prefix(b";") {
            rest = next;
            continue;
        }
        if rest.is_empty() {
            return Ok(found);
        }
        let (name, value) = token(rest)?;
        let value = value.strip_prefix(b"=").ok_or(Malformed)?;
        let (value, next) = match value.strip_prefix(b"\"") {
            Some(quoted) => unquoted(quoted)?,
            None => token(value).map(|(token, next)| (Cow::Borrowed(token), next))?,
        };
        if name.eq_ignore_ascii_case(b"for") && found.replace(value).is_some() {
            return Err(Malformed);
        }
        rest = trim(next);
        if !(rest.is_empty() || rest.starts_with(b";")) {
            return Err(Malformed);
        }
    }
}

fn token(text: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    match text.iter().take_while(|byte| is_token(byte)).count() {
        0 => Err(Malformed),
        length => Ok(text.split_at(length)),
    }
}

/// Returns the unescaped text up to the closing quote, and the rest after it.
fn unquoted(text: &[u8]) -> Result<(Cow<'_, [u8]>, &[u8]), Malformed> {
    let mut value = Vec::new();
    let mut from = 0;
    loop {
        let length = memchr::memchr2(b'"', b'\\', &text[from..]).ok_or(Malformed)?;
        let (piece, at) = (&text[from..from + length], from + length);
        if piece
            .iter()
            .any(|byte| byte.is_ascii_control() && *byte != b'\t')
        {
            return Err(Malformed);
        }
        if text[at] == b'"' {
            let rest = &text[at + 1..];
            return Ok(if value.is_empty() {
                (Cow::Borrowed(piece), rest)
            } else {
                value.extend_from_slice(piece);
                (Cow::Owned(value), rest)
            });
        }
        let escaped = *text.get(at + 1).ok_or(Malformed)?;
        if escaped.is_ascii_control() && escaped != b'\t' {
            return Err(Malformed);
        }
        value.extend_from_slice(piece);
        value.push(escaped);
        from = at + 2;
    }
}

/// Parses a node of `Forwarded`: an address, `unknown` or an obfuscated identifier, with or without a port.
fn node(node: &[u8]) -> Result<Hop, Malformed> {
    let (hop, port) = match node.strip_prefix(b"[") {
        Some(rest) => {
            let (addr, port) = split_at_byte(rest, b']').ok_or(Malformed)?;
            let port = match port {
                [] => None,
                port => Some(port.strip_prefix(b":").ok_or(Malformed)?),
            };
            (Hop::Addr(IpAddr::V6(parsed(addr)?)), port)
        }
        None => {
            let (name, port) = match split_at_byte(node, b':') {
                Some((name, port)) => (name, Some(port)),
                None => (node, None),
            };
            let hop = if name.eq_ignore_ascii_case(b"unknown") || is_obfuscated(name) {
                Hop::Nameless
            } else {
                Hop::Addr(IpAddr::V4(parsed(name)?))
            };
            (hop, port)
        }
    };
    match port {
        Some(port) if !(is_port(port) || is_obfuscated(port)) => Err(Malformed),
        _ => Ok(hop),
    }
}

/// Parses a node of `X-Forwarded-For`, where an IPv6 address needs brackets only with a port.
fn bare_node(node: &[u8]) -> Result<Hop, Malformed> {
    if let Ok(addr) = parsed(node) {
        return Ok(Hop::Addr(addr));
    }
    if node.eq_ignore_ascii_case(b"unknown") {
        return Ok(Hop::Nameless);
    }
    let (addr, port) = match node.strip_prefix(b"[") {
        Some(rest) => {
            let (addr, port) = split_at_byte(rest, b']').ok_or(Malformed)?;
            (IpAddr::V6(parsed(addr)?), port)
        }
        None => {
            let colon = memchr::memchr(b':', node).ok_or(Malformed)?;
            let (addr, port) = node.split_at(colon);
            (IpAddr::V4(parsed(addr)?), port)
        }
    };
    match port {
        [] => Ok(Hop::Addr(addr)),
        [b':', port @ ..] if is_port(port) => Ok(Hop::Addr(addr)),
        _ => Err(Malformed),
    }
}

fn is_port(text: &[u8]) -> bool {
    (1..=5).contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}

fn is_obfuscated(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    matches!(text, [b'_', rest @ ..] if !rest.is_empty() && rest.iter().all(is_part))
}

fn parsed<T: str::FromStr>(text: &[u8]) -> Result<T, Malformed> {
    let text = str::from_utf8(text).map_err(|_| Malformed)?;
    text.parse().map_err(|_| Malformed)
}

/// Splits the text at the first such byte, which is in neither part.
fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(byte, text)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Trims spaces and tabs, which are optional around elements.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests;
