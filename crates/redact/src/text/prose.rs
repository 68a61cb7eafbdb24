//! What stands where a value would and is none: types and calls in code, words and sentences.

use super::bytes::skip;
use crate::decision::is_plain;

/// Whether this is a type or a placeholder that stands where a value would, in code and in schemas.
pub(super) fn is_type(text: &str) -> bool {
    matches!(
        text,
        "str"
            | "string"
            | "String"
            | "String!"
            | "int"
            | "integer"
            | "bool"
            | "boolean"
            | "bytes"
            | "any"
            | "object"
            | "None"
            | "none"
            | "null"
            | "nil"
            | "true"
            | "false"
            | "True"
            | "False"
            | "required"
            | "optional"
            | "number"
            | "self"
            | "undefined"
    )
}

/// Whether this says what may be done, as in `tokens:read`.
pub(super) fn is_permission(token: &str) -> bool {
    let verbs = [
        "read", "write", "list", "create", "update", "delete", "manage", "revoke", "all", "*",
    ];
    verbs.contains(&token)
}

/// Whether sentences are made of such words, and passphrases hardly.
pub(super) fn is_function_word(word: &str) -> bool {
    /// None has more letters.
    const LONGEST: usize = 4;
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    for (lower, letter) in lower.iter_mut().zip(word.bytes()) {
        *lower = letter.to_ascii_lowercase();
    }
    matches!(
        &*lower,
        b"the"
            | b"a"
            | b"an"
            | b"of"
            | b"to"
            | b"is"
            | b"are"
            | b"be"
            | b"must"
            | b"for"
            | b"if"
            | b"in"
            | b"that"
            | b"this"
            | b"used"
            | b"when"
            | b"with"
            | b"and"
            | b"or"
            | b"not"
            | b"by"
            | b"from"
            | b"as"
            | b"will"
            | b"your"
            | b"it"
            | b"has"
            | b"was"
    )
}

/// A longer text is hidden as the value: if it was shown, the names in it would be read again.
const LONGEST_SENTENCE: usize = 1024;

/// Whether this is a sentence about a value rather than the value: some plain words, with function words among them.
pub(super) fn is_sentence(text: &str) -> bool {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace();
    if text.len() > LONGEST_SENTENCE || text.bytes().filter(is_blank).nth(1).is_none() {
        return false;
    }
    let mut words = 0;
    let mut function_words = 0;
    for word in text.split_ascii_whitespace().take(12) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        words += 1;
        function_words += usize::from(is_function_word(word));
        if word.bytes().any(|b| b.is_ascii_digit()) && word.len() > 4 {
            return false;
        }
    }
    words >= 3
        && (function_words >= 2
            || function_words >= 1 && text.trim_end().ends_with(['.', ':', ',']))
}

/// Whether a token is a plain word, or several joined.
pub(super) fn is_plain_word(token: &str) -> bool {
    let token = token.trim_matches(|c: char| {
        matches!(c, '.' | '!' | '?' | ':' | '(' | '*' | '_' | '-' | '=' | '/')
    });
    token.chars().all(|c| {
        c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '/' | '_' | '.' | '(' | '|' | ':')
    }) && !has_inner_capitals(token)
}

/// Whether a call begins at `start`, as in code: `uri.authority(`, `await authority(`.
pub(super) fn is_call(text: &str, start: usize) -> bool {
    /// No name of a function is longer.
    const LONGEST: usize = 60;
    let is_before = |word: &&str| text.as_bytes()[start..].starts_with(word.as_bytes());
    let word = ["await ", "new "].into_iter().find(is_before);
    let start = start + word.map_or(0, str::len);
    let bytes = &text.as_bytes()[..text.len().min(start + LONGEST)];
    let end = skip(bytes, start, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':')
    });
    end > start && bytes.get(end) == Some(&b'(') && is_plain(&text[start..end])
}

/// Whether capitals follow small letters, as in random tokens.
pub(super) fn has_inner_capitals(token: &str) -> bool {
    let turns = token
        .as_bytes()
        .windows(2)
        .filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    turns.count() > 1
}
