//! The replay primitives, in process and over real sockets.

mod requests;
mod responses;
mod routes;
mod script;
mod sockets;

use std::io::Write as _;

use actix_web::{
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    test::TestRequest,
    web::Bytes,
    Error, HttpResponse,
};
use actix_web_body_logger::replay::{read_request, read_response, ReadError};
use proptest::prelude::*;

use self::script::Step;

pub fn request(payload: Payload) -> ServiceRequest {
    let mut req = TestRequest::post().to_srv_request();
    req.set_payload(payload);
    req
}

pub fn response<B: MessageBody>(body: B) -> ServiceResponse<B> {
    let res = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/x-thing"))
        .insert_header(("x-custom", "kept"))
        .finish()
        .set_body(body);
    TestRequest::default().to_srv_response(res)
}

pub fn pattern(len: usize) -> Bytes {
    (0..len).map(|i| (i % 251) as u8).collect()
}

pub fn pieces(body: &Bytes, size: usize) -> Vec<Step> {
    body.chunks(size)
        .map(|chunk| Step::Chunk(Bytes::copy_from_slice(chunk)))
        .collect()
}

pub fn stream_error(result: &Result<Bytes, ReadError>) -> bool {
    matches!(result, Err(ReadError::Stream { .. }))
}

/// What the documentation promises for a reading that is not interrupted.
pub fn expected(steps: &[Step], limit: usize) -> Result<Bytes, &'static str> {
    let mut all = Vec::new();
    for step in steps {
        match step {
            Step::Chunk(chunk) => all.extend_from_slice(chunk),
            Step::Pending => {}
            Step::Error => return Err("stream"),
        }
        if all.len() > limit {
            return Err("too large");
        }
    }
    Ok(all.into())
}

pub fn kind(result: Result<Bytes, ReadError>) -> Result<Bytes, &'static str> {
    result.map_err(|error| match error {
        ReadError::TooLarge { .. } => "too large",
        ReadError::Stream { .. } => "stream",
        _ => "something else",
    })
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => prop::collection::vec(any::<u8>(), 0..24).prop_map(|v| Step::Chunk(v.into())),
        3 => Just(Step::Pending),
        1 => Just(Step::Error),
    ];
    prop::collection::vec(step, 0..16)
}

pub async fn read_both<const LIMIT: usize>(
    mut req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let _ = read_request(&mut req, LIMIT).await;
    let res = next.call(req).await?;
    Ok(read_response(res, LIMIT).await.0)
}

pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(body).expect("memory takes all");
    gz.finish().expect("memory takes all")
}
