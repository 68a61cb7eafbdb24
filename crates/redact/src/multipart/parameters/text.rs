//! Parameters that hold texts, in each notation that they are written in (RFC 2231, RFC 8187).

use std::borrow::Cow;

use super::{
    charset::{self, Charset},
    is_token_byte,
    notation::{notation, Notation},
    parameters, UnclearParameter, Value,
};

/// The most sections that a continued parameter may have.
pub(super) const MAX_SECTIONS: usize = 64;

/// A parameter that holds text, by each notation it is written in.
#[derive(Debug, Default)]
pub(in super::super) struct TextParameter<'a> {
    /// `name=text`.
    plain: Option<Cow<'a, [u8]>>,
    /// Whether `plain` is more than a token, but not in quotes.
    loose: bool,
    /// `name*=charset'language'text`, `name*0=te; name*1=xt`.
    extended: Option<Result<String, UnclearParameter>>,
}

impl<'a> TextParameter<'a> {
    /// Reads a parameter in all notations.
    pub(in super::super) fn read(value: &'a [u8], name: &str) -> Result<Self, UnclearParameter> {
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
                    set_once(&mut read.extended, charset::decoded(&value.bytes))?;
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
    pub(in super::super) fn shown(self) -> Option<Cow<'a, str>> {
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
    pub(in super::super) fn agreed(self) -> Result<Option<Cow<'a, str>>, UnclearParameter> {
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
                let (name, encoded) = charset::split(&value.bytes)?;
                charset = Some(name);
                encoded
            }
            (_, Some(_)) => &value.bytes,
            (_, None) => return Err(UnclearParameter),
        };
        charset::percent_decode(encoded, &mut bytes)?;
    }
    charset.unwrap_or(Charset::Utf8).text(bytes)
}
