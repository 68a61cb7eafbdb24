//! Multipart bodies: a part shows its secret in none of the ways a body can be cut or damaged between parts.

use actix_web_body_logger::{internals::redact_multipart, Body};
use arbitrary::Unstructured;

use super::planted::{assert_hidden, Choices};

pub fn check(input: &[u8]) {
    check_as_it_is(input);
    check_planted(input);
}

fn check_as_it_is(input: &[u8]) {
    for content_type in [
        "multipart/form-data; boundary=b",
        "multipart/mixed; boundary=b",
    ] {
        for ended in [false, true] {
            let shown = redact_multipart(input, content_type, ended);
            let sizes: Option<u64> = shown.parts.iter().map(|part| part.bytes.or(Some(0))).sum();
            assert!(sizes <= Some(input.len() as u64), "{shown:?}");
            assert!(shown.captured <= input.len() as u64, "{shown:?}");
            assert!(shown.parts.len() <= 100);
            written(&shown);
        }
    }
}

/// The JSON of what is shown, which is read as what it was.
fn written(shown: &Body) -> String {
    let json = serde_json::to_string(shown).expect("JSON");
    let read: Body = serde_json::from_str(&json).expect("the same JSON");
    assert_eq!(read, *shown);
    json
}

fn check_planted(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let body = choices.multipart(300);
    let content_type = format!("multipart/form-data; boundary=\"{}\"", body.boundary);
    let show = |bytes: &[u8], ended: bool| {
        let json = written(&redact_multipart(bytes, &content_type, ended));
        assert_hidden(&json, &String::from_utf8_lossy(bytes));
    };
    show(&body.bytes, true);
    for end in choices.cuts(body.bytes.len(), 30) {
        let ended = choices.one_in(4);
        show(&body.bytes[..end], ended);
    }
    for line in body.boundaries {
        let at = line.start + choices.below(line.len());
        let mut damaged = body.bytes.clone();
        damaged[at] = choices.of(b"\r\n-: =;\"\0xb");
        show(&damaged, true);
        damaged.remove(at);
        show(&damaged, true);
    }
}
