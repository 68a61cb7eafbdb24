//! Classes of bytes that token families are made of.

use crate::characters::find;

/// A class of bytes, named by one letter in the [table](super::table).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(u32);

/// The letter of each class, and what its bytes are in regular expressions' terms.
pub(crate) const CLASSES: [(char, &str); 18] = [
    ('d', "0-9"),
    ('x', "0-9a-f"),
    ('X', "0-9A-Fa-f"),
    ('l', "a-z"),
    ('a', "0-9a-z"),
    ('A', "0-9A-Z"),
    ('L', "A-Za-z"),
    ('w', "0-9A-Za-z"),
    ('i', "0-9A-Za-z_"),
    ('t', "0-9A-Za-z_-"),
    ('v', "0-9A-Za-z_.=-"),
    ('b', "0-9A-Za-z+/"),
    ('s', "0-9A-Za-z_.=+/~-"),
    ('q', "0-9A-Za-z_.~-"),
    ('p', "0-9A-Za-z%"),
    ('r', "0-9A-Za-z_/@.%-"),
    ('e', "0-9A-Za-z_.=+~%&@:-"),
    ('h', "0-9A-Za-z_.-"),
];

impl Class {
    /// Characters of tokens: runs of them that are shorter than any family's need no lookup.
    pub(crate) const TOKEN: Self = Self::of('t');

    /// The class of that letter. Panics if there is none, which the table's tests rule out.
    pub(crate) const fn of(letter: char) -> Self {
        let mut at = 0;
        while at < CLASSES.len() {
            if CLASSES[at].0 == letter {
                return Self(1 << at);
            }
            at += 1;
        }
        panic!("no such class of bytes")
    }

    #[inline]
    pub(crate) fn has(self, byte: u8) -> bool {
        MEMBERSHIPS[usize::from(byte)] & self.0 != 0
    }

    /// How far the bytes from `from` on are of the class.
    #[inline]
    pub(crate) fn run_end(self, bytes: &[u8], from: usize) -> usize {
        let is_other = |byte: u8| !self.has(byte);
        let end = find(bytes, from, is_other, |far| self.far_end(far));
        end.unwrap_or(bytes.len())
    }

    /// Where the first byte is that is not of the class.
    #[inline(never)]
    fn far_end(self, bytes: &[u8]) -> Option<usize> {
        const BLOCK: usize = 8;
        let are_of_class = |block: &&[u8; BLOCK]| {
            let common = |all, byte: &u8| all & MEMBERSHIPS[usize::from(*byte)];
            block.iter().fold(self.0, common) != 0
        };
        let (blocks, _) = bytes.as_chunks();
        let start = blocks.iter().take_while(are_of_class).count() * BLOCK;
        let offset = bytes[start..].iter().position(|byte| !self.has(*byte))?;
        Some(start + offset)
    }
}

/// The classes that each byte is in.
static MEMBERSHIPS: [u32; 256] = {
    let mut memberships = [0; 256];
    let mut class = 0;
    while class < CLASSES.len() {
        let set = CLASSES[class].1.as_bytes();
        let mut at = 0;
        while at < set.len() {
            let is_range = at + 2 < set.len() && set[at + 1] == b'-';
            let last = if is_range { set[at + 2] } else { set[at] };
            let mut byte = set[at];
            while byte <= last {
                memberships[byte as usize] |= 1 << class;
                byte += 1;
            }
            at += if is_range { 3 } else { 1 };
        }
        class += 1;
    }
    memberships
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_the_bytes_that_its_set_names() {
        assert!(b"azAZ09-_".iter().all(|b| Class::TOKEN.has(*b)));
        assert!(b"+/.=~ \x00\xff".iter().all(|b| !Class::TOKEN.has(*b)));
        assert_eq!(Class::of('d').run_end(b"a123b", 1), 4);
        assert_eq!(Class::of('d').run_end(b"a123", 1), 4);
        for length in 0..200 {
            let run = "1".repeat(length);
            for text in [run.clone(), format!("{run}a1")] {
                assert_eq!(Class::of('d').run_end(text.as_bytes(), 0), length, "{text}");
            }
        }
    }
}
