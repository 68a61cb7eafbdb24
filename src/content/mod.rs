//! How a body is written: its media type, content codings and charset, and what of its head tells them. Hashes of it, too.

pub(crate) mod charset;
pub(crate) mod decode;
mod events;
#[cfg(feature = "hash")]
mod hash;
mod headers;
mod media_type;

#[cfg(feature = "hash")]
pub(crate) use self::hash::Digesting;
#[cfg(feature = "hash")]
pub use self::hash::{BodyDigest, HashKey};
pub(crate) use self::{
    events::{events, Event, EventCounter},
    headers::{parse_length, KnownHeaders},
    media_type::{Essence, Kind},
};
