//! How much of a body is kept, and what a record says of the rest.

mod limits;
mod media_types;
mod splits;

use actix_web::{
    body::BodyStream,
    http::header::CONTENT_TYPE,
    web::{self, Bytes},
    Error, HttpRequest, HttpResponse,
};
use actix_web_body_logger::record::{Body, BodyState, Reason};
use futures_util::stream;

pub const JSON: &str = "application/json";

/// `/echo` answers with the body it got, `/stream` too, in chunks of the sizes that a header asks
/// for.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.app_data(web::PayloadConfig::new(64 << 20))
        .route("/echo{tail:.*}", web::post().to(echo))
        .route("/raw", web::post().to(read))
        .route("/stream", web::post().to(stream_back));
}

async fn read(body: web::Payload) -> HttpResponse {
    match body.to_bytes().await {
        Ok(_) => HttpResponse::Ok().finish(),
        Err(error) => HttpResponse::from_error(error),
    }
}

async fn echo(req: HttpRequest, body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(media_type) = req.headers().get(CONTENT_TYPE) {
        response.insert_header((CONTENT_TYPE, media_type));
    }
    response.body(body)
}

async fn stream_back(req: HttpRequest, body: Bytes) -> HttpResponse {
    let sizes = req.headers().get("x-sizes").expect("sizes");
    let sizes: Vec<usize> = sizes
        .to_str()
        .expect("text")
        .split(',')
        .map(|size| size.parse().expect("a size"))
        .collect();
    let chunks: Vec<Result<Bytes, Error>> = split(&body, &sizes)
        .map(|chunk| Ok(body.slice_ref(chunk)))
        .collect();
    HttpResponse::Ok()
        .content_type(JSON)
        .body(BodyStream::new(stream::iter(chunks)))
}

/// The pieces of a body, which have these sizes over and over.
pub fn split<'a>(body: &'a [u8], sizes: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = body;
    sizes.iter().cycle().map_while(move |&size| {
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// A request with a chunked body.
pub fn chunked<'a>(
    target: &str,
    headers: &str,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<u8> {
    let mut request = format!(
        "POST {target} HTTP/1.1\r\nhost: test\r\ncontent-type: {JSON}\r\n\
         transfer-encoding: chunked\r\n{headers}\r\n"
    )
    .into_bytes();
    for chunk in chunks {
        request.extend(format!("{:x}\r\n", chunk.len()).bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

/// A JSON document of this many bytes, without anything that looks like a secret.
pub fn json_of(len: usize) -> String {
    match len {
        0 => String::new(),
        1 => "7".to_owned(),
        _ => format!("\"{}\"", &"ab ".repeat(len)[..len - 2]),
    }
}

/// The content that a record shows of a body.
pub fn content(body: &Body) -> Option<&str> {
    let json = body.json.as_ref().map(|json| json.get());
    json.or(body.text.as_deref())
}

#[track_caller]
pub fn check(body: &Body, state: BodyState, bytes: usize, captured: usize, reasons: &[Reason]) {
    assert_eq!(
        (body.state, body.bytes, body.captured, &body.reasons[..]),
        (state, Some(bytes as u64), captured as u64, reasons),
        "{body:#?}"
    );
}
