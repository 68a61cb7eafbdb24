use std::io::Write;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

const CODINGS: [&str; 5] = ["gzip", "deflate", "raw", "br", "zstd"];

/// `raw` is sent as `deflate`, too.
fn header(coding: &str) -> &str {
    if coding == "raw" {
        "deflate"
    } else {
        coding
    }
}

fn encode(coding: &str, chunks: &[&[u8]]) -> Vec<u8> {
    fn write(mut to: impl Write, chunks: &[&[u8]]) {
        for chunk in chunks {
            to.write_all(chunk).expect("memory");
            to.flush().expect("memory");
        }
    }
    let level = flate2::Compression::best();
    let mut out = Vec::new();
    match coding {
        "gzip" => write(flate2::write::GzEncoder::new(&mut out, level), chunks),
        "deflate" => write(flate2::write::ZlibEncoder::new(&mut out, level), chunks),
        "raw" => write(flate2::write::DeflateEncoder::new(&mut out, level), chunks),
        "br" => write(brotli::CompressorWriter::new(&mut out, 4096, 5, 22), chunks),
        "zstd" => {
            let mut encoder = zstd::stream::write::Encoder::new(&mut out, 3).expect("an encoder");
            encoder.include_checksum(true).expect("an option");
            write(encoder.auto_finish(), chunks);
        }
        _ => unreachable!(),
    }
    out
}

#[track_caller]
fn decoded<'a>(input: &'a [u8], codings: &str, limit: usize) -> Decoded<'a> {
    Codings::named([codings.as_bytes()])
        .expect("known codings")
        .undo(input, limit)
}

/// Text that compresses well, with references near and far.
fn prose(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut prose = Vec::new();
    while prose.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let from = state as usize % (prose.len() + 1);
        if state >> 28 < 10 && prose.len() - from > 12 {
            prose.extend_from_within(from..from + 12);
        } else {
            write!(prose, "{state} is number {}; ", prose.len()).expect("memory");
        }
    }
    prose.truncate(len);
    prose
}

#[test]
fn every_coding_comes_back_whole() {
    let data = prose(100_000);
    for coding in CODINGS {
        let encoded = encode(coding, &[&data]);
        let decoded = decoded(&encoded, header(coding), 1 << 20);
        assert!(
            decoded.bytes == data && decoded.end == End::Whole,
            "{coding}"
        );
    }
}

#[test]
fn a_limit_of_just_the_size_is_not_a_limit() {
    let data = prose(70_000);
    for coding in CODINGS {
        let encoded = encode(coding, &[&data]);
        for (limit, end) in [
            (data.len() + 1, End::Whole),
            (data.len(), End::Whole),
            (data.len() - 1, End::Limited),
            (32 * 1024, End::Limited),
            (1, End::Limited),
            (0, End::Limited),
        ] {
            let decoded = decoded(&encoded, header(coding), limit);
            assert_eq!(decoded.end, end, "{coding} {limit}");
            assert!(
                *decoded.bytes == data[..limit.min(data.len())],
                "{coding} {limit}"
            );
        }
    }
}

#[test]
fn stacked_codings_are_undone_from_the_last_to_the_first() {
    let data = prose(5_000);
    let gzip = encode("gzip", &[&data]);
    let both = encode("br", &[&gzip]);
    assert_eq!(decoded(&both, "gzip, br", 1 << 20).bytes, data);
    let values = [&b"gzip"[..], b" identity ,BR"];
    let codings = Codings::named(values).expect("known codings");
    assert_eq!(codings.undo(&both, 1 << 20).bytes, data);
    assert_eq!(codings.to_string(), "gzip, br");
    assert_eq!(decoded(&both, "br, gzip", 1 << 20).end, End::Failed);
}

#[test]
fn a_cut_anywhere_leaves_a_prefix() {
    let data = prose(6_000);
    for codings in [
        &["gzip"][..],
        &["deflate"],
        &["raw"],
        &["br"],
        &["zstd"],
        &["gzip", "br"],
    ] {
        let mut encoded = data.clone();
        let mut value = String::new();
        for coding in codings {
            let (first, second) = encoded.split_at(encoded.len() / 2);
            encoded = encode(coding, &[first, second]);
            value = format!("{value}, {}", header(coding));
        }
        let mut longest = 0;
        for cut in 0..encoded.len() {
            let decoded = decoded(&encoded[..cut], &value, 1 << 20);
            assert_eq!(decoded.end, End::Cut, "{value} cut at {cut}");
            assert!(data.starts_with(&decoded.bytes), "{value} cut at {cut}");
            assert!(decoded.bytes.len() >= longest, "{value} cut at {cut}");
            longest = decoded.bytes.len();
        }
        assert!(longest >= data.len() / 2, "{value}: {longest}");
    }
}

#[test]
fn bombs_cost_no_more_than_the_limit() {
    let zeros = vec![0; 10 << 20];
    let limit = 32 * 1024;
    for coding in CODINGS {
        let bomb = encode(coding, &[&zeros]);
        assert!(bomb.len() < 16 << 10, "{coding}: {}", bomb.len());
        let Decoded { bytes, end } = decoded(&bomb, header(coding), limit);
        let bytes = bytes.into_owned();
        assert_eq!(end, End::Limited, "{coding}");
        assert_eq!((bytes.len(), bytes.capacity()), (limit, limit), "{coding}");
    }
    let twice = encode("gzip", &[&encode("gzip", &[&zeros])]);
    let Decoded { bytes, end } = decoded(&twice, "gzip, gzip", limit);
    assert_eq!((bytes.len(), end), (limit, End::Limited));
}

#[test]
fn small_outputs_take_small_room() {
    let encoded = encode("gzip", &[b"{}"]);
    let bytes = decoded(&encoded, "gzip", usize::MAX).bytes.into_owned();
    assert!(bytes.capacity() <= 16, "{}", bytes.capacity());
}

#[test]
fn a_narrowed_window_changes_nothing_below_the_limit() {
    let data = prose(700_000);
    for bits in [10, 18, 24] {
        let mut encoded = Vec::new();
        brotli::CompressorWriter::new(&mut encoded, 4096, 5, bits)
            .write_all(&data)
            .expect("known codings");
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
fn windows_past_the_standards_are_refused() {
    // "Large window" brotli.
    let failed = decoded(&[0x11, 0x1e, 0, 0, 0, 0], "br", 100);
    assert_eq!((failed.bytes.len(), failed.end), (0, End::Failed));

    for (bits, end) in [(23, End::Whole), (24, End::Failed)] {
        let mut encoded = Vec::new();
        let mut encoder =
            zstd::stream::write::Encoder::new(&mut encoded, 1).expect("known codings");
        encoder.window_log(bits).expect("known codings");
        encoder.write_all(b"some text").expect("known codings");
        encoder.flush().expect("known codings");
        encoder.finish().expect("known codings");
        assert_eq!(decoded(&encoded, "zstd", 100).end, end, "{bits}");
    }
}

#[test]
fn members_and_frames_are_joined() {
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
fn zstd_of_before_its_first_version_is_not_read() {
    for version in 0x22..=0x27 {
        let old = [&[version, 0xb5, 0x2f, 0xfd][..], &[0; 20]].concat();
        assert_eq!(decoded(&old, "zstd", 100).end, End::Failed);
    }
}

#[test]
fn every_field_of_a_gzip_header_is_passed_over() {
    let mut encoded = Vec::new();
    let mut encoder = flate2::GzBuilder::new()
        .extra(vec![0; 300])
        .filename("name")
        .comment("comment")
        .write(&mut encoded, flate2::Compression::fast());
    encoder.write_all(b"text").expect("known codings");
    encoder.finish().expect("known codings");
    assert_eq!(*decoded(&encoded, "x-gzip", 100).bytes, *b"text");

    encoded[3] |= 0x80;
    assert_eq!(decoded(&encoded, "gzip", 100).end, End::Failed);
}

#[test]
fn what_came_before_a_fault_is_kept() {
    let (first, second) = (prose(3_000), vec![b'x'; 3_000]);
    for coding in CODINGS {
        let clean = encode(coding, &[&first, &second]);

        let trailing = [&clean[..], b"\0garbage"].concat();
        let kept = decoded(&trailing, header(coding), 1 << 20);
        assert_eq!(
            (kept.bytes.len(), kept.end),
            (6_000, End::Failed),
            "{coding}"
        );

        // Checksums are at the end.
        if !["raw", "br"].contains(&coding) {
            let mut wrong = clean.clone();
            *wrong.last_mut().expect("known codings") ^= 1;
            let kept = decoded(&wrong, header(coding), 1 << 20);
            assert_eq!(
                (kept.bytes.len(), kept.end),
                (6_000, End::Failed),
                "{coding}"
            );
        }
        // What was flushed comes out whatever follows.
        let head = encode(coding, &[&first]);
        let same = clean.iter().zip(&head).take_while(|(a, b)| a == b).count();
        let broken = [&clean[..same], &[0xff; 64]].concat();
        let kept = decoded(&broken, header(coding), 1 << 20);
        assert!(kept.bytes.len() >= 2_900, "{coding}: {}", kept.bytes.len());
        assert!(kept.bytes.starts_with(&first[..2_900]), "{coding}");
    }
}

#[test]
fn no_coding_borrows_the_input() {
    for value in ["", "identity", " , Identity,"] {
        let codings = Codings::named([value.as_bytes()]).expect("known codings");
        assert!(codings.is_empty());
        let decoded = codings.undo(b"text", 100);
        assert!(matches!(decoded.bytes, Cow::Borrowed(b"text")));
        assert_eq!(decoded.end, End::Whole);
    }
}

#[test]
fn unknown_codings_and_too_many_are_none() {
    for value in [&b"gzip, compress"[..], b"a\xff", b"gzip,br,zstd,gzip,gzip"] {
        assert!(Codings::named([value]).is_none());
    }
}

proptest! {
    #[test]
    fn what_was_encoded_comes_back(
        chunks in vec(vec(any::<u8>(), 0..300), 0..6),
        repeat in 1_usize..50,
        codings in vec(select(&CODINGS[..]), 1..=MAX_CODINGS),
        seed: u64,
    ) {
        let chunks: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.repeat(repeat)).collect();
        let data = chunks.concat();
        let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| &chunk[..]).collect();
        let mut encoded = encode(codings[0], &chunks);
        for (round, coding) in codings.iter().enumerate().skip(1) {
            let at = (seed as usize >> (8 * round)) % (encoded.len() + 1);
            encoded = encode(coding, &[&encoded[..at], &encoded[at..]]);
        }
        let value = codings.iter().map(|coding| header(coding)).collect::<Vec<_>>().join(",");
        let decoded = decoded(&encoded, &value, 1 << 20);
        prop_assert_eq!(decoded.end, End::Whole);
        prop_assert!(decoded.bytes == data);
    }

    #[test]
    fn a_corrupt_byte_neither_panics_nor_passes_the_limit(
        coding in select(&CODINGS[..]),
        at: prop::sample::Index,
        to: u8,
        limit in 0_usize..5_000,
    ) {
        let mut encoded = encode(coding, &[&prose(2_000), &[b'x'; 2_000]]);
        let at = at.index(encoded.len());
        encoded[at] = to;
        let bytes = decoded(&encoded, header(coding), limit).bytes.into_owned();
        prop_assert!(bytes.len() <= limit && bytes.capacity() <= limit.max(8));
    }

    #[test]
    fn any_bytes_decode_to_something_below_the_limit(
        coding in select(&CODINGS[..]),
        start: bool,
        bytes in vec(any::<u8>(), 0..200),
        limit in 0_usize..5_000,
    ) {
        let start = if start { &encode(coding, &[b"a"])[..4] } else { &[] };
        let bytes = [start, &bytes].concat();
        prop_assert!(decoded(&bytes, header(coding), limit).bytes.len() <= limit);
    }
}
