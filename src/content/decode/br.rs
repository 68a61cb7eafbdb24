//! br (RFC 7932), with a window of bounded size.

use std::fmt;

use brotli::{
    reader::StandardAlloc, Allocator, BrotliDecompressStream, BrotliResult, BrotliState,
    HuffmanCode, SliceWrapper, SliceWrapperMut,
};

use super::{
    stage::{At, Stage, Step},
    Work,
};

/// Number of table cells that cost as much as a byte.
const CELLS: usize = 12;
/// The work of beginning or ending a block, for each of its up to three tables.
const EMPTIED: usize = 3;

/// A decoder of br whose window is no larger than the limit requires.
pub(super) struct Br {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, Tables>>,
    limit: usize,
    started: bool,
    ended: bool,
}

impl fmt::Debug for Br {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Br").finish_non_exhaustive()
    }
}

impl Stage for Br {
    fn start(limit: usize, work: Work) -> Option<Self> {
        let alloc = StandardAlloc::default();
        let tables = Tables::new(work);
        Some(Self {
            // Strict: without the "large window" extension and its windows of up to 1 GiB.
            state: Box::new(BrotliState::new_strict(alloc, alloc, tables)),
            limit,
            started: false,
            ended: false,
        })
    }

    fn step(&mut self, rest: &[u8], most: usize, output: &mut [u8]) -> Step {
        if self.ended {
            return Step {
                read: 0,
                written: 0,
                at: At::Fault,
            };
        }
        let first;
        let input = match rest {
            [header, ..] if !self.started => {
                self.started = true;
                first = [narrowed(*header, self.limit)];
                &first[..]
            }
            _ => &rest[..most.min(rest.len())],
        };
        let (mut left, mut read) = (input.len(), 0);
        let (mut room, mut written) = (output.len(), 0);
        if self.state.alloc_hc.refused {
            return Step {
                read: 0,
                written: 0,
                at: At::Spent,
            };
        }
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            input,
            &mut room,
            &mut written,
            output,
            &mut 0,
            &mut self.state,
        );
        Step {
            read,
            written,
            at: match result {
                BrotliResult::ResultSuccess => {
                    self.ended = true;
                    At::Boundary
                }
                BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => At::Inside,
                BrotliResult::ResultFailure if self.state.alloc_hc.is_half_spent() => At::Spent,
                BrotliResult::ResultFailure => At::Fault,
            },
        }
    }
}

/// Allocates the tables of the decoder's codes. A block may define 256 codes, with a byte or two each, for each of which
/// the decoder allocates a thousand cells.
struct Tables {
    work: Work,
    half: Work,
    refused: bool,
    /// Tables of earlier blocks, reused: not clearing them saves three quarters of the time of a short block.
    free: Vec<Cells>,
}

/// A table. The decoder writes it before it reads it.
#[derive(Default)]
struct Cells(Box<[HuffmanCode]>);

impl Tables {
    /// The number of tables that are in use at once.
    const FREE_MAX: usize = 4;

    fn new(work: Work) -> Self {
        Self {
            half: work.half(),
            work,
            refused: false,
            free: Vec::new(),
        }
    }

    /// Whether too little is left to repeat everything done so far.
    fn is_half_spent(&self) -> bool {
        self.refused || self.work < self.half
    }

    fn spend(&mut self, work: usize) {
        self.refused |= self.work.spend(work).is_err();
    }
}

impl Allocator<HuffmanCode> for Tables {
    type AllocatedMemory = Cells;

    /// Returns an empty table if the work is spent, which makes the decoder fail.
    fn alloc_cell(&mut self, len: usize) -> Cells {
        self.spend(len / CELLS);
        if self.refused {
            return Cells::default();
        }
        let same = self.free.iter().position(|cells| cells.0.len() == len);
        same.map(|place| self.free.swap_remove(place))
            .unwrap_or_else(|| Cells(vec![HuffmanCode::default(); len].into()))
    }

    /// Called at the beginning and the end of each block, even of an empty one.
    fn free_cell(&mut self, cells: Cells) {
        self.spend(EMPTIED);
        if !cells.0.is_empty() && self.free.len() < Self::FREE_MAX {
            self.free.push(cells);
        }
    }
}

impl SliceWrapper<HuffmanCode> for Cells {
    fn slice(&self) -> &[HuffmanCode] {
        &self.0
    }
}

impl SliceWrapperMut<HuffmanCode> for Cells {
    fn slice_mut(&mut self) -> &mut [HuffmanCode] {
        &mut self.0
    }
}

/// Returns a stream's first byte, changed to the smallest window of 256 KiB or more that holds the limit.
///
/// The decoder fills its window before it returns any output: a decompression bomb would cost 16 MiB of memory and of
/// work. While the output fits into the window, no reference can reach beyond it, so up to the limit a smaller window
/// changes nothing.
fn narrowed(header: u8, limit: usize) -> u8 {
    // Four bits: a one, and the exponent of the window's size, less 17. Other patterns are smaller windows, or invalid.
    let is_large = header & 1 == 1 && header & 0b1110 != 0;
    if !is_large {
        return header;
    }
    let stated = (header >> 1) & 0b111;
    let needed = (1..stated).find(|size| (1 << (17 + size)) - 16 > limit);
    header & !0b1110 | needed.unwrap_or(stated) << 1
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn windows_hold_the_limit_and_no_header_bit_else_changes() {
        assert_eq!(narrowed(0b1010_1111, 32 * 1024), 0b1010_0011);
        assert_eq!(narrowed(0b1111, (1 << 18) - 17), 0b0011);
        assert_eq!(narrowed(0b1111, (1 << 18) - 16), 0b0101);
        assert_eq!(narrowed(0b0011, usize::MAX), 0b0011);
        assert_eq!(narrowed(0b1111, usize::MAX), 0b1111);
        assert_eq!(narrowed(0b1010_1110, 0), 0b1010_1110);
        assert_eq!(narrowed(0b0001_0001, 0), 0b0001_0001);
    }
}
