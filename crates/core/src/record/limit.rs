//! Limits the length of records' lines.
//!
//! Log shippers drop or split long lines, or stop at them, and two captured bodies can grow to several times their size
//! when they are escaped. The least important content is shortened first, and the record says what was.

use std::{cmp::Reverse, io};

use serde::Serialize;

use super::{Body, Part, Reason, Record, Resource, Trace};
use crate::record::RecordText;

/// Default maximum length of a record's line, with its line feed: 256 KiB.
pub const DEFAULT_MAX_RECORD_BYTES: usize = 256 * 1024;

/// The smallest [`RecordLimit`]: 4 KiB. Everything in a record that cannot be shortened fits into it.
pub const MIN_MAX_RECORD_BYTES: usize = 4 * 1024;

/// Appended to a shortened text.
const TRUNCATED: &str = "…";

/// Minimum length that is left of a text, in bytes as JSON. About twenty such texts fit into the smallest limit.
const KEPT_OF_TEXT: usize = 48;

/// Maximum length of a record's line without its texts: names, numbers, times, and each reason once in both bodies.
const FIXED: usize = 2 * 1024;

/// Digits of the largest `seq`: a record rendered on the worker gets its number only afterwards.
const SEQ_DIGITS: usize = 20;

/// Maximum length of a record's line in bytes, with its line feed.
///
/// ```
/// use body_logger_core::record::{Record, RecordLimit, MIN_MAX_RECORD_BYTES};
///
/// let mut record = Record::example();
/// record.request.path = "/orders".repeat(1000).into();
/// RecordLimit::new(MIN_MAX_RECORD_BYTES).apply(&mut record);
/// assert!(serde_json::to_string(&record)?.len() < MIN_MAX_RECORD_BYTES);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RecordLimit(usize);

impl Default for RecordLimit {
    fn default() -> Self {
        Self(DEFAULT_MAX_RECORD_BYTES)
    }
}

impl RecordLimit {
    /// Creates a limit of `bytes`, but at least [`MIN_MAX_RECORD_BYTES`].
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(bytes.max(MIN_MAX_RECORD_BYTES))
    }

    /// Returns the limit in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.0
    }

    /// Shortens a record whose line would be too long, and marks it accordingly. First the content of the larger body
    /// is shortened, then that of the other, parts, headers, attributes, and finally all other external texts.
    pub fn apply(self, record: &mut Record) {
        if most_bytes(record) > self.0 {
            shorten(record, self.0);
        }
    }
}

fn shorten(record: &mut Record, max_bytes: usize) {
    let steps: [fn(&mut Record, usize); 9] = [
        shorten_larger_content,
        // This time the other body: either the first has no content left, or the record fits.
        shorten_larger_content,
        drop_parts,
        drop_headers,
        shorten_attributes,
        shorten_message,
        shorten_request_line,
        shorten_texts,
        drop_attributes,
    ];
    for step in steps {
        let excess = (encoded(record) + SEQ_DIGITS + 1).saturating_sub(max_bytes);
        if excess == 0 {
            return;
        }
        step(record, excess);
    }
}

/// Returns an upper bound of the length of a record's line, which rules out shortening for most records.
fn most_bytes(record: &Record) -> usize {
    let Record {
        id,
        error,
        client,
        attributes,
        request,
        response,
        resource,
        trace: _,
        ..
    } = record;
    // An escaped byte takes at most six: most texts need no exact count.
    let escaped = |text: &str| 6 * text.len();
    let optional = |text: &Option<RecordText>| text.as_deref().map_or(0, escaped);
    let headers = |headers: &[(RecordText, RecordText)]| -> usize {
        let header = |(name, value): &(RecordText, RecordText)| escaped(name) + escaped(value) + 8;
        headers.iter().map(header).sum()
    };
    let texts = [
        escaped(id),
        optional(&client.addr),
        escaped(&request.method),
        escaped(&request.scheme),
        optional(&request.host),
        escaped(&request.path),
        optional(&request.route),
        optional(&request.query),
        escaped(&request.version),
    ];
    let message = error.as_ref().and_then(|error| error.message.as_deref());
    let attribute = |(name, value): (&String, &String)| escaped(name) + escaped(value) + 8;
    let resource = resource.as_ref().map_or(0, |resource| {
        let others = [&resource.version, &resource.instance, &resource.host];
        escaped(&resource.service) + others.into_iter().map(optional).sum::<usize>()
    });
    let response = response.as_ref().map_or(0, |response| {
        headers(&response.headers) + most_bytes_of_body(&response.body)
    });
    FIXED
        + texts.iter().sum::<usize>()
        + message.map_or(0, escaped)
        + attributes.iter().map(attribute).sum::<usize>()
        + resource
        + headers(&request.headers)
        + most_bytes_of_body(&request.body)
        + response
}

fn most_bytes_of_body(body: &Body) -> usize {
    let text = |text: Option<&str>| text.map_or(0, |text| 6 * text.len());
    let file = body.file.as_ref();
    let part = |part: &Part| {
        200 + text(part.name.as_deref())
            + text(part.file_name.as_deref())
            + text(part.media_type.as_deref())
            + text(part.digest.as_deref())
            + part.json.as_ref().map_or(0, |json| json.get().len())
            + part.text.as_deref().map_or(0, escaped_len)
    };
    content_bytes(body)
        + text(body.media_type.as_deref())
        + text(body.encoding.as_deref())
        + text(body.digest.as_deref())
        + text(file.map(|file| &*file.name))
        + text(file.and_then(|file| file.digest.as_deref()))
        + body.parts.iter().map(part).sum::<usize>()
}

/// Returns the length of a body's content as JSON.
fn content_bytes(body: &Body) -> usize {
    let text = |text: &Option<String>| text.as_deref().map_or(0, |text| 2 + escaped_len(text));
    body.json.as_ref().map_or(0, |json| json.get().len()) + text(&body.text) + text(&body.base64)
}

fn bodies(record: &mut Record) -> impl Iterator<Item = &mut Body> {
    let response = record.response.as_mut().map(|response| &mut response.body);
    [Some(&mut record.request.body), response]
        .into_iter()
        .flatten()
}

/// Returns the body for which `bytes` is larger, unless it is zero for both.
fn larger(record: &mut Record, bytes: fn(&Body) -> usize) -> Option<&mut Body> {
    let larger = bodies(record).max_by_key(|body| bytes(body))?;
    (bytes(larger) > 0).then_some(larger)
}

fn shorten_larger_content(record: &mut Record, excess: usize) {
    let Some(body) = larger(record, content_bytes) else {
        return;
    };
    let excess = excess + note_limit(&mut body.reasons);
    let before = content_bytes(body);
    let left = before.saturating_sub(excess + 2);
    if let Some(base64) = body.base64.take() {
        // Four characters of base64 encode three bytes.
        let kept = left / 4 * 4;
        body.base64 = (kept > 0).then(|| base64[..kept.min(base64.len())].to_owned());
    } else {
        // A truncated document is no longer JSON.
        let json = body.json.take().map(|json| json.get().to_owned());
        let text = json.or(body.text.take()).unwrap_or_default();
        let kept = prefix(&text, left);
        body.text = (!kept.is_empty()).then(|| kept.to_owned());
    }
    let kept = match (&body.text, &body.base64) {
        (Some(text), _) => text.len(),
        (_, Some(base64)) => base64.len() / 4 * 3,
        (None, None) => 0,
    };
    // It is unknown how many encoded bytes a prefix of decoded content comes from.
    if body.encoding.is_none() || kept == 0 {
        body.captured = body.captured.min(kept as u64);
    }
}

fn drop_parts(record: &mut Record, excess: usize) {
    let mut excess = excess;
    while let Some(body) = larger(record, |body| encoded(&body.parts) - "[]".len()) {
        // The count of dropped parts makes the record longer.
        excess += note_limit(&mut body.reasons);
        if body.parts_dropped == 0 {
            excess += r#","parts_dropped":1234567890"#.len();
        }
        while excess > 0 {
            let Some(part) = body.parts.pop() else { break };
            body.parts_dropped = body.parts_dropped.saturating_add(1);
            excess = excess.saturating_sub(encoded(&part));
        }
        if excess == 0 {
            return;
        }
    }
}

fn drop_headers(record: &mut Record, mut excess: usize) {
    let request = &mut record.request;
    let response = record.response.as_mut();
    let mut heads = vec![(&mut request.headers, &mut request.headers_dropped)];
    heads.extend(response.map(|response| (&mut response.headers, &mut response.headers_dropped)));
    heads.sort_by_key(|(headers, _)| Reverse(encoded(headers)));
    for (headers, dropped) in heads {
        if excess > 0 && *dropped == 0 && !headers.is_empty() {
            excess += r#","headers_dropped":1234567890"#.len();
        }
        while excess > 0 {
            let Some(header) = headers.pop() else { break };
            *dropped = dropped.saturating_add(1);
            excess = excess.saturating_sub(encoded(&header));
        }
    }
}

fn shorten_attributes(record: &mut Record, mut excess: usize) {
    // Only values: the names show which attributes there were.
    for value in record.attributes.values_mut().rev() {
        excess = excess.saturating_sub(shorten_text(value, excess, 0));
    }
}

/// The last resort, as an application may set hundreds of attributes.
fn drop_attributes(record: &mut Record, mut excess: usize) {
    while excess > 0 {
        let Some((name, value)) = record.attributes.pop_last() else {
            return;
        };
        excess = excess.saturating_sub(encoded(&name) + encoded(&value));
    }
}

fn shorten_message(record: &mut Record, excess: usize) {
    let message = record
        .error
        .as_mut()
        .and_then(|error| error.message.as_mut());
    if let Some(message) = message {
        shorten_text(message, excess, 0);
    }
}

fn shorten_request_line(record: &mut Record, mut excess: usize) {
    let request = &mut record.request;
    let texts = [
        request.query.as_mut(),
        Some(&mut request.path),
        request.host.as_mut(),
        request.route.as_mut(),
    ];
    for text in texts.into_iter().flatten() {
        excess = excess.saturating_sub(shorten_text(text, excess, KEPT_OF_TEXT));
    }
}

/// Shortens all other texts of the client or the application, in no particular order. Reached only with texts of
/// kilobytes in unusual places, such as the method or a media type.
fn shorten_texts(record: &mut Record, mut excess: usize) {
    let Record {
        id,
        trace,
        resource,
        client,
        request,
        response,
        ..
    } = record;
    let mut texts = vec![
        id,
        &mut request.method,
        &mut request.scheme,
        &mut request.version,
    ];
    texts.extend(&mut client.addr);
    if let Some(Trace { trace_id, span_id }) = trace {
        texts.extend([trace_id, span_id]);
    }
    if let Some(Resource {
        service,
        version,
        instance,
        host,
    }) = resource
    {
        texts.push(service);
        texts.extend([version, instance, host].into_iter().flatten());
    }
    let response = response.as_mut().map(|response| &mut response.body);
    let mut strings = Vec::new();
    for body in response.into_iter().chain([&mut request.body]) {
        texts.extend(&mut body.media_type);
        strings.extend([&mut body.encoding, &mut body.digest].into_iter().flatten());
        if let Some(file) = &mut body.file {
            strings.push(&mut file.name);
            strings.extend(&mut file.digest);
        }
    }
    for text in texts {
        excess = excess.saturating_sub(shorten_text(text, excess, KEPT_OF_TEXT));
    }
    for text in strings {
        excess = excess.saturating_sub(shorten_text(text, excess, KEPT_OF_TEXT));
    }
}

/// Shortens a text by `excess` bytes as JSON, but not below `least`. Returns by how much.
fn shorten_text<T: AsRef<str> + From<String>>(text: &mut T, excess: usize, least: usize) -> usize {
    let before = escaped_len(text.as_ref());
    if excess == 0 || before <= least {
        return 0;
    }
    let left = before.saturating_sub(excess.saturating_add(TRUNCATED.len()));
    let kept = prefix(
        text.as_ref(),
        left.max(least.saturating_sub(TRUNCATED.len())),
    );
    *text = T::from(format!("{kept}{TRUNCATED}"));
    before.saturating_sub(escaped_len(text.as_ref()))
}

/// Adds the reason if it is missing. Returns by how many bytes that lengthens the record.
fn note_limit(reasons: &mut Vec<Reason>) -> usize {
    if reasons.contains(&Reason::RecordLimit) {
        return 0;
    }
    let before = encoded(reasons);
    reasons.push(Reason::RecordLimit);
    // The first reason also adds the member's name.
    encoded(reasons) - before + r#","reasons":[]"#.len()
}

/// Returns the longest prefix of whole characters with at most `most` bytes as JSON.
fn prefix(text: &str, most: usize) -> &str {
    let mut left = most;
    let end = text.char_indices().find(|(_, char)| {
        let bytes = escaped_char_len(*char);
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        !fits
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Returns the length of a text as JSON, without its quotes.
fn escaped_len(text: &str) -> usize {
    let escapes = |byte: &u8| ESCAPED[usize::from(*byte)];
    text.len()
        + text
            .as_bytes()
            .iter()
            .map(|byte| usize::from(escapes(byte)))
            .sum::<usize>()
}

fn escaped_char_len(char: char) -> usize {
    let escape = u8::try_from(char).map_or(0, |byte| ESCAPED[usize::from(byte)]);
    char.len_utf8() + usize::from(escape)
}

/// How many bytes longer a byte gets in a JSON string ([RFC 8259], section 7).
///
/// [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259#section-7
static ESCAPED: [u8; 256] = {
    let mut more = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        more[byte] = r"\u0000".len() as u8 - 1;
        byte += 1;
    }
    let short = *b"\"\\\x08\x0c\n\r\t";
    let mut n = 0;
    while n < short.len() {
        more[short[n] as usize] = 1;
        n += 1;
    }
    more
};

/// Returns the length of a value as JSON.
fn encoded<T: Serialize + ?Sized>(value: &T) -> usize {
    #[derive(Default)]
    struct Counter(usize);

    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut counter = Counter::default();
    // A value that cannot be serialized has no line: the sink reports that.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::*;
    use crate::record::{ErrorKind, ErrorRecord, Json};

    fn example() -> Record {
        serde_json::from_str(include_str!("../../docs/record.example.json")).expect("a record")
    }

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
            let mut record = example();
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
            max_bytes in MIN_MAX_RECORD_BYTES..100_000,
        ) {
            let before = record.clone();
            RecordLimit::new(max_bytes).apply(&mut record);
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
        let mut record = example();
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
        let mut record = example();
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
}
