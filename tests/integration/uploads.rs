//! Requests whose bodies are read to their end, so that the same must come back however they were
//! read.

use std::io::Write as _;

use crate::{conversation::Case, routes};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const TEXT: &str = "text/plain";
const BINARY: &str = "application/octet-stream";

/// All of them.
pub fn uploads() -> Vec<Case> {
    let mut cases = extracted();
    cases.extend(refused_by_extractors());
    cases.extend(compressed());
    cases.extend(large());
    cases.extend(broken());
    cases
}

fn extracted() -> Vec<Case> {
    let json = r#"{"b": 1.10, "a": [true, null]}"#;
    let form = "name=Ann+Lee&note=%C3%A9";
    let (boundary, multipart) = multipart(100);
    vec![
        Case::post("/bytes", BINARY, [0, 255, 13, 10]),
        Case::post("/bytes", BINARY, ""),
        Case::chunked("/bytes", BINARY, "", 1),
        Case::chunked("/bytes", TEXT, "in chunks of three bytes", 3),
        Case::new("POST", "/bytes").called("with no body"),
        Case::post("/bytes", TEXT, "as long as it says").http_10(),
        Case::post("/bytes", TEXT, "and then goodbye").header("connection: close"),
        Case::new("POST", "/bytes").expecting("if you say so"),
        Case::new("POST", "/json")
            .header("content-type: application/json")
            .expecting(json),
        Case::post("/json", JSON, json),
        Case::chunked("/json", JSON, json, 4),
        Case::post("/string", TEXT, "grüße"),
        Case::post("/string", "text/plain; charset=iso-8859-1", b"gr\xfc\xdfe"),
        Case::post("/form", FORM, form),
        Case::chunked("/form", FORM, form, 5),
        Case::post("/multipart", &boundary, &multipart),
        Case::chunked("/multipart", &boundary, &multipart, 10),
        Case::post("/count", BINARY, "123456"),
        Case::chunked("/head", TEXT, "chunks stay chunks", 2).header("x-mine: 1"),
        Case::post("/head", TEXT, "as do lengths"),
        Case::post("/bytes", TEXT, "first").pipelined(Case::post("/string", TEXT, "second")),
        Case::chunked("/bytes", TEXT, "first", 2).pipelined(Case::new("GET", "/any")),
    ]
}

fn refused_by_extractors() -> Vec<Case> {
    let (boundary, multipart) = multipart(100);
    vec![
        Case::post("/json", JSON, "{\"a\":").called("not JSON"),
        Case::post("/string", TEXT, b"\xff\xfe").called("not text"),
        Case::post("/multipart", &boundary, &multipart[..90]).called("cut short"),
        Case::chunked("/bytes", TEXT, routes::text(300_000), 20_000).called("too long"),
    ]
}

/// Requests whose bodies no extractor reads, as their heads are wrong already.
pub fn refused_by_their_heads() -> Vec<Case> {
    let stalled = |target| Case::new("POST", target).header("content-length: 10000000");
    vec![
        stalled("/string").called("too long"),
        stalled("/json")
            .header("content-type: application/json")
            .called("too long"),
        Case::post("/json", TEXT, "{}").called("not called JSON"),
        Case::post("/form", JSON, "a=b").called("not called a form"),
        Case::post("/string", "text/plain; charset=none", "a").called("no such charset"),
        Case::post("/multipart", TEXT, "--b").called("not called multipart"),
    ]
}

fn compressed() -> Vec<Case> {
    let json = serde_json::json!({ "text": routes::text(3000) }).to_string();
    let mut cases = Vec::new();
    for (coding, coded) in [
        ("gzip", gzip(json.as_bytes())),
        ("br", brotli(json.as_bytes())),
        ("zstd", zstd(json.as_bytes())),
    ] {
        let header = format!("content-encoding: {coding}");
        for target in ["/json", "/bytes", "/string", "/count", "/head"] {
            let cut = &coded[..coded.len() - 10];
            for case in [
                Case::post(target, JSON, &coded),
                Case::chunked(target, JSON, &coded, 100),
                Case::post(target, JSON, cut).called("cut short"),
                Case::post(target, JSON, &json).called("not compressed"),
            ] {
                cases.push(case.header(&header).called(coding));
            }
        }
    }
    cases
}

fn large() -> Vec<Case> {
    let text = routes::text(1_000_000);
    let json = serde_json::json!({ "text": text }).to_string();
    let form = format!("text={}", "a".repeat(500_000));
    let (boundary, multipart) = multipart(600_000);
    vec![
        Case::post("/count", TEXT, &text),
        Case::chunked("/count", TEXT, &text, 70_000),
        Case::chunked("/count", TEXT, &text[..20_000], 1),
        Case::post("/wide/bytes", TEXT, &text),
        Case::chunked("/wide/bytes", TEXT, &text, 10_000),
        Case::post("/wide/string", TEXT, &text),
        Case::post("/wide/json", JSON, &json),
        Case::chunked("/wide/json", JSON, &json, 50_000),
        Case::post("/wide/json", JSON, gzip(json.as_bytes())).header("content-encoding: gzip"),
        Case::post("/wide/form", FORM, &form),
        Case::post("/wide/multipart", &boundary, &multipart),
    ]
}

/// Bodies whose ends never come.
fn broken() -> Vec<Case> {
    let mut cases = Vec::new();
    for target in [
        "/bytes",
        "/string",
        "/json",
        "/form",
        "/count",
        "/fault",
        "/multipart",
    ] {
        let media_type = match target {
            "/json" => JSON,
            "/form" => FORM,
            "/multipart" => "multipart/form-data; boundary=b",
            _ => TEXT,
        };
        let post = Case::new("POST", target).header(&format!("content-type: {media_type}"));
        let chunked = post.clone().header("transfer-encoding: chunked");
        cases.extend([
            chunked
                .clone()
                .called("a chunk cut short")
                .and("5\r\nhel")
                .finishing(),
            chunked
                .clone()
                .called("no last chunk")
                .and("5\r\nhello\r\n")
                .finishing(),
            chunked.clone().called("no chunk").finishing(),
            chunked
                .clone()
                .called("a bad size")
                .and("5\r\nhello\r\nzz\r\n"),
            chunked.called("a bad end").and("5\r\nhello!!0\r\n\r\n"),
            post.header("content-length: 10")
                .called("too short")
                .and("hello")
                .finishing(),
        ]);
    }
    cases
}

/// A multipart body with a file of this many bytes in it, and its media type.
fn multipart(file: usize) -> (String, Vec<u8>) {
    let body = format!(
        "--b0undary\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nA title\r\n\
         --b0undary\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
         content-type: text/plain\r\n\r\n{}\r\n--b0undary--\r\n",
        routes::text(file)
    );
    (
        "multipart/form-data; boundary=b0undary".to_owned(),
        body.into_bytes(),
    )
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a write to memory");
    encoder.finish().expect("a write to memory")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 1, 20);
    encoder.write_all(bytes).expect("a write to memory");
    encoder.into_inner()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("a write to memory")
}
