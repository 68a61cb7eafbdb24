//! Multipart bodies: a part shows its secret in none of the ways a body can be cut or damaged between parts.

use arbitrary::Unstructured;
use body_logger_redact::{Extent, PartContent, Redactor};

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
        for extent in [Extent::Whole, Extent::Truncated] {
            let found = Redactor::default().multipart(input, content_type.as_bytes(), extent);
            assert!(found.parts.len() <= 100);
            let mut end = 0;
            for part in &found.parts {
                assert!(end <= part.content.start && part.content.start <= part.content.end);
                end = part.content.end;
            }
            assert!(end <= input.len());
            shown(input, content_type, extent);
        }
    }
}

/// All that is shown of a body.
fn shown(body: &[u8], content_type: &str, extent: Extent) -> String {
    let redactor = Redactor::default();
    let found = redactor.multipart(body, content_type.as_bytes(), extent);
    let mut shown = String::new();
    for part in found.parts {
        shown.extend(part.name);
        shown.push('\n');
        shown.extend(part.file_name);
        shown.push('\n');
        if let PartContent::Text(content) = part.shown {
            let text = String::from_utf8_lossy(content.bytes());
            let redacted = redactor.part(&content, &text, Extent::Whole);
            shown.push_str(redacted.as_str());
            shown.push('\n');
        }
    }
    shown
}

fn check_planted(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let body = choices.multipart(300);
    let content_type = format!("multipart/form-data; boundary=\"{}\"", body.boundary);
    let show = |bytes: &[u8], extent: Extent| {
        let shown = shown(bytes, &content_type, extent);
        assert_hidden(&shown, &String::from_utf8_lossy(bytes));
    };
    show(&body.bytes, Extent::Whole);
    for end in choices.cuts(body.bytes.len(), 30) {
        let extent = match choices.one_in(4) {
            true => Extent::Whole,
            false => Extent::Truncated,
        };
        show(&body.bytes[..end], extent);
    }
    for line in body.boundaries {
        let at = line.start + choices.below(line.len());
        let mut damaged = body.bytes.clone();
        damaged[at] = choices.of(b"\r\n-: =;\"\0xb");
        show(&damaged, Extent::Whole);
        damaged.remove(at);
        show(&damaged, Extent::Whole);
    }
}
