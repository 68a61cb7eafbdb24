//! The parameters of a header value: `form-data; name="x"; filename*0*=utf-8''a%20; filename*1=b`.
//!
//! The notations are those of RFC 9110 (tokens and quoted strings), and for texts those of RFC 2231 and RFC 8187:
//! `name*=charset'language'percent-encoded`, and continuations such as `name*0="pass"; name*1="word"`.

mod charset;
mod notation;
#[cfg(test)]
mod tests;
mod text;

use std::{borrow::Cow, error::Error, fmt};

use memchr::{memchr, memchr2};

use self::notation::{notation, Notation};
pub(super) use self::text::TextParameter;

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
