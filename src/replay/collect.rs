//! Bytes that were read from a body's stream and must be replayed to the next reader.
//!
//! actix's `to_bytes_limited` would lose them when the limit is exceeded or the stream fails.

use std::{
    mem,
    task::{ready, Poll},
};

use bytes::Bytes;

use super::ReadError;

/// The part of a body that was read from its stream and not yet replayed.
///
/// Between two calls it holds at most the limit plus the one chunk that exceeded it.
pub(super) struct Collected<E> {
    bytes: Joined,
    /// The chunk that exceeded the limit when it was read.
    over: Option<Bytes>,
    end: End<E>,
}

enum End<E> {
    /// The stream may have more.
    Open,
    /// The stream has ended. It must not be polled again.
    Complete,
    /// The stream has failed. The error is for the next reader, who may then poll on.
    Failed(E),
}

impl<E> Collected<E> {
    pub(super) fn new() -> Self {
        Self {
            bytes: Joined::default(),
            over: None,
            end: End::Open,
        }
    }

    /// Creates a body that was read completely.
    pub(super) fn complete(bytes: Bytes) -> Self {
        Self {
            bytes: Joined {
                first: bytes,
                more: Vec::new(),
            },
            over: None,
            end: End::Complete,
        }
    }

    /// Whether nothing is held that must be replayed before the rest of the stream.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.over.is_none() && !matches!(self.end, End::Failed(_))
    }

    /// Whether the stream has ended: then the bytes held are the whole rest.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.end, End::Complete)
    }

    /// Returns how many bytes are held.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.over.as_ref().map_or(0, Bytes::len)
    }

    /// Returns the bytes held, as one buffer.
    pub(super) fn join(&mut self) -> Bytes {
        self.bytes.join()
    }

    /// Reads chunks from `next` until the stream's end, an error, or more than `limit` bytes.
    ///
    /// `describe` formats an error without consuming it. Can be called again after any result: everything read is kept,
    /// and a stream that has ended or failed is not polled.
    pub(super) fn poll_collect(
        &mut self,
        limit: usize,
        mut next: impl FnMut() -> Poll<Option<Result<Bytes, E>>>,
        describe: impl FnOnce(&E) -> Option<String>,
    ) -> Poll<Result<Bytes, ReadError>> {
        loop {
            let Some(free) = limit.checked_sub(self.bytes.len()) else {
                return Poll::Ready(Err(ReadError::TooLarge { limit }));
            };
            if let Some(chunk) = self.over.take() {
                if chunk.len() > free {
                    self.over = Some(chunk);
                    return Poll::Ready(Err(ReadError::TooLarge { limit }));
                }
                self.bytes.push(chunk, limit);
            }
            match &self.end {
                End::Complete => return Poll::Ready(Ok(self.bytes.join())),
                End::Failed(error) => {
                    return Poll::Ready(Err(ReadError::Stream {
                        reason: describe(error),
                    }));
                }
                End::Open => match ready!(next()) {
                    Some(Ok(chunk)) => self.over = Some(chunk),
                    Some(Err(error)) => self.end = End::Failed(error),
                    None => self.end = End::Complete,
                },
            }
        }
    }

    /// Returns the next item held, or `None` if the reader is to poll the stream from now on.
    pub(super) fn replay(&mut self) -> Option<Result<Bytes, E>> {
        if !self.bytes.is_empty() {
            return Some(Ok(self.bytes.take()));
        }
        if let Some(chunk) = self.over.take() {
            return Some(Ok(chunk));
        }
        match mem::replace(&mut self.end, End::Open) {
            End::Failed(error) => Some(Err(error)),
            end => {
                self.end = end;
                None
            }
        }
    }
}

/// Joined chunks: a single chunk as it is, several copied into one buffer.
///
/// Keeping the chunks themselves could cost more than their bytes: each handle takes 32 bytes, and keeps the whole
/// read buffer alive of which the chunk is a slice.
#[derive(Default)]
struct Joined {
    first: Bytes,
    /// Empty, or all bytes (then `first` is empty).
    more: Vec<u8>,
}

impl Joined {
    fn len(&self) -> usize {
        self.first.len() + self.more.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends `chunk`. The total length must not exceed `limit`, and no more than that is ever allocated.
    fn push(&mut self, chunk: Bytes, limit: usize) {
        if self.is_empty() {
            self.first = chunk;
            return;
        }
        if chunk.is_empty() {
            return;
        }
        let needed = self.len() + chunk.len();
        if needed > self.more.capacity() {
            // Doubles the capacity as `Vec` does, but never beyond the limit.
            let doubled = self.more.capacity().saturating_mul(2).min(limit);
            self.more
                .reserve_exact(needed.max(doubled) - self.more.len());
        }
        self.more.extend_from_slice(&mem::take(&mut self.first));
        self.more.extend_from_slice(&chunk);
    }

    fn join(&mut self) -> Bytes {
        if !self.more.is_empty() {
            self.first = Bytes::from(mem::take(&mut self.more));
        }
        self.first.clone()
    }

    fn take(&mut self) -> Bytes {
        self.join();
        mem::take(&mut self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_allocates_more_than_the_limit() {
        for limit in [1, 10, 1000, 65_537] {
            for chunk in [1, 3, 1000] {
                let mut joined = Joined::default();
                let mut all = Vec::new();
                while joined.len() + chunk <= limit {
                    let chunk = vec![all.len() as u8; chunk];
                    all.extend_from_slice(&chunk);
                    joined.push(chunk.into(), limit);
                    assert!(joined.more.capacity() <= limit);
                }
                assert_eq!(joined.take(), all);
                assert!(joined.is_empty());
            }
        }
    }

    #[test]
    fn ignores_empty_chunks() {
        let mut joined = Joined::default();
        joined.push(Bytes::new(), 0);
        assert!(joined.is_empty());
        for chunk in ["", "a", "", "b", ""] {
            joined.push(Bytes::from_static(chunk.as_bytes()), 2);
        }
        assert_eq!(joined.join(), "ab");
        assert_eq!(joined.take(), "ab");
    }
}
