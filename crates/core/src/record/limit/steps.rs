//! The steps by which a record is shortened, each by a number of bytes as far as it can.

use std::cmp::Reverse;

use super::length::{content_bytes, encoded, escaped_len, prefix};
use crate::record::{Body, Reason, Record, Resource, Trace};

/// Appended to a shortened text.
pub(super) const TRUNCATED: &str = "…";

/// Minimum length that is left of a text, in bytes as JSON. About twenty such texts fit into the smallest limit.
const KEPT_OF_TEXT: usize = 48;

pub(super) fn bodies(record: &mut Record) -> impl Iterator<Item = &mut Body> {
    let response = record.response.as_mut().map(|response| &mut response.body);
    [Some(&mut record.request.body), response]
        .into_iter()
        .flatten()
}

/// Returns the body for which `bytes` is larger, unless it is zero for both.
pub(super) fn larger(record: &mut Record, bytes: fn(&Body) -> usize) -> Option<&mut Body> {
    let larger = bodies(record).max_by_key(|body| bytes(body))?;
    (bytes(larger) > 0).then_some(larger)
}

pub(super) fn shorten_larger_content(record: &mut Record, excess: usize) {
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

pub(super) fn drop_parts(record: &mut Record, excess: usize) {
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

pub(super) fn drop_headers(record: &mut Record, mut excess: usize) {
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

pub(super) fn shorten_attributes(record: &mut Record, mut excess: usize) {
    // Only values: the names show which attributes there were.
    for value in record.attributes.values_mut().rev() {
        excess = excess.saturating_sub(shorten_text(value, excess, 0));
    }
}

/// The last resort, as an application may set hundreds of attributes.
pub(super) fn drop_attributes(record: &mut Record, mut excess: usize) {
    while excess > 0 {
        let Some((name, value)) = record.attributes.pop_last() else {
            return;
        };
        excess = excess.saturating_sub(encoded(&name) + encoded(&value));
    }
}

pub(super) fn shorten_message(record: &mut Record, excess: usize) {
    let message = record
        .error
        .as_mut()
        .and_then(|error| error.message.as_mut());
    if let Some(message) = message {
        shorten_text(message, excess, 0);
    }
}

pub(super) fn shorten_request_line(record: &mut Record, mut excess: usize) {
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
pub(super) fn shorten_texts(record: &mut Record, mut excess: usize) {
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
pub(super) fn shorten_text<T: AsRef<str> + From<String>>(
    text: &mut T,
    excess: usize,
    least: usize,
) -> usize {
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
pub(super) fn note_limit(reasons: &mut Vec<Reason>) -> usize {
    if reasons.contains(&Reason::RecordLimit) {
        return 0;
    }
    let before = encoded(reasons);
    reasons.push(Reason::RecordLimit);
    // The first reason also adds the member's name.
    encoded(reasons) - before + r#","reasons":[]"#.len()
}
