//! deflate (RFC 1951), from a slice to a vector.
//!
//! The crate's own, because clients choose its cost. Libraries build the tables of the fixed codes again for each block
//! that uses them: 26,000 empty blocks, in 32 KiB, take 100 ms. Here they are built once, a block's own codes are paid
//! for, and the output serves as the window.

use std::sync::LazyLock;

use super::{
    bits::Bits,
    huffman::Code,
    output::Output,
    work::{End, Work},
};

/// The symbol that ends a block. Lower symbols are bytes, higher ones lengths.
const END: u16 = 256;

/// The work of a block, apart from its contents.
const BLOCK: usize = 4;
/// The work of reading a block's codes, apart from one for each symbol: an encoder that defines a symbol uses it, so it
/// spends about a byte on both.
const CODES: usize = 72;
/// Number of table entries that cost as much as a byte.
const ENTRIES: usize = 8;

/// The lowest length, or distance, of each symbol, and the number of extra bits to add.
const LENGTHS: [(u16, u8); 29] = {
    let mut lengths = ranges(3, 4);
    // The exception to the pattern: the longest length has no extra bits.
    lengths[28] = (258, 0);
    lengths
};
const DISTANCES: [(u16, u8); 30] = ranges(1, 2);

/// Consecutive ranges: twice `same` of one value, then `same` of each further size.
const fn ranges<const N: usize>(first: u16, same: usize) -> [(u16, u8); N] {
    let mut ranges = [(0, 0); N];
    let (mut n, mut base) = (0, first);
    while n < N {
        let bits = (n / same).saturating_sub(1);
        ranges[n] = (base, bits as u8);
        base = base.wrapping_add(1 << bits);
        n += 1;
    }
    ranges
}

/// A decoder of streams.
#[derive(Debug, Default)]
pub(super) struct Inflate {
    own: Option<Box<Own>>,
}

impl Inflate {
    /// Decodes one stream from `input`, up to its end.
    pub(super) fn stream(
        &mut self,
        input: &mut Bits<'_>,
        output: &mut Output,
        work: &mut Work,
    ) -> Result<(), End> {
        static FIXED: LazyLock<[Code; 2]> = LazyLock::new(fixed);
        let start = output.len();
        loop {
            work.spend(BLOCK)?;
            let is_last = input.take(1)? == 1;
            match input.take(2)? {
                0 => stored(input, output)?,
                1 => compressed(input, output, start, &FIXED, work)?,
                2 => {
                    let own = self.own.get_or_insert_default();
                    own.read(input, work)?;
                    compressed(input, output, start, &own.codes, work)?;
                }
                _ => return Err(End::Failed),
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

fn stored(input: &mut Bits<'_>, output: &mut Output) -> Result<(), End> {
    let Some((&[a, b, c, d], rest)) = input.bytes().split_first_chunk() else {
        return Err(End::Cut);
    };
    let length = u16::from_le_bytes([a, b]);
    if length != !u16::from_le_bytes([c, d]) {
        return Err(End::Failed);
    }
    let Some(bytes) = rest.get(..length.into()) else {
        output.append(rest)?;
        return Err(End::Cut);
    };
    output.append(bytes)?;
    input.skip(4 + bytes.len());
    Ok(())
}

fn compressed(
    input: &mut Bits<'_>,
    output: &mut Output,
    start: usize,
    [literals, distances]: &[Code; 2],
    work: &mut Work,
) -> Result<(), End> {
    loop {
        let symbol = literals.symbol(input, work)?;
        if let Ok(byte) = u8::try_from(symbol) {
            output.push(byte)?;
            continue;
        }
        if symbol == END {
            return Ok(());
        }
        let length = within(LENGTHS.get(usize::from(symbol - END - 1)), input)?;
        let symbol = distances.symbol(input, work)?;
        let distance = within(DISTANCES.get(usize::from(symbol)), input)?;
        let from = output.len().checked_sub(distance);
        let from = from.filter(|from| *from >= start).ok_or(End::Failed)?;
        output.repeat(from, length)?;
    }
}

/// Returns a value of a range, chosen by the next bits.
fn within(range: Option<&(u16, u8)>, input: &mut Bits<'_>) -> Result<usize, End> {
    let (base, bits) = *range.ok_or(End::Failed)?;
    Ok(usize::from(base) + input.take(bits.into())?)
}

fn fixed() -> [Code; 2] {
    let literals = (0..288).map(|symbol| match symbol {
        0..=143 => (symbol, 8),
        144..=255 => (symbol, 9),
        256..=279 => (symbol, 7),
        280.. => (symbol, 8),
    });
    let distances = (0..32).map(|symbol| (symbol, 5));
    let mut codes = [Code::EMPTY; 2];
    let [of_literals, of_distances] = &mut codes;
    let built = of_literals
        .build(literals)
        .and(of_distances.build(distances));
    debug_assert_eq!(built, Ok(true), "the standard's codes");
    codes
}

/// Maximum number of symbols of a block's codes, and of those that are no distances.
const SYMBOLS_MAX: usize = LITERALS_MAX + 30;
const LITERALS_MAX: usize = 286;

/// The codes that a block defines.
#[derive(Debug)]
struct Own {
    codes: [Code; 2],
    /// Their symbols with the lengths of their codes, distances after literals.
    symbols: [(u16, u8); SYMBOLS_MAX],
}

impl Default for Own {
    fn default() -> Self {
        Self {
            codes: [Code::EMPTY; 2],
            symbols: [(0, 0); SYMBOLS_MAX],
        }
    }
}

impl Own {
    fn read(&mut self, input: &mut Bits<'_>, work: &mut Work) -> Result<(), End> {
        const ORDER: [usize; 19] = [
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        ];
        let literals_count = input.take(5)? + 257;
        let distances_count = input.take(5)? + 1;
        if literals_count > LITERALS_MAX || distances_count > SYMBOLS_MAX - LITERALS_MAX {
            return Err(End::Failed);
        }
        let mut of_lengths = [0; ORDER.len()];
        let count = input.take(4)? + 4;
        for place in &ORDER[..count] {
            of_lengths[*place] = input.take(3)? as u8;
        }
        let [literals, distances] = &mut self.codes;
        let code = &mut *literals;
        let of_lengths = (0..).zip(of_lengths);
        if !code.build(of_lengths.filter(|(_, length)| *length > 0))? {
            return Err(End::Failed);
        }

        let mut used = 0;
        let mut last = None;
        let mut next = 0;
        while next < literals_count + distances_count {
            let (length, times) = match code.symbol(input, work)? {
                16 => (last.ok_or(End::Failed)?, input.take(2)? + 3),
                17 => (0, input.take(3)? + 3),
                18 => (0, input.take(7)? + 11),
                length => (length as u8, 1),
            };
            last = Some(length);
            let same = next..next + times;
            next = same.end;
            if next > literals_count + distances_count {
                return Err(End::Failed);
            }
            if length > 0 {
                for symbol in same {
                    self.symbols[used] = (symbol as u16, length);
                    used += 1;
                }
            }
        }
        work.spend(CODES + used)?;
        let symbols = &self.symbols[..used];
        let of_literals =
            symbols.partition_point(|(symbol, _)| usize::from(*symbol) < literals_count);
        let (of_literals, of_distances) = symbols.split_at(of_literals);
        if !of_literals.iter().any(|(symbol, _)| *symbol == END) {
            return Err(End::Failed);
        }
        literals.build(of_literals.iter().copied())?;
        let of_distances = of_distances.iter();
        distances.build(
            of_distances.map(|(symbol, length)| (symbol - literals_count as u16, *length)),
        )?;
        work.spend((literals.entries() + distances.entries()) / ENTRIES)
    }
}
