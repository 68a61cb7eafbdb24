//! Servers and connections that fail.

use std::{cell::RefCell, collections::BTreeSet, fs, thread, time::Duration};

use body_logger_ship::Destination;

use super::{
    super::{
        certificates::{self, Authority},
        kill,
        log::{line, lines, record_of, Directory, RUN},
        logged::Logged,
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

#[test]
fn missing_permissions_are_told_by_what_the_server_says_of_them() {
    // The administrator has made the stream.
    for (may, name, expected) in [
        (
            "$JS.API.>",
            "may not publish",
            "the server says: Permissions Violation for Publish to \"RIGHTS.orders.one.",
        ),
        (
            "RIGHTS.>",
            "may not ask",
            "the server says: Permissions Violation for Publish to \"$JS.API.STREAM.INFO.RIGHTS\"",
        ),
    ] {
        let users = format!(
            r#"users = [
                {{ user: admin, password: admin }},
                {{ user: poor, password: poor, permissions: {{ publish: "{may}", subscribe: "_INBOX.>" }} }}
            ]"#
        );
        let Some(server) = Nats::start_with_users(&users) else {
            return;
        };
        let directory = Directory::new();
        directory.append(&lines(1..11));
        let as_user = |user: &str| {
            let password = directory.file(user);
            fs::write(&password, user).expect("a file");
            destination(&server.address(), "RIGHTS").password_file(user, password)
        };
        let logged = Logged::with(name);
        let handle = shipper(&directory, as_user("admin"))
            .spawn()
            .expect("a shipper");
        until(|| handle.counters().shipped == 10);
        stop(handle);
        directory.append(&lines(11..21));
        let handle = shipper(&directory, as_user("poor")).name(name).spawn();
        let handle = handle.expect("a shipper");
        logged.wait_for(expected);
        assert_eq!(stop(handle).shipped, 0);
    }
}

#[test]
fn a_server_without_encryption_is_told_from_one_that_is_not_trusted() {
    let Some(server) = Nats::start() else {
        return;
    };
    let mut destination = destination(&format!("tls://{}", server.address()), "PLAIN");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let connected = runtime
        .expect("a runtime")
        .block_on(destination.connect(None));
    let error = connected.expect_err("no encryption").to_string();
    assert_eq!(
        error,
        "the server answers without encryption, which the URL demands"
    );
}

#[test]
fn a_stream_that_is_gone_is_created_anew_and_told() {
    let Some(mut server) = Nats::start() else {
        return;
    };
    let logged = Logged::with("stream FORGOTTEN ends at 0, and message 10 was stored before");
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let handle = shipper(&directory, destination(&server.address(), "FORGOTTEN"));
    let handle = handle.spawn().expect("a shipper");
    until(|| handle.counters().shipped == 10);
    kill::wait_for(&directory);
    server.kill();
    server.forget();
    server.restart();
    directory.append(&lines(11..21));
    kill::wait_for(&directory);
    logged.wait_for("unless the position file is deleted");
    assert_eq!(stop(handle).shipped, 20);
    let mut stream = Stream::at(server.address(), "forgotten");
    stream.name = "FORGOTTEN".to_owned();
    stream.check(11..21);
}

#[test]
fn what_surrounds_a_refused_entry_is_stored_once_however_long_dead_letters_cannot_be_written() {
    let Some(stream) = Stream::new("refused") else {
        return;
    };
    let made = stream.connect(stream.destination());
    made.expect("a stream");
    stream.runtime.block_on(async {
        let made = stream.jetstream.get_stream(&stream.name).await;
        let mut config = made.expect("a stream").cached_info().config.clone();
        config.max_message_size = 4096;
        let limited = stream.jetstream.update_stream(config).await;
        limited.expect("a stream with a limit");
    });
    let directory = Directory::new();
    let mut record = record_of(RUN, 50);
    record.request.body.text = Some("x".repeat(8192));
    directory.append(&lines(1..50));
    directory.append(&line(&record));
    directory.append(&lines(51..101));
    let obstacle = directory.file("position.json.dead.jsonl");
    fs::create_dir(&obstacle).expect("a directory");
    let handle = shipper(&directory, stream.destination()).batch_entries(40);
    let handle = handle.spawn().expect("a shipper");
    until(|| handle.counters().retries >= 1);
    // The server does not know any more what it has stored behind that entry.
    thread::sleep(WINDOW * 3);
    fs::remove_dir(&obstacle).expect("a directory");
    kill::wait_for(&directory);
    let counters = stop(handle);
    assert_eq!((counters.shipped, counters.dead_letters), (99, 1));
    stream.check((1..101).filter(|seq| *seq != 50));
}
