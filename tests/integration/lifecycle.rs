//! Every exit of an exchange leaves exactly one record, and the record says which exit it was.

mod answers;
mod bodies;
mod errors;
mod framing;
mod gone;
mod handlers_say;
mod panics;
mod stop;
mod tunnels;

use actix_web::{web::Bytes, Error};
use actix_web_body_logger::{
    record::{BodyState, ErrorKind},
    Record,
};
use futures_util::{stream, Stream};

/// How the request's body went, and how long it is said to be.
pub fn request_body(record: &Record) -> (BodyState, Option<u64>) {
    let body = &record.request.body;
    (body.state, body.bytes)
}

/// The status, how the response's body went, and how long it is said to be.
#[track_caller]
pub fn response(record: &Record) -> (u16, BodyState, u64) {
    let response = record.response.as_ref().expect("a response");
    let bytes = response.body.bytes.expect("a number of bytes");
    (response.status, response.body.state, bytes)
}

/// The response's body as the record shows it.
pub fn response_json(record: &Record) -> Option<&str> {
    let json = record.response.as_ref()?.body.json.as_ref()?;
    Some(json.get())
}

/// The error's kind and status.
pub fn error(record: &Record) -> Option<(ErrorKind, Option<u16>)> {
    let error = record.error.as_ref()?;
    assert_eq!(error.message, None, "messages stay out");
    Some((error.kind, error.status))
}

/// A body that comes in these chunks.
pub fn chunks(
    chunks: impl IntoIterator<Item = &'static str>,
) -> impl Stream<Item = Result<Bytes, Error>> {
    let chunks: Vec<_> = chunks.into_iter().map(|c| Ok(c.into())).collect();
    stream::iter(chunks)
}

/// A body that never ends.
pub fn endless() -> impl Stream<Item = Result<Bytes, Error>> {
    stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 64 * 1024])))
}
