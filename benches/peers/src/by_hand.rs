//! The same job as this crate's, written by hand as a careful user would: both bodies are read whole, what has the name of a
//! secret is masked in headers and JSON, and a line of JSON for each exchange goes to a file that another thread writes.

use std::{
    io::Write as _,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use actix_http::h1;
use actix_web::{
    body::{to_bytes, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    http::header::{HeaderMap, CONTENT_TYPE},
    middleware::Next,
    web::{self, Bytes},
    Error,
};
use serde_json::{json, Value};
use time::{format_description::well_known::Rfc3339, OffsetDateTime};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use uuid::Uuid;

const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
];
const SECRET_NAMES: [&str; 8] = [
    "access_token",
    "api_key",
    "card_number",
    "password",
    "pin",
    "refresh_token",
    "secret",
    "token",
];
const MASK: &str = "***";

/// Whoever drops it waits until all lines are written.
static GUARD: Mutex<Option<WorkerGuard>> = Mutex::new(None);

/// Opens the file, to which a thread writes.
pub(crate) fn appender(path: PathBuf) -> NonBlocking {
    let file = std::fs::File::create(path).expect("the directory for temporary files is there");
    let (appender, guard) = NonBlockingBuilder::default().lossy(false).finish(file);
    *GUARD.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard);
    appender
}

/// Waits until all lines are written.
pub(crate) fn finish() {
    drop(GUARD.lock().unwrap_or_else(PoisonError::into_inner).take());
}

pub(crate) async fn audit(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let time = OffsetDateTime::now_utc();
    let body = req.extract::<Bytes>().await?;
    let (_, mut payload) = h1::Payload::create(true);
    payload.unread_data(body.clone());
    req.set_payload(Payload::from(payload));
    let appender = req.app_data::<web::Data<NonBlocking>>().cloned();
    let request = json!({
        "method": req.method().as_str(),
        "path": req.path(),
        "query": req.query_string(),
        "client": req.peer_addr().map(|addr| addr.to_string()),
        "headers": headers(req.headers()),
        "body": shown(req.headers(), &body),
    });

    let response = next.call(req).await?;
    let (request_of, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(|_| ErrorInternalServerError("the body failed"))?;
    let record = json!({
        "id": Uuid::now_v7().to_string(),
        "time": time.format(&Rfc3339).map_err(ErrorInternalServerError)?,
        "route": request_of.match_pattern(),
        "request": request,
        "response": {
            "status": response.status().as_u16(),
            "headers": headers(response.headers()),
            "body": shown(response.headers(), &body),
        },
        "duration_us": began.elapsed().as_micros() as u64,
    });
    if let Some(appender) = appender {
        let mut line = serde_json::to_vec(&record).map_err(ErrorInternalServerError)?;
        line.push(b'\n');
        // A client is not to suffer from a log that cannot be written.
        let _ = NonBlocking::clone(&appender).write_all(&line);
    }
    Ok(ServiceResponse::new(
        request_of,
        response.set_body(BoxBody::new(body)),
    ))
}

fn headers(headers: &HeaderMap) -> Value {
    let pairs = headers.iter().map(|(name, value)| {
        let secret = SECRET_HEADERS.contains(&name.as_str());
        let value = if secret {
            MASK.into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        json!([name.as_str(), value])
    });
    pairs.collect()
}

/// JSON is masked; of any other content only the size is told.
fn shown(headers: &HeaderMap, body: &[u8]) -> Value {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_json = media_type.is_some_and(|value| value.starts_with("application/json"));
    match serde_json::from_slice(body) {
        Ok(mut value) if is_json => {
            mask(&mut value);
            value
        }
        _ => json!({ "bytes": body.len() }),
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
                    *value = MASK.into();
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}
