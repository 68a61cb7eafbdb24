//! Routes of every kind of body there is.

use actix_multipart::Multipart;
use actix_web::{
    body::{BodyStream, MessageBody, SizedStream},
    error,
    web::{self, Bytes},
    Error, HttpResponse,
};
use futures_util::{stream, TryStreamExt as _};

pub fn routes(cfg: &mut web::ServiceConfig) {
    #[derive(serde::Deserialize)]
    struct Form {
        text: String,
    }

    async fn multipart(mut parts: Multipart) -> Result<Bytes, Error> {
        let mut all = Vec::new();
        while let Some(mut part) = parts.try_next().await? {
            while let Some(chunk) = part.try_next().await? {
                all.extend_from_slice(&chunk);
            }
        }
        Ok(all.into())
    }

    async fn count(payload: web::Payload) -> Result<String, Error> {
        let count = payload
            .try_fold(0, |sum, chunk| async move { Ok(sum + chunk.len()) })
            .await?;
        Ok(count.to_string())
    }

    fn chunks(n: usize, len: usize) -> impl stream::Stream<Item = Result<Bytes, Error>> {
        stream::iter((0..n).map(move |i| Ok(Bytes::from(vec![b'a' + (i % 26) as u8; len]))))
    }

    fn failing() -> impl stream::Stream<Item = Result<Bytes, Error>> {
        let first = Ok(Bytes::from_static(b"first"));
        stream::iter([first, Err(error::ErrorBadGateway("cut"))])
    }

    cfg.route("/bytes", web::post().to(|body: Bytes| async { body }))
        .route("/string", web::post().to(|body: String| async { body }))
        .route(
            "/json",
            web::post().to(|body: web::Json<String>| async { body.into_inner() }),
        )
        .route(
            "/form",
            web::post().to(|body: web::Form<Form>| async { body.into_inner().text }),
        )
        .route("/multipart", web::post().to(multipart))
        .route("/stream", web::post().to(count))
        .route(
            "/sized",
            any(|| HttpResponse::Ok().body("hello world, hello")),
        )
        .route(
            "/sized-stream",
            any(|| body(SizedStream::new(50, chunks(5, 10)))),
        )
        .route("/chunks", any(|| body(BodyStream::new(chunks(5, 10)))))
        .route("/many", any(|| body(BodyStream::new(chunks(3000, 100)))))
        .route("/nothing", any(|| HttpResponse::NoContent().finish()))
        .route("/empty", any(|| HttpResponse::Ok().body("")))
        .route(
            "/not-modified",
            any(|| HttpResponse::NotModified().finish()),
        )
        .route("/short", any(|| body(SizedStream::new(99, chunks(5, 10)))))
        .route("/long", any(|| body(SizedStream::new(33, chunks(5, 10)))))
        .route("/failing", any(|| body(BodyStream::new(failing()))))
        .route("/ping", any(|| HttpResponse::Ok().body("pong")))
        .route(
            "/error",
            web::get().to(|| async { Err::<String, _>(error::ErrorConflict("no, not now")) }),
        );
}

fn any(respond: fn() -> HttpResponse) -> actix_web::Route {
    web::route().to(move || async move { respond() })
}

fn body(body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-type", "text/x"))
        .body(body)
}
