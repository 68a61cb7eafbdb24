//! Bodies that are never in memory as a whole, however long they are or however long they take.

use std::{convert::Infallible, time::Duration};

use actix_multipart::Multipart;
use actix_web::{
    error::{self, PayloadError},
    http::header,
    rt, web, HttpRequest, HttpResponse,
};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, Session};
use bytes::Bytes;
use futures_util::{stream, StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

const DEFAULT_DOWNLOAD: u64 = 1024 * 1024;

/// The most parts of an upload: their names are kept until it is answered.
const MAX_PARTS: usize = 100;

/// What every download is made of.
static CHUNK: [u8; 64 * 1024] = [b'x'; 64 * 1024];

#[derive(Serialize)]
struct Part {
    name: Option<String>,
    bytes: u64,
}

/// Counts the bytes of each part of a multipart form.
pub(crate) async fn upload(mut form: Multipart) -> Result<HttpResponse, actix_web::Error> {
    let mut parts = Vec::new();
    while let Some(mut field) = form.try_next().await? {
        if parts.len() == MAX_PARTS {
            return Err(error::ErrorBadRequest("too many parts"));
        }
        let name = field.name().map(str::to_owned);
        let mut bytes = 0;
        while let Some(chunk) = field.try_next().await? {
            bytes += chunk.len() as u64;
        }
        parts.push(Part { name, bytes });
    }
    Ok(HttpResponse::Ok().json(json!({ "parts": parts })))
}

/// Sends each chunk of the body back as soon as it arrives.
pub(crate) async fn echo(req: HttpRequest, body: web::Payload) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(media_type) = req.headers().get(header::CONTENT_TYPE) {
        response.insert_header((header::CONTENT_TYPE, media_type.clone()));
    }
    response.streaming(body)
}

/// Reads the body and throws it away.
pub(crate) async fn sink(mut body: web::Payload) -> Result<HttpResponse, PayloadError> {
    let mut bytes = 0;
    while let Some(chunk) = body.try_next().await? {
        bytes += chunk.len() as u64;
    }
    Ok(HttpResponse::Ok().json(json!({ "bytes": bytes })))
}

#[derive(Deserialize)]
pub(crate) struct Download {
    bytes: Option<u64>,
}

/// Sends as many bytes as were asked for.
pub(crate) async fn download(query: web::Query<Download>) -> HttpResponse {
    let bytes = query.bytes.unwrap_or(DEFAULT_DOWNLOAD);
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .streaming(stream::iter(chunks(bytes)).map(Ok::<_, Infallible>))
}

/// Chunks of so many bytes together. All of them share the memory of [`CHUNK`].
fn chunks(bytes: u64) -> impl Iterator<Item = Bytes> {
    let size = CHUNK.len() as u64;
    let last = (bytes % size) as usize;
    (0..bytes / size)
        .map(|_| Bytes::from_static(&CHUNK))
        .chain((last > 0).then(|| Bytes::from_static(&CHUNK[..last])))
}

#[derive(Deserialize)]
pub(crate) struct Events {
    count: Option<usize>,
}

/// Server-sent events: one at once, then one a second, until `count` are sent or the client leaves.
pub(crate) async fn events(query: web::Query<Events>) -> HttpResponse {
    let clock = rt::time::interval(Duration::from_secs(1));
    let events = stream::unfold((clock, 1), |(mut clock, number)| async move {
        clock.tick().await;
        let event = Bytes::from(format!("id: {number}\ndata: event {number}\n\n"));
        Some((event, (clock, number + 1_u64)))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .streaming(
            events
                .take(query.count.unwrap_or(usize::MAX))
                .map(Ok::<_, Infallible>),
        )
}

/// A WebSocket that sends every message back.
pub(crate) async fn websocket(
    req: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, session, messages) = actix_ws::handle(&req, body)?;
    // The response has to be on its way before there are messages, so this goes on beside it.
    rt::spawn(echo_messages(session, messages.aggregate_continuations()));
    Ok(response)
}

async fn echo_messages(mut session: Session, mut messages: AggregatedMessageStream) {
    let mut reason = None;
    while let Some(Ok(message)) = messages.recv().await {
        let sent = match message {
            AggregatedMessage::Text(text) => session.text(text).await,
            AggregatedMessage::Binary(bytes) => session.binary(bytes).await,
            AggregatedMessage::Ping(bytes) => session.pong(&bytes).await,
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Close(why) => {
                reason = why;
                break;
            }
        };
        if sent.is_err() {
            // The client is gone.
            return;
        }
    }
    // Nothing to be done about it where the client does not wait for the answer.
    let _ = session.close(reason).await;
}
