//! gzip (RFC 1952) and deflate (RFC 1950, or 1951 as many send it).

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::stage::{At, Stage, Step};

/// gzip, of any number of members.
#[derive(Debug)]
pub(super) struct Gzip {
    inflate: Decompress,
    checksum: Crc,
    within: Member,
}

/// The parts of a gzip member.
#[derive(Debug, Clone, Copy)]
enum Member {
    Header,
    Content,
    Trailer,
}

impl Stage for Gzip {
    const LOSES_OUTPUT: bool = false;

    fn start(_: usize) -> Option<Self> {
        Some(Self {
            inflate: Decompress::new(false),
            checksum: Crc::new(),
            within: Member::Header,
        })
    }

    fn step(&mut self, rest: &[u8], _: usize, output: &mut [u8]) -> Step {
        let took = |read, at| Step {
            read,
            written: 0,
            at,
        };
        match self.within {
            Member::Header => match header_len(rest) {
                Header::Len(len) => {
                    self.inflate.reset(false);
                    self.checksum.reset();
                    self.within = Member::Content;
                    took(len, At::Inside)
                }
                Header::Cut => took(rest.len(), At::Inside),
                Header::Other => took(0, At::Fault),
            },
            Member::Content => {
                let mut step = inflate(&mut self.inflate, rest, output);
                self.checksum.update(&output[..step.written]);
                if step.at == At::Boundary {
                    self.within = Member::Trailer;
                    step.at = At::Inside;
                }
                step
            }
            Member::Trailer => match rest.first_chunk::<8>() {
                Some(&[a, b, c, d, e, f, g, h])
                    if u32::from_le_bytes([a, b, c, d]) == self.checksum.sum()
                        && u32::from_le_bytes([e, f, g, h]) == self.checksum.amount() =>
                {
                    self.within = Member::Header;
                    took(8, At::Boundary)
                }
                Some(_) => took(0, At::Fault),
                None => took(rest.len(), At::Inside),
            },
        }
    }
}

/// What the start of a gzip member shows.
enum Header {
    Len(usize),
    Cut,
    Other,
}

fn header_len(bytes: &[u8]) -> Header {
    const FIXED: [u8; 3] = [0x1f, 0x8b, 8];
    const CHECKSUM: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;

    if bytes.iter().zip(&FIXED).any(|(byte, fixed)| byte != fixed) {
        return Header::Other;
    }
    let Some(&flags) = bytes.get(3) else {
        return Header::Cut;
    };
    if flags & RESERVED != 0 {
        return Header::Other;
    }
    let len = || {
        let mut len = 10;
        if flags & EXTRA != 0 {
            let extra = bytes.get(len..)?.first_chunk::<2>()?;
            len += 2 + usize::from(u16::from_le_bytes(*extra));
        }
        for text in [NAME, COMMENT] {
            if flags & text != 0 {
                len += memchr::memchr(0, bytes.get(len..)?)? + 1;
            }
        }
        if flags & CHECKSUM != 0 {
            len += 2;
        }
        (len <= bytes.len()).then_some(len)
    };
    len().map_or(Header::Cut, Header::Len)
}

/// `deflate`: zlib by the standard, raw from those who took the name at its word. The first two
/// bytes tell them apart, as in browsers.
#[derive(Debug)]
pub(super) struct Deflate {
    inflate: Option<Decompress>,
    ended: bool,
}

impl Stage for Deflate {
    const LOSES_OUTPUT: bool = false;

    fn start(_: usize) -> Option<Self> {
        Some(Self {
            inflate: None,
            ended: false,
        })
    }

    fn step(&mut self, rest: &[u8], _: usize, output: &mut [u8]) -> Step {
        let idle = |read, at| Step {
            read,
            written: 0,
            at,
        };
        if self.ended {
            return idle(0, At::Fault);
        }
        let state = match (&mut self.inflate, rest) {
            (Some(inflate), _) => inflate,
            (none, &[first, second, ..]) => {
                let zlib = first & 0x8f == 8 && u16::from_be_bytes([first, second]) % 31 == 0;
                none.insert(Decompress::new(zlib))
            }
            (None, _) => return idle(rest.len(), At::Inside),
        };
        let step = inflate(state, rest, output);
        self.ended = step.at == At::Boundary;
        step
    }
}

/// One step of deflate, which has its end for a boundary.
fn inflate(state: &mut Decompress, rest: &[u8], output: &mut [u8]) -> Step {
    let (read, written) = (state.total_in(), state.total_out());
    let status = state.decompress(rest, output, FlushDecompress::None);
    // What a step does is no more than the lengths of two slices.
    let since = |now: u64, before: u64| (now - before) as usize;
    Step {
        read: since(state.total_in(), read),
        written: since(state.total_out(), written),
        at: match status {
            Ok(Status::StreamEnd) => At::Boundary,
            Ok(Status::Ok | Status::BufError) => At::Inside,
            Err(_) => At::Fault,
        },
    }
}
