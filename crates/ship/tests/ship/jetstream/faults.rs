//! Servers and connections that fail.

use std::{cell::RefCell, collections::BTreeSet, thread, time::Duration};

use super::{
    super::{
        certificates::{self, Authority},
        kill,
        log::{lines, Directory},
        read_back,
        servers::{Cluster, Nats},
        shipper, stop,
        suite::{self, Place as _},
        until, LIMIT,
    },
    destination, Stream, WINDOW,
};

#[test]
fn connections_that_close_at_random_lose_and_repeat_nothing() {
    if let Some(stream) = Stream::new("proxy") {
        suite::survives_connections_that_close_at_random(&stream, 800_000);
    }
}

#[test]
fn a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let test =
        "jetstream::faults::a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing";
    if let Some(child) = kill::Child::here() {
        return child.ship(destination(&child.url, &child.name));
    }
    if let Some(stream) = Stream::new("kill") {
        // The next one starts when the server has forgotten the ids.
        suite::survives_kills_of_shippers(test, &stream, |_| thread::sleep(WINDOW * 2));
    }
}

#[test]
fn a_server_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let Some(mut server) = Nats::start() else {
        return;
    };
    let stream = Stream::at(server.address(), "server");
    suite::survives_kills_of_the_server(&stream, kill::kills().div_ceil(2), || {
        server.kill();
        thread::sleep(WINDOW * 2);
        server.restart();
    });
}

#[test]
fn each_server_of_a_cluster_is_killed_and_nothing_is_lost_or_repeated() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let stream = Stream::at(cluster.addresses(), "cluster");
    let directory = Directory::new();
    directory.append(&lines(1..2));
    let destination = destination(&cluster.addresses(), &stream.name)
        .replicas(3)
        // Longer than an election takes: a message may be stored after what was stored was read back.
        .duplicate_window(Duration::from_secs(120));
    let shipper = shipper(&directory, destination)
        .batch_entries(50)
        .call_timeout(Duration::from_secs(10));
    let handle = shipper.spawn().expect("a shipper");
    let mut next = 2;
    // In turn, so that one of three is the one that the shipper is connected to.
    let first = fastrand::usize(0..3);
    for victim in (first..).take(kill::kills().div_ceil(4).max(3) as usize) {
        let victim = victim % 3;
        let shipped = handle.counters().shipped;
        directory.append(&lines(next..next + 1000));
        next += 1000;
        until(|| handle.counters().shipped > shipped);
        cluster.servers[victim].kill();
        // The two that are left go on without it.
        let shipped = handle.counters().shipped;
        directory.append(&lines(next..next + 100));
        next += 100;
        until(|| handle.counters().shipped > shipped);
        cluster.servers[victim].restart();
    }
    // Elections take seconds on a busy machine.
    kill::wait_within(3 * LIMIT, &directory);
    assert!(stop(handle).retries > 0);
    let numbers = stream.numbers();
    assert_eq!(numbers.len() as u64, next - 1, "nothing twice");
    assert_eq!(BTreeSet::from_iter(numbers), BTreeSet::from_iter(1..next));
}

#[test]
fn only_a_server_with_a_certificate_that_is_trusted_gets_entries() {
    let Some(authority) = Authority::new() else {
        return;
    };
    let server = RefCell::new(None);
    let start = |certificate: &certificates::Certificate| {
        *server.borrow_mut() = Nats::start_with_certificate(certificate);
    };
    start(&authority.certify("127.0.0.1"));
    if server.borrow().is_none() {
        return;
    }
    let connect = |roots: Option<&std::path::Path>| {
        let address = server.borrow().as_ref().map(Nats::address);
        let url = format!("tls://{}", address.expect("a server"));
        let destination = destination(&url, "CERTIFIED");
        match roots {
            Some(roots) => destination.root_certificates(roots),
            None => destination,
        }
    };
    let received = || {
        let reader = connect(Some(&authority.roots())).read().expect("a reader");
        read_back::numbers(reader.map(|entry| entry.expect("an entry")))
    };
    certificates::check(start, connect, received, &authority);
}

#[test]
fn a_server_that_is_slow_and_away_for_a_while_loses_and_repeats_nothing() {
    if let Some(stream) = Stream::new("outage") {
        suite::survives_an_outage(&stream, |_| false);
    }
}
