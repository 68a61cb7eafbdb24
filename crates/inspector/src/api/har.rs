//! Downloads in the HTTP archive format.

use std::error::Error;

use actix_web::{
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web::{self, Bytes},
    HttpResponse,
};
use body_logger_core::{
    format::{self, HarWriter},
    Filter,
};
use body_logger_store::{Position, Store};
use futures_util::stream;
use uuid::Uuid;

use super::query::{ask, Problem, Query};
use crate::shared::Shared;

/// Records fetched at once.
const PAGE: usize = 500;

pub(super) async fn of_record(
    shared: web::Data<Shared>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let found = ask(&shared.store, move |store| store.record(*id)).await?;
    let found = found.ok_or(Problem::NotFound)?;
    Ok(download().json(format::har(&[found.record])))
}

/// All records that match a filter, oldest first, as fast as they are taken.
pub(super) async fn of_filter(
    shared: web::Data<Shared>,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    let filter = query.filter()?;
    let counters = ask(&shared.store, Store::counters).await?;
    let parts = Parts {
        store: shared.store.clone(),
        filter,
        after: None,
        // What arrives later would never end.
        newest: counters.newest.unwrap_or_default(),
        file: HarWriter::new(Vec::new()).map_err(|_| Problem::Stopping)?,
    };
    let parts = stream::try_unfold(Some(parts), |parts| async {
        let Some(parts) = parts else { return Ok(None) };
        // An error ends the connection, so that nobody takes a part for the whole.
        let next = web::block(move || parts.next()).await;
        next.map_err(actix_web::Error::from)?
            .map(Some)
            .map_err(actix_web::error::ErrorInternalServerError)
    });
    Ok(download().streaming(parts))
}

fn download() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json"));
    response.insert_header((
        CONTENT_DISPOSITION,
        "attachment; filename=\"exchanges.har\"",
    ));
    response
}

/// An archive in the making.
struct Parts {
    store: Store,
    filter: Filter,
    after: Option<Position>,
    newest: Position,
    file: HarWriter<Vec<u8>>,
}

impl Parts {
    /// The next bytes, and what is left.
    fn next(mut self) -> Result<(Bytes, Option<Self>), Box<dyn Error + Send + Sync>> {
        let page = self.store.arrivals(&self.filter, self.after, PAGE)?;
        let records = page.records.iter();
        let records = records.take_while(|it| it.position <= self.newest);
        self.file.write(records.map(|it| &it.record))?;
        let is_last = page.next <= self.after || page.next.is_none_or(|next| next >= self.newest);
        if is_last {
            return Ok((self.file.finish()?.into(), None));
        }
        self.after = page.next;
        let bytes = std::mem::take(self.file.get_mut());
        Ok((bytes.into(), Some(self)))
    }
}
