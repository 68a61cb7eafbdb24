//! The `curl` command, run by a shell with `curl`: what it sends is what was sent, or comments say
//! what differs.

use std::{
    env, fmt, fs, io,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use actix_web::{
    http::Method,
    web::{self, Payload},
    HttpRequest, HttpResponse,
};
use actix_web_body_logger::{format::curl, BodyLoggerBuilder, Record};
use flate2::{write::GzEncoder, Compression};
use futures_util::StreamExt as _;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};

use crate::{
    app::{TestApp, PATIENCE},
    client::uninterrupted,
};

/// Where it is set, a machine without `curl` fails the tests that need it.
const CURL_REQUIRED: &str = "BODY_LOGGER_CURL_REQUIRED";

/// Whether there is a `curl` to test with.
#[allow(clippy::print_stderr, reason = "whoever runs the tests has to know")]
fn has_curl() -> bool {
    match Command::new("curl").arg("--version").output() {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            true
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            assert!(env::var_os(CURL_REQUIRED).is_none(), "there is no curl");
            eprintln!("skipped: there is no curl");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

/// A request as it goes over the wire.
#[derive(Clone, PartialEq, Eq)]
struct Sent {
    method: String,
    target: Vec<u8>,
    version: String,
    /// Names in lower case, sorted.
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bytes().escape_ascii())
    }
}

impl Sent {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} ", self.method).into_bytes();
        bytes.extend(&self.target);
        bytes.extend(format!(" {}\r\n", self.version).bytes());
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: ").bytes());
            bytes.extend(value);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"\r\n");
        if self.has("transfer-encoding") {
            for chunk in self.body.chunks(20_000) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(&self.body);
        }
        bytes
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(n, _)| n == name)
    }

    /// What stands under this name, in any order.
    fn all(&self, name: &str) -> Vec<&[u8]> {
        let found = self.headers.iter().filter(|(n, _)| n == name);
        let mut all: Vec<&[u8]> = found.map(|(_, value)| value.trim_ascii()).collect();
        all.sort_unstable();
        all
    }

    /// Reads a request; none where the connection closes at once.
    fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if uninterrupted(|| stream.read(&mut byte)).expect("a read") == 0 {
                assert!(head.is_empty(), "{}", head.escape_ascii());
                return None;
            }
            head.extend(byte);
        }
        let mut lines = head.split(|byte| *byte == b'\n').map(|it| it.trim_ascii());
        let line = lines.next().expect("a request line");
        let space = |byte: &u8| *byte == b' ';
        let first = line.iter().position(space).expect("a space");
        let last = line.iter().rposition(space).expect("a space");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let mut headers = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|byte| *byte == b':').expect("a colon");
            let name = text(&line[..colon]).to_lowercase();
            headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
        }
        let mut read = Self {
            method: text(&line[..first]),
            target: line[first + 1..last].to_vec(),
            version: text(&line[last + 1..]),
            headers,
            body: Vec::new(),
        };
        if read.has("expect") {
            let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
            stream.write_all(go_on).expect("a write");
        }
        if read.has("transfer-encoding") {
            read.body = read_chunks(stream);
        } else if let [length] = read.all("content-length")[..] {
            let length = text(length).parse().expect("a length");
            read.body = vec![0; length];
            stream.read_exact(&mut read.body).expect("a body");
        }
        Some(read)
    }
}

fn read_chunks(stream: &mut TcpStream) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a chunk");
            line.extend(byte);
        }
        let line = String::from_utf8(line).expect("text");
        let size = usize::from_str_radix(line.trim(), 16).expect("a size");
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk).expect("a chunk");
        body.extend(&chunk[..size]);
        if size == 0 {
            return body;
        }
    }
}

/// Runs a command in a shell whose `curl` connects to `port`, whatever the host is.
fn start(command: &str, port: u16) -> Child {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("repeat-{}-{number}.sh", std::process::id());
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let script = format!(
        "curl() {{ command curl --disable --silent --show-error --noproxy '*' --max-time 20 \
         --connect-to '::127.0.0.1:{port}' \"$@\"; }}\n{command}\nstatus=$?\nrm \"$0\"\nexit $status\n"
    );
    fs::write(&path, script).expect("a file");
    Command::new("sh")
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell")
}

/// What a command sends.
#[track_caller]
fn repeat(command: &str) -> Sent {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = listener.local_addr().expect("an address");
    let child = start(command, addr.port());
    let ended = thread::spawn(move || {
        let output = child.wait_with_output().expect("a shell");
        // Wakes up who waits for a command that did not connect.
        drop(TcpStream::connect(addr));
        output
    });
    let (mut stream, _) = listener.accept().expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let sent = Sent::read(&mut stream);
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    // Who hung up needs none.
    let _ = stream.write_all(answer);
    drop(stream);
    let output = ended.join().expect("a shell");
    assert!(output.status.success(), "{command}\n{output:?}");
    sent.unwrap_or_else(|| panic!("nothing was sent\n{command}\n{output:?}"))
}

fn comments(command: &str) -> Vec<&str> {
    let lines = command.lines();
    lines.take_while(|line| line.starts_with('#')).collect()
}

/// Fails unless each difference between what was sent and what its command sends is in a comment.
#[track_caller]
fn compare(sent: &Sent, command: &str) {
    let repeated = repeat(command);
    let comments = comments(command);
    let says = |what: &str| comments.iter().any(|comment| comment.contains(what));
    let of_body = || says("body") || says("part '") || says("file '");
    let told = format!("{command}\n{sent:#?}\n{repeated:#?}");
    assert!(sent.method == repeated.method || says("method '"), "{told}");
    let is_target = sent.target == repeated.target;
    assert!(
        is_target || says("target") || says("query '") || says("path '"),
        "{told}"
    );
    assert!(sent.version == repeated.version || says("HTTP/"), "{told}");
    for (name, _) in sent.headers.iter().chain(&repeated.headers) {
        let is_said = match name.as_str() {
            "content-length" | "transfer-encoding" => of_body(),
            "content-encoding" => says("content encoding"),
            "content-type" => says("boundary"),
            "cookie" => says("cookie fields"),
            _ => says("a header had bytes that are no UTF-8"),
        };
        let is_said = is_said || says(&format!("header '{name}'"));
        assert!(
            sent.all(name) == repeated.all(name) || is_said,
            "{name}\n{told}"
        );
    }
    assert!(sent.body == repeated.body || of_body(), "{told}");
}

async fn reads_all(request: HttpRequest, mut payload: Payload) -> HttpResponse {
    if request.method() == Method::CONNECT {
        return HttpResponse::MethodNotAllowed()
            .insert_header(("x-end", "1"))
            .finish();
    }
    while let Some(Ok(_)) = payload.next().await {}
    HttpResponse::Ok().insert_header(("x-end", "1")).finish()
}

fn serve(settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder) -> TestApp {
    let shown = ["x-a", "x-b"].map(|name| name.parse().expect("a name"));
    TestApp::configured(
        |logger| {
            let png = ["image/png".parse().expect("a media type")];
            settings(logger.max_body_bytes(200_000).show_headers(shown)).show_as_base64(png)
        },
        |cfg| {
            cfg.default_service(web::to(reads_all));
        },
    )
}

/// The record of a request; none where the server does not take it for one.
fn record(app: &TestApp, sent: &Sent) -> Option<Record> {
    app.memory().clear();
    let mut stream = TcpStream::connect(app.addr()).expect("a server");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(&sent.bytes()).expect("a write");
    let mut answer: Vec<u8> = Vec::new();
    while !answer.windows(5).any(|window| window == b"x-end") {
        let mut buffer = [0; 1024];
        match uninterrupted(|| stream.read(&mut buffer)) {
            Ok(0) | Err(_) => return None,
            Ok(count) => answer.extend(&buffer[..count]),
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    let records = app.memory().wait_for(1, PATIENCE);
    assert_eq!(records.len(), 1, "{records:#?}");
    records.into_iter().next()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("gzip");
    encoder.finish().expect("gzip")
}

type Header = (&'static str, &'static [u8]);

/// The headers that say what a body is, and its bytes.
fn bodies() -> Vec<(Vec<Header>, Vec<u8>)> {
    let of = |media_type: &'static str, body: &[u8]| {
        let header: Header = ("content-type", media_type.as_bytes());
        (vec![header], body.to_vec())
    };
    let coded = |media_type: &'static str, body: &[u8]| {
        let (mut headers, body) = of(media_type, &gzip(body));
        headers.push(("content-encoding", b"gzip"));
        (headers, body)
    };
    let utf16: Vec<u8> = "hé".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe", &utf16[..]].concat();
    let form = |field: &str, value: &str| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
    };
    let long = "x".repeat(70_000);
    let fields = [
        form("a", "it's\r\n@me <x"),
        form("empty", ""),
        form("a=b", "x"),
        form("", "x"),
        form("long", &long),
        form("pin", "1234"),
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\n\r\nfile\r\n--B--\r\n"
            .to_owned(),
    ];
    const FORM: &str = "multipart/form-data; boundary=B";
    vec![
        (Vec::new(), b"hello".to_vec()),
        of("text/plain", b""),
        of("text/plain", b"@hello, it's $(me) \\ %s `x`\n\n"),
        of("text/plain", b"a\0b\x1b[31m\r\n\xe2\x80\xae"),
        of("text/plain", "é日".as_bytes()),
        of("text/plain", b"\xef\xbb\xbfmarked"),
        of("text/plain", b"no UTF-8: \xff\xfe\xe2\x82"),
        of("text/plain; charset=utf-8", "é".as_bytes()),
        of("text/plain; charset=iso-8859-1", b"caf\xe9"),
        of("text/plain; charset=iso-8859-1", b"cafe"),
        of("text/plain; charset=utf-16le", &utf16),
        of("text/plain", &marked),
        of("text/plain", long.as_bytes()),
        of("text/plain", "'\n".repeat(2_000).as_bytes()),
        of("text/plain", b"k1:0123456789abcdef"),
        of("application/json", b"{\"a\":1}"),
        of("application/json", b"{ \"a\" : [1,\n 2] }"),
        of("application/json", b"{\"a\":1e999,\"b\":\"***\"}"),
        of("application/json", b"{\"password\":\"secret\",\"a\":1}"),
        of("application/json", b"{\"a\":\"\\u001b\x7f\"}"),
        of("application/json", b"{\"a\":"),
        of("application/x-www-form-urlencoded", b"a=1&pin=2&c=+%20"),
        of("application/x-www-form-urlencoded", b"a=b"),
        of(FORM, fields.concat().as_bytes()),
        of(FORM, &fields.concat().as_bytes()[..90]),
        of(FORM, b"no form at all"),
        of("multipart/mixed; boundary=B", fields.concat().as_bytes()),
        of("multipart/related; boundary=B", fields.concat().as_bytes()),
        of("image/png", b"\x89PNG\r\n\x1a\n\0"),
        of("application/zip", b"PK\0"),
        coded("text/plain", b"hello"),
        coded("text/plain", b""),
        coded("image/png", b""),
        coded("image/png", b"\0\xff"),
    ]
}

fn targets() -> Vec<&'static [u8]> {
    vec![
        b"/",
        b"/a/b?c=d",
        b"/a?",
        b"//a//b",
        b"/a/../b/./c",
        b"/%2e%2E/b?x",
        b"/a[1-3]{x,y}?z={1,2}",
        b"/it's$(x)*;a=b,c!~:@&",
        b"/a%20b%zz?%41+c",
        b"/a?q=\"<>^`|\\",
        "/é?ü=日".as_bytes(),
        b"/a?b=\xff",
        b"/a?password=secret&x=1",
        b"/a?x=k1:0123456789abcdef",
        b"/a/***",
        b"*",
        b"/?",
    ]
}

fn hosts() -> Vec<&'static [u8]> {
    vec![
        b"localhost:8080",
        b"localhost:80",
        b"localhost:443",
        b"localhost:",
        b"localhost:080",
        b"LOCALHOST:8080",
        b"localhost.",
        b"127.1",
        b"127.0.0.1:8080",
        b"0x7f.1:8080",
        b"2130706433",
        b"[::1]:80",
        b"[0:0::1]",
        b"example.org",
        b"a_b.example",
        b"999.1.1.1",
        b"a..b",
        b"user:pw@example.org",
        b"a:b",
        b"xn--bcher-kva.example",
    ]
}

fn others() -> Vec<Header> {
    vec![
        ("accept", b"*/*"),
        ("accept", b"a/b;q=1"),
        ("user-agent", b"me/1.0 (it's)"),
        ("accept-encoding", b"gzip, br"),
        ("accept-encoding", b"gzip;Q=0, identity;Q=0.5"),
        ("accept-encoding", b"identity"),
        ("cookie", b"a=b; c=d"),
        ("cookie", b"e=f"),
        ("authorization", b"Bearer abc"),
        ("connection", b"keep-alive"),
        ("connection", b"close"),
        ("te", b"trailers"),
        ("expect", b"100-continue"),
        ("x-a", b""),
        ("x-a", b"$(x) `y` 'z' \\ \"q\" %s"),
        ("x-a", "é日".as_bytes()),
        ("x-a", b"a\tb"),
        ("x-b", b"\xff\xfe"),
        ("x-b", b"k1:0123456789abcdef"),
        ("x-b", b"***"),
        ("x-b", b"@/etc/passwd; a"),
        ("x-hidden", b"value"),
    ]
}

fn requests() -> impl Strategy<Value = Sent> {
    let methods = select(vec![
        "GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT",
        "M-SEARCH", "post",
    ]);
    (
        methods,
        select(targets()),
        select(hosts()),
        prop::collection::vec(select(others()), 0..5),
        prop::option::weighted(0.7, select(bodies())),
        0..8_u8,
        any::<bool>(),
    )
        .prop_map(
            |(method, target, host, others, body, choices, has_no_host)| {
                let is_old = choices == 7;
                let mut headers = others;
                if !(is_old && has_no_host) {
                    headers.push(("host", host));
                }
                let mut sent = Sent {
                    method: method.to_owned(),
                    target: target.to_vec(),
                    version: if is_old { "HTTP/1.0" } else { "HTTP/1.1" }.to_owned(),
                    headers: Vec::new(),
                    body: Vec::new(),
                };
                if method == "CONNECT" {
                    sent.target = host.to_vec();
                }
                let mut length = None;
                if let Some((described, bytes)) = body.filter(|_| method != "CONNECT") {
                    headers.extend(described);
                    length = Some(bytes.len().to_string());
                    sent.body = bytes;
                }
                let owned = |(name, value): (&str, &[u8])| (name.to_owned(), value.to_vec());
                sent.headers.extend(headers.into_iter().map(owned));
                if let Some(length) = length {
                    let framing = match choices & 1 {
                        1 if !is_old => ("transfer-encoding", &b"chunked"[..]),
                        _ => ("content-length", length.as_bytes()),
                    };
                    sent.headers.push(owned(framing));
                }
                sent.headers.sort();
                sent
            },
        )
}

#[test]
fn a_command_repeats_the_request_or_says_what_differs() {
    if !has_curl() {
        return;
    }
    let plain = serve(|logger| logger);
    #[cfg(feature = "hash")]
    let hashing = serve(|logger| {
        let key = actix_web_body_logger::redact::HashKey::new("k1", b"secret");
        logger.hash_masked_values(key)
    });
    #[cfg(not(feature = "hash"))]
    let hashing = serve(|logger| logger);
    let [recorded, uncommented] = [const { AtomicU32::new(0) }; 2];
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(200)
    });
    let ran = runner.run(&(requests(), any::<bool>()), |(sent, hashes)| {
        let app = if hashes { &hashing } else { &plain };
        let Some(record) = record(app, &sent) else {
            return Ok(());
        };
        recorded.fetch_add(1, Ordering::Relaxed);
        let command = curl(&record);
        if comments(&command).is_empty() {
            uncommented.fetch_add(1, Ordering::Relaxed);
        }
        compare(&sent, &command);
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
    let [recorded, uncommented] = [recorded, uncommented].map(AtomicU32::into_inner);
    assert!(recorded >= 100, "{recorded}");
    assert!(uncommented >= 5, "{uncommented} of {recorded}");
}

/// One request after the other, so that each is tried: the first of what one kind holds with others.
#[test]
fn every_body_target_host_and_header_is_repeated_or_said_to_differ() {
    if !has_curl() {
        return;
    }
    let app = serve(|logger| logger);
    let request = |method: &str, target: &[u8], host: &[u8], headers: &[Header], body: &[u8]| {
        let owned = |(name, value): &(&str, &[u8])| ((*name).to_owned(), value.to_vec());
        let mut headers: Vec<_> = headers.iter().map(owned).collect();
        headers.push(("host".to_owned(), host.to_vec()));
        if method == "POST" {
            let length = body.len().to_string().into_bytes();
            headers.push(("content-length".to_owned(), length));
        }
        headers.sort();
        Sent {
            method: method.to_owned(),
            target: target.to_vec(),
            version: "HTTP/1.1".to_owned(),
            headers,
            body: body.to_vec(),
        }
    };
    let host = b"localhost:8080";
    let mut requests = Vec::new();
    for (headers, body) in bodies() {
        requests.push(request("POST", b"/", host, &headers, &body));
    }
    for target in targets() {
        requests.push(request("GET", target, host, &[], b""));
    }
    let chunked: Header = ("transfer-encoding", b"chunked");
    let expecting: Header = ("expect", b"100-continue");
    for headers in [vec![chunked], vec![chunked, expecting]] {
        for body in [&b""[..], b"hello"] {
            requests.push(request("PUT", b"/", host, &headers, body));
        }
    }
    for host in hosts() {
        requests.push(request("GET", b"/", host, &[], b""));
        requests.push(request("CONNECT", host, host, &[], b""));
    }
    for header in others() {
        requests.push(request("GET", b"/", host, &[header], b""));
    }
    for sent in requests {
        if let Some(record) = record(&app, &sent) {
            compare(&sent, &curl(&record));
        }
    }
}
