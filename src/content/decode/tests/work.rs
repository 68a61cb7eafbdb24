//! The budget of work.

use super::*;

/// Appends so many bits of a value, the lowest first.
fn put(bits: &mut Vec<bool>, value: u32, count: u32) {
    bits.extend((0..count).map(|bit| value >> bit & 1 == 1));
}

fn bytes(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8)
        .map(|byte| {
            byte.iter()
                .rev()
                .fold(0, |sum, bit| sum << 1 | u8::from(*bit))
        })
        .collect()
}

/// Returns 40 blocks of deflate with tables that take long to build, and no output. They begin and end at a byte boundary.
fn hostile_blocks() -> Vec<u8> {
    let mut block = Vec::new();
    // A block with its own codes: 257 symbols, one distance, and 18 lengths of code lengths.
    put(&mut block, 0b100, 3);
    put(&mut block, 14 << 10, 14);
    // The code lengths of the symbols "length 1" and "many lengths of 0" are 1.
    put(&mut block, 1 << 6, 9);
    block.resize(block.len() + 42, false);
    put(&mut block, 1, 3);
    // The symbols with length 1: a zero byte, the end of the block, and one distance.
    put(&mut block, 0, 1);
    put(&mut block, 1 | 127 << 1 | 1 << 8 | (117 - 11) << 9, 16);
    put(&mut block, 0b100, 3);
    bytes(&block.repeat(40))
}

/// Returns so many blocks of br that write eight bytes, with three codes of one symbol each.
fn br_blocks(count: usize) -> Vec<u8> {
    let mut block = Vec::new();
    // Not the last, of eight bytes, with one type of each kind.
    put(&mut block, 7 << 3, 20);
    put(&mut block, 0, 9 + 2 + 2);
    // The byte `A`, to insert eight bytes, and any distance.
    for (symbol, bits) in [(65, 8), (7 << 3, 10), (0, 6)] {
        put(&mut block, 1, 4);
        put(&mut block, symbol, bits);
    }
    // Eight, rather than nine.
    put(&mut block, 0, 1);
    let mut stream = vec![false];
    stream.extend(block.repeat(count));
    // The last, which is empty.
    stream.extend([true, true]);
    bytes(&stream)
}

/// Returns a block of deflate that stores these bytes uncompressed, and is not the last.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("few bytes");
    let lengths = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    [b"\0", &lengths[..], bytes].concat()
}

/// The last block, which stores `end`.
const END: &[u8] = b"\x01\x03\0\xfc\xffend";

#[test]
fn fails_at_blocks_that_exceed_the_budget_of_work() {
    let few = [&stored(b"begin"), &hostile_blocks(), END].concat();
    let undone = decoded(&few, "deflate", 100);
    assert_eq!((&*undone.bytes, undone.end), (&b"beginend"[..], End::Whole));

    let many = [&stored(b"begin"), &hostile_blocks().repeat(30), END].concat();
    let undone = decoded(&many, "deflate", 100);
    assert_eq!((&*undone.bytes, undone.end), (&b"begin"[..], End::Failed));
}

#[test]
fn fails_at_blocks_of_br_that_exceed_the_budget_of_work() {
    let stored = |count| [&[0x0c], &[0, 0, 8, b'A'].repeat(count)[..], &[3]].concat();
    let empty = |count| [&[0x0c], &[6].repeat(count)[..], &[3]].concat();
    for (few, written) in [(br_blocks(10), 80), (stored(10), 10), (empty(10), 0)] {
        let undone = decoded(&few, "br", 100);
        assert_eq!(
            (&*undone.bytes, undone.end),
            (&vec![b'A'; written][..], End::Whole)
        );
    }
    for many in [br_blocks(1_000), stored(10_000), empty(10_000)] {
        assert_eq!(decoded(&many, "br", 1 << 20).end, End::Failed);
    }
}

#[test]
fn several_codings_share_the_budget_of_work_of_one() {
    let noise: Vec<u8> = prose(30_000)
        .chunks(5)
        .map(|it| {
            it.iter()
                .fold(0, |sum: u8, byte| sum.wrapping_mul(31) ^ byte)
        })
        .collect();
    let hostile = [&stored(&noise), &hostile_blocks().repeat(3), END].concat();
    assert_eq!(decoded(&hostile, "deflate", 1 << 20).end, End::Whole);
    let stacked = encode("gzip", &[&hostile]);
    assert_eq!(decoded(&stacked, "deflate, gzip", 1 << 20).end, End::Failed);
}

#[test]
fn the_budget_of_work_suffices_for_the_short_blocks_of_encoders() {
    let data = prose(30_000);
    let pieces: Vec<&[u8]> = data.chunks(4_000).collect();
    for coding in CODINGS {
        let encoded = encode(coding, &pieces);
        let undone = decoded(&encoded, header(coding), 1 << 20);
        assert!(
            *undone.bytes == data && undone.end == End::Whole,
            "{coding}"
        );
    }
}

#[test]
fn the_budget_of_work_suffices_for_each_quality_of_br() {
    let data = [
        prose(6_000),
        r#"{"id":17,"name":"Ada"},"#.repeat(100).into(),
        prose(4_000),
    ]
    .concat();
    for quality in 0..=11 {
        let mut encoded = Vec::new();
        brotli::CompressorWriter::new(&mut encoded, 4096, quality, 22)
            .write_all(&data)
            .expect("memory");
        let undone = decoded(&encoded, "br", 1 << 20);
        assert!(
            *undone.bytes == data && undone.end == End::Whole,
            "{quality}"
        );
    }
}
