//! br (RFC 7932), without its window.

use std::fmt;

use brotli::{reader::StandardAlloc, BrotliDecompressStream, BrotliResult, BrotliState};

use super::stage::{At, Stage, Step};

/// br, with a window no larger than is needed.
pub(super) struct Br {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
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
    const LOSES_OUTPUT: bool = true;

    fn start(limit: usize) -> Option<Self> {
        let alloc = StandardAlloc::default();
        Some(Self {
            // Strict: without the "large window" extension and its windows of up to 1 GiB.
            state: Box::new(BrotliState::new_strict(alloc, alloc, alloc)),
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
                BrotliResult::ResultFailure => At::Fault,
            },
        }
    }
}

/// A stream's first byte with the smallest window of 256 KiB or more that holds the limit.
///
/// The decoder fills its window before it hands out a byte: a bomb would cost 16 MiB of memory and
/// of work. As long as no more has come out than fits a window, no reference can reach past it, so
/// up to the limit a smaller window changes nothing.
fn narrowed(header: u8, limit: usize) -> u8 {
    // Four bits: a one, and the window's size as a power of two, less 17. Other first bits are of
    // windows below that already, or of none.
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
