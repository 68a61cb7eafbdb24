//! What is special about each coding.

use super::*;

/// A block of brotli has more tables the more kinds of text it holds.
#[test]
fn decodes_blocks_of_brotli_with_tables_of_different_sizes() {
    let mut state = 1_u32;
    let mut noise = |alphabet: &[u8], len: usize| -> Vec<u8> {
        let random = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            alphabet[(state >> 16) as usize % alphabet.len()]
        };
        (0..len).map(random).collect()
    };
    let one = noise(b"abcd", 2000);
    let many: Vec<u8> = [
        &b"0123456789"[..],
        b"ABCDEF",
        b"xyz. ",
        b"{}[]\":,",
        b"\0\x01\xfe\xff",
    ]
    .iter()
    .flat_map(|alphabet| noise(alphabet, 8000))
    .collect();
    let data = [&one[..], &many, &one, &many].concat();
    let encoded = encode("br", &[&one, &many, &one, &many]);
    let undone = decoded(&encoded, "br", 1 << 20);
    assert!(*undone.bytes == data && undone.end == End::Whole);
}

#[test]
fn a_narrowed_window_changes_nothing_below_the_limit() {
    let data = prose(700_000);
    for bits in [10, 18, 24] {
        let mut encoded = Vec::new();
        brotli::CompressorWriter::new(&mut encoded, 4096, 5, bits)
            .write_all(&data)
            .expect("memory");
        for limit in [
            100,
            200_000,
            (1 << 18) - 17,
            (1 << 18) - 16,
            1 << 18,
            600_000,
            1 << 20,
        ] {
            let decoded = decoded(&encoded, "br", limit);
            let len = limit.min(data.len());
            assert!(
                *decoded.bytes == data[..len],
                "{bits} {limit} {:?}",
                decoded.end
            );
            assert_eq!(
                decoded.end == End::Whole,
                len == data.len(),
                "{bits} {limit}"
            );
        }
    }
}

#[test]
fn rejects_windows_larger_than_the_standards_allow() {
    // "Large window" brotli.
    let failed = decoded(&[0x11, 0x1e, 0, 0, 0, 0], "br", 100);
    assert_eq!((failed.bytes.len(), failed.end), (0, End::Failed));

    for (bits, end) in [(23, End::Whole), (24, End::Failed)] {
        let mut encoded = Vec::new();
        let mut encoder = zstd::stream::write::Encoder::new(&mut encoded, 1).expect("an encoder");
        encoder.window_log(bits).expect("an option");
        encoder.write_all(b"some text").expect("memory");
        encoder.flush().expect("memory");
        encoder.finish().expect("memory");
        assert_eq!(decoded(&encoded, "zstd", 100).end, end, "{bits}");
    }
}

#[test]
fn joins_members_of_gzip_and_frames_of_zstd() {
    for coding in ["gzip", "zstd"] {
        let two = [encode(coding, &[b"one, "]), encode(coding, &[b"two"])].concat();
        let joined = decoded(&two, coding, 100);
        assert_eq!((&*joined.bytes, joined.end), (&b"one, two"[..], End::Whole));
        let limited = decoded(&two, coding, 6);
        assert_eq!(
            (&*limited.bytes, limited.end),
            (&b"one, t"[..], End::Limited)
        );
    }
    let skipped = [
        &b"\x53\x2a\x4d\x18\x03\0\0\0abc"[..],
        &encode("zstd", &[b"text"]),
    ]
    .concat();
    assert_eq!(*decoded(&skipped, "zstd", 100).bytes, *b"text");
}

#[test]
fn rejects_the_formats_of_zstd_before_version_1() {
    for version in 0x22..=0x27 {
        let old = [&[version, 0xb5, 0x2f, 0xfd][..], &[0; 20]].concat();
        assert_eq!(decoded(&old, "zstd", 100).end, End::Failed);
    }
}

#[test]
fn skips_each_field_of_a_gzip_header() {
    let mut encoded = Vec::new();
    let mut encoder = flate2::GzBuilder::new()
        .extra(vec![0; 300])
        .filename("name")
        .comment("comment")
        .write(&mut encoded, flate2::Compression::fast());
    encoder.write_all(b"text").expect("memory");
    encoder.finish().expect("memory");
    assert_eq!(*decoded(&encoded, "x-gzip", 100).bytes, *b"text");

    encoded[3] |= 0x80;
    assert_eq!(decoded(&encoded, "gzip", 100).end, End::Failed);
}
