//! The routes that are served with and without a logger, and what is sent to them.

use actix_multipart::Multipart;
use actix_web::{
    body::{MessageBody, SizedStream},
    dev::{ServiceRequest, ServiceResponse},
    error,
    http::{header, StatusCode},
    middleware::{from_fn, Next},
    web::{self, Bytes},
    Error, HttpRequest, HttpResponse, Responder,
};
use futures_util::{stream, Stream, StreamExt as _, TryStreamExt as _};

/// What the extractors of `/wide` take at most.
pub const WIDE: usize = 4 * 1024 * 1024;

pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/any", web::to(any))
        .route("/get", web::get().to(|| async { "got" }))
        .route("/empty", web::to(|| async { HttpResponse::Ok().finish() }))
        .route("/status/{code}", web::to(status))
        .route("/surplus/{code}", web::to(surplus))
        .route("/not-modified", web::to(not_modified))
        .route("/headers", web::to(many_headers))
        .route("/stream", web::to(streamed))
        .route("/sized", web::to(|| sized(12)))
        .route("/short", web::to(|| sized(20)))
        .route("/long", web::to(|| sized(5)))
        .route("/fails", web::to(|| failing(3)))
        .route("/fails-late", web::to(|| failing(40 * 1024)))
        .route("/large", web::to(|| async { text(300_000) }))
        .route("/many-chunks", web::to(many_chunks))
        .route("/early", web::to(early))
        .route("/first-chunk", web::to(first_chunk))
        .route("/error", web::to(handler_error))
        .route("/panic", web::to(panics))
        .route("/fault", web::to(fault))
        .route("/head", web::to(request_head))
        .service(
            web::scope("/guarded")
                .wrap(from_fn(guard))
                .route("/any", web::to(any)),
        )
        .service(
            web::scope("/wide")
                .app_data(web::PayloadConfig::new(WIDE))
                .app_data(web::JsonConfig::default().limit(WIDE))
                .app_data(web::FormConfig::default().limit(WIDE))
                .configure(extractors),
        )
        .configure(extractors);
}

fn extractors(cfg: &mut web::ServiceConfig) {
    cfg.route("/bytes", web::to(bytes))
        .route("/string", web::to(|body: String| async move { body }))
        .route("/json", web::to(json))
        .route("/form", web::to(form))
        .route("/multipart", web::to(multipart))
        .route("/count", web::to(count));
}

/// Text that can be compressed, but not to nothing.
pub fn text(len: usize) -> String {
    let mut text = String::new();
    for n in 0u32.. {
        if text.len() >= len {
            break;
        }
        text += &format!("{n} {} lines of text\n", n.wrapping_mul(2_654_435_761));
    }
    text.truncate(len);
    text
}

async fn any(req: HttpRequest) -> impl Responder {
    format!("{} {}\n{}", req.method(), req.uri(), text(3000))
}

async fn status(code: web::Path<u16>) -> impl Responder {
    HttpResponse::build(StatusCode::from_u16(*code).expect("a status")).finish()
}

async fn surplus(code: web::Path<u16>) -> impl Responder {
    HttpResponse::build(StatusCode::from_u16(*code).expect("a status")).body("surplus")
}

async fn not_modified() -> impl Responder {
    HttpResponse::NotModified()
        .insert_header((header::CONTENT_LENGTH, 1234))
        .insert_header((header::ETAG, "\"v1\""))
        .finish()
}

async fn many_headers() -> impl Responder {
    HttpResponse::Ok()
        .append_header(("x-one", "1"))
        .append_header(("set-cookie", "a=1"))
        .append_header(("set-cookie", "b=2"))
        .append_header(("x-not-text", &b"\xff\xfe"[..]))
        .append_header(("x-empty", ""))
        .content_type("text/plain; charset=utf-8")
        .body("with headers")
}

fn parts() -> impl Stream<Item = Result<Bytes, Error>> {
    let parts = ["one", "", "two", "three", "!"];
    stream::iter(parts).map(|part| Ok(Bytes::from_static(part.as_bytes())))
}

async fn streamed() -> impl Responder {
    HttpResponse::Ok()
        .content_type("text/plain")
        .streaming(parts())
}

async fn sized(claimed: u64) -> HttpResponse {
    HttpResponse::Ok().body(SizedStream::new(claimed, parts()))
}

async fn failing(after: usize) -> HttpResponse {
    let chunk = Ok(Bytes::from(text(after)));
    let parts = [chunk, Err(error::ErrorInternalServerError("on purpose"))];
    HttpResponse::Ok().streaming(stream::iter(parts))
}

async fn many_chunks() -> impl Responder {
    let parts = (0..200).map(|n| Ok::<_, Error>(Bytes::from(text(n * 10))));
    HttpResponse::Ok().streaming(stream::iter(parts))
}

/// Does not look at the upload.
async fn early() -> impl Responder {
    HttpResponse::Unauthorized().body("who are you?")
}

/// Lets go of the upload after its first chunk.
async fn first_chunk(mut body: web::Payload) -> Result<String, Error> {
    let first = body.try_next().await?;
    Ok(format!("{first:?}"))
}

async fn handler_error() -> Result<HttpResponse, Error> {
    Err(error::ErrorImATeapot("short and stout"))
}

async fn panics() -> HttpResponse {
    panic!("on purpose")
}

async fn guard(
    req: ServiceRequest,
    _: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let reason = format!("no entry to {}", req.path());
    Err::<ServiceResponse<String>, _>(error::ErrorForbidden(reason))
}

async fn bytes(req: HttpRequest, body: Bytes) -> impl Responder {
    let media_type = req.headers().get(header::CONTENT_TYPE);
    let media_type = media_type.map_or("none/none", |value| value.to_str().expect("text"));
    HttpResponse::Ok().content_type(media_type).body(body)
}

async fn json(body: web::Json<serde_json::Value>) -> impl Responder {
    body
}

async fn form(body: web::Form<Vec<(String, String)>>) -> impl Responder {
    format!("{body:?}")
}

async fn multipart(mut body: Multipart) -> Result<String, Error> {
    let mut fields = String::new();
    while let Some(mut field) = body.try_next().await? {
        let mut len = 0;
        while let Some(chunk) = field.try_next().await? {
            len += chunk.len();
        }
        fields += &format!("{:?}: {len}\n", field.name());
    }
    Ok(fields)
}

async fn count(mut body: web::Payload) -> Result<String, Error> {
    let mut bytes = 0;
    while let Some(chunk) = body.try_next().await? {
        bytes += chunk.len();
    }
    Ok(bytes.to_string())
}

/// Tells how the upload ended, error and all.
async fn fault(mut body: web::Payload) -> String {
    let mut read = Vec::new();
    loop {
        match body.next().await {
            Some(Ok(chunk)) => read.extend(chunk),
            Some(Err(error)) => return format!("{read:?}, then {error:?}"),
            None => return format!("{read:?}"),
        }
    }
}

/// Tells what the handler sees of the request's head.
async fn request_head(req: HttpRequest, body: Bytes) -> impl Responder {
    let mut headers: Vec<_> = req.headers().iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    format!("{:?} {headers:?} {}", req.version(), body.len())
}
