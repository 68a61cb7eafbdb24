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

/// Blocks of deflate that each take long to prepare, and of which nothing comes: 40 of them, from and to a
/// byte's edge.
fn hostile_blocks() -> Vec<u8> {
    let (mut bits, mut block) = (Vec::new(), Vec::new());
    let put = |bits: &mut Vec<bool>, value: u32, count: u32| {
        bits.extend((0..count).map(|bit| value >> bit & 1 == 1));
    };
    // With codes of its own: of 257 symbols, and a distance; 18 lengths are those of the lengths.
    put(&mut block, 0b100, 3);
    put(&mut block, 14 << 10, 14);
    // Those of `a length of 1` and of `many of 0` are 1.
    put(&mut block, 1 << 6, 9);
    block.resize(block.len() + 42, false);
    put(&mut block, 1, 3);
    // Lengths of 1 are those of a zero byte, of the end, and of a distance.
    put(&mut block, 0, 1);
    put(&mut block, 1 | 127 << 1 | 1 << 8 | (117 - 11) << 9, 16);
    put(&mut block, 0b100, 3);
    for _ in 0..40 {
        bits.extend_from_slice(&block);
    }
    bits.chunks(8)
        .map(|byte| {
            byte.iter()
                .rev()
                .fold(0, |sum, bit| sum << 1 | u8::from(*bit))
        })
        .collect()
}

/// A block of deflate that is not the last, and holds these bytes as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("few bytes");
    let lengths = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    [b"\0", &lengths[..], bytes].concat()
}

const END: &[u8] = b"\x01\x03\0\xfc\xffend";

#[test]
fn blocks_that_are_nothing_but_work_are_a_fault() {
    let few = [&stored(b"begin"), &hostile_blocks(), END].concat();
    let undone = decoded(&few, "deflate", 100);
    assert_eq!((&*undone.bytes, undone.end), (&b"beginend"[..], End::Whole));

    let many = [&stored(b"begin"), &hostile_blocks().repeat(30), END].concat();
    let undone = decoded(&many, "deflate", 100);
    assert_eq!((&*undone.bytes, undone.end), (&b"begin"[..], End::Failed));
}

#[test]
fn codings_on_codings_may_be_no_more_work_than_one() {
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
fn what_encoders_make_of_short_pieces_is_not_too_much_work() {
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

/// A block of brotli has more tables the more kinds of text it holds.
#[test]
fn blocks_of_brotli_may_need_tables_of_other_sizes_than_before() {
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

    /// flate2 reads what ours does, and nothing else.
    #[test]
    fn deflate_is_what_a_library_reads(
        level in 0_u32..10,
        len in 0_usize..3_000,
        chunk in 1_usize..2_000,
        changes in vec(any::<(prop::sample::Index, u8)>(), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
        for chunk in prose(len).chunks(chunk) {
            encoder.write_all(chunk).expect("memory");
            encoder.flush().expect("memory");
        }
        let mut encoded = encoder.finish().expect("memory");
        for (at, bit) in changes {
            let at = at.index(encoded.len());
            encoded[at] ^= 1 << (bit % 8);
        }
        encoded.truncate(cut.map_or(encoded.len(), |cut| cut.index(encoded.len())));

        let mut expected = vec![0; 1 << 20];
        let mut library = flate2::Decompress::new(false);
        let status = library.decompress(&encoded, &mut expected, flate2::FlushDecompress::Finish);
        expected.truncate(library.total_out() as usize);
        let reads_all = matches!(status, Ok(flate2::Status::StreamEnd));

        let (mut output, mut work) = (output::Output::new(1 << 20), Work(usize::MAX));
        let mut bits = bits::Bits::of(&encoded);
        let inflated = inflate::Inflate::default().stream(&mut bits, &mut output, &mut work);
        prop_assert_eq!(inflated.is_ok(), reads_all, "{:?} {:?}", inflated, status);
        if reads_all {
            prop_assert!(output.into_bytes() == expected);
            prop_assert_eq!(encoded.len() - bits.bytes().len(), library.total_in() as usize);
        }
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

    /// Of what was encoded, and of any other bytes.
    #[test]
    fn a_limit_or_a_cut_leaves_a_beginning(
        codings in vec(select(&CODINGS[..]), 0..=3),
        plain in vec(any::<u8>(), 0..300),
        repeat in 1_usize..300,
        change in prop::option::of(any::<(prop::sample::Index, u8)>()),
        claimed in select(&CODINGS[..]),
        limit in select(&[0, 1, 7, 100, 4096, 32 * 1024, 300 * 1024][..]),
        cut: prop::sample::Index,
    ) {
        let plain = plain.repeat(repeat);
        let is_encoded = !codings.is_empty();
        let mut input = plain.clone();
        for coding in &codings {
            input = encode(coding, &[&input]);
        }
        if let Some((at, to)) = change.filter(|_| !input.is_empty()) {
            let at = at.index(input.len());
            input[at] = to;
        }
        let codings = if is_encoded { codings } else { vec![claimed] };
        let value = codings.iter().map(|coding| header(coding)).collect::<Vec<_>>().join(", ");
        let undone = |input: &[u8], limit: usize| {
            let Decoded { bytes, end } = decoded(input, &value, limit);
            let bytes = bytes.into_owned();
            assert!(bytes.capacity() <= limit, "room for more than {limit}");
            (bytes, end)
        };

        let (all, all_end) = undone(&input, 1 << 20);
        let (limited, end) = undone(&input, limit);
        prop_assert!(all.starts_with(&limited));
        if let [_] = codings[..] {
            prop_assert_eq!(limited.len(), all.len().min(limit));
            prop_assert_eq!(end, if all.len() > limit { End::Limited } else { all_end });
        }
        let (beginning, end) = undone(&input[..cut.index(input.len() + 1)], 1 << 20);
        prop_assert!(all.starts_with(&beginning));
        if is_encoded && change.is_none() {
            prop_assert!(all == plain && all_end == End::Whole, "{:?}", all_end);
            prop_assert!(end != End::Failed, "a cut is no fault");
        }
    }
}
