//! The middleware that is copied from forum to forum: it reads both bodies whole.

use std::hint::black_box;

use actix_http::h1;
use actix_web::{
    body::{to_bytes, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    middleware::Next,
    web::Bytes,
    Error,
};

pub(crate) async fn log_bodies(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let body = req.extract::<Bytes>().await?;
    black_box(&body);
    let (_, mut payload) = h1::Payload::create(true);
    payload.unread_data(body);
    req.set_payload(Payload::from(payload));

    let response = next.call(req).await?;
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(|_| ErrorInternalServerError("the body failed"))?;
    black_box(&body);
    Ok(ServiceResponse::new(
        request,
        response.set_body(BoxBody::new(body)),
    ))
}
