//! What is shown of the input.

use std::ops::Range;

use crate::record::MASK;

/// Copies the input in runs, each up to the next place where the output differs from it.
///
/// All positions are between characters, and each call's are at or after those of the call before.
#[derive(Debug)]
pub(super) struct Output<'a> {
    input: &'a str,
    text: String,
    /// Where the input starts that is still to be shown.
    from: usize,
    masks: bool,
}

impl<'a> Output<'a> {
    pub(super) fn new(input: &'a str) -> Self {
        Self {
            input,
            text: String::new(),
            from: 0,
            masks: false,
        }
    }

    /// Shows the input up to `end`; nothing if that was passed already.
    #[inline]
    pub(super) fn show_up_to(&mut self, end: usize) {
        if end > self.from {
            self.insert(&self.input[self.from..end]);
            self.from = end;
        }
    }

    /// Leaves out everything up to `start`.
    pub(super) fn resume_at(&mut self, start: usize) {
        self.from = start;
    }

    /// Leaves out a part.
    pub(super) fn drop(&mut self, part: Range<usize>) {
        self.show_up_to(part.start);
        self.resume_at(part.end);
    }

    /// Puts in a text that is not of the input.
    #[inline]
    pub(super) fn insert(&mut self, text: &str) {
        if self.text.capacity() == 0 {
            self.make_room();
        }
        self.text.push_str(text);
    }

    /// A text in which nothing is to be masked needs no room before its end, or none at all.
    #[cold]
    fn make_room(&mut self) {
        self.text.reserve(self.input.len());
    }

    /// Puts in what stands for a masked part of a string.
    pub(super) fn insert_mask(&mut self) {
        self.masks = true;
        self.insert(MASK);
    }

    /// Whether anything was masked.
    pub(super) fn masks(&self) -> bool {
        self.masks
    }

    /// Puts a string in that stands for a masked value.
    #[inline]
    pub(super) fn insert_masked(&mut self, mask: &str) {
        self.masks = true;
        self.insert("\"");
        self.text.push_str(mask);
        self.text.push('"');
    }

    pub(super) fn take_text(&mut self) -> String {
        // A record may be kept for long: it should cost what it shows.
        if self.text.len() < self.text.capacity() / 2 {
            self.text.shrink_to_fit();
        }
        std::mem::take(&mut self.text)
    }
}
