//! How the key of a parameter is written.

/// How a key writes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
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

pub(super) fn notation(key: &[u8], name: &str) -> Notation {
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
