//! The work of decoding zstd, computed from the headers of its blocks (RFC 8878, section 3.1.1).

use super::work::Work;

/// The work of beginning a frame, of beginning a block, and of building its tables.
const FRAME: usize = 24;
const BLOCK: usize = 4;
const COMPRESSED_BLOCK: usize = 8;
const LITERALS_TABLE: usize = 48;
const SEQUENCES_TABLE: usize = 320;

/// Returns the position of the first frame or block that exceeds the remaining work. `None` if there is none, or if the
/// input is malformed or truncated before it: the decoder ends there, too.
pub(super) fn unaffordable(input: &[u8], mut work: Work) -> Option<usize> {
    let mut rest = input;
    loop {
        if work.spend(FRAME).is_err() {
            return Some(input.len() - rest.len());
        }
        let (magic, behind) = rest.split_first_chunk()?;
        if u32::from_le_bytes(*magic) & !0xf == 0x184d_2a50 {
            let (size, behind) = behind.split_first_chunk()?;
            rest = behind.get(u32::from_le_bytes(*size) as usize..)?;
            continue;
        }
        let (descriptor, behind) = behind.split_first()?;
        let is_single_segment = descriptor & 0x20 != 0;
        let dictionary_id = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let content_size = match descriptor >> 6 {
            0 => usize::from(is_single_segment),
            bits => 1 << bits,
        };
        let window = usize::from(!is_single_segment);
        rest = behind.get(window + dictionary_id + content_size..)?;
        loop {
            const RLE: u32 = 1;
            const COMPRESSED: u32 = 2;

            let (&[a, b, c], behind) = rest.split_first_chunk()?;
            let head = u32::from_le_bytes([a, b, c, 0]);
            let (is_last, kind, size) = (head & 1 == 1, head >> 1 & 3, (head >> 3) as usize);
            let (content, behind) = behind.split_at_checked(if kind == RLE { 1 } else { size })?;
            let tables = if kind == COMPRESSED {
                COMPRESSED_BLOCK + tables(content).unwrap_or(0)
            } else {
                0
            };
            if work.spend(BLOCK + tables).is_err() {
                return Some(input.len() - rest.len());
            }
            rest = behind;
            if is_last {
                break;
            }
        }
        let checksum = usize::from(descriptor & 4);
        rest = rest.get(checksum..)?;
    }
}

/// Returns the work of the tables that a compressed block defines.
fn tables(block: &[u8]) -> Option<usize> {
    let number = |bytes: &[u8]| {
        let bytes = bytes.iter().rev();
        bytes.fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let first = *block.first()?;
    let (kind, format) = (first & 3, first >> 2 & 3);
    let (head, size) = match (kind, format) {
        (0 | 1, 0 | 2) => (1, usize::from(first >> 3)),
        (0 | 1, 1) => (2, number(block.get(..2)?) >> 4),
        (0 | 1, _) => (3, number(block.get(..3)?) >> 4),
        (_, 0 | 1) => (3, number(block.get(..3)?) >> 14),
        (_, 2) => (4, number(block.get(..4)?) >> 18),
        _ => (5, number(block.get(..5)?) >> 22),
    };
    // Literals of the kind RLE are stored as a single byte.
    let literals = if kind == 1 { 1 } else { size };
    let sequences = block.get(head + literals..)?;
    let of_literals = if kind == 2 { LITERALS_TABLE } else { 0 };
    let modes = match sequences.first()? {
        0 => return Some(of_literals),
        1..=127 => sequences.get(1)?,
        128..=254 => sequences.get(2)?,
        255 => sequences.get(3)?,
    };
    let is_described = |shift: &u8| modes >> shift & 3 == 2;
    let described = [2, 4, 6].iter().filter(|shift| is_described(shift)).count();
    Some(of_literals + described * SEQUENCES_TABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_or_block_past_the_work_is_found() {
        let block = |is_last: bool| [u8::from(is_last) | 1 << 3, 0, 0, b'a'];
        // Its size is 3, and it has blocks of a byte each, stored as they are.
        let frame = [
            &[0x28, 0xb5, 0x2f, 0xfd, 0x20, 3][..],
            &block(false),
            &block(false),
            &block(true),
        ]
        .concat();
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0][..], b"ab"].concat();
        let input = [&frame[..], &skipped, &frame].concat();
        let of_frame = |start: usize| {
            [
                (start, FRAME),
                (start + 6, BLOCK),
                (start + 10, BLOCK),
                (start + 14, BLOCK),
            ]
        };
        let skipped = [(18, FRAME)];
        let all = [&of_frame(0)[..], &skipped, &of_frame(28)].concat();
        let mut spent = 0;
        for (position, work) in all {
            for left in [0, work - 1] {
                assert_eq!(unaffordable(&input, Work(spent + left)), Some(position));
            }
            spent += work;
        }
        assert_eq!(unaffordable(&input, Work(spent + FRAME)), None);
    }

    #[test]
    fn the_work_of_a_block_is_that_of_the_tables_that_it_describes() {
        const SIZE: usize = 7;
        // The kind and the format of the literals, the length of their head, and the first bit of their size in it.
        for (kind, format, length, shift) in [
            (0, 2, 1, 3),
            (0, 1, 2, 4),
            (0, 3, 3, 4),
            (1, 2, 1, 3),
            (1, 1, 2, 4),
            (1, 3, 3, 4),
            (2, 0, 3, 14),
            (2, 1, 3, 14),
            (2, 2, 4, 18),
            (2, 3, 5, 22),
            (3, 0, 3, 14),
            (3, 3, 5, 22),
        ] {
            let head = (kind | format << 2 | SIZE << shift).to_le_bytes();
            let literals = vec![0xff; if kind == 1 { 1 } else { SIZE }];
            let of_literals = if kind == 2 { LITERALS_TABLE } else { 0 };
            for (sequences, described) in [
                (&[0][..], 0),
                (&[1, 0], 0),
                (&[127, 0b10_00_00_00], 1),
                (&[128, 0, 0b10_10_01_00], 2),
                (&[254, 0, 0b01_10_10_00], 2),
                (&[255, 0, 0, 0b10_10_10_00], 3),
            ] {
                let block = [&head[..length], &literals, sequences].concat();
                let work = of_literals + described * SEQUENCES_TABLE;
                assert_eq!(tables(&block), Some(work), "{kind} {format} {sequences:?}");
            }
        }
    }
}
