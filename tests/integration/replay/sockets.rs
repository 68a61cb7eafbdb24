//! Over real sockets: the same requests to the same routes with and without the primitives.

use std::{
    future::{poll_fn, Future as _},
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    pin::pin,
    sync::mpsc,
    task::Poll,
    thread,
};

use actix_web::{
    body::BoxBody,
    dev::ServiceRequest,
    middleware::{from_fn, Next},
    App,
};
use actix_web_body_logger::{replay::read_request, sink::Memory};

use super::{gzip, pattern, read_both, routes::routes};
use crate::app::{TestApp, PATIENCE};

/// All that the server says to this request and, if that leaves room for one, to another behind it
/// on the same connection.
fn exchange(app: &TestApp, request: &[u8], another: bool) -> Vec<String> {
    let mut connection = TcpStream::connect(app.addr()).expect("a server that listens");
    connection
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout");
    let mut writer = connection.try_clone().expect("a second handle");
    let mut sent = request.to_vec();
    if another {
        sent.extend_from_slice(b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    // From a thread of its own: neither side may wait for the other to read.
    let writing = thread::spawn(move || {
        // The server may rightly have hung up.
        let _ = writer.write_all(&sent);
        let _ = writer.shutdown(Shutdown::Write);
    });
    let mut answer = Vec::new();
    let end = connection.read_to_end(&mut answer);
    writing.join().expect("a thread that does not panic");
    let mut said = messages(&answer, request.starts_with(b"HEAD"));
    if let Err(error) = end {
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "no answer: {said:?}");
    }
    said.push("the end".to_owned());
    said
}

/// Heads without the date, bodies without the sizes of their chunks, the rest as it is.
fn messages(mut wire: &[u8], mut no_body: bool) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(end) = find(wire, b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&wire[..end]).to_lowercase();
        wire = &wire[end + 4..];
        let mut lines: Vec<_> = head
            .lines()
            .filter(|line| !line.starts_with("date:"))
            .collect();
        lines[1..].sort_unstable();
        messages.push(lines.join("\n"));

        let length = lines
            .iter()
            .find_map(|line| line.strip_prefix("content-length: "));
        let body = if std::mem::take(&mut no_body) {
            Vec::new()
        } else if head.contains("transfer-encoding: chunked") {
            let mut body = Vec::new();
            loop {
                let Some(end) = find(wire, b"\r\n") else {
                    messages.push("cut off in:".to_owned());
                    break;
                };
                let size = String::from_utf8_lossy(&wire[..end]).into_owned();
                let size = usize::from_str_radix(&size, 16).expect("a chunk's size");
                let chunk = &wire[end + 2..][..size];
                assert_eq!(&wire[end + 2 + size..][..2], b"\r\n");
                wire = &wire[end + 4 + size..];
                if size == 0 {
                    break;
                }
                body.extend_from_slice(chunk);
            }
            body
        } else {
            let length = length
                .map_or(0, |n| n.parse().expect("a length"))
                .min(wire.len());
            let (body, rest) = wire.split_at(length);
            wire = rest;
            body.to_vec()
        };
        messages.push(body.escape_ascii().to_string());
    }
    messages.push(wire.escape_ascii().to_string());
    messages
}

fn find(wire: &[u8], what: &[u8]) -> Option<usize> {
    wire.windows(what.len()).position(|window| window == what)
}

fn post(path: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut req = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n{head}\r\n",
        body.len()
    )
    .into_bytes();
    req.extend_from_slice(body);
    req
}

fn chunked(path: &str, head: &str, chunks: &[&[u8]]) -> Vec<u8> {
    let mut req =
        format!("POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n{head}\r\n")
            .into_bytes();
    for chunk in chunks {
        req.extend(format!("{:x}\r\n", chunk.len()).bytes());
        req.extend_from_slice(chunk);
        req.extend_from_slice(b"\r\n");
    }
    req.extend_from_slice(b"0\r\n\r\n");
    req
}

/// Serves the routes behind a middleware that reads both bodies.
fn reading<const LIMIT: usize>() -> TestApp {
    TestApp::serve(
        Memory::new(0),
        || {
            App::new()
                .wrap(from_fn(read_both::<LIMIT>))
                .configure(routes)
        },
        |server| server,
    )
}

/// The same requests to the same routes without us, with room, and with a limit of ten bytes.
fn servers() -> [TestApp; 3] {
    [
        TestApp::unlogged(routes),
        reading::<{ 1 << 20 }>(),
        reading::<10>(),
    ]
}

#[test]
fn over_a_socket_every_answer_and_the_connections_reuse_are_as_without_us() {
    let servers = servers();
    let json = "content-type: application/json\r\n";
    let big = format!("\"{}\"", "j".repeat(300 * 1024));
    let ten = [b"0123456789".as_slice(); 10];
    let get = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("sized", get("GET", "/sized")),
        ("sized, in chunks", get("GET", "/sized-stream")),
        ("stream", get("GET", "/chunks")),
        ("stream of 300 KiB", get("GET", "/many")),
        ("nothing", get("GET", "/nothing")),
        ("empty", get("GET", "/empty")),
        ("not modified", get("GET", "/not-modified")),
        ("too short", get("GET", "/short")),
        ("too long", get("GET", "/long")),
        ("failing", get("GET", "/failing")),
        ("handler error", get("GET", "/error")),
        ("no such path", get("GET", "/lost")),
        ("HEAD sized", get("HEAD", "/sized")),
        ("HEAD stream", get("HEAD", "/chunks")),
        ("1.0", b"GET /sized HTTP/1.0\r\nhost: x\r\n\r\n".to_vec()),
        (
            "1.0 stream",
            b"GET /chunks HTTP/1.0\r\nhost: x\r\n\r\n".to_vec(),
        ),
        ("echo", post("/bytes", "", b"hello")),
        ("echo nothing", post("/bytes", "", b"")),
        ("echo 100 KiB", post("/bytes", "", &pattern(100 * 1024))),
        ("echo chunked", chunked("/bytes", "", &ten)),
        ("echo chunked nothing", chunked("/bytes", "", &[])),
        ("stream chunked", chunked("/stream", "", &ten)),
        ("json", post("/json", json, b"\"a longer text\"")),
        ("json of 300 KiB", post("/json", json, big.as_bytes())),
        ("not json", post("/json", json, b"{")),
        (
            "gzip",
            post(
                "/bytes",
                "content-encoding: gzip\r\n",
                &gzip(&pattern(5000)),
            ),
        ),
        (
            "expect",
            post("/bytes", "expect: 100-continue\r\n", b"after the hundred"),
        ),
        ("chunk that is none", {
            let mut req = chunked("/bytes", "", &[]);
            req.truncate(req.len() - 5);
            req.extend_from_slice(b"5\r\nhello\r\nZZ\r\n");
            req
        }),
    ];
    for (name, req) in cases {
        let [without, with, tight] = servers
            .each_ref()
            .map(|server| exchange(server, &req, true));
        assert_eq!(with, without, "{name}");
        assert_eq!(tight, without, "{name}, over the limit");
    }
}

#[test]
fn over_a_socket_a_body_the_handler_refuses_has_been_read_so_the_connection_stays() {
    let [without, with, tight] =
        servers().map(|server| exchange(&server, &post("/bytes", "", &pattern(300 * 1024)), true));
    assert!(without[0].starts_with("http/1.1 413 payload too large\nconnection: close"));
    assert_eq!(tight, without);
    assert_eq!(with[0], without[0].replace("connection: close\n", ""));
    assert_eq!(with[1], without[1]);
    assert!(with.contains(&"pong".to_owned()));
}

#[test]
fn over_a_socket_an_upload_cut_off_midway_is_answered_as_without_us() {
    let servers = servers();
    for path in ["/bytes", "/json", "/stream"] {
        for sent in [0, 5, 50] {
            let mut req = post(path, "content-type: application/json\r\n", &[b' '; 100]);
            req.truncate(req.len() - 100 + sent);
            let [without, with, tight] = servers
                .each_ref()
                .map(|server| exchange(server, &req, false));
            assert_eq!(with, without, "{path} {sent}");
            assert_eq!(tight, without, "{path} {sent}, over the limit");
        }
    }
}

#[test]
fn over_a_socket_a_reading_given_up_midway_loses_nothing() {
    let (given_up, wait) = mpsc::channel();
    let app = move || {
        let given_up = given_up.clone();
        App::new()
            .wrap(from_fn(
                move |mut req: ServiceRequest, next: Next<BoxBody>| {
                    let given_up = given_up.clone();
                    async move {
                        {
                            let mut reading = pin!(read_request(&mut req, 1 << 20));
                            let mut polls = 0;
                            // The first comes before the body is decoded, the second has its first
                            // half.
                            poll_fn(|cx| {
                                polls += 1;
                                assert!(reading.as_mut().poll(cx).is_pending());
                                if polls < 2 {
                                    return Poll::Pending;
                                }
                                Poll::Ready(())
                            })
                            .await;
                        }
                        given_up.send(()).expect("the test waits");
                        next.call(req).await
                    }
                },
            ))
            .configure(routes)
    };
    let app = TestApp::serve(Memory::new(0), app, |server| server);

    let body = pattern(20_000);
    let req = post("/bytes", "", &body);
    let mut client = app.connect();
    let (first, rest) = req.split_at(req.len() / 2);
    client.send(first);
    wait.recv_timeout(PATIENCE)
        .expect("a middleware that gives up");
    let answer = client.send(rest).response();
    assert_eq!((answer.status, answer.body), (200, body.to_vec()));
}
