//! Attempts to sign in, limited for each client and in all.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many attempts a client has in a minute.
const TRIES: u32 = 5;

/// How many all clients have: whoever has many addresses gains little by them.
const TRIES_IN_ALL: u32 = 60;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<Option<Period>>);

/// A minute's attempts. As all begin anew with the next, what is remembered is bounded by `TRIES_IN_ALL`.
#[derive(Debug)]
struct Period {
    began: Instant,
    all: u32,
    clients: HashMap<Option<IpAddr>, u32>,
}

impl Attempts {
    /// Counts an attempt, and returns how many are left after it, or `None` if there was none left.
    pub(super) fn begin(&self, client: Option<IpAddr>) -> Option<u32> {
        self.begin_at(client, Instant::now())
    }

    fn begin_at(&self, client: Option<IpAddr>, now: Instant) -> Option<u32> {
        let mut period = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let current = period
            .take()
            .filter(|it| now.duration_since(it.began) < MINUTE);
        let current = period.insert(current.unwrap_or_else(|| Period {
            began: now,
            all: 0,
            clients: HashMap::new(),
        }));
        if current.all >= TRIES_IN_ALL {
            return None;
        }
        let tries = current.clients.entry(client.map(network)).or_default();
        if *tries >= TRIES {
            return None;
        }
        *tries += 1;
        current.all += 1;
        Some(TRIES - *tries)
    }

    /// Forgets the attempts of a client that was let in.
    pub(super) fn forgive(&self, client: Option<IpAddr>) {
        let mut period = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = period.as_mut() {
            let tries = current.clients.remove(&client.map(network));
            current.all -= tries.unwrap_or(0);
        }
    }
}

/// One client of IPv6 has a whole network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn a_client_has_five_tries_a_minute() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let ada = client("192.0.2.1");
        let left: Vec<_> = (0..6).map(|_| attempts.begin_at(ada, now)).collect();
        assert_eq!(left, [Some(4), Some(3), Some(2), Some(1), Some(0), None]);
        assert_eq!(attempts.begin_at(client("192.0.2.2"), now), Some(4));
        assert_eq!(attempts.begin_at(ada, now + MINUTE), Some(4));
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for host in 0..5 {
            let host = client(&format!("2001:db8::{host}"));
            assert!(attempts.begin_at(host, now).is_some());
        }
        assert_eq!(attempts.begin_at(client("2001:db8::ffff"), now), None);
        assert!(attempts.begin_at(client("2001:db8:0:1::1"), now).is_some());
    }

    #[test]
    fn all_clients_together_are_limited() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let allowed = (0..100).filter(|host| {
            let host = client(&format!("192.0.2.{host}"));
            attempts.begin_at(host, now).is_some()
        });
        assert_eq!(allowed.count(), 60);
    }

    #[test]
    fn who_is_let_in_has_all_tries_again() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let ada = client("192.0.2.1");
        for _ in 0..4 {
            attempts.begin_at(ada, now);
        }
        attempts.forgive(ada);
        assert_eq!(attempts.begin_at(ada, now), Some(4));
    }
}
