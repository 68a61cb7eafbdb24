//! The content of bodies: media types, content codings, charsets and server-sent events, the headers that declare them,
//! and hashes.
//!
//! No declaration of a client hides a body: a false content coding or charset is ignored if the bytes are plainly JSON or a form
//! without it. `tests/integration/evasion.rs` lists the attempts tested.

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
