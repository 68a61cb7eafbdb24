//! Runs one coding over all of its input.

use super::End;

/// The size of the pieces that output is taken in: the window of deflate, which a failing decoder
/// hands out at once or not at all.
const OUTPUT: usize = 32 * 1024;

/// How much input is given at once to a coding that loses output when it fails.
const INPUT: usize = 1024;

/// One coding, in the middle of its work.
pub(super) trait Stage: Sized {
    /// Whether a step that fails may keep output of its own to itself.
    const LOSES_OUTPUT: bool;

    /// Output is never asked for past `limit` and one byte. `None` if there is no memory.
    fn start(limit: usize) -> Option<Self>;

    /// Decodes some of `rest`, of at most its first `most` bytes where it loses output. After a
    /// boundary `rest` is not empty.
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
}

/// All that `input` decodes to, up to the limit.
pub(super) fn undo<S: Stage>(input: &[u8], limit: usize) -> (Vec<u8>, End) {
    let (output, end, last) = run::<S>(input, limit, usize::MAX);
    if end == End::Failed && S::LOSES_OUTPUT {
        // Once more, byte by byte where it failed: now only the failing byte's output is lost.
        let (output, end, _) = run::<S>(input, limit, last);
        return (output, end);
    }
    (output, end)
}

/// The output, how it ended, and where in the input the last step began.
fn run<S: Stage>(input: &[u8], limit: usize, single_from: usize) -> (Vec<u8>, End, usize) {
    let mut output = Vec::new();
    let Some(mut stage) = S::start(limit) else {
        return (output, End::Failed, 0);
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
        if !append(&mut output, written, limit) {
            return (output, End::Limited, from);
        }
        let all_read = read == input.len();
        let idle = step.read == 0 && written.is_empty();
        let end = match step.at {
            At::Fault => End::Failed,
            At::Boundary if all_read => End::Whole,
            At::Inside if all_read && written.len() < piece.len() => End::Cut,
            // A decoder that does nothing with what it is given never will.
            _ if idle => End::Failed,
            _ => continue,
        };
        return (output, end, from);
    }
}

/// Appends as much as fits below the limit, without room for more than that. Whether all did.
fn append(output: &mut Vec<u8>, bytes: &[u8], limit: usize) -> bool {
    let fitting = bytes.len().min(limit - output.len());
    let needed = output.len() + fitting;
    if needed > output.capacity() {
        let room = output.capacity().saturating_mul(2).clamp(needed, limit);
        output.reserve_exact(room - output.len());
    }
    output.extend_from_slice(&bytes[..fitting]);
    fitting == bytes.len()
}
