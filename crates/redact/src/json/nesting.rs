//! Which objects and arrays are open.

/// One bit a level: the input alone decides how deep it goes, so that a level must cost next to nothing.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// The kinds of the innermost levels, the last in the lowest bit: objects are ones. Holds the levels that `outer`
    /// does not, at least one and at most 64 of them, unless nothing is open.
    inner: u64,
    /// The levels outside of those, 64 in each.
    outer: Vec<u64>,
    depth: usize,
    deepest: usize,
}

impl Nesting {
    /// Forgets all levels.
    pub(super) fn clear(&mut self) {
        self.outer.clear();
        (self.inner, self.depth, self.deepest) = (0, 0, 0);
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The greatest depth there ever was.
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    /// Whether the innermost level is an object. Means nothing when none is open.
    pub(super) fn in_object(&self) -> bool {
        self.inner & 1 == 1
    }

    /// Whether the innermost level is an array in an array.
    pub(super) fn in_inner_array(&self) -> bool {
        let around = match self.depth {
            0 | 1 => return false,
            depth if depth % 64 == 1 => self.outer.last().copied().unwrap_or_default(),
            _ => self.inner >> 1,
        };
        !self.in_object() && around & 1 == 0
    }

    /// What closes the innermost level. Means nothing when none is open.
    pub(super) fn closing(&self) -> u8 {
        if self.in_object() {
            b'}'
        } else {
            b']'
        }
    }

    pub(super) fn open(&mut self, object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.inner);
        }
        self.inner = self.inner << 1 | u64::from(object);
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    /// Opens and closes a level.
    pub(super) fn pass_level(&mut self) {
        self.deepest = self.deepest.max(self.depth + 1);
    }

    /// Closes the innermost level. There must be one.
    pub(super) fn close(&mut self) {
        self.depth -= 1;
        self.inner >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            // Was pushed when the level just closed was opened.
            self.inner = self.outer.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_come_back_in_reverse_order() {
        let kinds: Vec<bool> = (0..1_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761) >> 31 == 1)
            .collect();
        let mut nesting = Nesting::default();
        for depth in [1, 63, 64, 65, 127, 128, 129, 1_000] {
            kinds[..depth].iter().for_each(|kind| nesting.open(*kind));
            assert_eq!((nesting.depth(), nesting.deepest()), (depth, depth));
            nesting.pass_level();
            assert_eq!((nesting.depth(), nesting.deepest()), (depth, depth + 1));
            for kind in kinds[..depth].iter().rev() {
                assert_eq!(nesting.in_object(), *kind);
                nesting.close();
            }
            assert_eq!(nesting.depth(), 0);
        }
    }
}
