//! Fast path: one pass over a whole text that is a word, a path or a URL, as most texts without blanks are.
//!
//! All that is looked for has a blank or a mark before it or in it, but for long runs of token characters, card numbers, and
//! URLs with a secret path.

use memchr::memchr;

use crate::{families, rules::Rules, text::assigns_no_secret};

/// Whether a text has neither blanks nor marks but those of paths and parameters, and nothing is found in it.
#[inline]
pub(crate) fn is_harmless_address(text: &str, rules: &Rules) -> bool {
    let scheme = scheme_length(text.as_bytes());
    let path = &text.as_bytes()[scheme..];
    // Shorter ones take as long as what is general.
    path.len() >= BLOCK
        && first_marked_block(path, 0, is_other_mark) + BLOCK > path.len()
        && ends_plainly(path, is_other_mark)
        && has_no_secret(path, scheme)
        && (memchr(b'=', path).is_none() || assigns_no_secret(text, rules))
}

/// The length of the scheme that most URLs begin with, if this is one.
#[inline]
pub(crate) fn scheme_length(text: &[u8]) -> usize {
    const COMMON: &[u8] = b"https://";
    match text.starts_with(COMMON) {
        true => COMMON.len(),
        false => 0,
    }
}

/// Whether nothing is found in a path without marks, behind a scheme of this length.
#[inline]
pub(crate) fn has_no_secret(path: &[u8], scheme: usize) -> bool {
    !(families::may_have_run(path) || scheme > 0 && families::may_have_secret(path))
}

/// As many bytes are judged at once.
const BLOCK: usize = 16;

/// Where the first block with a mark starts, of those from `at` on; the end of the last one, if none has.
#[inline(always)]
pub(crate) fn first_marked_block(bytes: &[u8], at: usize, is_mark: impl Fn(u8) -> bool) -> usize {
    let (blocks, _) = bytes[at..].as_chunks();
    let plain = blocks.iter().take_while(|block| is_plain(block, &is_mark));
    at + plain.count() * BLOCK
}

/// Whether the last block of a text has no mark.
#[inline(always)]
pub(crate) fn ends_plainly(text: &[u8], is_mark: impl Fn(u8) -> bool) -> bool {
    match text.last_chunk() {
        Some(last) => is_plain(last, &is_mark),
        None => text.iter().all(|byte| !is_mark(*byte)),
    }
}

/// Without branches: the compiler makes vector instructions of it.
#[inline(always)]
fn is_plain(block: &[u8; BLOCK], is_mark: &impl Fn(u8) -> bool) -> bool {
    !block.iter().fold(false, |any, byte| any | is_mark(*byte))
}

/// Whether something that is found may begin with this byte, or have it in it; also what ends a string of JSON.
#[inline(always)]
pub(crate) fn is_mark(byte: u8) -> bool {
    // Blanks, quotes and most marks; as a signed byte, all that is not of ASCII, too.
    let is_before_dash = (byte as i8) < b'-' as i8;
    let is_colon_or_next = byte.wrapping_sub(b':') <= b'>' - b':';
    let is_bracket_or_backslash = byte.wrapping_sub(b'[') <= b'\\' - b'[';
    is_before_dash | is_colon_or_next | is_bracket_or_backslash
}

/// The same but for the marks of parameters.
#[inline(always)]
pub(crate) fn is_other_mark(byte: u8) -> bool {
    is_mark(byte) & (byte != b'=') & (byte != b'&')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_urls_are_harmless_addresses() {
        for text in [
            "https://api.host.example/users/ann/following{/other_user}",
            "https://host.example/collaborators/notifications",
            "/repos/ann/Hello-World/issues/17",
            "ann.lovelace@mail.example.org",
            "refs/heads/new-feature",
            "application/vnd.api.json",
            "https://host.example/issues?page=2&q=is",
            "https://avatars.host.example/u/583231?v=4",
            "/a/b/c/d/e/f/g/h/YS5iLmM==",
        ] {
            assert!(is_harmless_address(text, &Rules::default()), "{text}");
        }
    }

    #[test]
    fn what_may_have_a_secret_is_none_wherever_that_stands() {
        for mark in [
            " ",
            "\"",
            "\\",
            ":",
            "<",
            "[",
            "%",
            "+",
            "?pin=1&",
            "?code=1&",
            "\u{e9}",
            "\n",
            "://",
            "'",
            "abcdefghijklmno",
            "4222222222222",
        ] {
            for before in 0..40 {
                for behind in 0..20 {
                    let text =
                        [&"/a".repeat(20)[..before], mark, &"/b".repeat(10)[..behind]].concat();
                    assert!(!is_harmless_address(&text, &Rules::default()), "{text}");
                    let url = format!("https://a.b/{text}");
                    assert!(!is_harmless_address(&url, &Rules::default()), "{url}");
                }
            }
        }
        for url in [
            "https://ann:pw@host.example/a/b",
            "https://ann@host.example/a/b",
            "https://pw-of-ann@host.example",
            "https://hooks.slack.com/services/T0/B0/a",
            "https://shop.webhook.office.com/webhookb2/a",
        ] {
            assert!(!is_harmless_address(url, &Rules::default()), "{url}");
        }
        assert!(is_harmless_address(
            "https://host.example/ann@b.example",
            &Rules::default()
        ));
    }
}
