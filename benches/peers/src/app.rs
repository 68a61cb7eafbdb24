//! The application that everything is measured with.

use std::time::Duration;

use actix_web::{
    body::SizedStream,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::ContentType,
    rt::time::sleep,
    web, App, Error, HttpResponse,
};
use bytes::Bytes;
use futures_util::{stream, StreamExt as _};

use crate::traffic::{self, BULK, CHUNK, EVENTS, EVENT_EVERY, HELLO, LARGE};

/// What an application is made of that can be hosted.
pub(crate) trait Endpoint<B>:
    ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<B>,
        Error = Error,
        InitError = (),
    > + 'static
{
}

impl<B, T> Endpoint<B> for T where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static
{
}

pub(crate) fn app() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .route("/hello", web::get().to(hello))
        .route("/echo", web::post().to(echo))
        .route("/stream", web::post().to(in_chunks))
        .route("/large", web::get().to(large))
        .route("/download", web::get().to(download))
        .route("/upload", web::post().to(upload))
        .route("/events", web::get().to(events))
}

async fn hello() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(HELLO)
}

async fn echo(body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(body)
}

async fn in_chunks(body: web::Bytes) -> HttpResponse {
    let starts = (0..body.len()).step_by(CHUNK);
    let chunks = starts.map(move |start| Ok::<_, Error>(body.slice(start..start + CHUNK)));
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .streaming(stream::iter(chunks))
}

async fn large() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(SizedStream::new(
            LARGE as u64,
            stream::iter(traffic::large().map(Ok::<_, Error>)),
        ))
}

async fn download() -> HttpResponse {
    const PIECE: usize = 64 << 10;
    let pieces = (0..BULK / PIECE as u64).map(|_| Ok::<_, Error>(Bytes::from(vec![b'x'; PIECE])));
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(SizedStream::new(BULK, stream::iter(pieces)))
}

async fn upload(mut body: web::Payload) -> Result<String, Error> {
    let mut bytes = 0;
    while let Some(chunk) = body.next().await {
        bytes += chunk?.len();
    }
    Ok(bytes.to_string())
}

async fn events() -> HttpResponse {
    let events = stream::iter(0..EVENTS).then(|n| async move {
        if n > 0 {
            sleep(Duration::from_millis(EVENT_EVERY)).await;
        }
        Ok::<_, Error>(Bytes::from(format!("data: {n}\n\n")))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(events)
}
