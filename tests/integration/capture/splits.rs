//! How a body is split makes no difference, neither to the client nor to the record.

use std::time::SystemTime;

use actix_web_body_logger::Record;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{chunked, json_of, routes, split};
use crate::app::TestApp;

/// A record without what is different in each.
fn comparable(mut record: Record) -> Record {
    record.id = "".into();
    record.time = SystemTime::UNIX_EPOCH;
    record.duration_us = None;
    (record.entry_id, record.run, record.seq) = Default::default();
    record.ttfb_us = None;
    record.client.addr = None;
    record
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        // JSON of all kinds, with secrets, beyond ASCII, cut off by the limit or not at all.
        ("[ -~é日]{0,40}", "[ -~]{0,20}", 0u32..3).prop_map(|(text, secret, n)| {
            let one = serde_json::json!({"text": text, "password": secret, "n": [n, null]});
            vec![one.to_string(); n as usize].join("\n").into_bytes()
        }),
        (0usize..200).prop_map(|len| json_of(len).into_bytes()),
        // What merely says that it is JSON.
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1usize..80, 1..20)
}

#[test]
fn any_split_of_any_body_gives_the_same_bytes_and_the_same_record() {
    let app = TestApp::configured(|logger| logger.max_body_bytes(100), routes);
    let exchange = |body: &[u8], up: &[usize], down: &[usize]| {
        let list: Vec<String> = down.iter().map(usize::to_string).collect();
        let headers = format!("x-sizes: {}\r\n", list.join(","));
        app.memory().clear();
        let request = chunked("/stream", &headers, split(body, up));
        let response = app.connect().send(request).response();
        (response, comparable(app.record()))
    };

    let mut runner = TestRunner::new(Config::with_cases(100));
    let split_bodies = (bodies(), sizes(), sizes());
    let ran = runner.run(&split_bodies, |(body, up, down)| {
        let whole = [usize::MAX];
        let (_, expected) = exchange(&body, &whole, &whole);
        let (response, record) = exchange(&body, &up, &down);
        prop_assert_eq!(&response.body, &body);
        let chunks: Vec<usize> = split(&body, &down).map(<[u8]>::len).collect();
        prop_assert_eq!(response.chunks, Some(chunks));
        prop_assert_eq!(record.request.body.bytes, Some(body.len() as u64));
        prop_assert_eq!(record, expected);
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}
