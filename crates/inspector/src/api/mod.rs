//! The API of the page, in JSON. It reads only.

mod compare;
mod entries;
mod events;
mod har;
mod overview;
mod query;
mod record;
mod row;
mod status;
mod words;

use actix_web::web;

pub(crate) use self::entries::first_entries;

use crate::respond::nothing_here;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/words", web::get().to(words::words))
        .route("/filter", web::get().to(query::check))
        .route("/entries", web::get().to(entries::entries))
        .route("/records/{id}", web::get().to(record::record))
        .route("/records/{id}/around", web::get().to(record::around))
        .route("/records/{id}/har", web::get().to(har::of_record))
        .route("/compare", web::get().to(compare::compare))
        .route("/har", web::get().to(har::of_filter))
        .route("/overview", web::get().to(overview::overview))
        .route("/status", web::get().to(status::status))
        .route("/events", web::get().to(events::events))
        .default_service(web::to(nothing_here));
}
