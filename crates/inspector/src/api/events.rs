//! What arrives, as server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use actix_web::{
    http::header::CONTENT_TYPE,
    rt::time::{sleep, timeout},
    web::{self, Bytes},
    HttpResponse,
};
use body_logger_core::Filter;
use body_logger_store::{Position, Store, StoreError, Subscription};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{json, Value};
use tokio::sync::Notify;

use super::{
    entries::rows,
    query::{ask, filter, position, Problem},
};
use crate::shared::Shared;

/// Rows in one event at most.
const MOST: usize = 500;

/// Time between two events at least, so that many records are one event.
const PAUSE: Duration = Duration::from_millis(150);

/// Time after which something is sent, so that both ends see whether the other is there.
const HEARTBEAT: Duration = Duration::from_secs(10);

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    minutes: Option<u32>,
    after: Option<String>,
}

pub(super) async fn events(
    shared: web::Data<Shared>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let filter = filter(&wanted.q, wanted.minutes)?;
    let after = wanted.after.as_deref().map(position).transpose()?;
    let arrivals = Arrivals::new(shared.store.clone(), filter, after);
    let events = stream::unfold(arrivals, |mut arrivals| async move {
        let event = arrivals.next().await?;
        Some((Ok::<_, Infallible>(event), arrivals))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}

/// A reader's place in what arrives.
struct Arrivals {
    store: Store,
    filter: Arc<Filter>,
    after: Option<Position>,
    arrived: Arc<Notify>,
    /// Ends with the connection.
    _subscription: Subscription,
    begun: bool,
}

impl Arrivals {
    fn new(store: Store, filter: Filter, after: Option<Position>) -> Self {
        let arrived = Arc::new(Notify::new());
        let notified = Arc::clone(&arrived);
        let subscription = store.subscribe(move |_| notified.notify_one());
        // Reads at once what came before the subscription.
        arrived.notify_one();
        Self {
            store,
            filter: Arc::new(filter),
            after,
            arrived,
            _subscription: subscription,
            begun: false,
        }
    }

    /// The next event. `None` ends the stream: the page connects again.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return Some(Bytes::from_static(b":\n\n"));
        }
        loop {
            if timeout(HEARTBEAT, self.arrived.notified()).await.is_err() {
                return Some(Bytes::from_static(b":\n\n"));
            }
            let (filter, after) = (Arc::clone(&self.filter), self.after);
            let news = ask(&self.store, move |store| news(store, &filter, after));
            let (news, next, more) = news.await.ok()?;
            self.after = next;
            if more {
                self.arrived.notify_one();
            }
            if let Some(news) = news {
                sleep(PAUSE).await;
                return Some(Bytes::from(format!("event: rows\ndata: {news}\n\n")));
            }
        }
    }
}

/// What matches among the entries after a position, and where to go on.
fn news(
    store: &Store,
    filter: &Filter,
    after: Option<Position>,
) -> Result<(Option<Value>, Option<Position>, bool), StoreError> {
    let page = store.arrivals(filter, after, MOST)?;
    let mut rows = rows(&page, filter);
    rows.reverse();
    let newest = page.next.map(|next| next.to_string());
    let more = !page.complete || page.records.len() >= MOST;
    let news = (!rows.is_empty()).then(|| json!({ "rows": rows, "newest": newest }));
    Ok((news, page.next, more))
}
