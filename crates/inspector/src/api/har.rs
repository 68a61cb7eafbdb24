//! Downloads in the HTTP archive format.

use actix_web::{http::header::CONTENT_DISPOSITION, web, HttpResponse};
use body_logger_core::{format, Filter, Record};
use body_logger_store::{Store, StoreError};
use uuid::Uuid;

use super::query::{ask, Problem, Query};
use crate::inspector::Shared;

/// Records in one archive at most.
const MOST: usize = 10_000;

/// Records fetched at once.
const PAGE: usize = 500;

pub(super) async fn of_record(
    shared: web::Data<Shared>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let found = ask(&shared.store, move |store| store.record(*id)).await?;
    let found = found.ok_or(Problem::NotFound)?;
    Ok(download(&[found.record]))
}

/// The newest records that match a filter.
pub(super) async fn of_filter(
    shared: web::Data<Shared>,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    let filter = query.filter()?;
    let records = ask(&shared.store, move |store| newest(store, &filter)).await?;
    Ok(download(&records))
}

fn newest(store: &Store, filter: &Filter) -> Result<Vec<Record>, StoreError> {
    let (mut records, mut start) = (Vec::new(), None);
    loop {
        let page = store.page(filter, start, PAGE.min(MOST - records.len()))?;
        records.extend(page.records.into_iter().map(|it| it.record));
        start = page.next;
        if start.is_none() || records.len() >= MOST {
            return Ok(records);
        }
    }
}

fn download(records: &[Record]) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"exchanges.har\"",
        ))
        .json(format::har(records))
}
