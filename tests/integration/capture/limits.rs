//! The limit of a body, the budget of the process, and the limits of a head.

use actix_web::{http::header::HeaderName, web, App, HttpResponse};
use actix_web_body_logger::{
    policy::{MemoryBudget, MAX_HEAD_VALUE},
    record::{Body, BodyState, Reason, RecordText},
    sink::Memory,
    BodyLogger, Record,
};

use super::{check, chunked, content, json_of, routes, split, JSON};
use crate::{
    app::{TestApp, PATIENCE},
    client::Response,
};

const CAP: usize = 64;

#[track_caller]
fn check_capped(body: &Body, sent: &str, what: &str) {
    let (len, kept) = (sent.len(), sent.len().min(CAP));
    let (state, reasons): (_, &[_]) = match len {
        0 => (BodyState::Empty, &[]),
        1..=CAP => (BodyState::Complete, &[]),
        _ => (BodyState::Complete, &[Reason::BodyLimit]),
    };
    check(body, state, len, kept, reasons);
    let expected = (kept > 0).then(|| &sent[..kept]);
    assert_eq!(content(body), expected, "{what}");
    assert_eq!(body.json.is_some(), (1..=CAP).contains(&len), "{what}");
}

#[test]
fn a_body_of_any_size_is_counted_whole_and_kept_up_to_the_limit_in_both_directions() {
    let app = TestApp::configured(|logger| logger.max_body_bytes(CAP), routes);
    let mut client = app.connect();
    let mut seen = 0;
    for len in [0, 1, 2, CAP - 1, CAP, CAP + 1, 2 * CAP, 1000] {
        let sent = json_of(len);
        for piece in [1, 7, CAP, usize::MAX] {
            let sizes = [piece];
            let chunks = || split(sent.as_bytes(), &sizes);
            let in_chunks = format!("x-sizes: {piece}\r\n");
            let requests: [(&str, Vec<u8>); 3] = [
                ("chunked up", chunked("/echo", "", chunks())),
                (
                    "chunked both ways",
                    chunked("/stream", &in_chunks, chunks()),
                ),
                ("sized", {
                    let head = format!(
                        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-type: {JSON}\r\n\
                         content-length: {len}\r\n\r\n{sent}"
                    );
                    head.into_bytes()
                }),
            ];
            for (how, request) in requests {
                let what = format!("{len} bytes in pieces of {piece}, {how}");
                let response = client.send(request).response();
                assert_eq!((response.status, response.text()), (200, &*sent), "{what}");
                seen += 1;
                let record = app.records(seen).pop().expect("a record");
                check_capped(&record.request.body, &sent, &what);
                check_capped(&record.response.expect("a response").body, &sent, &what);
            }
        }
    }
}

#[test]
fn one_chunk_of_a_mebibyte_is_kept_up_to_the_default_limit() {
    let app = TestApp::new(routes);
    let sent = json_of(1 << 20);
    let whole = usize::MAX.to_string();
    let request = chunked(
        "/stream",
        &format!("x-sizes: {whole}\r\n"),
        [sent.as_bytes()],
    );
    let response = app.connect().send(request).response();
    assert_eq!(response.text(), sent);
    let record = app.record();
    for body in [&record.request.body, &record.response.expect("one").body] {
        let cap = 32 * 1024;
        check(
            body,
            BodyState::Complete,
            1 << 20,
            cap,
            &[Reason::BodyLimit],
        );
        assert_eq!(content(body), Some(&sent[..cap]));
    }
}

/// A server whose logger draws on a budget of its own, and what the test needs to know of it.
fn budgeted(limit: usize) -> (TestApp, BodyLogger, MemoryBudget) {
    let (budget, memory) = (MemoryBudget::new(limit), Memory::new(100));
    let logger = BodyLogger::builder()
        .memory_budget(budget.clone())
        .sink(memory.clone())
        .build();
    let app = {
        let logger = logger.clone();
        move || App::new().wrap(logger.clone()).configure(routes)
    };
    (TestApp::serve(memory, app, |server| server), logger, budget)
}

#[test]
fn what_the_budget_does_not_hold_is_counted_only_and_the_record_says_so() {
    let (app, logger, budget) = budgeted(4096);
    let mut client = app.connect();

    let small = json_of(20);
    assert_eq!(client.post("/echo", JSON, &small).text(), small);
    let record = app.records(1).remove(0);
    check(&record.request.body, BodyState::Complete, 20, 20, &[]);
    assert_eq!(logger.counters().memory_budget, 0);

    let large = json_of(10_000);
    assert_eq!(client.post("/echo", JSON, &large).text(), large);
    let record = app.records(2).remove(1);
    let starved = [Reason::MemoryBudget];
    for body in [&record.request.body, &record.response.expect("one").body] {
        check(body, BodyState::Complete, 10_000, 0, &starved);
        assert_eq!(content(body), None);
    }

    // What was kept before the budget was spent stays, and there is no hole in it.
    let (first, rest) = large.split_at(100);
    let request = chunked(
        "/echo",
        "",
        [first.as_bytes(), rest.as_bytes(), b" ".as_slice()],
    );
    assert_eq!(client.send(request).response().body.len(), 10_001);
    let record = app.records(3).remove(2);
    let body = &record.request.body;
    check(body, BodyState::Complete, 10_001, 100, &starved);
    assert_eq!(content(body), Some(first));

    app.stop(true);
    assert_eq!(logger.counters().memory_budget, 4);
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn the_budget_is_whole_again_when_all_exchanges_have_ended_however_they_did() {
    let (app, _, budget) = budgeted(1 << 20);
    let mut client = app.connect();
    for len in [0, 1, 5000, 100_000] {
        let sent = json_of(len);
        client.post("/echo", JSON, &sent);
        client
            .send(chunked(
                "/stream",
                "x-sizes: 3,1\r\n",
                split(sent.as_bytes(), &[5, 100]),
            ))
            .response();
    }
    // Uploads that end midway.
    for _ in 0..3 {
        let mut client = app.connect();
        client.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhalf");
        client.finish().response();
    }
    app.records(11);
    app.stop(true);
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn what_waits_in_the_queue_is_taken_from_the_budget_until_it_is_written() {
    let (budget, memory) = (MemoryBudget::new(1 << 20), Memory::new(100));
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (entered, writing) = std::sync::mpsc::channel();
    let released = std::sync::Mutex::new(released);
    let entered = std::sync::Mutex::new(entered);
    let logger = BodyLogger::builder()
        .memory_budget(budget.clone())
        .inline_sink(memory.clone())
        .sink(move |_: &Record| {
            let _ = entered.lock().expect("a lock").send(());
            let _ = released.lock().expect("a lock").recv();
        })
        .build();
    let guard = logger.flush_guard();
    let app = TestApp::serve(
        memory,
        move || App::new().wrap(logger.clone()).configure(routes),
        |server| server,
    );

    let mut client = app.connect();
    let sent = json_of(10_000);
    client.post("/echo", JSON, &sent);
    writing
        .recv_timeout(PATIENCE)
        .expect("the sink has a record");
    for _ in 0..5 {
        client.post("/echo", JSON, &sent);
    }
    app.records(6);
    assert!(budget.in_use() > 4 * 20_000, "{budget:?}");

    drop(release);
    app.stop(true);
    drop(guard);
    assert_eq!(budget.in_use(), 0);
}

fn large_heads(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/{tail:.*}",
        web::get().to(|| async {
            let mut response = HttpResponse::Ok();
            for i in 0..10 {
                let name = HeaderName::try_from(format!("x-large-{i}")).expect("a name");
                response.insert_header((name, "v".repeat(2048)));
            }
            response.finish()
        }),
    );
}

fn get(app: &TestApp, target: &str, headers: &str) -> (Response, Record) {
    let request = format!("GET {target} HTTP/1.1\r\nhost: test\r\n{headers}\r\n");
    let response = app.connect().send(request).response();
    (response, app.record())
}

fn header<'a>(headers: &'a [(RecordText, RecordText)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(n, _)| n == name)?;
    Some(&found.1)
}

#[test]
fn a_header_value_is_shown_up_to_four_kibibytes_and_masked_beyond() {
    let app = TestApp::new(large_heads);
    let fits = "a".repeat(MAX_HEAD_VALUE);
    let headers = format!("accept: {fits}\r\naccept-language: {fits}a\r\n");
    let (_, record) = get(&app, "/", &headers);
    let headers = &record.request.headers;
    assert_eq!(header(headers, "accept"), Some(&*fits));
    assert_eq!(header(headers, "accept-language"), Some("***"));
    assert_eq!(record.request.headers_dropped, 0);
}

#[test]
fn headers_beyond_sixteen_kibibytes_are_left_out_and_counted_and_all_reach_the_other_side() {
    let app = TestApp::new(large_heads);
    let headers: String = (0..10)
        .map(|i| format!("x-large-{i}: {}\r\n", "v".repeat(2048)))
        .collect();
    let (response, record) = get(&app, "/", &headers);
    let arrived = |r: &Response| r.headers.iter().filter(|h| h.1.len() == 2048).count();
    assert_eq!(arrived(&response), 10);

    let request = &record.request;
    let shown = |headers: &[(RecordText, RecordText)]| {
        let large = |h: &&(RecordText, RecordText)| h.0.starts_with("x-large-");
        headers.iter().filter(large).count()
    };
    assert_eq!((shown(&request.headers), request.headers_dropped), (7, 3));
    let response = record.response.expect("a response");
    assert_eq!((shown(&response.headers), response.headers_dropped), (7, 3));
}

#[test]
fn a_path_and_a_query_that_are_too_long_are_cut_where_nothing_shows_in_part() {
    let app = TestApp::new(large_heads);
    let long = "x".repeat(5000);
    let target = format!("/docs/{long}?page=2&filter={long}");
    let (response, record) = get(&app, &target, "");
    assert_eq!(response.status, 200);
    assert_eq!(record.request.path, "/docs/***");
    assert_eq!(record.request.query.as_deref(), Some("page=2&filter=***"));
}

#[test]
fn a_method_that_is_too_long_is_cut_and_ends_in_stars() {
    let app = TestApp::new(|cfg| {
        cfg.default_service(web::to(HttpResponse::Ok));
    });
    let mut client = app.connect();
    let sent = [MAX_HEAD_VALUE, MAX_HEAD_VALUE + 1, 60_000].map(|len| "A".repeat(len));
    for method in &sent {
        client.send(format!("{method} / HTTP/1.1\r\nhost: test\r\n\r\n"));
        assert_eq!(client.response().status, 200);
    }
    let records = app.only_records(3);
    assert_eq!(records[0].request.method, sent[0]);
    let cut = format!("{}***", &sent[0][3..]);
    for record in &records[1..] {
        assert_eq!(record.request.method, cut);
    }
}
