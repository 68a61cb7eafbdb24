//! The memory that rendered entries occupy.

use std::mem;

use body_logger_core::record::{Body, Entry, Reason, Record, RecordText};

use crate::capture::ATTRIBUTE_OVERHEAD;

/// Longest text that [`RecordText`] stores inline, without allocation.
const INLINE_TEXT: usize = 23;

/// Returns the number of bytes that an entry occupies.
pub(super) fn bytes(entry: &Entry) -> usize {
    let more = match entry {
        Entry::Record(record) => of_record(record),
        // Only records are queued.
        _ => 0,
    };
    mem::size_of::<Entry>() + more
}

/// Discards the bodies of an entry. Returns whether it had any.
pub(super) fn shed_bodies(entry: &mut Entry) -> bool {
    let Entry::Record(record) = entry else {
        return false;
    };
    let response = record.response.as_mut().map(|it| &mut it.body);
    let mut shed = false;
    for body in response.into_iter().chain([&mut record.request.body]) {
        let has_content = body.json.is_some()
            || body.text.is_some()
            || body.base64.is_some()
            || !body.parts.is_empty();
        if has_content {
            body.json = None;
            body.text = None;
            body.base64 = None;
            body.parts = Vec::new();
            body.parts_dropped = 0;
            body.captured = 0;
            body.add_reason(Reason::MemoryBudget);
            shed = true;
        }
    }
    shed
}

fn of_record(record: &Record) -> usize {
    let request = &record.request;
    let response = record.response.as_ref();
    let attributes = record.attributes.iter();
    let attributes = attributes.map(|(name, value)| ATTRIBUTE_OVERHEAD + name.len() + value.len());
    let message = record
        .error
        .as_ref()
        .and_then(|error| error.message.as_ref());
    let trace = record.trace.as_ref();
    let texts = [
        Some(&record.id),
        trace.map(|trace| &trace.trace_id),
        record.client.addr.as_ref(),
        Some(&request.method),
        request.host.as_ref(),
        Some(&request.path),
        request.route.as_ref(),
        request.query.as_ref(),
    ];
    texts.into_iter().flatten().map(text).sum::<usize>()
        + attributes.sum::<usize>()
        + message.map_or(0, String::len)
        + headers(&request.headers)
        + body(&request.body)
        + response.map_or(0, |it| headers(&it.headers) + body(&it.body))
}

fn headers(headers: &[(RecordText, RecordText)]) -> usize {
    let texts = headers.iter().map(|(name, value)| text(name) + text(value));
    mem::size_of_val(headers) + texts.sum::<usize>()
}

fn body(body: &Body) -> usize {
    let parts = body.parts.iter().map(|part| {
        let texts = [&part.name, &part.file_name, &part.digest, &part.text];
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
        mem::size_of_val(part) + texts + part.json.as_ref().map_or(0, |json| json.get().len())
    });
    let file = body.file.as_ref();
    let file = file.map_or(0, |it| {
        it.name.len() + it.digest.as_ref().map_or(0, String::len)
    });
    let texts = [&body.encoding, &body.digest, &body.text, &body.base64];
    texts.into_iter().flatten().map(String::len).sum::<usize>()
        + body.json.as_ref().map_or(0, |json| json.get().len())
        + body.media_type.as_ref().map_or(0, text)
        + parts.sum::<usize>()
        + file
}

fn text(text: &RecordText) -> usize {
    Some(text.len())
        .filter(|len| *len > INLINE_TEXT)
        .unwrap_or(0)
}
