//! How far decoding gets: its end, and the budget of its work.

/// How decoding ended, from the best to the worst. With several codings the worst one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    not(feature = "decode"),
    expect(dead_code, reason = "nothing is decoded")
)]
pub(crate) enum End {
    /// At the end of the input, which is a valid end. Whether the body ended there is known only to the capture: further
    /// members of gzip or frames of zstd may follow.
    Whole,
    /// At the end of the input, which is not a valid end: the input was truncated.
    Cut,
    /// At the limit.
    Limited,
    /// At malformed bytes, or at bytes after the end. The output before them is kept.
    Failed,
}

/// A budget for blocks and the tables of their codes, in bytes of input that take as much time.
///
/// An encoder begins a new block, with tables of its own, where that saves more bytes than it costs. So only hundreds of
/// tiny blocks, or blocks made to waste time, exceed the budget.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Work(pub(super) usize);

impl Work {
    /// Granted to each body, however short.
    const FREE: usize = 4096;

    /// Returns the budget of each of several codings of an input of this length.
    pub(super) fn each_of(codings: usize, input: usize) -> Self {
        Self(Self::FREE + input / codings.max(1))
    }

    #[cfg(feature = "decode")]
    pub(super) fn half(self) -> Self {
        Self(self.0 / 2)
    }

    #[cfg(feature = "decode")]
    pub(super) fn spend(&mut self, work: usize) -> Result<(), End> {
        self.0 = self.0.checked_sub(work).ok_or(End::Failed)?;
        Ok(())
    }
}
