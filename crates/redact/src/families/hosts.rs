//! Fast path: the hosts of URLs whose path is secret. Most texts with a URL have none of them.

use std::sync::LazyLock;

use memchr::memchr;

use super::{
    form::Form,
    table::{self, Family},
};

/// What the hosts of the table's URLs end with, as a set of hashes.
struct Ends([u64; Self::WORDS]);

static ENDS: LazyLock<Ends> = LazyLock::new(|| Ends::new(table::urls()));

impl Ends {
    const WORDS: usize = 64;

    fn new(families: impl Iterator<Item = &'static Family>) -> Self {
        let mut ends = Self([0; Self::WORDS]);
        for form in families.flat_map(|family| Form::parse(family.form)) {
            let host = first_end(form.anchor()).map(|end| &form.anchor()[..end]);
            let end = host
                .and_then(last_word)
                .expect("tested: an anchor has a host");
            let (word, bit) = Self::place(end);
            ends.0[word] |= bit;
        }
        ends
    }

    /// The bit that stands for the end of a host.
    #[inline]
    fn place(end: u64) -> (usize, u64) {
        let hash = end.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
        ((hash / 64) as usize, 1 << (hash % 64))
    }

    #[inline]
    fn may_have(&self, end: u64) -> bool {
        let (word, bit) = Self::place(end);
        self.0[word] & bit != 0
    }
}

/// Where the first byte is that ends a user or a host. These are too short for a call.
#[inline(always)]
fn first_end(url: &[u8]) -> Option<usize> {
    let (words, rest) = url.as_chunks();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let ends = marks_of(word, b'/') | marks_of(word, b'@');
        if ends != 0 {
            return Some(number * 8 + ends.trailing_zeros() as usize / 8);
        }
    }
    let offset = rest.iter().position(|byte| matches!(byte, b'/' | b'@'))?;
    Some(words.len() * 8 + offset)
}

/// Marks a byte of this value among eight; other bytes only behind one.
#[inline(always)]
fn marks_of(word: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let zero_where_it_is = word ^ (ONES * u64::from(byte));
    // A zero borrows, and borrows run upwards.
    zero_where_it_is.wrapping_sub(ONES) & !zero_where_it_is & (ONES << 7)
}

/// Whether a URL without its scheme may have a user, or a path that is secret by its host.
#[inline]
pub(crate) fn may_have_secret(url: &[u8]) -> bool {
    first_end(url).is_some_and(|end| url[end] == b'@' || is_secret(&url[..end]))
}

/// Whether the path behind a host may be secret.
#[inline]
fn is_secret(host: &[u8]) -> bool {
    last_word(host).is_some_and(|end| ENDS.may_have(end))
}

/// The last eight bytes of a host.
#[inline]
fn last_word(host: &[u8]) -> Option<u64> {
    host.last_chunk().map(|end| u64::from_le_bytes(*end))
}

/// Whether a URL that has a user, or whose path is secret, may be in a text.
pub(crate) fn may_have_secret_url(bytes: &[u8]) -> bool {
    let mut from = 0;
    while let Some(host) = next_host(bytes, from) {
        let url = &bytes[host..];
        if may_have_secret(url) {
            return true;
        }
        from = host;
    }
    false
}

/// Where the host of the next URL starts.
#[inline]
pub(super) fn next_host(bytes: &[u8], mut from: usize) -> Option<usize> {
    // Most texts with a URL begin with it.
    const COMMON: &[u8] = b"https://";
    if from == 0 && bytes.starts_with(COMMON) {
        return Some(COMMON.len());
    }
    loop {
        from += memchr(b':', &bytes[from..])? + 1;
        if bytes[from..].starts_with(b"//") {
            return Some(from + "//".len());
        }
    }
}
