//! Clients that send the same request over and over.

use std::{
    io,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use super::traffic::Client;

/// How many connections there are at once.
pub(crate) const CONNECTIONS: usize = 64;

/// What clients have got.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) answered: u64,
    pub(crate) per_second: f64,
}

/// Sends a request for so long, on each connection as soon as the one before is answered. All that
/// were begun are answered.
pub(crate) fn run(addr: SocketAddr, request: &[u8], time: Duration) -> Result<Load, String> {
    let began = Instant::now();
    let client = || -> io::Result<u64> {
        let mut client = Client::connect(addr)?;
        let mut answered = 0;
        while began.elapsed() < time {
            client.exchange(request)?;
            answered += 1;
        }
        Ok(answered)
    };
    let answered: io::Result<Vec<u64>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(client)).collect();
        let counts = clients.into_iter().map(|it| it.join().expect("a client"));
        counts.collect()
    });
    let answered = answered.map_err(|error| format!("a client was not served: {error}"))?;
    let answered = answered.iter().sum();
    Ok(Load {
        answered,
        per_second: answered as f64 / began.elapsed().as_secs_f64(),
    })
}
