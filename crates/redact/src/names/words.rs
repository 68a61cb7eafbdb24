//! Splits a name into words: at changes of case, separators and digits.

/// What a character is in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Separator,
}

/// Returns the words of `name`: lower case, one space between them, digits as words of their own.
///
/// `apiKey`, `API_KEY` and `api.key` are all `api key`; `APIKey2` is `api key 2`.
pub(super) fn split(name: &str) -> String {
    let mut words = String::with_capacity(2 * name.len());
    let mut before = [Kind::Separator; 2];
    let mut chars = name.chars().map(|char| (char, kind_of(char))).peekable();
    while let Some((char, kind)) = chars.next() {
        match (before, kind) {
            (_, Kind::Separator) => {}
            // `APIKey`: the last capital begins a word. Not in `IDs`.
            ([Kind::Upper, Kind::Upper], Kind::Lower)
                if !(char == 's' && chars.peek().is_none_or(|(_, next)| *next != Kind::Lower)) =>
            {
                let last = words.pop();
                end_word(&mut words);
                words.extend(last);
            }
            ([_, last], _) if last != kind && (last, kind) != (Kind::Upper, Kind::Lower) => {
                end_word(&mut words);
            }
            _ => {}
        }
        match kind {
            Kind::Separator => {}
            _ if char.is_ascii() => words.push(char.to_ascii_lowercase()),
            _ => words.extend(char.to_lowercase()),
        }
        before = [before[1], kind];
    }
    words
}

/// Ends a word, if there is one.
fn end_word(words: &mut String) {
    if !words.is_empty() {
        words.push(' ');
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
            assert_eq!(split(name), expected);
        }
    }

    #[test]
    fn splits_words_of_other_scripts() {
        assert_eq!(split("мойПароль_größe2"), "мой пароль größe 2");
    }
}
