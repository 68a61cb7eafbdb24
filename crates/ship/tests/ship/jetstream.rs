//! NATS JetStream, where `BODY_LOGGER_TEST_NATS` has the address of a server.

use std::{cell::RefCell, collections::BTreeSet, fs, thread, time::Duration};

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{self, message::StreamMessage},
};
use body_logger_ship::{Destination, JetStream, JetStreamError};

use super::{
    certificates::{self, Authority},
    kill::{self, ship},
    log::{lines, record_of, Directory, RUN},
    outage::outlive,
    proxy::{Mode, Proxy},
    read_back,
    servers::{Cluster, Nats},
    shipper, stop, until, LIMIT,
};

/// The shortest window that a server takes: whatever comes again later is not known to it as a duplicate.
const WINDOW: Duration = Duration::from_millis(100);

/// A stream that is gone when the test is over.
struct Stream {
    server: String,
    name: String,
    runtime: tokio::runtime::Runtime,
    jetstream: jetstream::Context,
}

impl Stream {
    /// None where there is no server.
    fn new(name: &str) -> Option<Self> {
        Some(Self::at(std::env::var("BODY_LOGGER_TEST_NATS").ok()?, name))
    }

    fn at(server: String, name: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let jetstream = runtime.block_on(async {
            let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
            let servers = server.split(',').map(|it| it.parse().expect("an address"));
            let servers: Vec<async_nats::ServerAddr> = servers.collect();
            jetstream::new(options.connect(servers).await.expect("a server"))
        });
        let name = format!("ship_{name}_{}", std::process::id());
        Self {
            server,
            name,
            runtime,
            jetstream,
        }
    }

    fn destination(&self) -> JetStream {
        destination(&self.server, &self.name)
    }

    /// All messages, in their order.
    fn messages(&self) -> Vec<StreamMessage> {
        self.runtime.block_on(async {
            let stream = self
                .jetstream
                .get_stream(&self.name)
                .await
                .expect("a stream");
            let last = stream.cached_info().state.last_sequence;
            let mut messages = Vec::new();
            for sequence in 1..=last {
                messages.push(stream.get_raw_message(sequence).await.expect("a message"));
            }
            messages
        })
    }

    fn numbers(&self) -> Vec<u64> {
        let messages = self.messages();
        let numbers = messages.iter().map(|message| {
            let entry: serde_json::Value =
                serde_json::from_slice(&message.payload).expect("an entry");
            entry["seq"].as_u64().expect("a number")
        });
        numbers.collect()
    }

    fn connect(&self, mut destination: JetStream) -> Result<Option<u64>, String> {
        let connected = self.runtime.block_on(destination.connect(None));
        connected.map_err(|error| error.to_string())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self
            .runtime
            .block_on(self.jetstream.delete_stream(&self.name));
    }
}

/// Each stream has subjects of its own.
fn destination(server: &str, stream: &str) -> JetStream {
    let subject = format!("{stream}.{{service}}.{{instance}}.{{route}}.{{status_class}}");
    JetStream::new(server, stream, "orders", "one")
        .expect("a server")
        .subject(&subject)
        .expect("a template")
        .duplicate_window(WINDOW)
}

#[test]
fn each_entry_is_stored_once_with_its_id_and_subject() {
    let Some(stream) = Stream::new("once") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..3));
    let counters = ship(&directory, stream.destination());
    assert_eq!(counters.shipped, 2);
    let messages = stream.messages();
    assert_eq!(messages.len(), 2);
    let id = messages[0].headers.get(NATS_MESSAGE_ID).expect("an id");
    assert_eq!(id.as_str(), record_of(RUN, 1).entry_id.to_string());
    let subject = format!("{}.orders.one.orders-id.2xx", stream.name);
    assert_eq!(messages[0].subject.as_str(), subject);
    let line = lines(1..2);
    assert_eq!(&messages[0].payload[..], line.trim_end().as_bytes());
}

#[test]
fn a_restart_after_the_duplicate_window_repeats_nothing() {
    let Some(stream) = Stream::new("window") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..11));
    ship(&directory, stream.destination());
    // Another instance ships to the same stream meanwhile.
    let other = Directory::new();
    other.append(&lines(1000..1010));
    let subject = format!("{}.{{service}}.{{instance}}.{{kind}}", stream.name);
    let one = JetStream::new(&stream.server, &stream.name, "orders", "two").expect("a server");
    let one = one
        .subject(&subject)
        .expect("a template")
        .duplicate_window(WINDOW);
    let position = directory.file("position.json");
    let before = fs::read(&position).expect("a position");
    directory.append(&lines(11..31));
    ship(&directory, stream.destination());
    ship(&other, one);
    // As if it had been killed before the position was saved, and started after the window.
    fs::write(&position, before).expect("a position");
    directory.append(&lines(31..41));
    thread::sleep(WINDOW * 3);
    ship(&directory, stream.destination());
    let mut numbers = stream.numbers();
    numbers.retain(|number| *number < 1000);
    assert_eq!(numbers, Vec::from_iter(1..41));
}

#[test]
fn a_stream_that_does_not_fit_is_told() {
    let Some(stream) = Stream::new("fit") else {
        return;
    };
    let made = stream.connect(stream.destination());
    assert_eq!(made, Ok(Some(0)));
    let error = stream
        .connect(stream.destination().replicas(3))
        .expect_err("one replica");
    let expected = format!(
        "stream {} does not fit: it has 1 replicas, and 3 are needed",
        stream.name
    );
    assert_eq!(error, expected);
    let longer = stream
        .destination()
        .duplicate_window(Duration::from_secs(60));
    let error = stream.connect(longer).expect_err("a short window");
    assert!(
        error.contains("its duplicate window is 100ms, and 60s is needed"),
        "{error}"
    );
}

#[test]
fn an_entry_that_is_too_long_is_a_dead_letter() {
    let Some(stream) = Stream::new("long") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..5));
    let mut record = record_of(RUN, 5);
    record.request.body.text = Some("x".repeat(2 * 1024 * 1024));
    directory.append(&super::log::line(&record));
    directory.append(&lines(6..8));
    let counters = ship(&directory, stream.destination());
    assert_eq!((counters.shipped, counters.dead_letters), (6, 1));
    assert_eq!(stream.numbers(), [1, 2, 3, 4, 6, 7]);
    let letters = directory.dead_letters();
    assert_eq!(letters[0].0, 5);
    assert!(letters[0].1.contains("too long"), "{letters:?}");
}

#[test]
fn credentials_are_taken_from_files_and_shown_nowhere() {
    let error =
        JetStream::new("nats://user:hunter2@localhost", "A", "s", "i").expect_err("credentials");
    assert_eq!(error, JetStreamError::CredentialsInUrl);
    let directory = Directory::new();
    fs::write(directory.file("creds"), "hunter2").expect("a file");
    let destination = || JetStream::new("localhost", "A", "s", "i").expect("a server");
    let shown = format!("{:?}", destination().token_file(directory.file("creds")));
    assert!(!shown.contains("hunter2"), "{shown}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let mut broken = destination().credentials_file(directory.file("creds"));
    let error = runtime
        .block_on(broken.connect(None))
        .expect_err("no credentials");
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("creds") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn connections_that_close_at_random_lose_and_repeat_nothing() {
    let Some(stream) = Stream::new("proxy") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..3001));
    let server = stream.server.trim_start_matches("nats://");
    let proxy = Proxy::to(server.to_owned(), Mode::ClosesWithin(800_000));
    let shipper = shipper(&directory, destination(&proxy.address, &stream.name)).batch_entries(200);
    let handle = shipper.spawn().expect("a shipper");
    until(|| proxy.closed() >= 5 || handle.counters().shipped >= 3000);
    proxy.set(Mode::Reliable);
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    assert_eq!(stream.numbers(), Vec::from_iter(1..3001));
}

#[test]
fn a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let test = "jetstream::a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing";
    if let Some(child) = kill::Child::here() {
        return child.ship(destination(&child.url, &child.name));
    }
    let Some(stream) = Stream::new("kill") else {
        return;
    };
    // The next one starts when the server has forgotten the ids.
    let written = kill::kill_shippers(test, &stream.server, &stream.name, |_| {
        thread::sleep(WINDOW * 2)
    });
    assert_eq!(stream.numbers(), Vec::from_iter(1..=written));
}

#[test]
fn a_server_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let Some(mut server) = Nats::start() else {
        return;
    };
    let stream = Stream::at(server.address(), "server");
    let directory = Directory::new();
    directory.append(&lines(1..2));
    let shipper = shipper(&directory, stream.destination()).batch_entries(50);
    let handle = shipper.spawn().expect("a shipper");
    let mut next = 2;
    for _ in 0..kill::kills().div_ceil(2) {
        let shipped = handle.counters().shipped;
        directory.append(&lines(next..next + 1000));
        next += 1000;
        until(|| handle.counters().shipped > shipped);
        server.kill();
        thread::sleep(WINDOW * 2);
        server.restart();
    }
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    assert_eq!(stream.numbers(), Vec::from_iter(1..next));
}

#[test]
fn entries_are_read_back_in_the_order_of_the_stream() {
    let Some(stream) = Stream::new("read_back") else {
        return;
    };
    let url = format!(
        "nats://{}?stream={1}&service=orders&instance=one&subject={1}.%7Bservice%7D.%7Binstance%7D.%7Bkind%7D",
        stream.server, stream.name
    );
    read_back::check(&url);
    // Of another instance there is nothing, of all of them there is everything.
    let of = |url: &str| read_back::open(url).count();
    assert_eq!(of(&url.replace("instance=one", "instance=two")), 0);
    let all = url.replace("&service=orders&instance=one", "");
    assert_eq!(of(&all), 1004);
}

#[test]
fn a_message_that_is_no_entry_is_reported_and_passed() {
    let Some(stream) = Stream::new("foreign") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..2));
    ship(&directory, stream.destination());
    stream.runtime.block_on(async {
        let subject = format!("{}.orders.one.a.b", stream.name);
        for payload in ["{", "{\"hunter\":2}"] {
            let published = stream
                .jetstream
                .publish(subject.clone(), payload.into())
                .await;
            published.expect("a server").await.expect("a stream");
        }
    });
    directory.append(&lines(2..3));
    ship(&directory, stream.destination());
    let url = format!("nats://{}?stream={}", stream.server, stream.name);
    let read: Vec<_> = read_back::open(&url).collect();
    let errors: Vec<_> = read
        .iter()
        .filter_map(|it| it.as_ref().err())
        .map(|it| it.to_string())
        .collect();
    assert_eq!(
        errors,
        [
            "what is stored at 2 is not an entry: no JSON",
            "what is stored at 3 is not an entry: JSON, but no entry",
        ]
    );
    let entries = read.into_iter().flatten();
    assert_eq!(read_back::numbers(entries), [1, 2]);
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
    for _ in 0..kill::kills().div_ceil(4) {
        let shipped = handle.counters().shipped;
        directory.append(&lines(next..next + 1000));
        next += 1000;
        until(|| handle.counters().shipped > shipped);
        let victim = fastrand::usize(0..3);
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
    let Some(stream) = Stream::new("outage") else {
        return;
    };
    let server = stream.server.trim_start_matches("nats://");
    let proxy = Proxy::to(server.to_owned(), Mode::Reliable);
    let outlived = outlive(&proxy, destination(&proxy.address, &stream.name));
    assert_eq!(stream.numbers(), Vec::from_iter(1..=outlived.written));
    assert_eq!(outlived.counters.losses, 0);
}
