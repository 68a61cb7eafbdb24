//! Servers of our own, to be killed. They need their programs, and are left out where those are not.

#[cfg(feature = "jetstream")]
mod nats;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;

use std::{
    net::TcpListener,
    sync::{
        atomic::{AtomicU16, Ordering::Relaxed},
        LazyLock,
    },
};

#[cfg(feature = "jetstream")]
pub(crate) use self::nats::{Cluster, Nats};
#[cfg(all(unix, feature = "postgres"))]
pub(crate) use self::postgres::Postgres;

/// A port that nobody listens at, and that nobody is given while a server that listens there is away: below those that Linux
/// gives to whoever asks for any.
pub(crate) fn free_port() -> u16 {
    static NEXT: LazyLock<AtomicU16> =
        LazyLock::new(|| AtomicU16::new(fastrand::u16(10_000..30_000)));

    loop {
        let port = NEXT.fetch_add(1, Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
