//! The parameters of a header value: `multipart/form-data; boundary="x y"`.

use std::borrow::Cow;

/// A header value whose parameters can be read in more than one way.
///
/// Two readers that disagree on a boundary, a charset or a name disagree on what is secret: such a
/// value is not understood at all, rather than in the way of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclear;

/// The one value of a parameter, if it is there.
///
/// In a quoted string `\"` and `\\` lose their backslash. All other backslashes stay: some readers
/// drop them and some do not, so who decides by the value has to see them.
pub(crate) fn parameter<'a>(value: &'a [u8], name: &str) -> Result<Option<Cow<'a, [u8]>>, Unclear> {
    let mut found: Option<Cow<'a, [u8]>> = None;
    let mut rest = after_first(value, b';');
    while let Some(parameters) = rest {
        let parameters = parameters.trim_ascii_start();
        let end = parameters
            .iter()
            .position(|byte| matches!(byte, b'=' | b';'))
            .unwrap_or(parameters.len());
        let (key, tail) = parameters.split_at(end);
        if key.contains(&b'"') {
            return Err(Unclear);
        }
        let Some(tail) = tail.strip_prefix(b"=") else {
            // A parameter without a value, as in `application/json; utf-8`, says nothing.
            rest = tail.strip_prefix(b";");
            continue;
        };
        let (read, tail) = read_value(tail.trim_ascii_start())?;
        if key.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes()) {
            match &found {
                Some(before) if *before != read => return Err(Unclear),
                _ => found = Some(read),
            }
        }
        rest = tail;
    }
    Ok(found)
}

/// A value, and the parameters behind it where there are any.
type Read<'a> = (Cow<'a, [u8]>, Option<&'a [u8]>);

fn read_value(text: &[u8]) -> Result<Read<'_>, Unclear> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let end = memchr::memchr(b';', text).unwrap_or(text.len());
        let (value, tail) = text.split_at(end);
        if value.contains(&b'"') {
            return Err(Unclear);
        }
        let value = Cow::Borrowed(value.trim_ascii_end());
        return Ok((value, tail.strip_prefix(b";")));
    };
    let (value, tail) = unquote(quoted)?;
    match tail.trim_ascii_start() {
        [] => Ok((value, None)),
        [b';', tail @ ..] => Ok((value, Some(tail))),
        _ => Err(Unclear),
    }
}

/// The text up to the closing quote, and what comes behind that.
fn unquote(text: &[u8]) -> Result<(Cow<'_, [u8]>, &[u8]), Unclear> {
    let mut value = Cow::Borrowed(&text[..0]);
    let mut from = 0;
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', &text[at..]).ok_or(Unclear)?;
        match (text[at], text.get(at + 1)) {
            (b'"', _) => {
                let piece = &text[from..at];
                match &mut value {
                    Cow::Owned(value) => value.extend_from_slice(piece),
                    Cow::Borrowed(_) => value = Cow::Borrowed(piece),
                }
                return Ok((value, &text[at + 1..]));
            }
            (_, Some(b'"' | b'\\')) => {
                value.to_mut().extend_from_slice(&text[from..at]);
                from = at + 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
}

fn after_first(text: &[u8], byte: u8) -> Option<&[u8]> {
    memchr::memchr(byte, text).map(|at| &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn reads(value: &str, name: &str, expected: Result<Option<&str>, Unclear>) {
        let read = parameter(value.as_bytes(), name);
        let read =
            read.map(|found| found.map(|found| String::from_utf8_lossy(&found).into_owned()));
        assert_eq!(
            read,
            expected.map(|text| text.map(str::to_owned)),
            "{value}"
        );
    }

    #[test]
    fn tokens_and_quoted_strings_are_values() {
        reads("text/plain", "charset", Ok(None));
        reads("text/plain; charset=utf-8", "charset", Ok(Some("utf-8")));
        reads(
            "text/plain;CharSet = \"utf-8\" ;a=b",
            "charset",
            Ok(Some("utf-8")),
        );
        reads(
            "a/b; x=1;boundary=a:=?b ; y=2",
            "boundary",
            Ok(Some("a:=?b")),
        );
        reads(
            r#"f; a=";name=no"; name="a;b=c""#,
            "name",
            Ok(Some("a;b=c")),
        );
        reads(r#"f; name="""#, "name", Ok(Some("")));
        reads("f; name=", "name", Ok(Some("")));
    }

    #[test]
    fn only_escaped_quotes_and_backslashes_lose_a_backslash() {
        reads(r#"f; name="a\"b\\""#, "name", Ok(Some(r#"a"b\"#)));
        reads(r#"f; name="C:\dir\f""#, "name", Ok(Some(r"C:\dir\f")));
        reads(r#"f; name="\\\"""#, "name", Ok(Some(r#"\""#)));
    }

    #[test]
    fn what_is_no_parameter_is_passed_over() {
        reads("application/json; utf-8", "charset", Ok(None));
        reads("a/b;; ;charset=x;", "charset", Ok(Some("x")));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_unclear() {
        reads("f; name=a; name=b", "name", Err(Unclear));
        reads("f; name=a; NAME=a", "name", Ok(Some("a")));
        reads(r#"f; name="a"#, "name", Err(Unclear));
        reads(r#"f; name="a\""#, "name", Err(Unclear));
        reads(r#"f; name="a" b; c=d"#, "name", Err(Unclear));
        reads(r#"f; name=a"b"#, "name", Err(Unclear));
        reads(r#"f; name=;a""#, "name", Err(Unclear));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(value: Vec<u8>) {
            let _ = parameter(&value, "name");
        }

        #[test]
        fn a_quoted_value_comes_back(text in r#"[ -~]{0,20}"#) {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            let value = format!("f; a=b; name=\"{quoted}\"; c=\"d\"");
            prop_assert_eq!(
                parameter(value.as_bytes(), "name"),
                Ok(Some(Cow::Owned(text.into_bytes())))
            );
        }
    }
}
