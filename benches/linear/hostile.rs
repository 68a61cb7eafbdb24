//! Bodies that are coded so that decoding them takes long: of short blocks, each with as much to prepare as can be.

use super::measure::Body;

/// Encoded bodies of about this size.
pub(crate) fn bodies(size: usize) -> Vec<Body> {
    let bodies = contents(size).into_iter();
    bodies
        .map(|(what, coding, content)| Body::coded(what, coding, content))
        .collect()
}

/// What they consist of, and their coding.
fn contents(size: usize) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let repeat = |unit: &[u8]| unit.repeat(size / unit.len());
    let bits = |block: fn(&mut Bits)| blocks(size, Bits::default(), block);
    // A window of 64 KiB.
    let br = |count: u64, size: usize| {
        let mut bits = Bits::default();
        bits.put(0, 1);
        blocks(size, bits, |bits| codes(bits, count))
    };
    let after = |head: &[u8], blocks: Vec<u8>| [head, &blocks].concat();
    let members = |content: &[u8]| {
        let member = [b"\x1f\x8b\x08\0\0\0\0\0\0\xff", content, &[0; 8]].concat();
        repeat(&member)
    };
    let stacked = |unit: &[u8]| {
        let inner = repeat(unit);
        [
            &b"\0"[..],
            &(inner.len() as u16).to_le_bytes(),
            &(!(inner.len() as u16)).to_le_bytes(),
            &inner,
        ]
        .concat()
    };
    vec![
        ("empty members, fixed codes", "gzip", members(&[3, 0])),
        (
            "empty members, stored",
            "gzip",
            members(&[1, 0, 0, 0xff, 0xff]),
        ),
        ("empty members, own codes", "gzip", {
            let mut bits = Bits::default();
            bits.put(1, 1);
            short_codes(&mut bits, 0);
            members(&bits.bytes)
        }),
        (
            "empty blocks, fixed codes",
            "deflate",
            bits(|bits| bits.put(0b10, 10)),
        ),
        (
            "blocks of a byte",
            "deflate",
            bits(|bits| {
                bits.put(0b10, 3);
                bits.code(0x30 + 65, 8);
                bits.put(0, 7);
            }),
        ),
        (
            "empty blocks, stored",
            "deflate",
            repeat(&[0, 0, 0, 0xff, 0xff]),
        ),
        (
            "empty blocks, short codes",
            "deflate",
            bits(|bits| {
                bits.put(0, 1);
                short_codes(bits, 0);
            }),
        ),
        (
            "blocks of 11 bytes, short codes",
            "deflate",
            bits(|bits| {
                bits.put(0, 1);
                short_codes(bits, 11);
            }),
        ),
        (
            "empty blocks, long codes",
            "deflate",
            bits(|bits| {
                bits.put(0, 1);
                long_codes(bits, 0);
            }),
        ),
        ("bytes of long codes", "deflate", {
            let mut bits = Bits::default();
            bits.put(0, 1);
            long_codes(&mut bits, size / 2);
            bits.bytes
        }),
        (
            "stacked: stored in stored",
            "deflate, deflate",
            stacked(&[0, 0, 0, 0xff, 0xff]),
        ),
        ("empty metadata", "br", after(&[0x0c], repeat(&[0x06]))),
        (
            "blocks of a byte, stored",
            "br",
            after(&[0x0c], repeat(&[0, 0, 8, b'A'])),
        ),
        ("blocks of a byte, 1 code", "br", br(1, size)),
        ("blocks of a byte, 16 codes", "br", br(16, size)),
        ("blocks of a byte, 256 codes", "br", br(256, size)),
        ("blocks of a byte, 256 types", "br", {
            let mut bits = Bits::default();
            bits.put(0, 1);
            blocks(size, bits, types)
        }),
        ("blocks of a byte, and a fault", "br", {
            // The work that may be done suffices for as many.
            let mut body = br(1, size / 16);
            body.resize(size, 0xff);
            body
        }),
        (
            "empty frames",
            "zstd",
            repeat(b"\x28\xb5\x2f\xfd\x20\0\x01\0\0"),
        ),
        (
            "empty frames, large windows",
            "zstd",
            repeat(b"\x28\xb5\x2f\xfd\0\x68\x01\0\0"),
        ),
        (
            "empty frames, windows in turns",
            "zstd",
            repeat(b"\x28\xb5\x2f\xfd\0\x68\x01\0\0\x28\xb5\x2f\xfd\0\0\x01\0\0"),
        ),
        (
            "skipped frames",
            "zstd",
            repeat(b"\x50\x2a\x4d\x18\0\0\0\0"),
        ),
        ("empty blocks", "zstd", after(FRAME, repeat(&[0; 3]))),
        (
            "empty blocks, compressed",
            "zstd",
            after(FRAME, repeat(&[2 << 3 | 2 << 1, 0, 0, 0, 0])),
        ),
        (
            "blocks of a byte, a code",
            "zstd",
            after(FRAME, repeat(&literals())),
        ),
        (
            "blocks of 4 bytes, 3 tables",
            "zstd",
            after(FRAME, repeat(&sequence())),
        ),
    ]
}

/// A zstd frame's head, with a window of 8 MiB.
const FRAME: &[u8] = b"\x28\xb5\x2f\xfd\0\x68";

/// Written from the lowest bit of each byte on.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        for bit in 0..count {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> bit & 1) as u8) << (self.count % 8);
            }
            self.count += 1;
        }
    }

    /// A prefix code, the highest bit first.
    fn code(&mut self, code: u64, count: u32) {
        for bit in (0..count).rev() {
            self.put(code >> bit, 1);
        }
    }
}

fn blocks(size: usize, mut bits: Bits, block: impl Fn(&mut Bits)) -> Vec<u8> {
    while bits.bytes.len() < size {
        block(&mut bits);
    }
    bits.bytes
}

const ORDER: [u64; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// A deflate block with codes of its own, behind the bit that says whether it is the last: those of a zero byte and of
/// the end are of one bit.
fn short_codes(bits: &mut Bits, zeros: usize) {
    bits.put(2, 2);
    bits.put(0, 10);
    bits.put(14, 4);
    for symbol in &ORDER[..18] {
        bits.put(u64::from(matches!(symbol, 1 | 18)), 3);
    }
    bits.code(0, 1);
    for count in [138, 117] {
        bits.code(1, 1);
        bits.put(count - 11, 7);
    }
    for _ in 0..2 + zeros {
        bits.code(0, 1);
    }
    bits.code(1, 1);
}

/// Codes of all lengths: those of the byte 14, and of the end, are of 15 bits.
fn long_codes(bits: &mut Bits, longest: usize) {
    bits.put(2, 2);
    bits.put(0, 10);
    bits.put(15, 4);
    for symbol in ORDER {
        bits.put(if matches!(symbol, 1..=15 | 18) { 4 } else { 0 }, 3);
    }
    for length in 1..=15 {
        bits.code(length - 1, 4);
    }
    for count in [138, 103] {
        bits.code(15, 4);
        bits.put(count - 11, 7);
    }
    bits.code(14, 4);
    bits.code(0, 4);
    for _ in 0..longest {
        bits.code(0x7ffe, 15);
    }
    bits.code(0x7fff, 15);
}

/// A br block of one byte with so many codes for it.
fn codes(bits: &mut Bits, count: u64) {
    one_byte(bits);
    // With one type of block each, and distances without further bits.
    bits.put(0, 3 + 6);
    bits.put(0, 2);
    number(bits, count);
    if count > 1 {
        // All contexts have the first.
        bits.put(0, 1);
        only_symbol(bits, 0, (count - 1).ilog2() + 1);
        bits.put(0, 1);
    }
    bits.put(0, 1);
    for _ in 0..count {
        only_symbol(bits, 65, 8);
    }
    commands(bits);
}

/// A br block of one byte with as many types of literals as can be, each with a map of 64 contexts.
fn types(bits: &mut Bits) {
    one_byte(bits);
    number(bits, 256);
    only_symbol(bits, 0, 9);
    // Of lengths, of which the first is of one to four bytes.
    only_symbol(bits, 0, 5);
    bits.put(0, 2);
    bits.put(0, 2 + 6);
    bits.put(0, 2 * 256);
    bits.put(0, 2);
    only_symbol(bits, 65, 8);
    commands(bits);
}

/// The head of a br block of one byte: not the last, and not stored.
fn one_byte(bits: &mut Bits) {
    bits.put(0, 3);
    bits.put(0, 17);
}

/// How many there are of something, from one to 256.
fn number(bits: &mut Bits, count: u64) {
    if count == 1 {
        bits.put(0, 1);
    } else {
        let log = (count - 1).ilog2();
        bits.put(1, 1);
        bits.put(log.into(), 3);
        bits.put(count - 1 - (1 << log), log);
    }
}

/// A code of one symbol, which has so many bits.
fn only_symbol(bits: &mut Bits, symbol: u64, count: u32) {
    bits.put(1, 4);
    bits.put(symbol, count);
}

/// The codes to insert one byte, and of any distance.
fn commands(bits: &mut Bits) {
    only_symbol(bits, 8, 10);
    only_symbol(bits, 0, 6);
}

/// A compressed zstd block.
fn block(content: &[u8]) -> Vec<u8> {
    let head = (content.len() as u32) << 3 | 2 << 1;
    [&head.to_le_bytes()[..3], content].concat()
}

/// One of a byte, which has a code in which others have 11 bits.
fn literals() -> Vec<u8> {
    let code = [127 + 11, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0b11];
    let head = (code.len() as u32) << 14 | 1 << 4 | 2;
    block(&[&head.to_le_bytes()[..3], &code, &[0]].concat())
}

/// One of a byte that is repeated thrice, with tables of as many states as can be.
fn sequence() -> Vec<u8> {
    let raw_byte = [1 << 3, b'A'];
    let one_sequence = [1, 0b10_10_10_00];
    // Of 512, 256 and 512 states, of which one of two symbols has all but one.
    let tables = [0x24, 0xe0, 0x7f, 0xe3, 0x7f, 0xe4, 0xff];
    let states = (1_u32 << 26 | 1 << 17).to_le_bytes();
    block(&[&raw_byte[..], &one_sequence, &tables, &states].concat())
}
