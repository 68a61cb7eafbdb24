//! The words of the filter's language, and what is known of the application.

use actix_web::{web, HttpResponse};
use body_logger_core::{filter::KEYS, Filter};
use serde_json::json;

use super::query::{ask, Problem};
use crate::{respond, shared::Shared};

pub(super) async fn words(shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    let newest = ask(&shared.store, |store| {
        store.page(&Filter::default(), None, 1)
    })
    .await?;
    let service = newest
        .records
        .first()
        .and_then(|newest| newest.record.resource.clone());
    let keys: Vec<_> = KEYS
        .iter()
        .map(|key| {
            let values: Vec<_> = key
                .values
                .iter()
                .map(|value| json!({ "text": value }))
                .collect();
            json!({ "name": key.name, "about": key.help, "example": key.example, "values": values })
        })
        .collect();
    Ok(respond::json(
        &json!({ "service": service, "tries": shared.tries, "keys": keys }),
    ))
}
