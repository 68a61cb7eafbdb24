//! The output of a decoder.

use super::work::End;

/// Decoded bytes up to a limit, which the allocation does not exceed either.
#[derive(Debug)]
pub(super) struct Output {
    bytes: Vec<u8>,
    limit: usize,
}

impl Output {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn from(&self, start: usize) -> &[u8] {
        &self.bytes[start..]
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    #[inline]
    pub(super) fn push(&mut self, byte: u8) -> Result<(), End> {
        let capacity = self.bytes.capacity().min(self.limit);
        if self.bytes.len() == capacity && self.reserve(1) == 0 {
            return Err(End::Limited);
        }
        self.bytes.push(byte);
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), End> {
        let fitting = self.reserve(bytes.len());
        self.bytes.extend_from_slice(&bytes[..fitting]);
        limited(fitting < bytes.len())
    }

    /// Appends `length` bytes copied from `start` on. The copy may extend into the bytes that it appends.
    pub(super) fn repeat(&mut self, start: usize, length: usize) -> Result<(), End> {
        let fitting = self.reserve(length);
        let mut left = fitting;
        while left > 0 {
            let some = left.min(self.bytes.len() - start);
            self.bytes.extend_from_within(start..start + some);
            left -= some;
        }
        limited(fitting < length)
    }

    /// Reserves capacity for `more` bytes, or for as many as fit below the limit. Returns their number.
    fn reserve(&mut self, more: usize) -> usize {
        let fitting = more.min(self.limit - self.bytes.len());
        let needed = self.bytes.len() + fitting;
        if needed > self.bytes.capacity() {
            let doubled = self.bytes.capacity().saturating_mul(2).max(8);
            let capacity = doubled.min(self.limit).max(needed);
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        fitting
    }
}

fn limited(is_limited: bool) -> Result<(), End> {
    if is_limited {
        Err(End::Limited)
    } else {
        Ok(())
    }
}
