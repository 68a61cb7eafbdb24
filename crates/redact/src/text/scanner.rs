//! What is known while a text is scanned.

use std::ops::Range;

use super::{
    blocks::Blocks,
    name::{self, Name},
};
use crate::{
    characters::Characters,
    input::Extent,
    names::{NameCache, NameClass, Role},
    percent::Encoding,
    rules::Rules,
};

/// Of what is percent-encoded.
pub(super) const ENCODED: Characters = Characters::set(b"%");

/// Finds the values beside secret names in a text. Each file beside this one has what finds those of one notation.
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) seen: Characters,
    pub(super) truncated: bool,
    pub(super) rules: &'t Rules,
    pub(super) cache: NameCache,
    /// Where the next name may start.
    pub(super) read: usize,
    /// The last token of a URL in which a `code` was found, and whether a `state` is in it.
    pub(super) callback: Range<usize>,
    pub(super) callback_has_state: bool,
    /// Up to where URLs were decoded and scanned.
    pub(super) decoded: usize,
    /// The encoding of the layers below this text, if they are scanned too.
    pub(super) below: Option<Encoding>,
    /// The last plain name that was judged, and what it says.
    pub(super) judged: (Range<usize>, NameClass),
    /// Where the last value that was asked for the end of its line starts, and that end.
    pub(super) line: Range<usize>,
    pub(super) blocks: Blocks,
    pub(super) half: Option<Half>,
    /// The last place that was searched for a `<`: up to it there is none.
    pub(super) without_tag: Range<usize>,
    /// The end of the last value of a pair of halves that is shown.
    pub(super) refused: usize,
    /// How many secret names, or options, there were.
    pub(super) secrets: usize,
    /// All from here on is hidden.
    pub(super) limit: usize,
    pub(super) found: Vec<Range<usize>>,
}

/// The half of a pair that was read last.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) role: Role,
    /// Where its value starts.
    pub(super) start: usize,
    pub(super) starts_line: bool,
}

impl<'t> Scanner<'t> {
    #[inline]
    pub(super) fn new(text: &'t str, seen: Characters, extent: Extent, rules: &'t Rules) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            seen,
            truncated: extent == Extent::Truncated,
            rules,
            cache: rules.names.cache(),
            read: 0,
            callback: 0..0,
            callback_has_state: false,
            decoded: 0,
            below: None,
            judged: (0..0, NameClass::default()),
            line: 0..0,
            blocks: Blocks::default(),
            half: None,
            without_tag: 0..0,
            refused: 0,
            secrets: 0,
            limit: text.len(),
            found: Vec::new(),
        }
    }

    #[inline(always)]
    pub(super) fn class(&self, name: &Name) -> NameClass {
        if name.range == self.judged.0 {
            return self.judged.1;
        }
        let name = &self.text[name.range.clone()];
        // Fast path: most `:` of JSON's strings are those of times.
        if name::is_number(name) && self.rules.names.are_of_table() {
            return NameClass::default();
        }
        self.rules.names.class_in(&self.cache, name)
    }

    /// What a name says.
    #[inline(never)]
    pub(super) fn class_of(&self, name: &str) -> NameClass {
        self.rules.names.class_in(&self.cache, name)
    }

    /// Notes a secret name, or an option. After more of them than any text has but one that was made to take long, all that
    /// follows is hidden.
    pub(super) fn note_secret(&mut self, at: usize) {
        /// Number of them that any text may have.
        const MOST: usize = 256;
        /// Beyond it, one in so many bytes is allowed.
        const APART: usize = 16;
        self.secrets += 1;
        if self.secrets > MOST && self.secrets * APART > at && at < self.limit {
            self.found.push(at..self.bytes.len());
            self.limit = at;
        }
    }
}
