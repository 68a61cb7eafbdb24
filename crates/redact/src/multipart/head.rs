//! The head of a part.

use std::borrow::Cow;

use memchr::{memchr, memchr3, memmem};

use super::{
    media_type::Format,
    parameters::{is_token_byte, TextParameter, UnclearParameter},
};

/// What the head of a part says.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    /// The name of the field.
    pub(super) name: Option<Cow<'a, str>>,
    /// The `name` among the parameters of the media type, as mail has it.
    pub(super) type_name: Option<Cow<'a, str>>,
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
        // All are read, whatever fails: a file is a file also where its name is unclear.
        let disposition = head.read_disposition(form);
        let media_type = head.read_media_type();
        head.unclear |= disposition.is_err() || media_type.is_err();
        head
    }

    /// Returns the format of the content, if that is understood and no file.
    pub(super) fn format(&self) -> Option<Format> {
        if self.unclear || self.encoded || self.file_name.is_some() {
            return None;
        }
        self.content_type.map_or(Some(Format::Text), Format::of)
    }

    fn read_line(&mut self, line: &'a [u8]) -> Result<(), UnclearParameter> {
        // A lone line feed is a line break for some; a folded line goes on with the one before.
        let colon = memchr(b':', line).ok_or(UnclearParameter)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty()
            || !name.iter().all(|byte| is_token_byte(*byte))
            || memchr3(b'\r', b'\n', 0, value).is_some()
        {
            return Err(UnclearParameter);
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
            Some(_) => Err(UnclearParameter),
            None => Ok(()),
        }
    }

    fn read_disposition(&mut self, form: bool) -> Result<(), UnclearParameter> {
        let Some(disposition) = self.disposition else {
            return if form { Err(UnclearParameter) } else { Ok(()) };
        };
        let file_name = file_name(disposition);
        let name = name(disposition);
        self.file_name = file_name?;
        self.name = name?;

        let kind = disposition.split(|byte| *byte == b';').next();
        let is = |name: &str| {
            kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        let understood = if form {
            is("form-data") && self.name.is_some()
        } else {
            is("form-data") || is("inline")
        };
        understood.then_some(()).ok_or(UnclearParameter)
    }

    fn read_media_type(&mut self) -> Result<(), UnclearParameter> {
        if let Some(content_type) = self.content_type {
            self.type_name = name(content_type)?;
        }
        Ok(())
    }
}

fn name(value: &[u8]) -> Result<Option<Cow<'_, str>>, UnclearParameter> {
    let name = TextParameter::read(value, "name")?.agreed()?;
    // What a backslash does in a name depends on the reader, and so does an encoded word (RFC 2047).
    let is_read_in_two_ways =
        |name: &str| name.contains(|c: char| c == '\\' || c.is_control()) || name.contains("=?");
    match name {
        Some(name) if is_read_in_two_ways(&name) => Err(UnclearParameter),
        name => Ok(name),
    }
}

/// The file's name, which is only shown: the extended notation is preferred, and what is invalid is replaced.
///
/// A parameter that is there, in whatever notation, makes the part a file. So it has an empty name where that is not
/// understood.
fn file_name(disposition: &[u8]) -> Result<Option<Cow<'_, str>>, UnclearParameter> {
    match TextParameter::read(disposition, "filename") {
        Ok(read) => Ok(read.shown()),
        Err(UnclearParameter) if mentions_file_name(disposition) => Ok(Some(Cow::Borrowed(""))),
        Err(UnclearParameter) => Err(UnclearParameter),
    }
}

fn mentions_file_name(disposition: &[u8]) -> bool {
    let lower = disposition.to_ascii_lowercase();
    memmem::find(&lower, b"filename").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(lines: &str) -> Head<'_> {
        Head::parse(lines.as_bytes(), true)
    }

    #[test]
    fn continued_names_are_read() {
        let head =
            parsed("Content-Disposition: form-data; name*0=\"pass\"; name*1=\"word\"\r\n\r\n");
        assert_eq!(head.name.as_deref(), Some("password"));
        assert_eq!(head.format(), Some(Format::Text));
    }

    #[test]
    fn a_name_in_two_notations_hides_the_content() {
        for parameters in [
            "name=\"a\"; name*0=\"pass\"; name*1=\"word\"",
            "name=a; name*=utf-8''password",
            "name*0=a; name*2=b",
            "name=\"=?utf-8?B?cGFzc3dvcmQ=?=\"",
        ] {
            let lines = format!("Content-Disposition: form-data; {parameters}\r\n\r\n");
            assert_eq!(parsed(&lines).format(), None, "{parameters}");
        }
    }

    #[test]
    fn a_file_name_in_any_notation_makes_a_file() {
        for (parameters, name) in [
            ("filename=x", "x"),
            ("filename*0=\"x.key\"", "x.key"),
            ("filename*0*=utf-8''x%2e; filename*1=key", "x.key"),
            ("filename*=utf-8''x", "x"),
            ("filename*1=x", ""),
            ("filename*=x", ""),
            ("filename=\"x", ""),
            ("filename=a; filename*=utf-8''%zz", "a"),
            ("filename=my file.txt", "my file.txt"),
        ] {
            let lines = format!("Content-Disposition: form-data; name=a; {parameters}\r\n\r\n");
            let head = parsed(&lines);
            assert_eq!(head.file_name.as_deref(), Some(name), "{parameters}");
            assert_eq!(head.format(), None, "{parameters}");
        }
    }
}
