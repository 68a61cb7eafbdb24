//! Decodes the `Content-Encoding` of a captured copy, which may be hostile.
//!
//! Memory and time are bounded by the limit, not by the decoded size: each decoder stops at the limit. Its window is
//! bounded, too: 256 KiB or twice the limit for br; 8 MiB for zstd, of which only the decoded part is touched; none for
//! gzip and deflate. The tables of a block's codes take much time for few bytes of input, so they are paid for as
//! [`Work`].

use std::{borrow::Cow, fmt};

#[cfg(feature = "decode")]
use self::output::Output;
pub(crate) use self::work::End;
use self::work::Work;

#[cfg(feature = "decode")]
mod bits;
#[cfg(feature = "decode")]
mod br;
#[cfg(feature = "decode")]
mod gzip;
#[cfg(feature = "decode")]
mod huffman;
#[cfg(feature = "decode")]
mod inflate;
#[cfg(feature = "decode")]
mod output;
#[cfg(feature = "decode")]
mod stage;
mod work;
#[cfg(feature = "decode")]
mod zlib;
#[cfg(feature = "decode")]
mod zst;
#[cfg(feature = "decode")]
mod zst_tables;

/// Maximum number of codings of one body.
pub(crate) const MAX_CODINGS: usize = 4;

/// The result of decoding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded<'a> {
    /// At most as many bytes as the limit.
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) end: End,
}

/// A supported coding.
#[derive(Debug, Clone, Copy)]
enum Coding {
    #[cfg(feature = "decode")]
    Gzip,
    #[cfg(feature = "decode")]
    Deflate,
    #[cfg(feature = "decode")]
    Br,
    #[cfg(feature = "decode")]
    Zstd,
}

/// The codings of a body, in the order in which they were applied.
#[derive(Debug, Default)]
pub(crate) struct Codings(Vec<Coding>);

impl Codings {
    /// Parses `Content-Encoding` values. Returns `None` if a coding is unknown or not part of this build, or if there are
    /// more than [`MAX_CODINGS`].
    pub(crate) fn named<'h>(content_encoding: impl IntoIterator<Item = &'h [u8]>) -> Option<Self> {
        let mut codings = Vec::new();
        for value in content_encoding {
            for name in value.split(|&byte| byte == b',') {
                let name = name.trim_ascii();
                if name.is_empty() || name.eq_ignore_ascii_case(b"identity") {
                    continue;
                }
                if codings.len() == MAX_CODINGS {
                    return None;
                }
                codings.push(Coding::named(name)?);
            }
        }
        Some(Self(codings))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Decodes a body by its `Content-Encoding` lines, which may be wrong: a client can send anything, and actix reads
    /// only the first line, and a request's body with an unknown coding as plain. Returns `None` if nothing applies.
    ///
    /// `is_plain` returns whether bytes read as content without any coding.
    pub(crate) fn undo_claimed<'a, 'h>(
        content_encoding: impl Iterator<Item = &'h [u8]> + Clone,
        input: &'a [u8],
        limit: usize,
        is_plain: impl Fn(&[u8]) -> bool,
    ) -> Option<(Self, Decoded<'a>)> {
        let undone = |codings: Self| {
            let decoded = codings.undo(input, limit);
            (codings, decoded)
        };
        let claimed = Self::named(content_encoding.clone()).map(undone);
        let doubtful = |(codings, decoded): &(Self, Decoded<'_>)| {
            !codings.is_empty() && matches!(decoded.end, End::Failed | End::Cut)
        };
        if claimed.as_ref().is_some_and(|claimed| !doubtful(claimed)) {
            return claimed;
        }
        if is_plain(input) {
            return Some(undone(Self::default()));
        }
        let mut lines = content_encoding.clone();
        let is_one_line = lines.next().is_some() && lines.next().is_none();
        let first = Self::named(content_encoding.take(1))
            // The only line has just been tried.
            .filter(|_| !is_one_line)
            .map(undone)
            .filter(|first| !first.0.is_empty() && first.1.end != End::Failed)
            .filter(|(_, decoded)| is_plain(&decoded.bytes));
        match claimed {
            Some(claimed) if claimed.1.end == End::Cut => Some(claimed),
            claimed => first.or(claimed),
        }
    }

    /// Decodes them, the last one first.
    ///
    /// `input` may be truncated anywhere, and is decoded as far as possible; zstd up to the last complete block, of at
    /// most 128 KiB.
    pub(crate) fn undo<'a>(&self, input: &'a [u8], limit: usize) -> Decoded<'a> {
        let mut decoded = Decoded {
            bytes: Cow::Borrowed(input),
            end: End::Whole,
        };
        let work = Work::each_of(self.0.len(), input.len());
        for coding in self.0.iter().rev() {
            let (bytes, end) = coding.undo(&decoded.bytes, limit, work);
            decoded.bytes = Cow::Owned(bytes);
            decoded.end = decoded.end.max(end);
        }
        decoded
    }
}

impl fmt::Display for Codings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, coding) in self.0.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}{}", coding.name())?;
        }
        Ok(())
    }
}

impl Coding {
    #[cfg(feature = "decode")]
    fn named(name: &[u8]) -> Option<Self> {
        let known = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if known("x-gzip") {
            return Some(Self::Gzip);
        }
        [Self::Gzip, Self::Deflate, Self::Br, Self::Zstd]
            .into_iter()
            .find(|coding| known(coding.name()))
    }

    #[cfg(not(feature = "decode"))]
    fn named(_: &[u8]) -> Option<Self> {
        None
    }

    #[cfg(feature = "decode")]
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Br => "br",
            Self::Zstd => "zstd",
        }
    }

    #[cfg(not(feature = "decode"))]
    fn name(self) -> &'static str {
        match self {}
    }

    #[cfg(feature = "decode")]
    fn undo(self, input: &[u8], limit: usize, mut work: Work) -> (Vec<u8>, End) {
        let undo = match self {
            Self::Gzip => gzip::undo,
            Self::Deflate => zlib::undo,
            Self::Br => return stage::undo::<br::Br>(input, limit, work),
            Self::Zstd => return zst::undo(input, limit, work),
        };
        let mut output = Output::new(limit);
        let end = undo(input, &mut output, &mut work).err();
        (output.into_bytes(), end.unwrap_or(End::Whole))
    }

    #[cfg(not(feature = "decode"))]
    fn undo(self, _: &[u8], _: usize, _: Work) -> (Vec<u8>, End) {
        match self {}
    }
}

#[cfg(all(test, feature = "decode"))]
mod tests;
