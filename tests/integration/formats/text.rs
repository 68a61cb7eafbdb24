//! The text for people.

use actix_web_body_logger::{
    format::{text, Color},
    record::{Body, RecordText},
    Entry, Record,
};
use proptest::prelude::*;
use serde_json::json;

use super::{example, posted, record, record_of};
use crate::records::outcomes::of_all_outcomes;

/// The text without our colours.
fn uncoloured(text: &str) -> String {
    let mut plain = text.to_owned();
    for codes in ["0", "1", "31", "32", "33", "36"] {
        plain = plain.replace(&format!("\x1b[{codes}m"), "");
    }
    plain
}

#[test]
fn the_example_reads_as_documented() {
    let expected = r#"POST http://localhost:8080/orders/7?page=2&token=*** HTTP/1.1
200 OK, completed in 1.234 ms
  time: 2026-11-21T09:15:01.123456Z
  id: 01a1fd63-3a83-7c2e-9f64-3d1c5b7a9e21
  service: orders 1.4.2, instance orders-7f9c, host web-3
  client: 127.0.0.1:53124
  route: /orders/{id}
  first byte: 0.456 ms
  attribute user: 42
request
  authorization: ***
  content-type: application/json
  body: 38 bytes, complete, application/json
    {
      "item": "server",
      "password": "***"
    }
response
  content-type: application/json
  body: 1048576 bytes, complete, 32768 captured (body_limit), application/json
    {"items":[...
"#;
    assert_eq!(text(&example(), Color::Never), expected);
}

#[test]
fn all_that_a_body_can_have_is_shown() {
    let mut record = posted(
        "multipart/form-data",
        "parts",
        json!([
            { "name": "note", "bytes": 9, "text": "two\nlines" },
            { "name": "card", "bytes": 14, "media_type": "application/json",
              "json": { "number": "***" } },
            { "name": "avatar", "file_name": "me.png", "media_type": "image/png", "bytes": 1024,
              "reasons": ["media_type"], "digest": "sha-256:00" },
        ]),
    );
    record.request.body.parts_dropped = 3;
    record.request.headers_dropped = 2;
    record.request.body.encoding = Some("gzip".to_owned());
    record.request.body.decoded = Some(99);
    record.request.body.events = Some(4);
    record.request.body.digest = Some("sha-256:11".to_owned());
    let shown = text(&record, Color::Never);
    let expected = r#"  2 more headers
  body: 10 bytes, complete, multipart/form-data, gzip of 99 bytes, 4 events
  digest: sha-256:11
  part: "note", 9 bytes
    two
    lines
  part: "card", application/json, 14 bytes
    {
      "number": "***"
    }
  part: "avatar", file "me.png", image/png, 1024 bytes (media_type), sha-256:00
  3 more parts
"#;
    assert!(shown.ends_with(expected), "{shown}");

    let shown = text(&posted("image/png", "base64", json!("AAAA")), Color::Never);
    assert!(shown.ends_with("\n    AAAA\n"), "{shown}");
}

#[test]
fn an_exchange_without_a_response_says_so_and_why() {
    let record = record_of(|record| {
        record["outcome"] = json!("service_error");
        record["error"] = json!({ "kind": "service", "status": 503, "message": "no luck" });
        record["request"]["body"]["bytes"] = json!(null);
        record["request"]["body"]["reasons"] = json!(["upgrade"]);
    });
    let shown = text(&record, Color::Never);
    for line in [
        "no response, service_error in 1.234 ms",
        "  error: service, status 503: no luck",
        "  body: bytes not counted, empty, 0 captured (upgrade)",
    ] {
        assert!(shown.lines().any(|it| it == line), "{shown}");
    }
}

#[test]
fn numbers_and_the_order_of_keys_stay_as_they_were() {
    let mut record = example();
    let json = r#"{"z":1.10,"a":1e400,"z":12345678901234567890123}"#;
    record.request.body = serde_json::from_str(&format!(
        r#"{{"state":"complete","bytes":1,"captured":1,"json":{json}}}"#
    ))
    .expect("a body");
    let shown = text(&record, Color::Never);
    let expected = "    {\n      \"z\": 1.10,\n      \"a\": 1e400,\n      \
                    \"z\": 12345678901234567890123\n    }\n";
    assert!(shown.contains(expected), "{shown}");
}

#[test]
fn every_outcome_reads_the_same_with_and_without_colours() {
    for entry in of_all_outcomes(|logger| logger) {
        let Entry::Record(record) = entry else {
            continue;
        };
        let plain = text(&record, Color::Never);
        let coloured = text(&record, Color::Always);
        assert!(
            plain.contains(record.outcome.map_or("start", |outcome| outcome.as_str())),
            "{plain}"
        );
        assert!(!plain.contains('\x1b'));
        assert_ne!(plain, coloured);
        assert_eq!(uncoloured(&coloured), plain);
    }
}

#[test]
fn colours_mark_methods_names_statuses_and_what_is_missing() {
    let head = |status: Option<u16>, dropped: u32| {
        let record = record_of(|record| {
            record["request"]["headers_dropped"] = json!(dropped);
            if let Some(status) = status {
                record["response"] = json!({ "status": status, "headers": [],
                    "body": { "state": "empty", "bytes": 0, "captured": 0 } });
            }
        });
        text(&record, Color::Always)
    };
    let shown = head(Some(200), 2);
    for line in [
        "\x1b[1mGET\x1b[0m http://localhost:8080/orders/7 HTTP/1.1",
        "\x1b[32m200 OK\x1b[0m, completed in 1.234 ms",
        "  \x1b[36mid\x1b[0m: an-id",
        "\x1b[1mrequest\x1b[0m",
        "\x1b[33m  2 more headers\x1b[0m",
    ] {
        assert!(shown.lines().any(|it| it == line), "{shown}");
    }
    for (status, begins) in [
        (Some(399), "\x1b[32m399\x1b[0m, "),
        (Some(400), "\x1b[33m400 Bad Request\x1b[0m, "),
        (Some(499), "\x1b[33m499\x1b[0m, "),
        (Some(500), "\x1b[31m500 Internal Server Error\x1b[0m, "),
        (None, "\x1b[31mno response\x1b[0m, "),
    ] {
        let shown = head(status, 0);
        assert!(
            shown.lines().any(|line| line.starts_with(begins)),
            "{shown}"
        );
    }
}

#[test]
fn a_record_says_how_far_its_exchange_is() {
    for (stage, outcome, expected) in [
        (json!("start"), json!(null), "no response, start"),
        (json!("end"), json!("released"), "no response, released"),
        (json!(null), json!(null), "no response, not over"),
    ] {
        let record = record_of(|record| {
            record["duration_us"] = json!(null);
            record["outcome"] = outcome;
            if !stage.is_null() {
                record["stage"] = stage;
                record["first_seq"] = json!(1);
            }
        });
        let shown = text(&record, Color::Never);
        assert_eq!(shown.lines().nth(1), Some(expected));
    }
}

#[test]
fn each_message_has_its_own_facts() {
    let record = record_of(|record| {
        record["request"]["scheme"] = json!("https");
        record["request"]["body"] = json!({ "state": "complete", "bytes": 1, "captured": 1,
            "reasons": ["level", "redaction"], "encoding": "br", "no_file": "too_slow" });
        record["response"] = json!({ "status": 299, "headers": [], "headers_dropped": 7,
            "body": { "state": "aborted", "bytes": 9, "captured": 4,
                      "file": { "name": "a.body", "bytes": 1, "digest": "sha-256:22" } } });
    });
    let expected = "GET https://localhost:8080/orders/7 HTTP/1.1\n299, completed in 1.234 ms\n";
    let shown = text(&record, Color::Never);
    assert!(shown.starts_with(expected), "{shown}");
    let expected = "request
  body: 1 byte, complete, 1 captured (level, redaction), br
  no file: too_slow
response
  7 more headers
  body: 9 bytes, aborted, 4 captured
  file: a.body, 1 byte, sha-256:22
";
    assert!(shown.ends_with(expected), "{shown}");
}

#[test]
fn base64_is_broken_into_lines() {
    let base64 = format!("{}{}{}", "A".repeat(76), "B".repeat(76), "CCCC");
    let shown = text(&posted("image/png", "base64", json!(base64)), Color::Never);
    let expected = format!(
        "\n    {}\n    {}\n    CCCC\n",
        "A".repeat(76),
        "B".repeat(76)
    );
    assert!(shown.ends_with(&expected), "{shown}");
}

#[test]
fn json_that_would_be_mostly_blanks_is_not_indented() {
    let deep = format!("{}1{}", "[".repeat(30), "]".repeat(30));
    let wide = format!(
        "{}{}1{}",
        "[".repeat(20),
        "1,".repeat(2_000),
        "]".repeat(20)
    );
    for (document, is_indented) in [(deep, true), (wide, false)] {
        let mut record = example();
        record.request.body = serde_json::from_str(&format!(
            r#"{{"state":"complete","bytes":1,"captured":1,"json":{document}}}"#
        ))
        .expect("a body");
        let shown = text(&record, Color::Never).replace("\n    … ", "");
        assert_eq!(shown.contains(&format!("\n    {document}\n")), !is_indented);
    }
}

#[test]
fn a_line_is_filled_before_it_is_broken() {
    let shown = |name: &str, length: usize| {
        let record = record_of(|record| {
            record["request"]["headers"] = json!([[name, "x".repeat(length)]]);
        });
        text(&record, Color::Never)
    };
    for (name, columns) in [("name", 8), ("日本", 8), ("n日", 7), ("é", 6)] {
        let full = shown(name, 80 - columns);
        assert!(!full.contains('…'), "{full}");
        let broken = shown(name, 81 - columns);
        assert!(broken.contains("x\n    … x\n"), "{broken}");
    }
}

/// Puts a text wherever a record has one.
fn everywhere(strange: &str) -> Record {
    let mut record = record();
    let text = || RecordText::from(strange);
    record.id = text();
    record.client.addr = Some(text());
    record
        .attributes
        .insert(strange.to_owned(), strange.to_owned());
    record.request.method = format!("M{strange}").into();
    record.request.scheme = text();
    record.request.host = Some(text());
    record.request.path = text();
    record.request.query = Some(text());
    record.request.route = Some(text());
    record.request.version = text();
    record.request.headers = vec![(text(), text())];
    record.request.body = body(strange);
    record
}

fn body(strange: &str) -> Body {
    let part = json!({ "name": strange, "file_name": strange, "media_type": strange,
                       "bytes": 1, "digest": strange, "text": strange });
    let body = json!({ "state": "complete", "bytes": 1, "captured": 1, "media_type": strange,
                       "encoding": strange, "digest": strange, "text": strange, "parts": [part] });
    serde_json::from_str(&body.to_string()).expect("a body")
}

#[test]
fn no_line_is_longer_than_a_terminal_so_that_none_passes_for_another_record() {
    let pad = " ".repeat(200);
    let forged = format!("{pad}GET http://evil/ HTTP/1.1{pad}200 OK, completed in 1.000 ms");
    let mut record = everywhere(&forged);
    record.request.method = "GET".into();
    for forged in [forged, "日".repeat(200), "x".repeat(500)] {
        record.request.headers[0].1 = forged.as_str().into();
        record.request.body.text = Some(forged);
        let shown = text(&record, Color::Never);
        for line in shown.lines() {
            let columns: usize = line
                .chars()
                .map(|it| if it.is_ascii() { 1 } else { 2 })
                .sum();
            assert!(columns <= 80, "{columns} {line}");
            assert!(!line.trim_start().is_empty() || line.starts_with("    "));
        }
        // Put together again it is what it was.
        let whole = shown.replace("\n    … ", "");
        assert!(
            whole.contains(record.request.headers[0].1.as_str()),
            "{shown}"
        );
        let outer = shown.lines().filter(|line| !line.starts_with(' '));
        assert_eq!(outer.skip(2).collect::<Vec<_>>(), ["request"], "{shown}");
    }
}

#[test]
fn a_line_feed_at_the_end_is_seen() {
    let shown = |body: &str| text(&posted("text/plain", "text", json!(body)), Color::Never);
    let all = ["", "\n", "a", "a\n", "a\n\n", "a\r\n"].map(shown);
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{one}");
    }
    assert!(all[2].ends_with("\n    a\n"), "{}", all[2]);
    assert!(all[3].ends_with("\n    a\n    \n"), "{}", all[3]);
    let part = |body: &str| {
        let parts = json!([{ "name": "a", "bytes": 1, "text": body }]);
        text(&posted("multipart/form-data", "parts", parts), Color::Never)
    };
    assert_ne!(part("a"), part("a\n"));
}

#[test]
fn the_scheme_is_shown_where_there_is_no_host() {
    for scheme in ["http", "https"] {
        let record = record_of(|record| {
            record["request"]["host"] = json!(null);
            record["request"]["scheme"] = json!(scheme);
        });
        let shown = text(&record, Color::Never);
        let expected = format!("  scheme: {scheme}");
        assert!(shown.lines().any(|line| line == expected), "{shown}");
    }
    assert!(!text(&record(), Color::Never).contains("scheme"));
}

proptest! {
    #[test]
    fn content_does_nothing_to_a_terminal_and_passes_for_nothing_else(
        strange in prop_oneof![
            any::<String>(),
            "[a\n\r\t\x1b\\[m\u{9b}\u{7f}\u{202e}\u{2028}\u{feff}é]{0,30}",
        ]
    ) {
        let record = everywhere(&strange);
        let plain = text(&record, Color::Never);
        let bad = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2028}\u{feff}".contains(c));
        prop_assert!(!plain.contains(bad), "{:?}", plain);
        // Lines that are not indented are two of the head, and the names of the messages.
        let outer = plain.lines().filter(|line| !line.starts_with(' ')).skip(2);
        prop_assert_eq!(outer.collect::<Vec<_>>(), ["request"]);
        prop_assert_eq!(uncoloured(&text(&record, Color::Always)), plain);
    }
}
