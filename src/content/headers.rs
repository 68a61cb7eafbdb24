//! The headers that tell how a body is to be treated.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::content::{decode::Codings, Essence};

/// A message's headers, with the first value of each of those that are looked at.
///
/// They are found while all are copied: passing over a few costs less than looking up one.
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
    /// None seen yet, of these.
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

    /// Takes note of the next of the headers.
    #[inline]
    pub(crate) fn see(&mut self, name: &HeaderName, value: &'h HeaderValue) {
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

    /// The media type that the body is said to be of.
    pub(crate) fn essence(&self) -> Option<Essence<'h>> {
        Essence::of(self.content_type?.as_bytes())
    }

    /// The codings of the body; none if there is one that is not known.
    pub(crate) fn codings(&self) -> Option<Codings> {
        // Most bodies have none.
        let values = self
            .content_encoding
            .map(|_| self.all.get_all(header::CONTENT_ENCODING));
        Codings::named(values.into_iter().flatten().map(HeaderValue::as_bytes))
    }

    /// How long the body is said to be.
    pub(crate) fn content_length(&self) -> Option<u64> {
        parse_length(self.content_length?)
    }

    /// Whether the connection is asked to become a WebSocket's.
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

/// The number that a `Content-Length` says.
pub(crate) fn parse_length(value: &HeaderValue) -> Option<u64> {
    value.to_str().ok()?.parse().ok()
}
