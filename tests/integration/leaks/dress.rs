//! What bodies go over the wire in: charsets, codings and framings.

use std::io::Write as _;

use flate2::{
    write::{GzEncoder, ZlibEncoder},
    Compression,
};

use super::documents::{iso_8859_1, utf_16};

/// How text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    /// Behind a byte order mark, which nothing else announces.
    Utf16,
    /// Behind a byte order mark, big-endian.
    Utf16Be,
    Iso8859,
    /// ISO 8859-1 that is said to be something that nobody knows.
    Unknown,
}

impl Charset {
    pub const ALL: [Self; 5] = [
        Self::Utf8,
        Self::Utf16,
        Self::Utf16Be,
        Self::Iso8859,
        Self::Unknown,
    ];

    pub fn is_understood(self) -> bool {
        self != Self::Unknown
    }

    pub fn encode(self, utf_8: Vec<u8>) -> Vec<u8> {
        match (self, std::str::from_utf8(&utf_8)) {
            (Self::Utf16, Ok(text)) => utf_16(text, false),
            (Self::Utf16Be, Ok(text)) => utf_16(text, true),
            (Self::Iso8859 | Self::Unknown, Ok(text)) => iso_8859_1(text),
            _ => utf_8,
        }
    }

    /// The parameter of the media type.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf16 => "",
            Self::Utf16Be => "; charset=utf-16",
            Self::Iso8859 => "; charset=\"ISO-8859-1\"",
            Self::Unknown => "; charset=klingon",
        }
    }
}

/// What is said, and true, of how bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Identity,
    Gzip,
    Deflate,
    Br,
    Zstd,
    /// gzip, and br on top of it.
    Stacked,
    /// Nothing is compressed, and it is said that it was in a way that nobody knows.
    Unknown,
    /// Nothing is compressed, and it is said to be.
    Feigned,
    /// gzip, of which nothing is said.
    Concealed,
    /// gzip, the end of which is missing.
    Cut,
}

impl Coding {
    pub const ALL: [Self; 10] = [
        Self::Identity,
        Self::Gzip,
        Self::Deflate,
        Self::Br,
        Self::Zstd,
        Self::Stacked,
        Self::Unknown,
        Self::Feigned,
        Self::Concealed,
        Self::Cut,
    ];

    /// Whether what it hides can be shown as a whole.
    pub fn is_undone(self) -> bool {
        match self {
            Self::Identity => true,
            Self::Gzip | Self::Deflate | Self::Br | Self::Zstd | Self::Stacked => {
                cfg!(feature = "decode")
            }
            Self::Unknown | Self::Feigned | Self::Concealed | Self::Cut => false,
        }
    }

    /// The value of `content-encoding`.
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::Identity | Self::Concealed => None,
            Self::Gzip | Self::Feigned | Self::Cut => Some("gzip"),
            Self::Deflate => Some("Deflate"),
            Self::Br => Some("br"),
            Self::Zstd => Some("zstd"),
            Self::Stacked => Some("gzip, br"),
            Self::Unknown => Some("compress"),
        }
    }

    pub fn encode(self, plain: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Identity | Self::Unknown | Self::Feigned => plain,
            Self::Gzip | Self::Concealed => gzip(&plain),
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(&plain).expect("memory takes all");
                encoder.finish().expect("memory takes all")
            }
            Self::Br => br(&plain),
            Self::Zstd => zstd::encode_all(&plain[..], 1).expect("memory takes all"),
            Self::Stacked => br(&gzip(&plain)),
            Self::Cut => {
                let mut encoded = gzip(&plain);
                encoded.truncate(encoded.len() * 2 / 3);
                encoded
            }
        }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn br(plain: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 1, 18);
    encoder.write_all(plain).expect("memory takes all");
    encoder.into_inner()
}

/// How a message says where its body ends, and what becomes of it on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Length,
    /// In chunks of so many bytes.
    Chunks(usize),
    /// Broken off after so many hundredths.
    Aborted(usize),
    /// Broken off likewise, in chunks.
    AbortedChunks(usize),
}

impl Framing {
    pub const WHOLE: [Self; 7] = [
        Self::Length,
        Self::Chunks(1),
        Self::Chunks(2),
        Self::Chunks(7),
        Self::Chunks(61),
        Self::Chunks(999),
        Self::Chunks(usize::MAX),
    ];
    pub const BROKEN: [Self; 5] = [
        Self::Aborted(17),
        Self::AbortedChunks(46),
        Self::Aborted(71),
        Self::AbortedChunks(88),
        Self::Aborted(99),
    ];

    pub fn is_whole(self) -> bool {
        matches!(self, Self::Length | Self::Chunks(_))
    }

    pub fn is_chunked(self) -> bool {
        matches!(self, Self::Chunks(_) | Self::AbortedChunks(_))
    }

    /// As much of the body as is sent, in the pieces in which it is sent.
    pub fn pieces(self, body: &[u8]) -> Vec<&[u8]> {
        let (size, hundredths) = match self {
            Self::Length => (usize::MAX, 100),
            Self::Chunks(size) => (size, 100),
            Self::Aborted(hundredths) => (usize::MAX, hundredths),
            Self::AbortedChunks(hundredths) => (23, hundredths),
        };
        // A long body in chunks of one byte would take long and tell no more.
        let size = size.max(body.len() / 4000).max(1);
        body[..body.len() * hundredths / 100].chunks(size).collect()
    }

    /// The bytes on the wire behind the head.
    pub fn on_the_wire(self, body: &[u8]) -> Vec<u8> {
        let pieces = self.pieces(body);
        if !self.is_chunked() {
            return pieces.concat();
        }
        let mut wire = Vec::new();
        for piece in pieces {
            wire.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            wire.extend(piece);
            wire.extend(b"\r\n");
        }
        if self.is_whole() {
            wire.extend(b"0\r\n\r\n");
        }
        wire
    }

    /// The header that announces them.
    pub fn header(self, body: &[u8]) -> String {
        if self.is_chunked() {
            "transfer-encoding: chunked".to_owned()
        } else {
            format!("content-length: {}", body.len())
        }
    }
}
