//! The coding `deflate`: zlib (RFC 1950) by the standard, but some senders use raw deflate (RFC 1951).

use super::{
    bits::Bits,
    inflate::Inflate,
    output::Output,
    work::{End, Work},
};

pub(super) fn undo(input: &[u8], output: &mut Output, work: &mut Work) -> Result<(), End> {
    const DICTIONARY: u8 = 0x20;
    // The first two bytes distinguish the two, as in browsers.
    let &[first, second, ref behind @ ..] = input else {
        return Err(End::Cut);
    };
    let is_zlib = first & 0x8f == 8 && u16::from_be_bytes([first, second]) % 31 == 0;
    if is_zlib && second & DICTIONARY != 0 {
        return Err(End::Failed);
    }
    let mut content = Bits::of(if is_zlib { behind } else { input });
    Inflate::default().stream(&mut content, output, work)?;
    let mut rest = content.bytes();
    if is_zlib {
        let (checksum, behind) = rest.split_first_chunk().ok_or(End::Cut)?;
        if u32::from_be_bytes(*checksum) != adler32(output.from(0)) {
            return Err(End::Failed);
        }
        rest = behind;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(End::Failed)
    }
}

fn adler32(bytes: &[u8]) -> u32 {
    const PRIME: u32 = 65_521;
    // The most bytes that can be added before a sum overflows.
    const BATCH: usize = 5552;
    let (mut sum, mut of_sums) = (1, 0);
    for batch in bytes.chunks(BATCH) {
        for byte in batch {
            sum += u32::from(*byte);
            of_sums += sum;
        }
        sum %= PRIME;
        of_sums %= PRIME;
    }
    of_sums << 16 | sum
}

#[cfg(test)]
mod tests {
    use super::adler32;

    #[test]
    fn sums_neither_overflow_nor_forget_a_batch() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(&[0xff; 20_000]), 0x9f51_d664);
    }
}
