//! Throughput of a shipper, beside that of the same client without one: raw messages of the same size, and a bare `COPY` of the
//! same rows into a table with the same indexes. Also what an entry takes there: of disks, and of a processor here. Needs `BODY_LOGGER_TEST_NATS` and `BODY_LOGGER_TEST_POSTGRES`.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    pin::pin,
    time::{Duration, Instant},
};

use async_nats::jetstream::{self, stream::Config};
use body_logger_core::{Entry, Record, Sink};
use body_logger_jsonl::JsonLinesFile;
use body_logger_ship::{Destination, JetStream, Postgres, Shipper};
use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

const ENTRIES: u64 = 50_000;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[expect(clippy::print_stdout, reason = "its result")]
fn main() -> Result<()> {
    // `cargo test --benches` runs it, too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let directory =
        std::env::temp_dir().join(format!("body-logger-ship-bench-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    let log = directory.join("audit.jsonl");
    let line_bytes = write(&log)?;
    println!("{ENTRIES} entries of {line_bytes} bytes");
    let runtime = Runtime::new()?;
    runtime.block_on(jetstream(&directory, line_bytes))?;
    runtime.block_on(postgres(&directory))?;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("VmHWM: unknown");
    println!("{most}");
    fs::remove_dir_all(&directory)?;
    Ok(())
}

/// Writes a log, and returns how long a line is.
fn write(log: &Path) -> Result<usize> {
    let file = JsonLinesFile::at(log).rotate_at(16 * 1024 * 1024).open()?;
    let mut record = Record::example();
    record.request.body.text = Some("body ".repeat(200));
    let run = record.run;
    for from in (1..=ENTRIES).step_by(100) {
        let entries = (from..from + 100).map(|seq| {
            record.seq = seq;
            record.entry_id = body_logger_core::record::entry_id(run, seq, record.time);
            Entry::Record(record.clone())
        });
        file.write(&entries.collect::<Vec<_>>())?;
    }
    Ok(serde_json::to_string(&record)?.len())
}

/// Returns how long this process has used processors.
fn processor_time() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // Behind the name of the program, which may have spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(|it| it.parse().unwrap_or(0)).sum();
    // A hundred a second, on any Linux.
    Ok(Duration::from_millis(ticks * 10))
}

/// What something took for all entries: time, and time of processors of this process.
struct Took {
    time: Duration,
    processor: Duration,
}

impl Took {
    fn since(start: Instant, processor: Duration) -> Result<Self> {
        Ok(Self {
            time: start.elapsed(),
            processor: processor_time()?.saturating_sub(processor),
        })
    }

    fn per_second(&self) -> f64 {
        ENTRIES as f64 / self.time.as_secs_f64()
    }

    fn micros_per_entry(&self) -> f64 {
        self.processor.as_micros() as f64 / ENTRIES as f64
    }
}

/// Ships all of the log, and returns what that takes.
async fn ship<D: Destination>(directory: &Path, name: &str, destination: D) -> Result<Took> {
    let position: PathBuf = directory.join(name);
    let (start, processor) = (Instant::now(), processor_time()?);
    let handle = Shipper::new(directory.join("audit.jsonl"), position, destination).spawn()?;
    while handle.counters().shipped < ENTRIES {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = Took::since(start, processor)?;
    handle.stop(Duration::from_secs(10))?;
    Ok(took)
}

#[expect(clippy::print_stdout, reason = "its result")]
fn report(name: &str, bare: &Took, shipped: &Took) {
    println!(
        "{name}: bare {:.0}/s, {:.0} us of a processor for an entry; shipped {:.0}/s, {:.0} us; {:.0} %",
        bare.per_second(),
        bare.micros_per_entry(),
        shipped.per_second(),
        shipped.micros_per_entry(),
        100.0 * shipped.per_second() / bare.per_second()
    );
}

#[expect(clippy::print_stdout, reason = "its result")]
async fn jetstream(directory: &Path, line_bytes: usize) -> Result<()> {
    let server = std::env::var("BODY_LOGGER_TEST_NATS")?;
    let context = jetstream::context::ContextBuilder::new()
        .max_ack_inflight(4096)
        .backpressure_on_inflight(true)
        .build(async_nats::connect(&server).await?);
    let raw = format!("raw_{}", std::process::id());
    context
        .create_stream(Config {
            name: raw.clone(),
            ..Config::default()
        })
        .await?;
    let payload = Bytes::from(vec![b'x'; line_bytes]);
    let (start, processor) = (Instant::now(), processor_time()?);
    for _ in (0..ENTRIES).step_by(1000) {
        let mut sent = Vec::new();
        for _ in 0..1000 {
            sent.push(context.publish(raw.clone(), payload.clone()).await?);
        }
        for acknowledged in sent {
            acknowledged.await?;
        }
    }
    let bare = Took::since(start, processor)?;
    context.delete_stream(&raw).await?;
    let name = format!("ship_bench_{}", std::process::id());
    let subject = format!("{name}.{{service}}.{{instance}}.{{route}}.{{status_class}}");
    let destination = JetStream::new(&server, &name, "orders", "one")?.subject(&subject)?;
    let shipped = ship(directory, "jetstream", destination).await?;
    let stored = context.get_stream(&name).await?.cached_info().state.bytes;
    println!("jetstream: {} bytes for an entry", stored / ENTRIES);
    context.delete_stream(&name).await?;
    report("JetStream", &bare, &shipped);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "its result")]
async fn postgres(directory: &Path) -> Result<()> {
    let url = format!(
        "{}?sslmode=disable",
        std::env::var("BODY_LOGGER_TEST_POSTGRES")?
    );
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    let table = format!("ship_bench_{}", std::process::id());
    let wal = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
    let before: i64 = client.query_one(wal, &[]).await?.get(0);
    let shipped = ship(directory, "postgres", Postgres::new(&url)?.table(&table)?).await?;
    let after: i64 = client.query_one(wal, &[]).await?.get(0);
    let sizes = format!("SELECT pg_table_size('{table}'), pg_indexes_size('{table}')");
    let sizes = client.query_one(&sizes, &[]).await?;
    let per_entry = |bytes: i64| bytes / ENTRIES as i64;
    println!(
        "postgres: {} bytes of table, {} of indexes and {} of WAL for an entry",
        per_entry(sizes.get(0)),
        per_entry(sizes.get(1)),
        per_entry(after - before)
    );
    client
        .batch_execute(&format!(
            "CREATE TABLE {table}_copy (LIKE {table} INCLUDING ALL)"
        ))
        .await?;
    let columns = "entry_id, kind, run, seq, stage, time, exchange_id, service, instance, host, trace_id, client, method, \
        path, route, status, outcome, duration_us, request_bytes, response_bytes, entry, entry_text";
    let rows = client
        .copy_out(&format!("COPY {table} ({columns}) TO STDOUT"))
        .await?;
    let rows: Vec<Bytes> = rows.try_collect().await?;
    let (start, processor) = (Instant::now(), processor_time()?);
    // As many in one transaction as the shipper has.
    for rows in rows.chunks(1000) {
        let sink = client
            .copy_in(&format!("COPY {table}_copy ({columns}) FROM STDIN"))
            .await?;
        let mut sink = pin!(sink);
        for row in rows {
            sink.feed(row.clone()).await?;
        }
        sink.finish().await?;
    }
    report("PostgreSQL", &Took::since(start, processor)?, &shipped);
    client
        .batch_execute(&format!(
            "DROP TABLE {table}_copy, {table}, {table}_version"
        ))
        .await?;
    Ok(())
}
