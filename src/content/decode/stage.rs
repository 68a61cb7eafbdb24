//! Runs a library's decoder over a whole input.

use super::{
    output::Output,
    work::{End, Work},
};

/// Size of the buffer for the output of one step.
const OUTPUT: usize = 32 * 1024;

/// Maximum input of one step: a step that fails may not return the output that it had already decoded.
const INPUT: usize = 1024;

/// A decoder and its state.
pub(super) trait Stage: Sized {
    /// Creates a decoder of which at most `limit` and one bytes are requested. `None` if memory is exhausted.
    fn start(limit: usize, work: Work) -> Option<Self>;

    /// Decodes some of the first `most` bytes of `rest`. After a boundary `rest` is not empty.
    fn step(&mut self, rest: &[u8], most: usize, output: &mut [u8]) -> Step;
}

/// The result of one step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) read: usize,
    pub(super) written: usize,
    pub(super) at: At,
}

/// Where a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// More input is needed.
    Inside,
    /// The input may end here.
    Boundary,
    /// At malformed bytes.
    Fault,
    /// The budget of work is spent.
    Spent,
}

/// Decodes `input`, up to the limit.
pub(super) fn undo<S: Stage>(input: &[u8], limit: usize, work: Work) -> (Vec<u8>, End) {
    let (output, end, fault) = run::<S>(input, limit, work, usize::MAX);
    if let Some(last) = fault {
        // Repeated, byte by byte from the step that failed: now only the output of the failing byte is lost.
        let (output, end, _) = run::<S>(input, limit, work, last);
        return (output, end);
    }
    (output, end)
}

/// Returns the output, how it ended, and the input position of the step that failed.
fn run<S: Stage>(
    input: &[u8],
    limit: usize,
    work: Work,
    single_from: usize,
) -> (Vec<u8>, End, Option<usize>) {
    let mut output = Output::new(limit);
    let Some(mut stage) = S::start(limit, work) else {
        return (output.into_bytes(), End::Failed, None);
    };
    let mut piece = vec![0; OUTPUT.min(limit.saturating_add(1))];
    let mut read = 0;
    loop {
        let from = read;
        let most = match single_from.checked_sub(from) {
            Some(left @ 1..) => left.min(INPUT),
            _ => 1,
        };
        let step = stage.step(&input[from..], most, &mut piece);
        read += step.read;
        let written = &piece[..step.written];
        if let Err(limited) = output.append(written) {
            return (output.into_bytes(), limited, None);
        }
        let all_read = read == input.len();
        let idle = step.read == 0 && written.is_empty();
        let end = match step.at {
            At::Fault | At::Spent => End::Failed,
            At::Boundary if all_read => End::Whole,
            At::Inside if all_read && written.len() < piece.len() => End::Cut,
            // A decoder that makes no progress never will.
            _ if idle => End::Failed,
            _ => continue,
        };
        let fault = (step.at == At::Fault).then_some(from);
        return (output.into_bytes(), end, fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a header, then writes a byte, and then does nothing any more.
    struct Stuck(usize);

    impl Stage for Stuck {
        fn start(_: usize, _: Work) -> Option<Self> {
            Some(Self(0))
        }

        fn step(&mut self, _: &[u8], _: usize, output: &mut [u8]) -> Step {
            self.0 += 1;
            let (read, written) = match self.0 {
                1..=3 => (1, 0),
                4 => (0, 1),
                5 => (0, 0),
                _ => panic!("it is called again and again"),
            };
            output[..written].fill(b'x');
            Step {
                read,
                written,
                at: At::Inside,
            }
        }
    }

    #[test]
    fn a_decoder_fails_once_it_neither_reads_nor_writes() {
        let (output, end) = undo::<Stuck>(b"header and more", 100, Work::each_of(1, 15));
        assert_eq!(output, b"x");
        assert!(matches!(end, End::Failed));
    }
}
