//! Servers of our own, to be killed. They need their programs, and are left out where those are not.

#[cfg(feature = "jetstream")]
mod nats;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;

use std::net::TcpListener;

#[cfg(feature = "jetstream")]
pub(crate) use self::nats::{Cluster, Nats};
#[cfg(all(unix, feature = "postgres"))]
pub(crate) use self::postgres::Postgres;

/// A port that nobody listens at.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
