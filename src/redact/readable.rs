//! How far a text is what it is said to be.

/// A text that shows what is not secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Redacted {
    pub(crate) text: String,
    /// The count of input bytes, from the first on, that `text` stands for.
    pub(crate) consumed: usize,
    /// Whether the input was not understood from there on. All that follows is withheld.
    pub(crate) malformed: bool,
}

/// The beginning of a text, without refused bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Readable<'i> {
    pub(super) text: &'i str,
    /// Whether there is, or was, more than `text`.
    pub(super) cut: bool,
    pub(super) malformed: bool,
}

impl<'i> Readable<'i> {
    /// `truncated` says that there was more of the input once.
    pub(super) fn new(input: &'i str, truncated: bool, is_refused: impl Fn(u8) -> bool) -> Self {
        let refused = input.bytes().position(|b| b.is_ascii() && is_refused(b));
        Self {
            // An ASCII byte is a character's boundary.
            text: &input[..refused.unwrap_or(input.len())],
            cut: truncated || refused.is_some(),
            malformed: refused.is_some(),
        }
    }

    /// The result where `text` is shown for all that was readable.
    pub(super) fn shown_as(self, text: String) -> Redacted {
        Redacted {
            text,
            consumed: self.text.len(),
            malformed: self.malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_up_to_the_first_byte_that_is_refused() {
        for (input, truncated, text, cut, malformed) in [
            ("", false, "", false, false),
            ("aü", false, "aü", false, false),
            ("aü", true, "aü", true, false),
            ("a\0b", false, "a", true, true),
            ("ü\0b\0", true, "ü", true, true),
        ] {
            let expected = Readable {
                text,
                cut,
                malformed,
            };
            let readable = Readable::new(input, truncated, |byte| byte.is_ascii_control());
            assert_eq!(readable, expected);
        }
    }
}
