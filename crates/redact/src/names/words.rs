//! Splits a name into words: at changes of case, separators and digits.

/// What a character is in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Separator,
}

/// Writes the words of `name` into `words`: lower case, one space between them, digits as words of their own.
///
/// `apiKey`, `API_KEY` and `api.key` are all `api key`; `APIKey2` is `api key 2`.
pub(super) fn split(name: &str, words: &mut impl Words) {
    if name.is_ascii() {
        let chars = name
            .bytes()
            .map(|byte| (char::from(byte), KINDS[usize::from(byte)]));
        split_at_kinds(chars, words);
    } else {
        split_at_kinds(name.chars().map(|char| (char, kind_of(char))), words);
    }
}

#[inline]
fn split_at_kinds(chars: impl Iterator<Item = (char, Kind)>, words: &mut impl Words) {
    let mut before = [Kind::Separator; 2];
    let mut chars = chars.peekable();
    while let Some((char, kind)) = chars.next() {
        if kind == Kind::Separator {
            before = [before[1], kind];
            continue;
        }
        match (before, kind) {
            // `APIKey`: the last capital begins a word. Not in `IDs`.
            ([Kind::Upper, Kind::Upper], Kind::Lower)
                if !(char == 's' && chars.peek().is_none_or(|(_, next)| *next != Kind::Lower)) =>
            {
                words.split_last();
            }
            ([_, last], _) if last != kind && (last, kind) != (Kind::Upper, Kind::Lower) => {
                words.space()
            }
            _ => {}
        }
        words.push(char);
        before = [before[1], kind];
    }
}

/// The kinds of ASCII.
static KINDS: [Kind; 128] = {
    let mut kinds = [Kind::Separator; 128];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte as usize] = match byte {
            b'a'..=b'z' => Kind::Lower,
            b'A'..=b'Z' => Kind::Upper,
            b'0'..=b'9' => Kind::Digit,
            _ => Kind::Separator,
        };
        byte += 1;
    }
    kinds
};

fn kind_of(char: char) -> Kind {
    match char {
        _ if char.is_ascii() => KINDS[char as usize],
        _ if char.is_uppercase() => Kind::Upper,
        _ if char.is_numeric() => Kind::Digit,
        _ if char.is_alphabetic() => Kind::Lower,
        _ => Kind::Separator,
    }
}

/// Where words are written to.
pub(super) trait Words {
    /// Ends a word, if there is one.
    fn space(&mut self);
    /// Puts a space before the last character.
    fn split_last(&mut self);
    /// Adds a character in lower case.
    fn push(&mut self, char: char);
}

impl Words for String {
    fn space(&mut self) {
        if !self.is_empty() {
            self.push(' ');
        }
    }

    fn split_last(&mut self) {
        if let Some(last) = self.pop() {
            self.space();
            String::push(self, last);
        }
    }

    fn push(&mut self, char: char) {
        if char.is_ascii() {
            String::push(self, char.to_ascii_lowercase());
        } else {
            self.extend(char.to_lowercase());
        }
    }
}

/// Room on the stack for the words of a short ASCII name.
pub(super) struct Short {
    bytes: [u8; 2 * Short::LONGEST],
    length: usize,
}

impl Short {
    /// The longest name that is put in here.
    pub(super) const LONGEST: usize = 48;

    pub(super) fn new() -> Self {
        Self {
            bytes: [0; 2 * Self::LONGEST],
            length: 0,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn put(&mut self, byte: u8) {
        // Each character of a name adds itself and at most one space.
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }
}

impl Words for Short {
    fn space(&mut self) {
        if self.length > 0 {
            self.put(b' ');
        }
    }

    fn split_last(&mut self) {
        if self.length > 1 {
            self.length -= 1;
            let last = self.bytes[self.length];
            self.put(b' ');
            self.put(last);
        }
    }

    fn push(&mut self, char: char) {
        self.put(char.to_ascii_lowercase() as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_case_separators_and_digits() {
        for (name, expected) in [
            ("", ""),
            ("__", ""),
            ("password", "password"),
            ("apiKey", "api key"),
            ("API_KEY", "api key"),
            ("APIKey", "api key"),
            ("SSECustomerKey", "sse customer key"),
            ("X-Api-Key", "x api key"),
            ("user[password]", "user password"),
            ("$..user.pass word", "user pass word"),
            ("userIDs", "user ids"),
            ("last4", "last 4"),
            ("secret_v2", "secret v 2"),
            ("OAuth2Token", "o auth 2 token"),
            ("MYAPP_DB_PASS", "myapp db pass"),
            ("a1B2", "a 1 b 2"),
        ] {
            let mut words = String::new();
            split(name, &mut words);
            assert_eq!(words, expected);
            let mut short = Short::new();
            split(name, &mut short);
            assert_eq!(short.as_bytes(), expected.as_bytes());
        }
    }

    #[test]
    fn splits_words_of_other_scripts() {
        let mut words = String::new();
        split("мойПароль_größe2", &mut words);
        assert_eq!(words, "мой пароль größe 2");
    }
}
