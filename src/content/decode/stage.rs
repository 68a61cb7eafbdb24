//! Runs a library's decoder over all of its input.

use super::{output::Output, End, Work};

/// The size of the pieces that output is taken in.
const OUTPUT: usize = 32 * 1024;

/// How much input is given at once, as a step that fails may keep output of its own to itself.
const INPUT: usize = 1024;

/// A decoder, in the middle of its work.
pub(super) trait Stage: Sized {
    /// Output is never asked for past `limit` and one byte. `None` if there is no memory.
    fn start(limit: usize, work: Work) -> Option<Self>;

    /// Decodes some of `rest`, of at most its first `most` bytes. After a boundary `rest` is not empty.
    fn step(&mut self, rest: &[u8], most: usize, output: &mut [u8]) -> Step;
}

/// What one step did.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) read: usize,
    pub(super) written: usize,
    pub(super) at: At,
}

/// Where a step left off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// More has to come.
    Inside,
    /// The input may end here.
    Boundary,
    /// At bytes that do not decode.
    Fault,
    /// At more work than may be done.
    Spent,
}

/// All that `input` decodes to, up to the limit.
pub(super) fn undo<S: Stage>(input: &[u8], limit: usize, work: Work) -> (Vec<u8>, End) {
    let (output, end, fault) = run::<S>(input, limit, work, usize::MAX);
    if let Some(last) = fault {
        // Once more, byte by byte where it failed: now only the failing byte's output is lost.
        let (output, end, _) = run::<S>(input, limit, work, last);
        return (output, end);
    }
    (output, end)
}

/// The output, how it ended, and where in the input the step began that met a fault.
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
            // A decoder that does nothing with what it is given never will.
            _ if idle => End::Failed,
            _ => continue,
        };
        let fault = (step.at == At::Fault).then_some(from);
        return (output.into_bytes(), end, fault);
    }
}
