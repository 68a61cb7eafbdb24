//! Credentials behind an authentication scheme: `Bearer ...`, `Basic ...`.

use std::ops::Range;

/// Their names in the findings.
pub(super) const BEARER: &str = "bearer";
pub(super) const BASIC: &str = "basic";

/// A longer placeholder is hidden: if it was shown, the schemes in it would be read again, each with all that follows.
const LONGEST_PLACEHOLDER: usize = 128;

/// No word in prose behind a scheme has more letters.
const LONGEST_WORD: usize = 32;

/// The credentials behind the scheme whose name is at `at`, if it is one.
pub(super) fn at(bytes: &[u8], at: usize, truncated: bool) -> Option<(&'static str, Range<usize>)> {
    let is = |name: &str| {
        let text = bytes.get(at..at + name.len());
        text.is_some_and(|text| text.eq_ignore_ascii_case(name.as_bytes()))
    };
    let name = [BEARER, BASIC].into_iter().find(|name| is(name))?;
    let blanks = at + name.len();
    let start = run_end(bytes, blanks, |b| matches!(b, b' ' | b'\t'));
    // A blank may be encoded, as in a query: `Bearer%20abc`, `Bearer+abc`.
    let start = match &bytes[start..] {
        [b'%', b'2', b'0', ..] if start == blanks => start + 3,
        [b'+', ..] if start == blanks => start + 1,
        _ if start == blanks => return None,
        _ => start,
    };
    // Wider than the standard's alphabet: there are tokens with `|`, `:` or `!` in them.
    let end = run_end(bytes, start, |b| {
        b > b' ' && !matches!(b, b'"' | b'\'' | b'`' | b',' | b';' | b'\\' | b'<' | b'>')
    });
    let token = &bytes[start..end];
    let is_placeholder = token.len() <= LONGEST_PLACEHOLDER
        && matches!(
            token.first(),
            None | Some(b'$' | b'{' | b'[' | b'(' | b'*' | b'.' | b'%')
        );
    let is_cut = truncated && end == bytes.len();
    let is_shown = is_placeholder || !is_cut && is_word(token, name == BASIC);
    (!is_shown).then_some((name, start..end))
}

/// Whether this is a word of prose, rather than a token or base64 of `user:password`.
fn is_word(token: &[u8], may_be_base64: bool) -> bool {
    let is_mark = |b: &u8| matches!(b, b'.' | b'!' | b'?' | b':' | b')' | b'/' | b'-' | b'=');
    let length = token.len() - token.iter().rev().take_while(|b| is_mark(b)).count();
    let word = &token[..length];
    let Some((first, rest)) = word.split_first() else {
        return true;
    };
    let is_text = word
        .iter()
        .all(|b| b.is_ascii_alphabetic() || is_mark(b) || *b == b'_');
    let one_case = rest.iter().all(|b| !b.is_ascii_uppercase())
        || first.is_ascii_uppercase() && rest.iter().all(|b| !b.is_ascii_lowercase());
    is_text && one_case && length <= LONGEST_WORD && !(may_be_base64 && decodes_to_pair(word))
}

/// Whether these letters are base64 of readable text with a colon.
fn decodes_to_pair(letters: &[u8]) -> bool {
    if letters.len() < 4 || !letters.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    let mut pair = false;
    for quad in letters.chunks(4) {
        let bits = quad.iter().fold(0_u32, |bits, letter| {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                _ => letter - b'a' + 26,
            };
            bits << 6 | u32::from(value)
        });
        let bits = bits << (6 * (4 - quad.len()));
        let bytes = &bits.to_be_bytes()[1..quad.len()];
        if bytes.iter().any(|b| b.is_ascii_control() || !b.is_ascii()) {
            return false;
        }
        pair |= bytes.contains(&b':');
    }
    pair
}

fn run_end(bytes: &[u8], from: usize, is_of_kind: impl Fn(u8) -> bool) -> usize {
    let length = bytes[from..].iter().position(|byte| !is_of_kind(*byte));
    length.map_or(bytes.len(), |length| from + length)
}

#[cfg(test)]
mod tests {

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = super::at(text.as_bytes(), 0, false);
        assert_eq!(found.map(|(_, range)| &text[range]), expected, "{text}");
    }

    #[test]
    fn credentials_are_found_and_words_are_not() {
        check("Bearer abc123", Some("abc123"));
        check("bearer  a.b|c/d+e==", Some("a.b|c/d+e=="));
        check("BEARER\tQ1x", Some("Q1x"));
        check("Bearer%20abc1", Some("abc1"));
        check("Basic dXNlcjpwYXNz", Some("dXNlcjpwYXNz"));
        check("Basic YWJjOmFi", Some("YWJjOmFi"));
        for text in [
            "Bearer token",
            "bearer tokens.",
            "Basic plan",
            "basic authentication",
            "Basic",
            "basically yes",
            "Bearer <token>",
            "Bearer ${TOKEN}",
            "Bearer {token}",
            "BASIC PLAN",
            "Bearer authentication/authorization",
            "basic Understanding.",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_word_at_the_end_of_a_truncated_text_is_hidden() {
        assert!(super::at(b"Basic plan", 0, true).is_some());
        assert!(super::at(b"Basic plan ", 0, true).is_none());
    }
}
