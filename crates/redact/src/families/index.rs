//! Finds the forms of the table in a text, by their anchors.

use std::{ops::Range, sync::LazyLock};

use super::{
    class::Class,
    form::{starts_word, Form, Runs},
    hosts::next_host,
    iban, private_key,
    table::{self, Family},
    web_token,
};
use crate::finding::{Finding, Rule};

/// Every family has a run of so many token characters, but for those that [`schemes`](super::schemes),
/// [`cards`](super::cards) and the like find. A test holds the table to it.
pub(crate) const SHORTEST_RUN: usize = 15;

/// How far before such a run a family may start.
const REACH: usize = 80;

/// Forms by the first two bytes of their anchors.
struct Index {
    /// The number of the bucket for each pair of bytes. The first one is empty.
    starts: Box<[u8; Self::PAIRS]>,
    /// The last three bits of the third bytes, for each pair of bytes: a bit for each of the eight. All if an anchor has but two.
    thirds: Box<[u8; Self::PAIRS]>,
    buckets: Vec<Bucket>,
    /// Those without an anchor, which are tried at the start of each long run.
    unanchored: Vec<Entry>,
}

/// Forms whose anchors begin with the same two bytes.
#[derive(Default)]
struct Bucket {
    /// The bits of the third bytes: all of them if an anchor has but two.
    thirds: [u64; 4],
    /// Those whose anchor begins a word.
    of_words: Vec<Entry>,
    others: Vec<Entry>,
}

impl Bucket {
    fn push(&mut self, entry: Entry) {
        match entry.form.anchor().get(2) {
            Some(third) => self.thirds[usize::from(third / 64)] |= 1 << (third % 64),
            None => self.thirds = [u64::MAX; 4],
        }
        match entry.form.anchor_starts_word() {
            true => self.of_words.push(entry),
            false => self.others.push(entry),
        }
    }

    #[inline]
    fn may_have(&self, third: u8) -> bool {
        self.thirds[usize::from(third / 64)] >> (third % 64) & 1 != 0
    }
}

struct Entry {
    name: &'static str,
    form: Form,
    /// The first bytes of the anchor, and which bits of a word they are.
    first: u64,
    mask: u64,
}

impl Entry {
    fn new(name: &'static str, form: Form) -> Self {
        let known = form.anchor().len().min(8);
        Self {
            name,
            first: word_at(&form.anchor()[..known]),
            mask: word_at(&[0xff; 8][..known]),
            form,
        }
    }
}

/// The first eight bytes, or as many as there are.
#[inline]
fn word_at(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => last_word(bytes),
    }
}

#[cold]
fn last_word(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

static FAMILIES: LazyLock<Index> = LazyLock::new(|| Index::new(table::families()));
/// Those that may have no long run, and are looked for in URLs.
static URLS: LazyLock<Index> = LazyLock::new(|| Index::new(table::urls()));

impl Index {
    /// How many pairs of bytes there are.
    const PAIRS: usize = 1 << 16;

    fn new(families: impl Iterator<Item = &'static Family>) -> Self {
        let mut index = Self {
            starts: Box::new([0; Self::PAIRS]),
            thirds: Box::new([0; Self::PAIRS]),
            buckets: vec![Bucket::default()],
            unanchored: Vec::new(),
        };
        let forms = families.flat_map(|family| {
            let forms = Form::parse(family.form).into_iter();
            forms.map(|form| Entry::new(family.name, form))
        });
        for entry in forms {
            match entry.form.anchor() {
                [first, second, rest @ ..] => {
                    index.thirds[Self::pair(*first, *second)] |=
                        rest.first().map_or(u8::MAX, |third| 1 << (third % 8));
                    let bucket = &mut index.starts[Self::pair(*first, *second)];
                    if *bucket == 0 {
                        *bucket = u8::try_from(index.buckets.len())
                            .expect("tested: the table has fewer than 256 pairs of first bytes");
                        index.buckets.push(Bucket::default());
                    }
                    index.buckets[usize::from(*bucket)].push(entry);
                }
                _ => index.unanchored.push(entry),
            }
        }
        index
    }

    #[inline]
    fn pair(first: u8, second: u8) -> usize {
        u16::from_le_bytes([first, second]).into()
    }

    /// At how many places of eight bytes is looked at once: at those with two bytes behind them.
    const PLACES: usize = 6;

    /// Whether an anchor may begin in the first of these bytes. Most tokens of other kinds have none.
    #[inline(always)]
    fn may_begin_in(&self, bytes: [u8; Self::PLACES + 2]) -> bool {
        let bytes = u64::from_le_bytes(bytes);
        let may_begin_at = |place: usize| {
            let anchor = bytes >> (8 * place);
            self.thirds[anchor as usize % Self::PAIRS] >> ((anchor >> 16) % 8)
        };
        (0..Self::PLACES).fold(0, |begins, place| begins | may_begin_at(place)) & 1 != 0
    }

    /// The number of the bucket whose anchors begin with these; 0 if none do.
    #[inline]
    fn bucket(&self, first: u8, second: u8) -> usize {
        self.starts[Self::pair(first, second)].into()
    }
}

/// Appends the families of the table that are in `bytes`; of those in URLs, if there may be some.
#[inline]
pub(super) fn find(bytes: &[u8], has_urls: bool, truncated: bool, out: &mut Vec<Finding>) {
    let first = next_long_run(bytes, 0);
    // Most strings have none.
    if first.is_some() || has_urls || truncated {
        find_from(first, bytes, has_urls, truncated, out);
    }
}

/// Reads the text from its first long run on.
#[inline(never)]
fn find_from(
    first: Option<Range<usize>>,
    bytes: &[u8],
    has_urls: bool,
    truncated: bool,
    out: &mut Vec<Finding>,
) {
    let mut next = first;
    let mut finder = Finder {
        bytes,
        truncated,
        runs: Runs::default(),
        read: 0,
        web_tokens_read: 0,
        out,
    };
    while let Some(run) = next {
        finder.unanchored(run.clone());
        if let Some(number) = iban::at(bytes, run.start, truncated) {
            finder.push(iban::NAME, number);
        }
        // A run may also be what comes before an anchor.
        let end = bytes.len().min(run.end + 2);
        finder.anchored(run.start.saturating_sub(REACH)..end);
        next = next_long_run(bytes, run.end);
    }
    if truncated {
        let rest = bytes.len().saturating_sub(REACH);
        finder.anchored(rest..bytes.len());
    }
    if has_urls {
        finder.urls();
    }
}

/// Where the next run of token characters is that is long enough.
#[inline]
pub(super) fn next_long_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut last = from + SHORTEST_RUN - 1;
    while last < bytes.len() {
        let start = last + 1 - SHORTEST_RUN;
        // A byte of another kind rules out every window over it, and the last such byte the most of them.
        let other = bytes[start..=last]
            .iter()
            .rposition(|byte| !Class::TOKEN.has(*byte));
        match other {
            Some(other) => last += other + 1,
            None => return Some(start..Class::TOKEN.run_end(bytes, last)),
        }
    }
    None
}

/// Fast path: whether a text has a run of so many token characters. Most are parted by dots and slashes.
#[inline(always)]
pub(super) fn has_run<const LENGTH: usize>(bytes: &[u8]) -> bool {
    let mut start = 0;
    while let Some(window) = bytes.get(start..start + LENGTH) {
        let (before, near) = window.split_at(LENGTH - 8);
        let is_other = |byte: &u8| !Class::TOKEN.has(*byte);
        let other = last_dot_or_slash(near)
            .or_else(|| near.iter().rposition(is_other))
            .map(|at| before.len() + at);
        match other.or_else(|| before.iter().rposition(is_other)) {
            Some(other) => start += other + 1,
            None => return true,
        }
    }
    false
}

/// Where the last dot or slash of eight bytes is.
#[inline(always)]
fn last_dot_or_slash(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    // A slash has one bit more than a dot. What is neither gets its highest bit, without carries.
    let zero_where_it_is = (word | ONES) ^ (ONES * u64::from(b'/'));
    let others = ((zero_where_it_is & (ONES * 0x7f)) + ONES * 0x7f) | zero_where_it_is;
    let marked = !others & (ONES << 7);
    (marked != 0).then(|| 7 - marked.leading_zeros() as usize / 8)
}

struct Finder<'t, 'o> {
    bytes: &'t [u8],
    truncated: bool,
    runs: Runs,
    /// Up to where anchors were looked for.
    read: usize,
    /// Up to where web tokens were read: no other one begins before it.
    web_tokens_read: usize,
    out: &'o mut Vec<Finding>,
}

impl Finder<'_, '_> {
    /// Looks for forms whose anchor starts in `range`, as far as that was not done before.
    fn anchored(&mut self, range: Range<usize>) {
        let index = &*FAMILIES;
        let bytes = &self.bytes[..range.end];
        let mut at = range.start.max(self.read);
        while at + 1 < bytes.len() {
            let next = at + Index::PLACES;
            let many = bytes[at..].first_chunk();
            if many.is_some_and(|many| !index.may_begin_in(*many)) {
                at = next;
                continue;
            }
            while at < next.min(bytes.len() - 1) {
                let bucket = index.bucket(bytes[at], bytes[at + 1]);
                at = match bucket {
                    0 => at + 1,
                    bucket => self.try_at(&index.buckets[bucket], at).max(at + 1),
                };
            }
        }
        self.read = self.read.max(at.min(range.end));
    }

    /// Tries the forms whose anchor may be at `at`; returns the end of what was found.
    #[inline(always)]
    fn try_at(&mut self, bucket: &Bucket, at: usize) -> usize {
        let third = self.bytes.get(at + 2).copied().unwrap_or_default();
        let mut end = at;
        if !bucket.may_have(third) {
            return end;
        }
        // Most places in a run of token characters are within a word.
        if !bucket.of_words.is_empty() && starts_word(self.bytes, at) {
            end = self.try_entries(&bucket.of_words, at);
        }
        if !bucket.others.is_empty() {
            end = end.max(self.try_entries(&bucket.others, at));
        }
        end
    }

    #[inline(never)]
    fn try_entries(&mut self, entries: &[Entry], at: usize) -> usize {
        let mut end = at;
        let word = word_at(&self.bytes[at..]);
        for entry in entries {
            if word & entry.mask == entry.first {
                end = end.max(self.try_entry(entry, at));
            }
        }
        end
    }

    /// Tries a form whose first bytes of the anchor are at `at`; returns the end of what was found.
    fn try_entry(&mut self, entry: &Entry, at: usize) -> usize {
        let found = match entry.name {
            private_key::PUTTY if self.bytes[at..].starts_with(entry.form.anchor()) => {
                Some(at..self.bytes.len())
            }
            web_token::NAME if at < self.web_tokens_read => None,
            web_token::NAME => {
                let (token, read) = web_token::at(self.bytes, at, self.truncated);
                self.web_tokens_read = read;
                token
            }
            _ => entry
                .form
                .match_at(self.bytes, at, self.truncated, &mut self.runs)
                .map(|found| found.start..found.end),
        };
        let Some(found) = found else { return at };
        let end = found.end;
        self.push(entry.name, found);
        end
    }

    /// Tries the forms that start with the run, or behind the letters of an escape at its start.
    fn unanchored(&mut self, run: Range<usize>) {
        let escape = match &self.bytes[..run.start] {
            [.., b'\\'] if self.bytes[run.start] == b'u' => 5,
            [.., b'\\'] => 1,
            [.., b'%'] => 2,
            _ => 0,
        };
        let at = run.start + escape;
        let is_cut = self.truncated && run.end == self.bytes.len();
        for entry in &FAMILIES.unanchored {
            if is_cut || entry.form.may_begin(&self.bytes[at..], run.end - at) {
                self.try_entry(entry, at);
            }
        }
    }

    /// Looks for URLs whose path is secret: at each label of their hosts.
    fn urls(&mut self) {
        let index = &*URLS;
        let bytes = self.bytes;
        let mut read = 0;
        while let Some(host) = next_host(bytes, read) {
            let mut from = host;
            read = host;
            loop {
                if let [first, second, ..] = bytes[from..] {
                    self.try_at(&index.buckets[index.bucket(first, second)], from);
                }
                from = Class::TOKEN.run_end(bytes, from);
                if bytes.get(from) != Some(&b'.') {
                    break;
                }
                from += 1;
            }
        }
    }

    fn push(&mut self, name: &'static str, range: Range<usize>) {
        self.out.push(Finding {
            range,
            rule: Rule::Family(name),
        });
    }
}
