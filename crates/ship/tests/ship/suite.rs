//! What every destination has to survive.

use body_logger_ship::Destination;

use super::{
    kill,
    log::{lines, Directory},
    outage::outlive,
    proxy::{Mode, Proxy},
    shipper, stop, until,
};

/// A place where entries are stored, for one test.
pub(crate) trait Place {
    type Destination: Destination;

    /// The destination at a URL of this place.
    fn destination_at(&self, url: &str) -> Self::Destination;

    fn url(&self) -> String;

    /// The URL of this place by way of a proxy.
    fn url_through(&self, proxy: &Proxy) -> String;

    /// Host and port of the server.
    fn server(&self) -> String;

    /// What a [`Child`](kill::Child) finds it by, beside the URL.
    fn name(&self) -> String;

    /// The numbers of all entries, in the order in which they were stored.
    fn numbers(&self) -> Vec<u64>;

    /// Asserts that these entries are stored, and no others: each once, in order.
    #[track_caller]
    fn check(&self, expected: impl IntoIterator<Item = u64>) {
        assert_eq!(self.numbers(), Vec::from_iter(expected));
    }
}

/// Ships by way of a proxy that passes so many bytes of a connection at most.
#[track_caller]
pub(crate) fn survives_connections_that_close_at_random(place: &impl Place, most: usize) {
    let directory = Directory::new();
    directory.append(&lines(1..3001));
    let proxy = Proxy::to(place.server(), Mode::ClosesWithin(most));
    let destination = place.destination_at(&place.url_through(&proxy));
    let handle = shipper(&directory, destination).batch_entries(200);
    let handle = handle.spawn().expect("a shipper");
    until(|| proxy.closed() >= 5 || handle.counters().shipped >= 3000);
    proxy.set(Mode::Reliable);
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    place.check(1..3001);
}

/// Kills shippers, which this test makes in processes of their own, and calls `then` after each.
#[track_caller]
pub(crate) fn survives_kills_of_shippers(test: &str, place: &impl Place, then: impl FnMut(u32)) {
    let written = kill::kill_shippers(test, &place.url(), &place.name(), then);
    place.check(1..=written);
}

/// Kills the server, which `kill` starts again, while a log is shipped.
#[cfg(any(feature = "jetstream", feature = "postgres"))]
#[track_caller]
pub(crate) fn survives_kills_of_the_server(place: &impl Place, kills: u32, mut kill: impl FnMut()) {
    let directory = Directory::new();
    directory.append(&lines(1..2));
    let destination = place.destination_at(&place.url());
    let handle = shipper(&directory, destination).batch_entries(50);
    let handle = handle.spawn().expect("a shipper");
    let mut next = 2;
    for _ in 0..kills {
        let shipped = handle.counters().shipped;
        directory.append(&lines(next..next + 1000));
        next += 1000;
        until(|| handle.counters().shipped > shipped);
        kill();
    }
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    place.check(1..next);
}

/// Ships while the server is slow, away for a while, and refuses what `is_refused` says.
#[track_caller]
pub(crate) fn survives_an_outage(place: &impl Place, is_refused: impl Fn(u64) -> bool) {
    let proxy = Proxy::to(place.server(), Mode::Reliable);
    let outlived = outlive(&proxy, place.destination_at(&place.url_through(&proxy)));
    let written = || 1..=outlived.written;
    place.check(written().filter(|seq| !is_refused(*seq)));
    let letters = outlived.directory.dead_letters();
    let refused = Vec::from_iter(letters.into_iter().map(|letter| letter.0));
    assert_eq!(
        refused,
        Vec::from_iter(written().filter(|seq| is_refused(*seq)))
    );
    let counters = outlived.counters;
    assert_eq!(counters.dead_letters, refused.len() as u64);
    assert_eq!(counters.losses, 0);
}
