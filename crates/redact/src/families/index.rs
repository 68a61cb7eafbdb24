//! Finds the forms of the table in a text, by their anchors.

use std::{ops::Range, sync::LazyLock};

use super::{
    class::Class,
    form::{Form, Runs},
    iban, private_key,
    table::{self, Family},
    web_token,
};
use crate::finding::{Finding, Rule};

/// Every family has a run of so many token characters, but for those that [`schemes`](super::schemes),
/// [`cards`](super::cards) and the like find. A test holds the table to it.
pub(super) const SHORTEST_RUN: usize = 15;

/// How far before such a run a family may start.
const REACH: usize = 80;

/// Forms by the first two bytes of their anchors.
struct Index {
    /// One more than the number of the bucket, or 0, for each pair of bytes that are ASCII.
    starts: Vec<u8>,
    buckets: Vec<Vec<Entry>>,
    /// Those without an anchor, which start with a run.
    unanchored: Vec<Entry>,
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
        None => bytes
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

static FAMILIES: LazyLock<Index> = LazyLock::new(|| Index::new(table::families()));
/// Those that may have no long run, and are looked for in URLs.
static URLS: LazyLock<Index> = LazyLock::new(|| Index::new(table::urls()));

impl Index {
    const ASCII: usize = 128;

    fn new(families: impl Iterator<Item = &'static Family>) -> Self {
        let mut index = Self {
            starts: vec![0; Self::ASCII * Self::ASCII],
            buckets: Vec::new(),
            unanchored: Vec::new(),
        };
        let forms = families.flat_map(|family| {
            let forms = Form::parse(family.form).into_iter();
            forms.map(|form| Entry::new(family.name, form))
        });
        for entry in forms {
            match entry.form.anchor() {
                [first, second, ..] => {
                    let start = usize::from(*first) * Self::ASCII + usize::from(*second);
                    if index.starts[start] == 0 {
                        index.buckets.push(Vec::new());
                        index.starts[start] = u8::try_from(index.buckets.len())
                            .expect("tested: the table has fewer than 256 pairs of first bytes");
                    }
                    index.buckets[usize::from(index.starts[start]) - 1].push(entry);
                }
                _ => index.unanchored.push(entry),
            }
        }
        index
    }

    #[inline]
    fn bucket(&self, first: u8, second: u8) -> &[Entry] {
        if !(first.is_ascii() && second.is_ascii()) {
            return &[];
        }
        match self.starts[usize::from(first) * Self::ASCII + usize::from(second)] {
            0 => &[],
            bucket => &self.buckets[usize::from(bucket) - 1],
        }
    }
}

/// Appends the families of the table that are in `bytes`; of those in URLs, if there may be some.
pub(super) fn find(bytes: &[u8], has_urls: bool, truncated: bool, out: &mut Vec<Finding>) {
    let mut next = next_long_run(bytes, 0);
    // Most strings have none.
    if next.is_none() && !has_urls && !truncated {
        return;
    }
    let mut finder = Finder {
        bytes,
        truncated,
        runs: Runs::default(),
        read: 0,
        web_tokens_read: 0,
        out,
    };
    while let Some(run) = next {
        finder.unanchored(run.start);
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
        let mut at = range.start.max(self.read);
        while at + 1 < range.end {
            let entries = index.bucket(self.bytes[at], self.bytes[at + 1]);
            at = match entries {
                [] => at + 1,
                entries => self.try_at(entries, at).max(at + 1),
            };
        }
        self.read = self.read.max(at.min(range.end));
    }

    /// Tries the forms whose anchor may be at `at`; returns the end of what was found.
    fn try_at(&mut self, entries: &[Entry], at: usize) -> usize {
        let mut end = at;
        let word = word_at(&self.bytes[at..]);
        for entry in entries
            .iter()
            .filter(|entry| word & entry.mask == entry.first)
        {
            if entry.name == private_key::PUTTY && self.bytes[at..].starts_with(entry.form.anchor())
            {
                end = self.bytes.len();
                self.push(entry.name, at..end);
                continue;
            }
            if entry.name == web_token::NAME {
                if at >= self.web_tokens_read {
                    let (token, read) = web_token::at(self.bytes, at, self.truncated);
                    self.web_tokens_read = read;
                    if let Some(token) = token {
                        end = end.max(token.end);
                        self.push(entry.name, token);
                    }
                }
                continue;
            }
            let found = entry
                .form
                .match_at(self.bytes, at, self.truncated, &mut self.runs);
            if let Some(found) = found {
                end = end.max(found.end);
                self.push(entry.name, found.start..found.end);
            }
        }
        end
    }

    /// Tries the forms that start with the run at `start`, or behind the letters of an escape at its start.
    fn unanchored(&mut self, start: usize) {
        let escape = match &self.bytes[..start] {
            [.., b'\\'] if self.bytes[start] == b'u' => 5,
            [.., b'\\'] => 1,
            [.., b'%'] => 2,
            _ => 0,
        };
        self.try_at(&FAMILIES.unanchored, start + escape);
    }

    /// Looks for URLs whose path is secret: at each label of their hosts.
    fn urls(&mut self) {
        let index = &*URLS;
        let bytes = self.bytes;
        let mut from = 0;
        while let Some(offset) = memchr::memchr(b':', &bytes[from..]) {
            from += offset + 1;
            if !bytes[from..].starts_with(b"//") {
                continue;
            }
            from += "//".len();
            loop {
                if let [first, second, ..] = bytes[from..] {
                    let word = word_at(&bytes[from..]);
                    let entries = index.bucket(first, second);
                    if entries.iter().any(|entry| word & entry.mask == entry.first) {
                        self.try_at(entries, from);
                    }
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
