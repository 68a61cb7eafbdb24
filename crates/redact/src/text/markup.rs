//! XML and HTML: `<password>value</password>`, `<add key="password" value="..."/>`.

use std::sync::LazyLock;

use memchr::{
    memchr,
    memmem::{self, Finder},
    memrchr,
};

use super::{
    bytes::skip,
    scanner::Scanner,
    value::{self, Style},
};
use crate::{
    characters::{table_with_words, Characters},
    names::{Below, NameClass, Role, Secrecy},
};

/// Attributes that hold the value of a pair, where they may follow a name, and where they may be before it. A finder takes
/// longer to make than to search a tag.
static VALUES: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["value=", "content="].map(Finder::new));
static VALUE_BEFORE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" value="));

/// No tag or attribute between a name and its value is further away.
const REACH: usize = 256;

/// The bytes of the names of tags.
static IS_OF_TAG: [bool; 256] = table_with_words(b"_-.:");

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
    let name_end = skip(bytes, open + 1, |b| IS_OF_TAG[usize::from(b)]);
    if name_end == open + 1 || name_end - open > REACH {
        return open + 1;
    }
    let name = &bytes[open + 1..name_end];
    if name.eq_ignore_ascii_case(b"input") {
        return input(scanner, open, name_end);
    }
    let tag_end = bytes.len().min(name_end + REACH);
    let close = match bytes[name_end..tag_end] {
        [b'>', ..] => Some(0),
        ref rest => memchr(b'>', rest),
    };
    let Some(close) = close.map(|length| name_end + length) else {
        return name_end;
    };
    if close > name_end && (!bytes[name_end].is_ascii_whitespace() || bytes[close - 1] == b'/') {
        return name_end;
    }
    let prefix = name.iter().rposition(|b| *b == b':');
    let name = &scanner.text[prefix.map_or(open + 1, |colon| open + colon + 2)..name_end];
    let start = close + 1;
    let class = scanner.class_of(name);
    if class.role == Role::Name && is_name_attribute(name) || is_cell(name) {
        return named_element(scanner, start).unwrap_or(name_end);
    }
    if !class.is_secret() {
        return name_end;
    }
    let start = match bytes[start..].starts_with(b"<![CDATA[") {
        true => start + "<![CDATA[".len(),
        false => behind_generic_tag(scanner, start),
    };
    let Some(end) = memchr(b'<', &bytes[start..]).map(|length| start + length) else {
        let may_be_value = class.secrecy >= Secrecy::Strong && !is_placeholder(bytes, open, start);
        if may_be_value || scanner.truncated {
            scanner.found.push(start..bytes.len());
        }
        return name_end;
    };
    let is_cdata = bytes[..start].ends_with(b"[CDATA[");
    let range = value::trimmed(bytes, start..end);
    let is_closed = is_cdata
        || scanner.closes(end)
        || class.secrecy >= Secrecy::Strong && is_unclosed_value(&bytes[range.clone()]);
    let is_blank = scanner.text[range.clone()].trim().is_empty();
    if is_closed && !is_blank && scanner.hide_if(class, range, Style::Quoted) {
        return end;
    }
    name_end
}

/// Whether what looks like a start tag, from `open` to `end`, stands for a value itself: `api_key: <your-api-key>`, at the end of
/// a line.
fn is_placeholder(bytes: &[u8], open: usize, end: usize) -> bool {
    let before = bytes[..open].trim_ascii_end();
    let is_behind_mark = matches!(before.last(), Some(b':' | b'='));
    is_behind_mark && !before.ends_with(b"\n") && value::ends_line(bytes, end)
}

/// Where a value starts behind tags for its looks: `<b>Password:</b> <code>q7K..`. `start` if there are none.
pub(super) fn behind_looks(bytes: &[u8], start: usize) -> usize {
    const MOST: usize = 4;
    const TAGS: [&[u8]; 16] = [
        b"b", b"strong", b"em", b"i", b"u", b"code", b"kbd", b"tt", b"samp", b"pre", b"span",
        b"br", b"p", b"div", b"td", b"th",
    ];
    let mut value = start;
    for _ in 0..MOST {
        let open = skip(bytes, value, |b| b.is_ascii_whitespace());
        if bytes.get(open) != Some(&b'<') {
            break;
        }
        let name = open + 1 + usize::from(bytes.get(open + 1) == Some(&b'/'));
        let name_end = skip(bytes, name, |b| b.is_ascii_alphanumeric());
        let reach = bytes.len().min(name_end + REACH);
        let is_known = TAGS
            .iter()
            .any(|own| own.eq_ignore_ascii_case(&bytes[name..name_end]));
        let close = memchr(b'>', &bytes[name_end..reach]).filter(|_| is_known);
        let Some(close) = close.map(|length| name_end + length) else {
            break;
        };
        value = close + 1;
    }
    match value > start {
        true => skip(bytes, value, |b| b == b' '),
        false => start,
    }
}

/// Whether markup that is itself in markup may be in a text with these characters.
#[inline]
pub(super) fn may_be_escaped(seen: Characters) -> bool {
    const TAGS: Characters = Characters::set(b"&lt;g");
    seen.has_all(TAGS)
}

/// Hides the text of escaped elements: `&lt;password&gt;..&lt;/password&gt;`.
pub(super) fn escaped(scanner: &mut Scanner<'_>) {
    const OPEN: &[u8] = b"&lt;";
    const CLOSE: &[u8] = b"&gt;";
    let bytes = scanner.bytes;
    for open in memmem::find_iter(bytes, OPEN) {
        let name = open + OPEN.len();
        let name_end = skip(bytes, name, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':')
        });
        let reach = bytes.len().min(name_end + REACH);
        let close = memmem::find(&bytes[name_end..reach], CLOSE);
        let Some(close) = close.filter(|_| name_end > name && name_end - name <= REACH) else {
            continue;
        };
        let own = &scanner.text[name..name_end];
        let class = scanner.class_of(own.rsplit(':').next().unwrap_or_default());
        if !class.is_secret() {
            continue;
        }
        let start = name_end + close + CLOSE.len();
        let length = memmem::find(&bytes[start..], OPEN);
        let end = length.map_or(bytes.len(), |length| start + length);
        let is_closed = bytes[end..].starts_with(b"&lt;/") || end == bytes.len();
        let range = value::trimmed(bytes, start..end);
        if is_closed && scanner.hide_if(class, range, Style::Quoted) {
            scanner.note_secret(end);
        }
    }
}

/// Whether the text of an element is a value, although no end tag is behind it, as in SGML: `<USERPASS>q7K<LANGUAGE>`.
fn is_unclosed_value(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let is_of_value = |b: &u8| b.is_ascii_graphic();
    text.len() >= 4 && text.iter().all(is_of_value) && text.iter().any(u8::is_ascii_digit)
}

/// Where the text starts below a secret name: behind the tag at `start`, if that is of its value, as in
/// `<Password><Value>..`.
fn behind_generic_tag(scanner: &Scanner<'_>, start: usize) -> usize {
    let bytes = scanner.bytes;
    let open = skip(bytes, start, |b| b.is_ascii_whitespace());
    if bytes.get(open) != Some(&b'<') {
        return start;
    }
    let end = skip(bytes, open + 1, |b| b.is_ascii_alphanumeric() || b == b':');
    let name = &scanner.text[open + 1..end];
    let name = name.rsplit(':').next().unwrap_or_default();
    let is_value = || scanner.class_of(name).below == Below::Generic;
    if end - open <= REACH && bytes.get(end) == Some(&b'>') && is_value() {
        end + 1
    } else {
        start
    }
}

/// Whether an element holds what the one behind it is called.
fn is_cell(name: &str) -> bool {
    let own = ["th", "td", "dt"];
    own.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Reads `<input type="password" value="..">`, whose attributes start at `start`; returns where to go on.
fn input(scanner: &mut Scanner<'_>, open: usize, start: usize) -> usize {
    let bytes = scanner.bytes;
    let reach = bytes.len().min(start + REACH);
    let end = memchr(b'>', &bytes[start..reach]).map_or(reach, |length| start + length);
    let tag = &bytes[open..end];
    let value = || {
        VALUE_BEFORE
            .find(tag)
            .map(|at| open + at + VALUE_BEFORE.needle().len())
    };
    let is_password = ["\"password\"", "'password'", "=password"]
        .iter()
        .any(|own| memmem::find(tag, own.as_bytes()).is_some());
    if !is_password {
        return start;
    }
    let Some(value) = value().and_then(|value| value::quoted_start(bytes, value)) else {
        return start;
    };
    let value = value..value::quoted_end(bytes, value);
    let next = value.end;
    scanner.found.push(value);
    next
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
    let opens_value = ["<value", "<string", "<val", "<td", "<dd"];
    if !opens_value
        .iter()
        .any(|own| tag.starts_with(own.as_bytes()))
    {
        return None;
    }
    let mut start = open + memchr(b'>', tag)? + 1;
    // XML-RPC has the type of a value in a tag of its own.
    if matches!(bytes[start..], [b'<', b'a'..=b'z', ..]) {
        start += memchr(b'>', &bytes[start..])? + 1;
    }
    let end = memchr(b'<', &bytes[start..]).map_or(bytes.len(), |length| start + length);
    scanner
        .hide_if(class, start..end, Style::Quoted)
        .then_some(end)
}

/// Reads `"password" value="..."`, as it follows `key=`; returns where to go on if it was hidden.
#[inline(never)]
pub(super) fn attribute(scanner: &mut Scanner<'_>, start: usize) -> Option<usize> {
    let bytes = scanner.bytes;
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
    start = behind_generic_tag(scanner, start);
    let end = scanner.next_tag(start);
    (scanner.closes(end) && scanner.hide_if(class, start..end, Style::Quoted)).then_some(end)
}
