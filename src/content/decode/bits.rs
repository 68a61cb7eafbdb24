//! A reader of the bits of a slice, the lowest bit of each byte first.

use super::work::End;

#[derive(Debug)]
pub(super) struct Bits<'a> {
    all: &'a [u8],
    /// The bytes not yet loaded into `bits`.
    rest: &'a [u8],
    bits: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self {
            all: bytes,
            rest: bytes,
            bits: 0,
            count: 0,
        }
    }

    /// Returns the next bits, at most 32, without consuming them. Past the end they are zero.
    #[inline]
    pub(super) fn peek(&mut self, count: u32) -> usize {
        self.refill();
        (self.bits & ((1 << count) - 1)) as usize
    }

    /// Consumes the next bits, at most 32.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> Result<usize, End> {
        let taken = self.peek(count);
        self.drop(count)?;
        Ok(taken)
    }

    /// Consumes bits that were peeked at.
    #[inline]
    pub(super) fn drop(&mut self, count: u32) -> Result<(), End> {
        self.count = self.count.checked_sub(count).ok_or(End::Cut)?;
        self.bits >>= count;
        Ok(())
    }

    #[inline]
    fn refill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some((four, rest)) = self.rest.split_first_chunk() {
            self.bits |= u64::from(u32::from_le_bytes(*four)) << self.count;
            self.count += 32;
            self.rest = rest;
            return;
        }
        while let [byte, rest @ ..] = self.rest {
            self.bits |= u64::from(*byte) << self.count;
            self.count += 8;
            self.rest = rest;
        }
    }

    /// Discards the rest of a partly read byte, and returns the bytes after it.
    pub(super) fn bytes(&mut self) -> &'a [u8] {
        let unread = self.rest.len() + (self.count / 8) as usize;
        self.rest = &self.all[self.all.len() - unread..];
        self.bits = 0;
        self.count = 0;
        self.rest
    }

    /// Discards as many of [`Bits::bytes`].
    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = &self.bytes()[bytes..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_lowest_first_and_bytes_behind_them() {
        let mut bits = Bits::of(&[0b1010_0110, 1, 2, 3, 4, 5]);
        assert_eq!(bits.take(1), Ok(0));
        assert_eq!(bits.take(3), Ok(0b011));
        assert_eq!(bits.peek(12), 0b1_1010);
        assert_eq!(bits.bytes(), [1, 2, 3, 4, 5]);
        bits.skip(3);
        assert_eq!(bits.take(16), Ok(0x504));
        assert_eq!(bits.take(1), Err(End::Cut));
        assert_eq!((bits.take(0), bits.bytes()), (Ok(0), &[][..]));
    }
}
