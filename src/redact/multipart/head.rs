//! The head of a part.

use std::borrow::Cow;

use memchr::memmem;

use crate::{
    media_type::{Essence, Kind},
    parameters::{parameter, Unclear},
};

/// What the head of a part says.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) file_name: Option<Cow<'a, str>>,
    pub(super) content_type: Option<&'a [u8]>,
    disposition: Option<&'a [u8]>,
    /// Whether anything was seen that some reader may understand in another way.
    unclear: bool,
    /// Whether the content is encoded once more.
    encoded: bool,
}

impl<'a> Head<'a> {
    /// Reads the lines that are there with their end. A part of a `form` has to have a name.
    pub(super) fn parse(lines: &'a [u8], form: bool) -> Self {
        let mut head = Self::default();
        let mut from = 0;
        for end in memmem::find_iter(lines, b"\r\n") {
            if end > from && head.read_line(&lines[from..end]).is_err() {
                head.unclear = true;
            }
            from = end + 2;
        }
        // A head without its blank line may have more to say.
        head.unclear |= from < lines.len() || !(lines == b"\r\n" || lines.ends_with(b"\r\n\r\n"));
        if head.read_disposition(form).is_err() {
            head.unclear = true;
        }
        head
    }

    /// Whether the content is text that can be redacted.
    pub(super) fn is_text(&self) -> bool {
        !self.unclear && !self.encoded && self.file_name.is_none() && self.has_text_type()
    }

    fn has_text_type(&self) -> bool {
        let Some(content_type) = self.content_type else {
            return true;
        };
        let kind = Essence::of(content_type).map(Essence::kind);
        matches!(
            kind,
            Some(Kind::Json | Kind::JsonSequence | Kind::Form | Kind::Text)
        )
    }

    fn read_line(&mut self, line: &'a [u8]) -> Result<(), Unclear> {
        // A lone line feed is a line break for some; a folded line goes on with the one before.
        let colon = memchr::memchr(b':', line).ok_or(Unclear)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        if name.is_empty()
            || !name.iter().all(token)
            || memchr::memchr3(b'\r', b'\n', 0, value).is_some()
        {
            return Err(Unclear);
        }
        let slot = if name.eq_ignore_ascii_case(b"content-disposition") {
            &mut self.disposition
        } else if name.eq_ignore_ascii_case(b"content-type") {
            &mut self.content_type
        } else {
            self.encoded |= name.eq_ignore_ascii_case(b"content-encoding")
                || (name.eq_ignore_ascii_case(b"content-transfer-encoding")
                    && ![&b"7bit"[..], b"8bit", b"binary"]
                        .iter()
                        .any(|plain| value.eq_ignore_ascii_case(plain)));
            return Ok(());
        };
        match slot.replace(value) {
            Some(_) => Err(Unclear),
            None => Ok(()),
        }
    }

    fn read_disposition(&mut self, form: bool) -> Result<(), Unclear> {
        let Some(disposition) = self.disposition else {
            return if form { Err(Unclear) } else { Ok(()) };
        };
        // Both are read before either fails: a file is a file also where its name is unclear.
        let file_name = file_name(disposition);
        let name = name(disposition);
        self.file_name = match file_name {
            Ok(file_name) => file_name,
            Err(Unclear) => return Err(Unclear),
        };
        self.name = name?;

        let kind = disposition.split(|&byte| byte == b';').next();
        let is = |name: &str| {
            kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        let understood = if form {
            is("form-data") && self.name.is_some()
        } else {
            is("form-data") || is("inline")
        };
        understood.then_some(()).ok_or(Unclear)
    }
}

fn name(disposition: &[u8]) -> Result<Option<Cow<'_, str>>, Unclear> {
    // Forms must not have the extended notation, but some readers take it.
    if parameter(disposition, "name*")?.is_some() {
        return Err(Unclear);
    }
    let Some(name) = parameter(disposition, "name")? else {
        return Ok(None);
    };
    let name = match name {
        Cow::Borrowed(name) => std::str::from_utf8(name)
            .map(Cow::Borrowed)
            .map_err(|_| Unclear),
        Cow::Owned(name) => String::from_utf8(name).map(Cow::Owned).map_err(|_| Unclear),
    }?;
    // What a backslash does in a name depends on the reader.
    if name.contains(|c: char| c == '\\' || c.is_control()) {
        return Err(Unclear);
    }
    Ok(Some(name))
}

/// The file's name, which is only shown: what is invalid in it is replaced.
fn file_name(disposition: &[u8]) -> Result<Option<Cow<'_, str>>, Unclear> {
    let plain = parameter(disposition, "filename")?;
    if let Some(extended) = parameter(disposition, "filename*")? {
        if let Some(name) = extended_value(&extended) {
            return Ok(Some(Cow::Owned(name)));
        }
        if plain.is_none() {
            return Ok(Some(Cow::Borrowed("")));
        }
    }
    Ok(plain.map(|name| match name {
        Cow::Borrowed(name) => String::from_utf8_lossy(name),
        Cow::Owned(name) => Cow::Owned(String::from_utf8_lossy(&name).into_owned()),
    }))
}

/// `charset'language'percent-encoded`, by RFC 8187.
fn extended_value(value: &[u8]) -> Option<String> {
    let mut pieces = value.splitn(3, |&byte| byte == b'\'');
    let charset = encoding_rs::Encoding::for_label_no_replacement(pieces.next()?)?;
    let encoded = pieces.nth(1)?;

    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let [high, low, after @ ..] = after else {
            return None;
        };
        // Two hexadecimal digits make a byte.
        bytes.push((digit(*high)? * 16 + digit(*low)?) as u8);
        rest = after;
    }
    let (name, _) = charset.decode_without_bom_handling(&bytes);
    Some(name.into_owned())
}
