//! Two records beside each other.

use actix_web::{web, HttpResponse};
use body_logger_core::Record;
use serde::Deserialize;
use serde_json::{json, Value};
use uuid::Uuid;

use super::{
    query::{ask, Problem},
    row,
};
use crate::{compare::difference, respond, shared::Shared};

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    a: Uuid,
    b: Uuid,
}

pub(super) async fn compare(
    shared: web::Data<Shared>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let both = ask(&shared.store, move |store| {
        let found = (store.record(wanted.a)?, store.record(wanted.b)?);
        Ok(found
            .0
            .zip(found.1)
            .map(|(a, b)| answer(&a.record, &b.record)))
    });
    let answer = both.await?.ok_or(Problem::NotFound)?;
    Ok(respond::json(&answer))
}

fn answer(a: &Record, b: &Record) -> Value {
    json!({ "a": row::of_record(a), "b": row::of_record(b), "sections": difference(a, b) })
}
