//! The same requests get the same answers with and without a logger, down to the framing and to
//! what becomes of the connection.

use actix_web::{middleware::Compress, App};
use actix_web_body_logger::sink::Memory;

use crate::{
    app::TestApp,
    conversation::{Case, Conversation},
    routes::{self, routes},
    uploads::{refused_by_their_heads, uploads},
};

/// Plays each case to all of the applications; what they answer must be the same.
#[track_caller]
fn assert_alike(cases: &[Case], unlogged: &TestApp, logged: &[&TestApp]) {
    assert_answers_alike(cases, unlogged, logged);
    for app in logged {
        assert!(!app.memory().records().is_empty(), "nothing was recorded");
    }
}

/// Likewise, whatever is recorded.
#[track_caller]
pub fn assert_answers_alike(cases: &[Case], unlogged: &TestApp, logged: &[&TestApp]) {
    let mut differences = Vec::new();
    for case in cases {
        let expected = Conversation::of(case, unlogged);
        for (n, app) in logged.iter().enumerate() {
            let got = Conversation::of(case, app);
            if got != expected {
                differences.push(format!(
                    "{} (application {n})\nwithout: {expected:#?}\nwith: {got:#?}",
                    case.name
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

fn compressing() -> [TestApp; 3] {
    [
        TestApp::serve(
            Memory::new(0),
            || App::new().wrap(Compress::default()).configure(routes),
            |server| server,
        ),
        TestApp::recording(
            |logger| logger,
            |logger| {
                App::new()
                    .wrap(logger)
                    .wrap(Compress::default())
                    .configure(routes)
            },
        ),
        TestApp::recording(
            |logger| logger,
            |logger| {
                App::new()
                    .wrap(Compress::default())
                    .wrap(logger)
                    .configure(routes)
            },
        ),
    ]
}

#[test]
fn answers_are_the_same_with_and_without() {
    let cases = [answers(), early_ends(), refused_by_their_heads()].concat();
    assert_alike(&cases, &TestApp::unlogged(routes), &[&TestApp::new(routes)]);
}

#[test]
fn uploads_are_answered_the_same_with_and_without() {
    let (unlogged, logged) = (TestApp::unlogged(routes), TestApp::new(routes));
    assert_alike(&uploads(), &unlogged, &[&logged]);
}

#[test]
fn compressed_answers_are_the_same_inside_and_outside_compress() {
    let [unlogged, inside, outside] = compressing();
    for coding in ["gzip", "br", "zstd", "gzip;q=0.5, br", "identity;q=0, none"] {
        let header = format!("accept-encoding: {coding}");
        let cases: Vec<_> = [answers(), early_ends(), refused_by_their_heads()]
            .concat()
            .into_iter()
            // Whether anything arrives of an answer that breaks off depends on how fast the threads
            // are on which `Compress` works.
            .filter(|case| !case.name.contains("/fails-late"))
            .map(|case| case.header(&header).called(coding))
            .collect();
        assert_alike(&cases, &unlogged, &[&inside, &outside]);
    }
}

#[test]
fn uploads_are_answered_the_same_inside_and_outside_compress() {
    let [unlogged, inside, outside] = compressing();
    let cases: Vec<_> = uploads()
        .into_iter()
        .map(|case| case.header("accept-encoding: gzip"))
        .collect();
    assert_alike(&cases, &unlogged, &[&inside, &outside]);
}

#[test]
fn the_cases_see_what_they_were_made_to_see() {
    let app = TestApp::new(routes);
    let play = |case| Conversation::of(&case, &app);

    let closed = play(unread_upload());
    assert_eq!((closed.status(), closed.next), (401, None));
    let kept = play(Case::chunked("/early", "text/plain", "drained", 3));
    assert_eq!(kept.status(), 401);
    assert!(kept.next.is_some());
    let interim = play(Case::new("POST", "/bytes").expecting("body"));
    assert_eq!(interim.answers.len(), 2);
    assert_eq!(play(Case::new("GET", "/panic")).answers, []);
    assert_eq!(play(Case::new("GET", "/short")).answers, []);
    let torn = play(Case::new("GET", "/fails-late"));
    assert!(!torn.answers[0].whole);
    assert!(torn.answers[0].body.0.len() > 40 * 1024);
    let bad = Case::new("POST", "/bytes").header("transfer-encoding: chunked");
    assert_eq!(play(bad.and("zz\r\n")).status(), 400);
    let coded = Case::new("GET", "/any").header("accept-encoding: gzip");
    let coded = Conversation::of(&coded, &compressing()[1]);
    let header = "content-encoding: gzip".to_owned();
    assert!(coded.answers[0].headers.contains(&header));
    for case in uploads() {
        if case.name.starts_with("POST /wide") {
            assert_eq!(play(case.clone()).status(), 200, "{}", case.name);
        }
    }
}

/// Answers of all shapes to requests without bodies.
pub fn answers() -> Vec<Case> {
    let mut cases: Vec<_> = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
        .into_iter()
        .flat_map(|method| [Case::new(method, "/any?q=1"), Case::new(method, "/get")])
        .collect();
    for method in ["GET", "HEAD"] {
        for target in [
            "/empty",
            "/status/204",
            "/status/205",
            "/status/304",
            "/status/206",
            "/status/500",
            "/surplus/204",
            "/surplus/205",
            "/surplus/206",
            "/surplus/304",
            "/not-modified",
            "/headers",
            "/stream",
            "/sized",
            "/short",
            "/long",
            "/fails",
            "/fails-late",
            "/large",
            "/many-chunks",
            "/error",
            "/panic",
            "/guarded/any",
            "/nowhere",
            "/status/none",
        ] {
            cases.push(Case::new(method, target));
        }
    }
    for target in ["/any", "/stream", "/sized", "/empty", "/error", "/nowhere"] {
        let case = Case::new("GET", target);
        cases.push(case.clone().http_10());
        cases.push(case.clone().http_10().header("connection: keep-alive"));
        cases.push(case.clone().header("connection: close"));
        cases.push(case.clone().pipelined(Case::new("HEAD", target)));
        let last = Case::new("GET", "/many-chunks");
        cases.push(case.pipelined(Case::new("POST", "/bytes")).pipelined(last));
    }
    cases.push(Case::new("GET", "/any").finishing());
    cases
}

/// Not a byte of it comes, and the handler does not ask for it.
fn unread_upload() -> Case {
    Case::new("POST", "/early")
        .header("content-length: 1000000")
        .called("stalled")
}

/// Answers that come before the request is read, and requests that are not right.
fn early_ends() -> Vec<Case> {
    let text = "text/plain";
    let stalled = |target| Case::new("POST", target).header("content-length: 1000000");
    vec![
        unread_upload(),
        stalled("/early").and("a"),
        stalled("/first-chunk").and("a few bytes"),
        stalled("/error").and("a"),
        stalled("/panic").and("a"),
        stalled("/stream").and("a"),
        stalled("/guarded/any").and("a"),
        stalled("/nowhere").and("a"),
        stalled("/get").called("405").and("a"),
        Case::post("/early", text, "all there"),
        Case::post("/early", text, routes::text(1_000_000)),
        Case::post("/stream", text, "all there"),
        Case::post("/many-chunks", text, routes::text(200_000)),
        Case::chunked("/early", text, "all there", 4),
        Case::chunked("/early", text, routes::text(500_000), 10_000),
        Case::chunked("/stream", text, "all there", 4),
        Case::chunked("/nowhere", text, "all there", 4),
        Case::chunked("/early", text, "unread", 4).pipelined(Case::new("GET", "/any")),
        Case::post("/early", text, "unread").pipelined(Case::new("GET", "/any")),
        Case::post("/early", text, "unread").http_10(),
        Case::new("POST", "/early").expecting("not wanted"),
        Case::new("POST", "/nowhere").expecting("not wanted"),
        Case::new("POST", "/early")
            .header("transfer-encoding: chunked")
            .called("a bad size")
            .and("zz\r\n"),
        Case::new("POST", "/bytes")
            .header("content-length: 1")
            .header("content-length: 2")
            .called("two lengths"),
        Case::new("POST", "/bytes")
            .header("content-length: 1")
            .header("transfer-encoding: chunked")
            .called("two framings"),
        Case::new("GET", "/any")
            .header("no header")
            .called("a bad line"),
        Case::new("GET", "/any").http_10().header("host: other"),
    ]
}
