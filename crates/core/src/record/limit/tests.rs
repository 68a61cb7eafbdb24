use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    length::{escaped_char_len, escaped_len, prefix},
    steps::TRUNCATED,
    *,
};
use crate::record::{
    Body, ErrorKind, ErrorRecord, Json, Part, Reason, RecordText, Resource, SALT_BYTES,
};

fn line(record: &Record) -> String {
    serde_json::to_string(record).expect("JSON") + "\n"
}

/// Texts of up to `most` pieces, of all lengths and with all kinds of escapes.
fn text(most: usize) -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a", "\"", "\\", "\n", "\u{1}", "\u{7f}", "é", "€", "𝄞", "***",
    ]);
    (piece, 0..=most, ".{0,20}").prop_map(|(piece, times, end)| piece.repeat(times) + &end)
}

fn headers() -> impl Strategy<Value = Vec<(RecordText, RecordText)>> {
    let header = (text(20), text(2000)).prop_map(|(name, value)| (name.into(), value.into()));
    vec(header, 0..8)
}

fn body() -> impl Strategy<Value = Body> {
    let part = (text(50), text(2000)).prop_map(|(name, text)| Part {
        name: Some(name),
        text: Some(text),
        bytes: Some(1),
        ..Part::default()
    });
    let content = (0..4, text(8000), vec(part, 0..6));
    (content, option::of(text(3000)), any::<bool>()).prop_map(
        |((kind, text, parts), media_type, is_encoded)| {
            let mut body = Body {
                bytes: Some(100_000),
                captured: 50_000,
                media_type: media_type.map(RecordText::from),
                encoding: is_encoded.then(|| "gzip".to_owned()),
                ..Body::default()
            };
            match kind {
                0 => body.text = Some(text),
                1 => body.json = Json::from_text(encode(&text)).ok(),
                2 => body.base64 = Some("QUJD".repeat(text.len() / 4)),
                _ => body.parts = parts,
            }
            body
        },
    )
}

fn encode(text: &str) -> String {
    serde_json::to_string(text).expect("JSON")
}

prop_compose! {
    fn records()(
        (request_headers, request_body) in (headers(), body()),
        (response_headers, response_body) in (headers(), body()),
        (path, query, host, route) in (text(5000), text(5000), text(5000), text(5000)),
        (method, address, service) in (text(3000), text(3000), text(3000)),
        attributes in proptest::collection::btree_map(text(30), text(300), 0..6),
        message in option::of(text(3000)),
    ) -> Record {
        let mut record = Record::example();
        record.request.headers = request_headers;
        record.request.body = request_body;
        record.request.path = path.into();
        record.request.query = Some(query.into());
        record.request.host = Some(host.into());
        record.request.route = Some(route.into());
        record.request.method = method.into();
        record.client.addr = Some(address.into());
        record.resource = Some(Resource::new(service));
        record.attributes = attributes;
        record.error = message.map(|message| ErrorRecord {
            kind: ErrorKind::Handler,
            status: Some(500),
            message: Some(message),
        });
        let response = record.response.as_mut().expect("a response");
        response.headers = response_headers;
        response.body = response_body;
        record
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn lines_keep_the_limit_and_round_trip(
        mut record in records(),
        max_bytes in prop_oneof![Just(MIN_MAX_RECORD_BYTES), MIN_MAX_RECORD_BYTES..100_000],
        reserved in select(vec![0, SALT_BYTES]),
    ) {
        let before = record.clone();
        RecordLimit::new(max_bytes).reserving(reserved).apply(&mut record);
        let max_bytes = max_bytes - reserved;
        let line = line(&record);
        prop_assert!(line.len() <= max_bytes, "{} of {max_bytes}: {line}", line.len());
        prop_assert_eq!(&serde_json::from_str::<Record>(&line).expect("a record"), &record);
        // A record that fits is unchanged.
        if encoded(&before) + SEQ_DIGITS < max_bytes {
            prop_assert_eq!(record, before);
        }
    }

    #[test]
    fn computed_lengths_agree_with_serde(text in text(300)) {
        prop_assert_eq!(escaped_len(&text) + 2, encode(&text).len());
        let most = text.len() / 2;
        let prefix = prefix(&text, most);
        prop_assert!(escaped_len(prefix) <= most);
        let next = text[prefix.len()..].chars().next();
        prop_assert!(next.is_none_or(|next| escaped_len(prefix) + escaped_char_len(next) > most));
    }

    #[test]
    fn the_upper_bound_is_never_exceeded(record in records()) {
        prop_assert!(encoded(&record) < most_bytes(&record));
    }
}

#[test]
fn shortens_the_larger_content_first_and_gives_the_reason() {
    let mut record = Record::example();
    record.request.body.json = None;
    record.request.body.text = Some("small".repeat(100));
    let response = record.response.as_mut().expect("a response");
    response.body.json = Json::from_text(encode(&"\u{1}large".repeat(1000))).ok();
    response.body.text = None;
    let before = record.clone();
    shorten(&mut record, 8192);

    assert!(
        (8100..=8192).contains(&line(&record).len()),
        "{}",
        line(&record).len()
    );
    let response = record.response.as_mut().expect("a response");
    assert!(response.body.json.is_none());
    let text = response.body.text.as_deref().expect("a prefix");
    assert!(text.starts_with("\"\\u0001large"), "{text}");
    assert!(response.body.reasons.contains(&Reason::RecordLimit));
    assert_eq!(response.body.captured, text.len() as u64);
    assert_eq!(record.request, before.request);
}

#[test]
fn shortens_less_important_content_first() {
    let mut record = Record::example();
    record.request.headers = vec![("name".into(), "v".repeat(3000).into()); 3];
    record.attributes = [("user".to_owned(), "u".repeat(1000))].into();
    record.request.path = format!("/{}", "p".repeat(1000)).into();
    let before = record.clone();
    shorten(&mut record, 6000);
    assert_eq!(record.request.headers.len(), 0);
    assert_eq!(record.request.headers_dropped, 3);
    assert_eq!(record.attributes, before.attributes);
    shorten(&mut record, MIN_MAX_RECORD_BYTES);
    assert_eq!(record.attributes, before.attributes);
    assert_eq!(record.request.path, before.request.path);

    record.request.path = format!("/{}", "p".repeat(4000)).into();
    shorten(&mut record, MIN_MAX_RECORD_BYTES);
    assert_eq!(record.attributes["user"], TRUNCATED);
    assert!(record.request.path.ends_with(TRUNCATED));
    assert!(record.request.path.len() > 2000);
}
