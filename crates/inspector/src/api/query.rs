//! Filters in addresses, and errors as the page shows them.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::{http::StatusCode, web, HttpResponse, ResponseError};
use body_logger_core::{filter::FilterError, Filter};
use body_logger_store::{Position, Store, StoreError};
use serde::Deserialize;
use serde_json::json;

use crate::respond;

#[derive(Debug, Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    q: String,
    minutes: Option<u32>,
}

impl Query {
    pub(super) fn filter(&self) -> Result<Filter, Problem> {
        filter(&self.q, self.minutes)
    }
}

/// Parses a filter. With `minutes`, only the time since then matches, which goes on while the page is open.
pub(super) fn filter(text: &str, minutes: Option<u32>) -> Result<Filter, Problem> {
    let mut filter: Filter = text.parse().map_err(|error| Problem::Filter {
        text: text.to_owned(),
        error,
    })?;
    if let Some(minutes) = minutes {
        let ago = Duration::from_secs(60 * u64::from(minutes));
        let from = SystemTime::now().checked_sub(ago).unwrap_or(UNIX_EPOCH);
        filter.from = Some(filter.from.map_or(from, |given| given.max(from)));
    }
    Ok(filter)
}

pub(super) fn position(text: &str) -> Result<Position, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

/// Says whether a filter can be parsed.
pub(super) async fn check(query: web::Query<Query>) -> Result<HttpResponse, Problem> {
    let _ = query.filter()?;
    Ok(respond::json(&json!({})))
}

/// Asks the store on a thread that may wait for it.
pub(super) async fn ask<T: Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    let store = store.clone();
    match web::block(move || question(&store)).await {
        Ok(answer) => answer.map_err(Problem::Store),
        Err(_) => Err(Problem::Stopping),
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Problem {
    Filter { text: String, error: FilterError },
    Store(StoreError),
    NotFound,
    Stopping,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter { error, .. } => error.fmt(f),
            Self::Store(error) => write!(f, "the store cannot be read: {error}"),
            Self::NotFound => f.write_str("not found"),
            Self::Stopping => f.write_str("the server is stopping"),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Filter { .. } => StatusCode::BAD_REQUEST,
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let Self::Filter { text, error } = self else {
            return respond::problem(self.status_code(), &self.to_string());
        };
        // The page counts in UTF-16.
        let column = |end: usize| {
            text.get(..end)
                .map_or(0, |before| before.encode_utf16().count())
        };
        let range = error.range();
        HttpResponse::build(self.status_code()).json(json!({
            "filter": { "message": sentence(&error.to_string()), "start": column(range.start), "end": column(range.end) }
        }))
    }
}

/// The message as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    let end = if message.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), chars.as_str())
}
