//! A server with an inspector, on a free port, and records for it.

use std::{
    net::SocketAddr,
    sync::mpsc,
    thread,
    time::{Duration, SystemTime},
};

use actix_web::{dev::ServerHandle, rt::System, web, App, HttpServer};
use body_logger_core::{record::new_id, Entry, Record, Sink as _};
use body_logger_inspector::Inspector;
use body_logger_store::Store;
use serde_json::{json, Value};

/// A server that stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    pub(crate) fn start(inspector: Inspector) -> Self {
        Self::start_at(0, inspector)
    }

    /// Starts a server at a port, or at any free one for 0.
    pub(crate) fn start_at(port: u16, inspector: Inspector) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let inspector = inspector.clone();
                    App::new()
                        .service(inspector)
                        .default_service(web::to(|| async { "the application" }))
                });
                let server = server
                    .workers(2)
                    .disable_signals()
                    .bind(("127.0.0.1", port))
                    .expect("a free port");
                let address = server.addrs()[0];
                let server = server.run();
                sender
                    .send((address, server.handle()))
                    .expect("someone who waits");
                server.await.expect("a server");
            });
        });
        let (address, handle) = receiver.recv().expect("a server");
        Self { address, handle }
    }
}

impl Server {
    /// Stops at once, and waits until it has.
    #[allow(dead_code, reason = "only one of the test binaries needs it")]
    pub(crate) async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is sent by the call itself; nobody waits for the answer.
        drop(self.handle.stop(false));
    }
}

pub(crate) fn store() -> Store {
    Store::in_memory(256 * 1024 * 1024).expect("a store in memory")
}

/// A store of `GET /orders/0` and so on, the highest number the newest.
pub(crate) fn orders(count: usize) -> Store {
    let store = store();
    fill(
        &store,
        (0..count).map(|n| json!({"request": {"path": format!("/orders/{n}")}})),
    );
    store
}

/// Writes records into a store, numbered from 1, one every 20 milliseconds up to now.
pub(crate) fn fill(store: &Store, records: impl IntoIterator<Item = Value>) -> Vec<Record> {
    fill_up_to(store, SystemTime::now(), Duration::from_millis(20), records)
}

/// Like [`fill`], with the time of the last record, and that between two.
pub(crate) fn fill_up_to(
    store: &Store,
    last: SystemTime,
    pause: Duration,
    records: impl IntoIterator<Item = Value>,
) -> Vec<Record> {
    let run = new_id();
    let records: Vec<Value> = records.into_iter().collect();
    let count = records.len() as u32;
    let records: Vec<Record> = (1..)
        .zip(records)
        .map(|(seq, changes)| {
            let at = last - pause * (count - seq);
            record(run, u64::from(seq), at, changes)
        })
        .collect();
    for batch in records.chunks(1000) {
        let entries: Vec<Entry> = batch.iter().cloned().map(Entry::Record).collect();
        store.write(&entries).expect("a store that works");
    }
    records
}

/// A record of `GET /orders/7`, with changes.
fn record(run: uuid::Uuid, seq: u64, at: SystemTime, changes: Value) -> Record {
    let mut value = json!({
        "v": 1, "id": new_id(), "entry_id": body_logger_core::record::entry_id(run, seq, at), "run": run, "seq": seq,
        "time": body_logger_core::rfc3339::text(at),
        "outcome": "completed", "error": null, "duration_us": 42_300, "ttfb_us": 38_200,
        "client": { "addr": "203.0.113.24:53124" }, "attributes": { "user": "4821" },
        "request": {
            "method": "GET", "scheme": "http", "host": "api.shop.example", "path": "/orders/7", "route": "/orders/{id}",
            "query": null, "version": "HTTP/1.1", "headers": [["accept", "application/json"]],
            "body": { "state": "empty", "bytes": 0, "captured": 0 } },
        "response": {
            "status": 200, "headers": [["content-type", "application/json"]],
            "body": { "state": "complete", "bytes": 11, "captured": 11, "media_type": "application/json", "json": {"order": 7} } },
    });
    merge(&mut value, changes);
    serde_json::from_value(value).expect("a record")
}

pub(crate) fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                let old = into.entry(name.clone()).or_insert(Value::Null);
                match name.as_str() {
                    // One content takes the place of another.
                    "body" => *old = change,
                    _ => merge(old, change),
                }
            }
        }
        (into, change) => *into = change,
    }
}
