//! Decoding of all codings, with limits and malformed input.

mod codings;
mod properties;
mod work;

use std::io::Write;

use super::*;

const CODINGS: [&str; 5] = ["gzip", "deflate", "raw", "br", "zstd"];

/// Returns the `Content-Encoding` of a coding: some senders use raw deflate as `deflate`.
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
fn decodes_each_coding() {
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
fn reports_the_limit_only_if_bytes_are_beyond_it() {
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
fn decodes_several_codings_from_the_last_to_the_first() {
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
fn decodes_a_prefix_of_truncated_input() {
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
fn decompression_bombs_take_no_more_memory_than_the_limit() {
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
fn allocates_little_for_a_short_output() {
    let encoded = encode("gzip", &[b"{}"]);
    let bytes = decoded(&encoded, "gzip", usize::MAX).bytes.into_owned();
    assert!(bytes.capacity() <= 16, "{}", bytes.capacity());
}

#[test]
fn keeps_the_output_before_malformed_bytes() {
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
            *wrong.last_mut().expect("a checksum") ^= 1;
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
fn borrows_the_input_if_there_is_no_coding() {
    for value in ["", "identity", " , Identity,"] {
        let codings = Codings::named([value.as_bytes()]).expect("known codings");
        assert!(codings.is_empty());
        let decoded = codings.undo(b"text", 100);
        assert!(matches!(decoded.bytes, Cow::Borrowed(b"text")));
        assert_eq!(decoded.end, End::Whole);
    }
}

#[test]
fn rejects_unknown_codings_and_more_than_the_maximum() {
    for value in [&b"gzip, compress"[..], b"a\xff", b"gzip,br,zstd,gzip,gzip"] {
        assert!(Codings::named([value]).is_none());
    }
}
