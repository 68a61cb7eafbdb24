//! The parameters of a header value: `form-data; name="x"; filename*0*=utf-8''a%20; filename*1=b`.
//!
//! The notations are those of RFC 9110 (tokens and quoted strings), and for texts those of RFC 2231 and RFC 8187:
//! `name*=charset'language'percent-encoded`, and continuations such as `name*0="pass"; name*1="word"`.

use std::{borrow::Cow, error::Error, fmt};

use memchr::{memchr, memchr2};

use crate::percent::escaped_byte;

/// A header value whose parameters can be read in more than one way.
///
/// Two readers that disagree on a boundary, a charset or a name disagree on what is secret. Such a value is not understood
/// at all, rather than read in the way of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnclearParameter;

impl fmt::Display for UnclearParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the parameters of a header value can be read in more than one way")
    }
}

impl Error for UnclearParameter {}

/// The most sections that a continued parameter may have.
const MAX_SECTIONS: usize = 64;

/// A key and its value, which is `None` in `text/plain; utf-8`.
type Parameter<'a> = (&'a [u8], Option<Value<'a>>);

/// A value without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Value<'a> {
    bytes: Cow<'a, [u8]>,
    quoted: bool,
}

/// Returns the value of a parameter of a header value, such as `charset` of a `Content-Type`, if it is there; its name in
/// any case.
///
/// In a quoted string `\"` and `\\` lose their backslash (RFC 9110, section 5.6.4). All other backslashes stay: some readers
/// drop them and some do not, so whoever decides by the value has to see them.
///
/// # Errors
///
/// Fails where readers may differ: on a parameter that is there twice, a quote that is not closed or within a token, and the
/// notations of RFC 2231 and RFC 8187, which this function does not read.
///
/// ```
/// use body_logger_redact::{header_parameter, UnclearParameter};
///
/// let charset = |value: &'static [u8]| header_parameter(value, "charset");
/// assert_eq!(charset(b"text/plain; Charset=\"utf-8\""), Ok(Some(b"utf-8".into())));
/// assert_eq!(charset(b"text/plain"), Ok(None));
/// assert_eq!(charset(b"text/plain; charset=utf-8; charset=utf-7"), Err(UnclearParameter));
/// ```
pub fn header_parameter<'a>(
    value: &'a [u8],
    name: &str,
) -> Result<Option<Cow<'a, [u8]>>, UnclearParameter> {
    let mut found: Option<Cow<'a, [u8]>> = None;
    for parameter in parameters(value) {
        let (key, value) = parameter?;
        match (notation(key, name), value) {
            (Notation::Other, _) | (_, None) => {}
            (Notation::Plain, Some(value)) => match &found {
                Some(before) if *before != value.bytes => return Err(UnclearParameter),
                _ => found = Some(value.bytes),
            },
            _ => return Err(UnclearParameter),
        }
    }
    Ok(found)
}

/// A parameter that holds text, by each notation it is written in.
#[derive(Debug, Default)]
pub(super) struct TextParameter<'a> {
    /// `name=text`.
    plain: Option<Cow<'a, [u8]>>,
    /// Whether `plain` is more than a token, but not in quotes.
    loose: bool,
    /// `name*=charset'language'text`, `name*0=te; name*1=xt`.
    extended: Option<Result<String, UnclearParameter>>,
}

impl<'a> TextParameter<'a> {
    /// Reads a parameter in all notations.
    pub(super) fn read(value: &'a [u8], name: &str) -> Result<Self, UnclearParameter> {
        let mut read = Self::default();
        let mut sections: Vec<(usize, bool, Value<'a>)> = Vec::new();
        for parameter in parameters(value) {
            let (key, value) = parameter?;
            let notation = notation(key, name);
            let Some(value) = value else {
                if notation == Notation::Other {
                    continue;
                }
                return Err(UnclearParameter);
            };
            match notation {
                Notation::Other => {}
                Notation::Plain => {
                    // A comment (RFC 822) or white space ends a token for some readers.
                    let ends = |byte: &u8| !is_token_byte(*byte) && !b"[]/:@".contains(byte);
                    read.loose |= !value.quoted && value.bytes.iter().any(ends);
                    set_once(&mut read.plain, value.bytes)?;
                }
                Notation::Extended => {
                    set_once(&mut read.extended, charset_decoded(&value.bytes))?;
                }
                Notation::Section { number, encoded } => {
                    if sections.len() == MAX_SECTIONS {
                        return Err(UnclearParameter);
                    }
                    sections.push((number, encoded, value));
                }
                Notation::Unknown => return Err(UnclearParameter),
            }
        }
        if !sections.is_empty() {
            set_once(&mut read.extended, joined(sections))?;
        }
        Ok(read)
    }

    /// Returns the text for display: in the newer notation where that is understood, with what is invalid replaced.
    pub(super) fn shown(self) -> Option<Cow<'a, str>> {
        match (self.extended, self.plain) {
            (Some(Ok(extended)), _) => Some(Cow::Owned(extended)),
            (_, Some(Cow::Borrowed(plain))) => Some(String::from_utf8_lossy(plain)),
            (_, Some(Cow::Owned(plain))) => {
                Some(Cow::Owned(String::from_utf8_lossy(&plain).into_owned()))
            }
            (Some(Err(UnclearParameter)), None) => Some(Cow::Borrowed("")),
            (None, None) => None,
        }
    }

    /// Returns the text that all readers agree on, if there is one.
    pub(super) fn agreed(self) -> Result<Option<Cow<'a, str>>, UnclearParameter> {
        if self.loose {
            return Err(UnclearParameter);
        }
        let extended = self.extended.transpose()?;
        let plain = self.plain.map(text).transpose()?;
        match (plain, extended) {
            (Some(plain), Some(extended)) if *plain != *extended => Err(UnclearParameter),
            (Some(plain), _) => Ok(Some(plain)),
            (None, extended) => Ok(extended.map(Cow::Owned)),
        }
    }
}

fn text(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, str>, UnclearParameter> {
    Ok(match bytes {
        Cow::Borrowed(bytes) => {
            Cow::Borrowed(std::str::from_utf8(bytes).map_err(|_| UnclearParameter)?)
        }
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).map_err(|_| UnclearParameter)?),
    })
}

fn set_once<T: PartialEq>(slot: &mut Option<T>, value: T) -> Result<(), UnclearParameter> {
    match slot {
        Some(before) if *before != value => Err(UnclearParameter),
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}

/// How a key writes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    /// `name`.
    Plain,
    /// `name*`.
    Extended,
    /// `name*0`; `encoded` with another `*` behind.
    Section { number: usize, encoded: bool },
    /// Another use of `*`.
    Unknown,
    /// Of another parameter.
    Other,
}

fn notation(key: &[u8], name: &str) -> Notation {
    let Some((own, rest)) = key.split_at_checked(name.len()) else {
        return Notation::Other;
    };
    if !own.eq_ignore_ascii_case(name.as_bytes()) {
        return Notation::Other;
    }
    match rest {
        [] => Notation::Plain,
        [b'*'] => Notation::Extended,
        [b'*', section @ ..] => {
            let (digits, encoded) = match section {
                [digits @ .., b'*'] => (digits, true),
                digits => (digits, false),
            };
            // Leading zeros are none of the grammar's.
            let canonical = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() <= 3;
            let number = std::str::from_utf8(digits).ok().filter(|_| canonical);
            match number.and_then(|digits| digits.parse().ok()) {
                Some(number) => Notation::Section { number, encoded },
                None => Notation::Unknown,
            }
        }
        _ => Notation::Other,
    }
}

/// The text of sections, which may come in any order.
fn joined(mut sections: Vec<(usize, bool, Value<'_>)>) -> Result<String, UnclearParameter> {
    sections.sort_by_key(|(number, ..)| *number);
    let mut bytes = Vec::new();
    let mut charset = None;
    for (expected, (number, encoded, value)) in sections.into_iter().enumerate() {
        // A section that is missing, or there twice: some readers stop there and some do not.
        if number != expected {
            return Err(UnclearParameter);
        }
        if !encoded {
            bytes.extend_from_slice(&value.bytes);
            continue;
        }
        let encoded = match (number, charset) {
            (0, _) => {
                let (name, encoded) = split_charset(&value.bytes)?;
                charset = Some(name);
                encoded
            }
            (_, Some(_)) => &value.bytes,
            (_, None) => return Err(UnclearParameter),
        };
        percent_decode(encoded, &mut bytes)?;
    }
    charset.unwrap_or(Charset::Utf8).text(bytes)
}

/// `charset'language'percent-encoded`.
fn charset_decoded(value: &[u8]) -> Result<String, UnclearParameter> {
    let (charset, encoded) = split_charset(value)?;
    let mut bytes = Vec::with_capacity(encoded.len());
    percent_decode(encoded, &mut bytes)?;
    charset.text(bytes)
}

/// The charsets that are read, which are those that senders have to use (RFC 8187) or had to (RFC 5987).
#[derive(Clone, Copy, Debug)]
enum Charset {
    Utf8,
    Latin1,
}

impl Charset {
    fn text(self, bytes: Vec<u8>) -> Result<String, UnclearParameter> {
        match self {
            Self::Utf8 => String::from_utf8(bytes).map_err(|_| UnclearParameter),
            Self::Latin1 => Ok(bytes.into_iter().map(char::from).collect()),
        }
    }
}

fn split_charset(value: &[u8]) -> Result<(Charset, &[u8]), UnclearParameter> {
    let mut pieces = value.splitn(3, |byte| *byte == b'\'');
    let (Some(charset), Some(_language), Some(encoded)) =
        (pieces.next(), pieces.next(), pieces.next())
    else {
        return Err(UnclearParameter);
    };
    let is = |name: &str| charset.eq_ignore_ascii_case(name.as_bytes());
    // Without a charset it is ASCII, which is UTF-8 too.
    let charset = if charset.is_empty() || is("utf-8") || is("utf8") || is("us-ascii") {
        Charset::Utf8
    } else if is("iso-8859-1") {
        Charset::Latin1
    } else {
        return Err(UnclearParameter);
    };
    Ok((charset, encoded))
}

fn percent_decode(mut encoded: &[u8], decoded: &mut Vec<u8>) -> Result<(), UnclearParameter> {
    while let [byte, rest @ ..] = encoded {
        if *byte == b'%' {
            decoded.push(escaped_byte(encoded).ok_or(UnclearParameter)?);
            encoded = &rest[2..];
        } else {
            decoded.push(*byte);
            encoded = rest;
        }
    }
    Ok(())
}

/// The parameters of a header value, in order.
fn parameters(value: &[u8]) -> impl Iterator<Item = Result<Parameter<'_>, UnclearParameter>> {
    let mut rest = memchr(b';', value).map(|at| &value[at + 1..]);
    std::iter::from_fn(move || loop {
        let parameters = rest.take()?.trim_ascii_start();
        let end = memchr2(b'=', b';', parameters).unwrap_or(parameters.len());
        let (key, tail) = parameters.split_at(end);
        let key = key.trim_ascii_end();
        if key.contains(&b'"') {
            return Some(Err(UnclearParameter));
        }
        let Some(tail) = tail.strip_prefix(b"=") else {
            rest = tail.strip_prefix(b";");
            if key.is_empty() {
                continue;
            }
            return Some(Ok((key, None)));
        };
        let read = read_value(tail.trim_ascii_start());
        return Some(read.map(|(value, tail)| {
            rest = tail;
            (key, Some(value))
        }));
    })
}

/// A value, and the parameters behind it where there are any.
type Read<'a> = (Value<'a>, Option<&'a [u8]>);

fn read_value(text: &[u8]) -> Result<Read<'_>, UnclearParameter> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let end = memchr(b';', text).unwrap_or(text.len());
        let (value, tail) = text.split_at(end);
        if value.contains(&b'"') {
            return Err(UnclearParameter);
        }
        let value = Value {
            bytes: Cow::Borrowed(value.trim_ascii_end()),
            quoted: false,
        };
        return Ok((value, tail.strip_prefix(b";")));
    };
    let (bytes, tail) = unquote(quoted)?;
    let value = Value {
        bytes,
        quoted: true,
    };
    match tail.trim_ascii_start() {
        [] => Ok((value, None)),
        [b';', tail @ ..] => Ok((value, Some(tail))),
        _ => Err(UnclearParameter),
    }
}

/// The text up to the closing quote, and what comes behind that.
fn unquote(text: &[u8]) -> Result<(Cow<'_, [u8]>, &[u8]), UnclearParameter> {
    let mut value = Cow::Borrowed(&text[..0]);
    let mut from = 0;
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', &text[at..]).ok_or(UnclearParameter)?;
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

/// Whether a byte is one of a `token` of RFC 9110.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn plain(value: &str, name: &str, expected: Result<Option<&str>, UnclearParameter>) {
        let read = header_parameter(value.as_bytes(), name);
        let read =
            read.map(|found| found.map(|found| String::from_utf8_lossy(&found).into_owned()));
        let expected = expected.map(|text| text.map(str::to_owned));
        assert_eq!(read, expected, "{value}");
    }

    #[track_caller]
    fn agreed(value: &str, expected: Result<Option<&str>, UnclearParameter>) {
        let read = TextParameter::read(value.as_bytes(), "name").and_then(TextParameter::agreed);
        let read = read.map(|text| text.map(Cow::into_owned));
        let expected = expected.map(|text| text.map(str::to_owned));
        assert_eq!(read, expected, "{value}");
    }

    #[test]
    fn reads_tokens_and_quoted_strings() {
        plain("text/plain", "charset", Ok(None));
        plain("text/plain; charset=utf-8", "charset", Ok(Some("utf-8")));
        plain(
            "text/plain;CharSet = \"utf-8\" ;a=b",
            "charset",
            Ok(Some("utf-8")),
        );
        plain(
            "a/b; x=1;boundary=a:=?b ; y=2",
            "boundary",
            Ok(Some("a:=?b")),
        );
        plain(
            r#"f; a=";name=no"; name="a;b=c""#,
            "name",
            Ok(Some("a;b=c")),
        );
        plain(r#"f; name="""#, "name", Ok(Some("")));
        plain("f; name=", "name", Ok(Some("")));
        plain("application/json; utf-8", "charset", Ok(None));
        plain("a/b;; ;charset=x;", "charset", Ok(Some("x")));
    }

    #[test]
    fn removes_the_backslash_of_escaped_quotes_and_backslashes_only() {
        plain(r#"f; name="a\"b\\""#, "name", Ok(Some(r#"a"b\"#)));
        plain(r#"f; name="C:\dir\f""#, "name", Ok(Some(r"C:\dir\f")));
        plain(r#"f; name="\\\"""#, "name", Ok(Some(r#"\""#)));
    }

    #[test]
    fn refuses_what_can_be_read_in_two_ways() {
        plain("f; name=a; name=b", "name", Err(UnclearParameter));
        plain("f; name=a; NAME=a", "name", Ok(Some("a")));
        plain(r#"f; name="a"#, "name", Err(UnclearParameter));
        plain(r#"f; name="a\""#, "name", Err(UnclearParameter));
        plain(r#"f; name="a" b; c=d"#, "name", Err(UnclearParameter));
        plain(r#"f; name=a"b"#, "name", Err(UnclearParameter));
        plain(r#"f; name=;a""#, "name", Err(UnclearParameter));
        plain("f; name=a; name*=utf-8''a", "name", Err(UnclearParameter));
        plain("f; name*0=a; name*1=b", "name", Err(UnclearParameter));
    }

    #[test]
    fn reads_texts_in_every_notation() {
        for (value, expected) in [
            ("f", None),
            ("f; name=a; x*0=b", Some("a")),
            ("f; name*=utf-8''p%61ss", Some("pass")),
            ("f; NAME*=UTF-8'en'%c3%bc", Some("ü")),
            ("f; name*=iso-8859-1'en'%A3", Some("£")),
            ("f; name*=''x", Some("x")),
            ("f; name*=\"utf-8''x\"", Some("x")),
            ("f; name*0=\"pass\"; name*1=\"word\"", Some("password")),
            ("f; name*1=word; x=y; name*0=pass", Some("password")),
            (
                "f; name*0*=utf-8''p%61; name*1=%61; name*2*=%62",
                Some("pa%61b"),
            ),
            ("f; name*0*=utf-8''%c3; name*1*=%bc", Some("ü")),
            ("f; name=pass; name*=utf-8''pass", Some("pass")),
            ("f; name*0=pa; name*1=ss; name=\"pass\"", Some("pass")),
            ("f; name=user[pass]", Some("user[pass]")),
            ("f; name=\"a b (c)\"", Some("a b (c)")),
        ] {
            agreed(value, Ok(expected));
        }
    }

    #[test]
    fn refuses_texts_that_readers_disagree_on() {
        for value in [
            "f; name=a; name*=utf-8''password",
            "f; name=a; name*0=pass; name*1=word",
            "f; name*=utf-8''a; name*0=password",
            "f; name*0=pass; name*2=word",
            "f; name*1=pass",
            "f; name*0=a; name*0=b",
            "f; name*00=a",
            "f; name*x=a",
            "f; name**=a",
            "f; name*",
            "f; name",
            "f; name*0=a; name*1*=b",
            "f; name*=koi8-r''%d0",
            "f; name*=utf-8''%zz",
            "f; name*=utf-8''%ff",
            "f; name*=utf-8",
            "f; name=a b",
            "f; name=a(b)",
            "f; name*9999=a",
        ] {
            agreed(value, Err(UnclearParameter));
        }
        let many: String = (0..=MAX_SECTIONS)
            .map(|n| format!("; name*{n}=a"))
            .collect();
        agreed(&format!("f{many}"), Err(UnclearParameter));
    }

    proptest! {
        #[test]
        fn reads_any_bytes(value: Vec<u8>, like in "f(; ?(name|name\\*[0-2]?\\*?)=?[a'%6\" ]{0,6}){0,4}") {
            for value in [&value[..], like.as_bytes()] {
                let _ = header_parameter(value, "name");
                let _ = TextParameter::read(value, "name").and_then(TextParameter::agreed);
            }
        }

        #[test]
        fn a_quoted_value_comes_back(text in r#"[ -~]{0,20}"#) {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            let value = format!("f; a=b; name=\"{quoted}\"; c=\"d\"");
            prop_assert_eq!(
                header_parameter(value.as_bytes(), "name"),
                Ok(Some(Cow::Owned(text.into_bytes())))
            );
        }

        #[test]
        fn a_continued_text_comes_back(text in "\\PC{1,20}", styles in prop::collection::vec(any::<bool>(), 1..5)) {
            let mut value = "f".to_owned();
            let chars: Vec<_> = text.chars().collect();
            let pieces = chars.chunks(chars.len().div_ceil(styles.len()));
            for (n, (piece, encoded)) in pieces.zip(&styles).enumerate() {
                let piece: String = piece.iter().collect();
                if n == 0 || *encoded {
                    let escaped: String = piece.bytes().map(|byte| format!("%{byte:02x}")).collect();
                    let charset = if n == 0 { "utf-8''" } else { "" };
                    value += &format!("; name*{n}*={charset}{escaped}");
                } else {
                    value += &format!("; name*{n}=\"{}\"", piece.replace('\\', "\\\\").replace('"', "\\\""));
                }
            }
            let read = TextParameter::read(value.as_bytes(), "name").and_then(TextParameter::agreed);
            prop_assert_eq!(read, Ok(Some(Cow::Owned(text))), "{}", value);
        }
    }
}
