//! The headers that the middleware itself interprets.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::content::{decode::Codings, Essence};

/// A message's headers, with the first value of each header that is interpreted.
///
/// These are picked out while all headers are copied: comparing a few names costs less than one lookup.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownHeaders<'h> {
    all: &'h HeaderMap,
    pub(crate) host: Option<&'h HeaderValue>,
    pub(crate) content_type: Option<&'h HeaderValue>,
    pub(crate) content_encoding: Option<&'h HeaderValue>,
    content_length: Option<&'h HeaderValue>,
    pub(crate) transfer_encoding: Option<&'h HeaderValue>,
    upgrade: Option<&'h HeaderValue>,
}

impl<'h> KnownHeaders<'h> {
    /// Creates it before any header was visited.
    pub(crate) fn of(all: &'h HeaderMap) -> Self {
        Self {
            all,
            host: None,
            content_type: None,
            content_encoding: None,
            content_length: None,
            transfer_encoding: None,
            upgrade: None,
        }
    }

    /// Visits the next header, and stores it if it is interpreted.
    #[inline]
    pub(crate) fn visit(&mut self, name: &HeaderName, value: &'h HeaderValue) {
        let known = match *name {
            header::HOST => &mut self.host,
            header::CONTENT_TYPE => &mut self.content_type,
            header::CONTENT_ENCODING => &mut self.content_encoding,
            header::CONTENT_LENGTH => &mut self.content_length,
            header::TRANSFER_ENCODING => &mut self.transfer_encoding,
            header::UPGRADE => &mut self.upgrade,
            _ => return,
        };
        known.get_or_insert(value);
    }

    /// Returns the declared media type of the body.
    pub(crate) fn essence(&self) -> Option<Essence<'h>> {
        Essence::of(self.content_type?.as_bytes())
    }

    /// Returns the content codings of the body, or `None` if one is unknown.
    pub(crate) fn codings(&self) -> Option<Codings> {
        // Fast path: most bodies have none, which saves the lookup.
        let values = self
            .content_encoding
            .map(|_| self.all.get_all(header::CONTENT_ENCODING));
        Codings::named(values.into_iter().flatten().map(HeaderValue::as_bytes))
    }

    /// Returns the declared length of the body.
    pub(crate) fn content_length(&self) -> Option<u64> {
        parse_length(self.content_length?)
    }

    /// Whether the request asks for an upgrade to WebSocket.
    pub(crate) fn asks_for_websocket(&self) -> bool {
        self.upgrade.is_some()
            && self.all.get_all(header::UPGRADE).any(|value| {
                value
                    .as_bytes()
                    .trim_ascii()
                    .eq_ignore_ascii_case(b"websocket")
            })
    }
}

/// Parses the value of a `Content-Length`.
pub(crate) fn parse_length(value: &HeaderValue) -> Option<u64> {
    value.to_str().ok()?.parse().ok()
}
