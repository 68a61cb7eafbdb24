//! Undoes the `Content-Encoding` of a captured copy, whatever a client put into it.
//!
//! Memory and time are bounded by the limit, not by what the input unfolds to: every coding stops
//! at the limit, and has a window and tables of bounded size beside it: 256 KiB or twice the limit for
//! br, 8 MiB for zstd, of which no more is touched than is decoded; none for gzip and deflate. And what
//! takes long for the few bytes that it is, the tables of a block's codes, is [`Work`] that has to be paid.

use std::{borrow::Cow, fmt};

#[cfg(feature = "decode")]
use self::output::Output;

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
#[cfg(feature = "decode")]
mod zlib;
#[cfg(feature = "decode")]
mod zst;
#[cfg(feature = "decode")]
mod zst_tables;

/// The most codings, one on the other, that are undone.
pub(crate) const MAX_CODINGS: usize = 4;

/// What became of encoded bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded<'a> {
    /// At most as many bytes as the limit.
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) end: End,
}

/// How decoding ended. Of several codings the worst end counts, and they are in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    not(feature = "decode"),
    expect(dead_code, reason = "nothing is decoded")
)]
pub(crate) enum End {
    /// At the end of the input, where it may end. Only who captured it knows if it did: gzip and
    /// zstd may go on behind any member or frame.
    Whole,
    /// At the end of the input, in the midst of things: it was cut.
    Cut,
    /// At the limit.
    Limited,
    /// At bytes that do not decode, among them any behind the end. What came before them is kept.
    Failed,
}

/// What may still be spent on blocks and the tables of their codes, in bytes of input that take as long.
///
/// An encoder makes a block, and brings along tables for it, where that makes up for it. Only of hundreds of
/// blocks of a few bytes, and of those that are there to keep us busy, it may be too much.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Work(usize);

impl Work {
    /// What is free of it, for bodies that are short.
    const FREE: usize = 4096;

    /// For each of so many codings, where they are undone from this much input.
    fn each_of(codings: usize, input: usize) -> Self {
        Self(Self::FREE + input / codings.max(1))
    }

    #[cfg(feature = "decode")]
    fn half(self) -> Self {
        Self(self.0 / 2)
    }

    #[cfg(feature = "decode")]
    fn spend(&mut self, work: usize) -> Result<(), End> {
        self.0 = self.0.checked_sub(work).ok_or(End::Failed)?;
        Ok(())
    }
}

/// A coding that can be undone.
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
    /// The codings that the `Content-Encoding` values name; `None` if one of them is not known, or
    /// left out of this build, or if they are more than [`MAX_CODINGS`].
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

    /// Undoes what a message is said to be coded in, which need not be so: a client can say anything,
    /// and actix reads the body of a request whose coding it does not know as it stands, and looks
    /// at the first line alone. None if no reading of it is known.
    ///
    /// `as_it_stands` tells of bytes that they look like the content itself.
    pub(crate) fn undo_claimed<'a, 'h>(
        content_encoding: impl Iterator<Item = &'h [u8]> + Clone,
        input: &'a [u8],
        limit: usize,
        as_it_stands: impl Fn(&[u8]) -> bool,
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
        if as_it_stands(input) {
            return Some(undone(Self::default()));
        }
        let mut lines = content_encoding.clone();
        let is_one_line = lines.next().is_some() && lines.next().is_none();
        let first = Self::named(content_encoding.take(1))
            // One line has just been undone.
            .filter(|_| !is_one_line)
            .map(undone)
            .filter(|first| !first.0.is_empty() && first.1.end != End::Failed)
            .filter(|(_, decoded)| as_it_stands(&decoded.bytes));
        match claimed {
            Some(claimed) if claimed.1.end == End::Cut => Some(claimed),
            claimed => first.or(claimed),
        }
    }

    /// Undoes them, the last of them first.
    ///
    /// `input` may end anywhere: what is there is decoded as far as it goes. (Of zstd that is up to
    /// the last block, of up to 128 KiB, which is there as a whole.)
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
