//! Changes of single places in files.

/// Bytes that replace as many others.
#[derive(Debug)]
pub(super) struct Patch {
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}
