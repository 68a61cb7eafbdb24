//! Prefix codes, as deflate has them.

use super::{bits::Bits, End, Work};

/// The longest code that is found in one step.
const LOOKUP_MAX: u32 = 10;
/// The work of finding a longer one, which is not to be seen more than once in a thousand.
const LONG: usize = 4;
const LENGTH_MAX: usize = 15;
const SYMBOLS_MAX: usize = 288;

/// A canonical prefix code.
#[derive(Debug)]
pub(super) struct Code {
    /// By the bits that come next: the symbol, and in the low four bits its length. Zero where the
    /// code is longer, or none.
    lookup: [u16; 1 << LOOKUP_MAX],
    /// How many bits that are.
    width: u32,
    longest: usize,
    /// The first code of each length.
    firsts: [u16; LENGTH_MAX + 2],
    /// Where it stands among all.
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

    /// Makes it the code in which these symbols, in their order, have lengths of 1 to 15 bits, and tells
    /// whether all bits are of a code. They have to be, but where there is one code at most, of one bit.
    ///
    /// What it takes does not depend on how many symbols there could be.
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
                // The first bit of a code is the lowest of those that come next.
                let first = (self.firsts[at] + nth).reverse_bits() >> (16 - length);
                let same = lookup[usize::from(first)..].iter_mut().step_by(1 << length);
                same.for_each(|entry| *entry = symbol << 4 | u16::from(length));
            }
        }
        Ok(unused == 0)
    }

    /// How many entries have been written to find symbols by.
    pub(super) fn entries(&self) -> usize {
        1 << self.width
    }

    /// Takes the next symbol.
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
