//! Documents whose redaction is counted alone: the same records in several styles, and prose.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{ser::Formatter, Serializer};

/// How a document is written.
#[derive(Debug, Clone, Copy)]
pub enum Style {
    Compact,
    Python,
    Indented,
    Prose,
}

impl Style {
    pub const ALL: [Self; 4] = [Self::Compact, Self::Python, Self::Indented, Self::Prose];

    pub fn name(self) -> &'static str {
        match self {
            Self::Compact => "compact records",
            Self::Python => "Python's style",
            Self::Indented => "indented",
            Self::Prose => "prose",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.name() == name)
    }

    /// 150 records, or 20 strings of 1.6 KB.
    pub fn document(self) -> Vec<u8> {
        const PROSE: &str =
            "It was the best of times, it was the worst of times; it was the age of wisdom. ";
        let records: Vec<_> = (0..150).map(Record::new).collect();
        let mut document = Vec::new();
        let written = match self {
            Self::Compact => serde_json::to_writer(&mut document, &records),
            Self::Python => records.serialize(&mut Serializer::with_formatter(
                &mut document,
                PythonFormatter,
            )),
            Self::Indented => serde_json::to_writer_pretty(&mut document, &records),
            Self::Prose => serde_json::to_writer(&mut document, &vec![PROSE.repeat(20); 20]),
        };
        written.expect("plain data");
        document
    }
}

/// Like those of `crates/redact/benches/json.rs`.
#[derive(Serialize)]
struct Record {
    id: u32,
    name: String,
    email: String,
    active: bool,
    password: String,
    address: Address,
    roles: [&'static str; 2],
    balance: f64,
    note: (),
}

#[derive(Serialize)]
struct Address {
    street: String,
    city: &'static str,
    zip: String,
}

impl Record {
    fn new(n: u32) -> Self {
        Self {
            id: n,
            name: format!("user {n}"),
            email: format!("user{n}@example.org"),
            active: true,
            password: format!("s3cret-{n}"),
            address: Address {
                street: format!("{n} Main Street"),
                city: "Springfield",
                zip: format!("{:05}", n * 7 % 99_999),
            },
            roles: ["reader", "writer"],
            balance: f64::from(n) + 0.25,
            note: (),
        }
    }
}

/// A blank behind each comma and colon, as `json.dumps` writes.
struct PythonFormatter;

impl PythonFormatter {
    fn separate<W: ?Sized + Write>(writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }
}

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        Self::separate(writer, first)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        Self::separate(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
