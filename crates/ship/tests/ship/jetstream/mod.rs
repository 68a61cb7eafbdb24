//! NATS JetStream, where `BODY_LOGGER_TEST_NATS` has the address of a server.

mod faults;

use std::{fs, thread, time::Duration};

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{self, message::StreamMessage},
};
use body_logger_ship::{Destination, JetStream, JetStreamError};

use super::{
    kill::ship,
    log::{lines, record_of, Directory, RUN},
    proxy::Proxy,
    read_back, shipper, stop,
    suite::{self, Place as _},
    until,
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

    fn connect(&self, mut destination: JetStream) -> Result<Option<u64>, String> {
        let connected = self.runtime.block_on(destination.connect(None));
        connected.map_err(|error| error.to_string())
    }
}

impl suite::Place for Stream {
    type Destination = JetStream;

    fn destination_at(&self, url: &str) -> JetStream {
        destination(url, &self.name)
    }

    fn url(&self) -> String {
        self.server.clone()
    }

    fn url_through(&self, proxy: &Proxy) -> String {
        proxy.address.clone()
    }

    fn server(&self) -> String {
        self.server.trim_start_matches("nats://").to_owned()
    }

    fn name(&self) -> String {
        self.name.clone()
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
fn what_was_stored_is_known_until_all_of_it_has_come_again() {
    let Some(stream) = Stream::new("ahead") else {
        return;
    };
    let directory = Directory::new();
    let position = directory.file("position.json");
    directory.append(&lines(1..11));
    ship(&directory, stream.destination());
    let before = fs::read(&position).expect("a position");
    directory.append(&lines(11..31));
    ship(&directory, stream.destination());
    // As if it had been killed before the position was saved. The next one has only a part of that in its first batch.
    fs::write(&position, before).expect("a position");
    fs::write(directory.live(), lines(1..16)).expect("a log");
    ship(&directory, stream.destination());
    directory.append(&lines(16..31));
    thread::sleep(WINDOW * 3);
    ship(&directory, stream.destination());
    assert_eq!(stream.numbers(), Vec::from_iter(1..31));
}

#[test]
fn a_stream_that_does_not_fit_is_reported() {
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
fn a_batch_of_more_entries_than_may_be_on_their_way_is_stored() {
    let Some(stream) = Stream::new("large") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..5001));
    let shipper = shipper(&directory, stream.destination()).batch_entries(5000);
    let shipper = shipper.batch_bytes(u64::MAX).until_end();
    let handle = shipper.spawn().expect("a shipper");
    until(|| !handle.is_running());
    assert_eq!((stop(handle).retries, stream.numbers().len()), (0, 5000));
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
