//! The prefix codes of deflate.

use super::{
    bits::Bits,
    work::{End, Work},
};

/// Length of the longest code that one lookup decodes.
const LOOKUP_MAX: u32 = 10;
/// The work of decoding a longer one: an encoder gives these to symbols that occur less than once in a thousand.
const LONG: usize = 4;
const LENGTH_MAX: usize = 15;
const SYMBOLS_MAX: usize = 288;

/// A canonical prefix code.
#[derive(Debug)]
pub(super) struct Code {
    /// Indexed by the next bits: the symbol, and in the low four bits the length of its code. Zero if the code is longer,
    /// or unassigned.
    lookup: [u16; 1 << LOOKUP_MAX],
    /// Number of bits of the index.
    width: u32,
    longest: usize,
    /// The first code of each length.
    firsts: [u16; LENGTH_MAX + 2],
    /// The index in `symbols` of the first code of each length.
    places: [u16; LENGTH_MAX + 2],
    /// The symbols in the order of their codes.
    symbols: [u16; SYMBOLS_MAX],
}

impl Code {
    pub(super) const EMPTY: Self = Self {
        lookup: [0; 1 << LOOKUP_MAX],
        width: 0,
        longest: 0,
        firsts: [0; LENGTH_MAX + 2],
        places: [0; LENGTH_MAX + 2],
        symbols: [0; SYMBOLS_MAX],
    };

    /// Builds the canonical code of these symbols, given in their order with lengths of 1 to 15 bits. Returns whether it
    /// is complete, so that every sequence of bits decodes: only a single code, of one bit, may leave bits unassigned.
    ///
    /// The time depends on the number of symbols given, not on the size of the alphabet.
    pub(super) fn build(
        &mut self,
        lengths: impl Iterator<Item = (u16, u8)> + Clone,
    ) -> Result<bool, End> {
        let mut counts = [0; LENGTH_MAX + 1];
        for (_, length) in lengths.clone() {
            counts[usize::from(length)] += 1;
        }
        self.longest = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
        let mut unused = 1_i32;
        for (length, count) in counts.into_iter().enumerate().skip(1) {
            unused = 2 * unused - i32::from(count);
            if unused < 0 {
                return Err(End::Failed);
            }
            self.places[length + 1] = self.places[length] + count;
            self.firsts[length + 1] = (self.firsts[length] + count) << 1;
        }
        if unused > 0 && self.longest > 1 {
            return Err(End::Failed);
        }

        self.width = LOOKUP_MAX.min(self.longest as u32);
        let lookup = &mut self.lookup[..1 << self.width];
        lookup.fill(0);
        let mut nths = [0; LENGTH_MAX + 1];
        for (symbol, length) in lengths {
            let at = usize::from(length);
            let nth = nths[at];
            nths[at] += 1;
            self.symbols[usize::from(self.places[at] + nth)] = symbol;
            if u32::from(length) <= self.width {
                // The first bit of a code is the lowest bit of the index.
                let first = (self.firsts[at] + nth).reverse_bits() >> (16 - length);
                let same = lookup[usize::from(first)..].iter_mut().step_by(1 << length);
                same.for_each(|entry| *entry = symbol << 4 | u16::from(length));
            }
        }
        Ok(unused == 0)
    }

    /// Returns the number of entries written to the lookup table.
    pub(super) fn entries(&self) -> usize {
        1 << self.width
    }

    /// Decodes the next symbol.
    #[inline]
    pub(super) fn symbol(&self, input: &mut Bits<'_>, work: &mut Work) -> Result<u16, End> {
        let entry = self.lookup[input.peek(self.width)];
        if entry == 0 {
            work.spend(LONG)?;
            return self.long_symbol(input);
        }
        input.drop(u32::from(entry & 0xf))?;
        Ok(entry >> 4)
    }

    fn long_symbol(&self, input: &mut Bits<'_>) -> Result<u16, End> {
        let next = (input.peek(LENGTH_MAX as u32) as u16).reverse_bits() >> (16 - LENGTH_MAX);
        for length in self.width as usize + 1..=self.longest {
            let nth = (next >> (LENGTH_MAX - length)).wrapping_sub(self.firsts[length]);
            if nth < self.places[length + 1] - self.places[length] {
                input.drop(length as u32)?;
                return Ok(self.symbols[usize::from(self.places[length] + nth)]);
            }
        }
        Err(End::Failed)
    }
}
