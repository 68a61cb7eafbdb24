//! zstd (RFC 8878), with the window that RFC 9659 allows.

use std::fmt;

use zstd::stream::raw::{DParameter, Decoder, Operation};

use super::{
    stage::{self, At, Stage, Step},
    work::{End, Work},
    zst_tables::unaffordable,
};

/// Decodes `input`, up to the limit.
pub(super) fn undo(input: &[u8], limit: usize, work: Work) -> (Vec<u8>, End) {
    let Some(affordable) = unaffordable(input, work) else {
        return stage::undo::<Zstd>(input, limit, work);
    };
    let (output, end) = stage::undo::<Zstd>(&input[..affordable], limit, work);
    let ended_early = matches!(end, End::Whole | End::Cut);
    (output, if ended_early { End::Failed } else { end })
}

/// 8 MiB, the largest window that RFC 9659 allows for the content coding.
const WINDOW_LOG: u32 = 23;

/// A decoder of any number of frames.
pub(super) struct Zstd {
    decoder: Decoder<'static>,
    between_frames: bool,
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zstd").finish_non_exhaustive()
    }
}

impl Stage for Zstd {
    fn start(_: usize, _: Work) -> Option<Self> {
        let mut decoder = Decoder::new().ok()?;
        decoder
            .set_parameter(DParameter::WindowLogMax(WINDOW_LOG))
            .ok()?;
        Some(Self {
            decoder,
            between_frames: true,
        })
    }

    fn step(&mut self, rest: &[u8], most: usize, output: &mut [u8]) -> Step {
        let fault = Step {
            read: 0,
            written: 0,
            at: At::Fault,
        };
        if self.between_frames && !starts_frame(rest) {
            return fault;
        }
        let input = &rest[..most.min(rest.len())];
        match self.decoder.run_on_buffers(input, output) {
            Ok(status) => {
                self.between_frames = status.remaining == 0;
                Step {
                    read: status.bytes_read,
                    written: status.bytes_written,
                    at: if self.between_frames {
                        At::Boundary
                    } else {
                        At::Inside
                    },
                }
            }
            Err(_) => fault,
        }
    }
}

/// Whether a frame or a skippable frame starts here. The library would also accept formats older than 1.0, to which the
/// window's limit does not apply.
fn starts_frame(bytes: &[u8]) -> bool {
    let start = |frame: [u8; 4], skip: u8| {
        let mut pairs = bytes.iter().zip(frame);
        pairs
            .next()
            .is_none_or(|(byte, of_frame)| byte & !skip == of_frame)
            && pairs.all(|(byte, of_frame)| *byte == of_frame)
    };
    start([0x28, 0xb5, 0x2f, 0xfd], 0) || start([0x50, 0x2a, 0x4d, 0x18], 0x0f)
}
