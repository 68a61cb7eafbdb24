//! Properties of any encoded or malformed input.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

proptest! {
    #[test]
    fn decodes_what_was_encoded(
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
    fn a_corrupt_byte_causes_no_panic_and_no_output_beyond_the_limit(
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
    fn accepts_the_same_deflate_as_flate2(
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
    fn any_bytes_decode_to_no_more_than_the_limit(
        coding in select(&CODINGS[..]),
        start: bool,
        bytes in vec(any::<u8>(), 0..200),
        limit in 0_usize..5_000,
    ) {
        let start = if start { &encode(coding, &[b"a"])[..4] } else { &[] };
        let bytes = [start, &bytes].concat();
        prop_assert!(decoded(&bytes, header(coding), limit).bytes.len() <= limit);
    }

    /// Both for encoded input and for any other bytes.
    #[test]
    fn a_limit_or_truncation_leaves_a_prefix(
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
            assert!(bytes.capacity() <= limit, "capacity for more than {limit}");
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
            prop_assert!(end != End::Failed, "truncated input is not malformed");
        }
    }
}
