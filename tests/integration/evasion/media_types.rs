//! What a client says of a body's media type.

use actix_web_body_logger::record::Reason;

use super::{check, routes, SENT};
use crate::app::TestApp;

/// Sends a body under these headers, which the handler reads.
#[track_caller]
fn send(app: &TestApp, headers: &str) -> u16 {
    let head = format!(
        "POST / HTTP/1.1\r\nhost: test\r\n{headers}content-length: {}\r\n\r\n",
        SENT.len()
    );
    let response = app.connect().send(head + SENT).response();
    if response.status == 200 {
        assert_eq!(response.header("x-read"), Some(&*SENT.len().to_string()));
    }
    response.status
}

/// It may be anything, and its secrets have no names. The record says that there was a body, and why it
/// is not shown.
#[test]
fn a_body_without_a_media_type_that_can_be_read_is_named() {
    let app = TestApp::new(routes);
    let cases = [
        "",
        "content-type:\r\n",
        "content-type: json\r\n",
        "content-type: ???\r\n",
        "content-type: application json\r\n",
        "content-type: \u{e9}/json\r\n",
        "content-type: application/json/x\r\n",
        "content-type: ;application/json\r\n",
        "content-type: application/json, text/plain\r\n",
        // Who looks at the first has this one.
        "content-type: text/plain\r\ncontent-type: application/json\r\n",
    ];
    for (n, headers) in cases.into_iter().enumerate() {
        assert_eq!(send(&app, headers), 200, "{headers}");
        let body = app.records(n + 1).pop().expect("a record").request.body;
        assert_eq!(body.bytes, Some(SENT.len() as u64), "{headers}");
        assert_eq!((body.captured, &body.text, &body.json), (0, &None, &None));
        assert_eq!(body.reasons, [Reason::MediaType], "{headers}");
    }
}

#[test]
fn a_media_type_is_read_whatever_stands_around_it() {
    let app = TestApp::new(routes);
    let cases = [
        "Content-Type: application/json\r\n",
        "content-type:application/json\r\n",
        "content-type: \t application/json \t\r\n",
        "content-type: Application/JSON;charset=utf-8;\r\n",
        "content-type: application/json\r\ncontent-type: text/plain\r\n",
        "content-type: application/vnd.api+json\r\n",
        "content-type: text/json\r\n",
    ];
    for (n, headers) in cases.into_iter().enumerate() {
        assert_eq!(send(&app, headers), 200, "{headers}");
        let body = app.records(n + 1).pop().expect("a record").request.body;
        check(headers, &body);
    }
}

/// A folded line (RFC 9112, section 5.2) reaches no handler: the server answers for itself.
#[test]
fn a_folded_media_type_is_no_request() {
    let app = TestApp::new(routes);
    assert_eq!(send(&app, "content-type: application/\r\n json\r\n"), 400);
    assert_eq!(send(&app, "content-type: application/json\r\n"), 200);
    check("the next", &app.record().request.body);
}
