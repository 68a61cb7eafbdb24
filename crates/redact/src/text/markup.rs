//! XML and HTML: `<password>value</password>`, `<add key="password" value="..."/>`.

use std::sync::LazyLock;

use memchr::{
    memchr,
    memmem::{self, Finder},
    memrchr,
};

use super::{
    value::{self, skip, Style},
    Scanner,
};
use crate::names::{NameClass, Role, Secrecy};

/// Attributes that hold the value of a pair, where they may follow a name, and where they may be before it. A finder takes
/// longer to make than to search a tag.
static VALUES: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["value=", "content="].map(Finder::new));
static VALUE_BEFORE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" value="));

/// No tag or attribute between a name and its value is further away.
const REACH: usize = 256;

/// Whether an attribute holds the name of a pair.
pub(super) fn is_name_attribute(name: &str) -> bool {
    ["key", "name"]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name))
}

/// Reads the start tag at `open`; returns where to go on.
#[inline(never)]
pub(super) fn element(scanner: &mut Scanner<'_>, open: usize) -> usize {
    let bytes = scanner.bytes;
    let name_end = skip(bytes, open + 1, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':') || !b.is_ascii()
    });
    if name_end == open + 1 || name_end - open > REACH {
        return open + 1;
    }
    let tag_end = bytes.len().min(name_end + REACH);
    let Some(close) = memchr(b'>', &bytes[name_end..tag_end]).map(|length| name_end + length)
    else {
        return name_end;
    };
    if close > name_end && (!bytes[name_end].is_ascii_whitespace() || bytes[close - 1] == b'/') {
        return name_end;
    }
    let prefix = bytes[open + 1..name_end].iter().rposition(|b| *b == b':');
    let name = &scanner.text[prefix.map_or(open + 1, |colon| open + colon + 2)..name_end];
    let start = close + 1;
    let class = scanner.class_of(name);
    if class.role == Role::Name && is_name_attribute(name) {
        return named_element(scanner, start).unwrap_or(name_end);
    }
    if !class.is_secret() {
        return name_end;
    }
    let start = match bytes[start..].starts_with(b"<![CDATA[") {
        true => start + "<![CDATA[".len(),
        false => start,
    };
    let Some(end) = memchr(b'<', &bytes[start..]).map(|length| start + length) else {
        if class.secrecy >= Secrecy::Strong {
            scanner.found.push(start..bytes.len());
        }
        return name_end;
    };
    let is_cdata = bytes[..start].ends_with(b"[CDATA[");
    let is_closed = is_cdata || scanner.closes(end);
    let range = value::trimmed(bytes, start..end);
    let is_blank = scanner.text[range.clone()].trim().is_empty();
    if is_closed && !is_blank && scanner.hide_if(class, range, Style::Quoted) {
        return end;
    }
    name_end
}

/// Reads `<name>password</name><value>...</value>`, whose name starts at `start`.
fn named_element(scanner: &mut Scanner<'_>, start: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    let reach = &bytes[start..bytes.len().min(start + REACH)];
    let name_end = start + memchr(b'<', reach)?;
    let class = scanner.class_of(scanner.text[start..name_end].trim());
    if !class.is_secret() {
        return None;
    }
    let close = name_end + memchr(b'>', &bytes[name_end..])? + 1;
    let open = skip(bytes, close, |b| b.is_ascii_whitespace());
    let tag = bytes.get(open..)?;
    if !(tag.starts_with(b"<value") || tag.starts_with(b"<string") || tag.starts_with(b"<val")) {
        return None;
    }
    let start = open + memchr(b'>', tag)? + 1;
    let end = memchr(b'<', &bytes[start..]).map_or(bytes.len(), |length| start + length);
    scanner
        .hide_if(class, start..end, Style::Quoted)
        .then_some(end)
}

/// Reads `"password" value="..."`, as it follows `key=`; returns where to go on if it was hidden.
#[inline(never)]
pub(super) fn attribute(scanner: &mut Scanner<'_>, start: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    bytes.get(start)?;
    let start = value::quoted_start(bytes, start)?;
    let name_start = start;
    let reach = bytes.len().min(start + REACH);
    let end = start
        + bytes[start..reach]
            .iter()
            .position(|b| matches!(b, b'"' | b'\'' | b'\\'))?;
    let class = scanner.class_of(&scanner.text[start..end]);
    if !class.is_secret() {
        return None;
    }
    let close = memchr(b'>', &bytes[end..reach]).map(|length| end + length);
    let tag = end..close.unwrap_or(reach);
    let value = VALUES.iter().find_map(|attribute| {
        let at = attribute.find(&bytes[tag.clone()])?;
        Some(tag.start + at + attribute.needle().len())
    });
    if let Some(start) = value.and_then(|value| value::quoted_start(bytes, value)) {
        let end = value::quoted_end(bytes, start);
        return scanner
            .hide_if(class, start..end, Style::Quoted)
            .then_some(end);
    }
    if hide_value_before(scanner, class, name_start) {
        return Some(end);
    }
    content(scanner, class, close?)
}

/// Hides the value of `<add value="..." key="password"/>`, whose name starts at `name`.
fn hide_value_before(scanner: &mut Scanner<'_>, class: NameClass, name: usize) -> bool {
    let bytes = scanner.bytes;
    let from = name.saturating_sub(REACH);
    let Some(open) = memrchr(b'<', &bytes[from..name]).map(|at| from + at) else {
        return false;
    };
    let Some(value) = VALUE_BEFORE.find(&bytes[open..name]) else {
        return false;
    };
    let value = open + value + VALUE_BEFORE.needle().len();
    let Some(start) = value::quoted_start(bytes, value) else {
        return false;
    };
    let end = value::quoted_end(&bytes[..name], start);
    end < name && scanner.hide_if(class, start..end, Style::Quoted)
}

/// The text ended in a tag whose value may have been followed by its name.
pub(super) fn cut(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    let Some(open) = memrchr(b'<', bytes).filter(|open| memchr(b'>', &bytes[*open..]).is_none())
    else {
        return;
    };
    let attribute = |name: &str| {
        let at = memmem::find(&bytes[open..], name.as_bytes())?;
        let start = open + at + name.len();
        bytes.get(start)?;
        let start = value::quoted_start(bytes, start)?;
        Some(start..value::quoted_end(bytes, start))
    };
    let is_named = [" key=", " name="]
        .into_iter()
        .filter_map(attribute)
        .any(|name| name.end < bytes.len());
    if let Some(value) = attribute(" value=").filter(|_| !is_named) {
        scanner.found.push(value);
    }
}

impl Scanner<'_> {
    /// Whether the `<` at `at` is of an end tag, or may have been.
    fn closes(&self, at: usize) -> bool {
        let tag = &self.bytes[at..];
        tag.starts_with(b"</") || self.truncated && tag == b"<"
    }

    /// Where the next tag is at or after `from`, or the end. Many elements may ask for the same one.
    fn next_tag(&mut self, from: usize) -> usize {
        if !self.without_tag.contains(&from) {
            let length = memchr(b'<', &self.bytes[from..]);
            let end = length.map_or(self.bytes.len(), |length| from + length);
            self.without_tag = from..end;
        }
        self.without_tag.end
    }
}

/// Hides the text of the element whose start tag ends at `close`, or of a `<value>` in it.
fn content(scanner: &mut Scanner<'_>, class: NameClass, close: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    if bytes[close - 1] == b'/' {
        return None;
    }
    let mut start = skip(bytes, close + 1, |b| b.is_ascii_whitespace());
    if bytes[start..].starts_with(b"<value>") {
        start += "<value>".len();
    }
    let end = scanner.next_tag(start);
    (scanner.closes(end) && scanner.hide_if(class, start..end, Style::Quoted)).then_some(end)
}
