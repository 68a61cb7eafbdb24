//! Bodies as encoders make them.

use std::io::Write;

use super::measure::Body;

/// What encoders make of lines of JSON.
pub(crate) fn bodies() -> Vec<Body> {
    let lines = (0_u32..6_000).map(|n| {
        let id = n.wrapping_mul(2_654_435_761);
        format!("{{\"id\":{id},\"name\":\"Ada {n}\",\"active\":true}}\n")
    });
    let lines: String = lines.collect();
    let write = |mut to: Box<dyn Write + '_>| to.write_all(lines.as_bytes()).expect("memory");
    let (mut gzip, mut deflate, mut br, mut zstd) = Default::default();
    let level = flate2::Compression::default();
    write(Box::new(flate2::write::GzEncoder::new(&mut gzip, level)));
    write(Box::new(flate2::write::ZlibEncoder::new(
        &mut deflate,
        level,
    )));
    write(Box::new(brotli::CompressorWriter::new(
        &mut br, 4096, 5, 22,
    )));
    write(Box::new(
        zstd::stream::write::Encoder::new(&mut zstd, 3)
            .expect("an encoder")
            .auto_finish(),
    ));
    let bodies: [(_, Vec<u8>); 4] = [
        ("gzip", gzip),
        ("deflate", deflate),
        ("br", br),
        ("zstd", zstd),
    ];
    bodies
        .map(|(coding, content)| Body::coded("lines", coding, content))
        .into()
}
