//! What a client says of the parts of a form, or of a form as a whole.

use actix_web_body_logger::record::{Body, Part, Reason};

use super::routes;
use crate::app::TestApp;

/// A form of one part with these headers, between two that have none.
fn form(headers: &str, content: &[u8]) -> Vec<u8> {
    let field = |name: &str| {
        format!("--b\r\ncontent-disposition: form-data; name={name}\r\n\r\n{name}\r\n")
    };
    let head = "--b\r\ncontent-disposition: form-data; name=note";
    let before = format!("{}{head}\r\n{headers}\r\n", field("first"));
    let after = format!("\r\n{}--b--\r\n", field("last"));
    [before.as_bytes(), content, after.as_bytes()].concat()
}

/// Sends a form, which the handler reads, and returns how it is recorded.
#[track_caller]
fn recorded(app: &TestApp, headers: &str, form: &[u8]) -> Body {
    let before = app.memory().records().len();
    let head = format!(
        "POST /extract HTTP/1.1\r\nhost: test\r\ncontent-type: multipart/form-data; boundary=b\r\n\
         {headers}content-length: {}\r\n\r\n",
        form.len()
    );
    let response = app
        .connect()
        .send([head.as_bytes(), form].concat())
        .response();
    assert_eq!(response.header("x-read"), Some(&*form.len().to_string()));
    let body = app
        .records(before + 1)
        .pop()
        .expect("a record")
        .request
        .body;
    assert_eq!(body.bytes, Some(form.len() as u64), "{headers}");
    body
}

/// The one part, once the two around it are as they should be.
#[track_caller]
fn between(body: &Body) -> &Part {
    let [first, part, last] = &body.parts[..] else {
        panic!("{body:?}");
    };
    assert_eq!(first.text.as_deref(), Some("first"));
    assert_eq!(last.text.as_deref(), Some("last"));
    part
}

#[test]
fn a_charset_of_a_part_that_is_not_true_does_not_hide_it() {
    let app = TestApp::new(routes);
    for charset in ["utf-16", "utf-7", "klingon", "shift_jis", "latin1"] {
        let headers = format!("content-type: application/json; charset={charset}\r\n");
        let body = recorded(&app, "", &form(&headers, br#"{"item":"server","pin":"1"}"#));
        let part = between(&body);
        let json = part.json.as_ref().map(|json| json.get());
        assert_eq!(json, Some(r#"{"item":"server","pin":"***"}"#), "{charset}");
    }
}

#[test]
fn a_charset_of_a_part_that_is_true_is_read_and_hides_no_secret() {
    let app = TestApp::new(routes);
    let utf_16: Vec<u8> =
        r#"{"item":"server","pin":"1"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let headers = "content-type: application/json; charset=utf-16le\r\n";
    let body = recorded(&app, "", &form(headers, &utf_16));
    let json = between(&body).json.as_ref().map(|json| json.get());
    assert_eq!(json, Some(r#"{"item":"server","pin":"***"}"#));
}

/// Who knows the coding reads something else than who does not, and either may be a secret. So it is
/// withheld, and the record says what of: nothing of it disappears.
#[test]
fn a_coding_of_a_part_withholds_it_and_says_so() {
    let app = TestApp::new(routes);
    for headers in [
        "content-transfer-encoding: base64\r\n",
        "Content-Transfer-Encoding: Quoted-Printable\r\n",
        "content-transfer-encoding: x-uuencode\r\n",
        "content-encoding: gzip\r\n",
        "content-encoding: nope\r\n",
    ] {
        let content = b"cGluPTEyMzQ=";
        let body = recorded(&app, "", &form(headers, content));
        let part = between(&body);
        assert_eq!(part.name.as_deref(), Some("note"), "{headers}");
        assert_eq!(part.bytes, Some(content.len() as u64), "{headers}");
        assert_eq!((&part.text, &part.json), (&None, &None), "{headers}");
        assert_eq!(part.reasons, [Reason::Redaction], "{headers}");
    }
    for plain in ["7bit", "8BIT", "binary"] {
        let headers = format!("content-transfer-encoding: {plain}\r\n");
        let body = recorded(&app, "", &form(&headers, b"shown"));
        assert_eq!(between(&body).text.as_deref(), Some("shown"), "{plain}");
    }
}

/// Those that actix does not know its extractors pass over, and what stands before the first part, too.
#[test]
fn no_coding_of_a_form_that_is_not_true_hides_it() {
    let app = TestApp::new(routes);
    for preamble in ["", "\r\n", "Not for those who can read this.\r\n"] {
        for coding in ["nope", "compress", "gzip, gzip", "identity"] {
            let headers = format!("content-encoding: {coding}\r\n");
            let form = [preamble.as_bytes(), &form("", b"shown")].concat();
            let body = recorded(&app, &headers, &form);
            assert_eq!(between(&body).text.as_deref(), Some("shown"), "{coding}");
            assert_eq!(body.reasons, [], "{coding}");
        }
    }
}
