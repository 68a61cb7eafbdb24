//! gzip (RFC 1952), of any number of members.

use super::{
    bits::Bits,
    inflate::Inflate,
    output::Output,
    work::{End, Work},
};

pub(super) fn undo(input: &[u8], output: &mut Output, work: &mut Work) -> Result<(), End> {
    let mut inflate = Inflate::default();
    let mut rest = input;
    loop {
        let start = output.len();
        let mut content = Bits::of(&rest[header_len(rest)?..]);
        inflate.stream(&mut content, output, work)?;
        let Some((&[a, b, c, d, e, f, g, h], behind)) = content.bytes().split_first_chunk() else {
            return Err(End::Cut);
        };
        let content = output.from(start);
        if u32::from_le_bytes([a, b, c, d]) != crc32fast::hash(content)
            // The standard stores the length modulo 2^32.
            || u32::from_le_bytes([e, f, g, h]) != content.len() as u32
        {
            return Err(End::Failed);
        }
        if behind.is_empty() {
            return Ok(());
        }
        rest = behind;
    }
}

/// Returns the length of a member's header.
fn header_len(bytes: &[u8]) -> Result<usize, End> {
    const FIXED: [u8; 3] = [0x1f, 0x8b, 8];
    const CHECKSUM: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;

    if bytes.iter().zip(&FIXED).any(|(byte, fixed)| byte != fixed) {
        return Err(End::Failed);
    }
    let Some(&flags) = bytes.get(3) else {
        return Err(End::Cut);
    };
    if flags & RESERVED != 0 {
        return Err(End::Failed);
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
    len().ok_or(End::Cut)
}
