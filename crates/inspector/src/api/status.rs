//! The panels that the application added.

use std::sync::Arc;

use actix_web::{web, HttpResponse};
use body_logger_core::contain;
use serde_json::{json, Value};

use super::query::Problem;
use crate::{
    respond,
    shared::Shared,
    status::{StatusRow, Tone},
};

pub(super) async fn status(shared: web::Data<Shared>) -> Result<HttpResponse, Problem> {
    let shared = Arc::clone(&shared);
    // The closures may read files, or wait for a lock.
    let panels = web::block(move || panels(&shared)).await;
    panels
        .map(|panels| respond::json(&panels))
        .map_err(|_| Problem::Stopping)
}

fn panels(shared: &Shared) -> Vec<Value> {
    let panel = |panel: &crate::status::Panel| {
        let rows = contain(|| (panel.rows)());
        let rows = rows.unwrap_or_else(|_| {
            vec![StatusRow::new("Not known", "finding it out failed").tone(Tone::Bad)]
        });
        json!({ "title": panel.title, "rows": rows })
    };
    shared.panels.iter().map(panel).collect()
}
