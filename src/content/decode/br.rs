//! br (RFC 7932), with a window of bounded size.

use std::{cell::Cell, fmt, rc::Rc};

use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, SliceWrapper,
    SliceWrapperMut, StandardAlloc,
};

use super::{
    stage::{At, Stage, Step},
    work::Work,
};

/// What it costs to write a table of a code, however short, beside a byte of input.
const TABLE: usize = 100;
/// What a byte of input costs for which no byte is written: as many can be blocks without content.
const IDLE: usize = 3;

/// A decoder of br whose window is no larger than the limit requires.
pub(super) struct Br {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, Tables>>,
    limit: usize,
    work: Work,
    half: Work,
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
        Some(Self {
            // Strict: without the "large window" extension and its windows of up to 1 GiB.
            state: Box::new(BrotliState::new_strict(alloc, alloc, Tables::default())),
            limit,
            work,
            half: work.half(),
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
        // But for the last table: it may lack input, and is then begun again.
        let tables = self.state.alloc_hc.begun.take().saturating_sub(1);
        let paid = self.work.spend(TABLE * tables);
        let at = match result {
            BrotliResult::ResultSuccess => {
                self.ended = true;
                At::Boundary
            }
            // Too little may be left to repeat everything done so far.
            BrotliResult::ResultFailure if paid.is_err() || self.work < self.half => At::Spent,
            BrotliResult::ResultFailure => At::Fault,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {
                let idle = read.saturating_sub(written);
                match paid.and_then(|()| self.work.spend(IDLE * idle)) {
                    Ok(()) => At::Inside,
                    Err(_) => At::Spent,
                }
            }
        };
        Step { read, written, at }
    }
}

/// Allocates the tables of the decoder's codes, and counts how often one is begun. A block may define 256 codes, with a byte or two
/// each, for each of which the decoder writes hundreds of cells. It keeps the memory from block to block.
#[derive(Default)]
struct Tables {
    begun: Rc<Cell<usize>>,
}

/// The cells of tables.
#[derive(Default)]
struct Cells {
    cells: Box<[HuffmanCode]>,
    /// As in [`Tables`]; there are no cells without it.
    begun: Option<Rc<Cell<usize>>>,
}

impl Allocator<HuffmanCode> for Tables {
    type AllocatedMemory = Cells;

    fn alloc_cell(&mut self, len: usize) -> Cells {
        Cells {
            cells: vec![HuffmanCode::default(); len].into(),
            begun: Some(Rc::clone(&self.begun)),
        }
    }

    fn free_cell(&mut self, _: Cells) {}
}

impl SliceWrapper<HuffmanCode> for Cells {
    fn slice(&self) -> &[HuffmanCode] {
        &self.cells
    }
}

impl SliceWrapperMut<HuffmanCode> for Cells {
    /// The decoder calls this once for each table that it begins to write.
    fn slice_mut(&mut self) -> &mut [HuffmanCode] {
        if let Some(begun) = &self.begun {
            begun.set(begun.get() + 1);
        }
        &mut self.cells
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
