//! PostgreSQL, where `BODY_LOGGER_TEST_POSTGRES` has the URL of a database.

use std::cell::RefCell;

use body_logger_core::{record::Json, Record};
use body_logger_ship::{Destination, Postgres, PostgresError, SendError};
use tokio_postgres::{Client, NoTls};

use super::{
    certificates::{self, Authority},
    kill::{self, ship},
    log::{line, lines, record_of, Directory, RUN},
    outage::outlive,
    proxy::{Mode, Proxy},
    read_back,
    servers::Postgres as Server,
    shipper, stop, until,
};

/// A table that is gone when the test is over.
pub(crate) struct Table {
    url: String,
    name: String,
    runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Table {
    /// None where there is no server.
    fn new(name: &str) -> Option<Self> {
        let url = std::env::var("BODY_LOGGER_TEST_POSTGRES").ok()?;
        // Whether the server has a certificate is its own affair.
        let url = format!("{}?sslmode=disable", url.split('?').next().unwrap_or(&url));
        Some(Self::at(url, name))
    }

    fn at(url: String, name: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls)
                .await
                .expect("a server");
            tokio::spawn(connection);
            client
        });
        let name = format!("ship_{name}_{}", std::process::id());
        Self {
            url,
            name,
            runtime,
            client,
        }
    }

    /// A proxy to the server, and the URL that leads through it.
    fn through_proxy(&self, mode: Mode) -> (Proxy, String) {
        let config: tokio_postgres::Config = self.url.parse().expect("a URL");
        let port = config.get_ports().first().unwrap_or(&5432);
        let proxy = Proxy::to(format!("127.0.0.1:{port}"), mode);
        let user = config.get_user().unwrap_or("postgres");
        let database = config.get_dbname().unwrap_or("test");
        let address = &proxy.address;
        let url = format!("postgres://{user}@{address}/{database}?sslmode=disable");
        (proxy, url)
    }

    fn destination(&self) -> Postgres {
        destination(&self.url, &self.name)
    }

    fn execute(&self, sql: &str) {
        let executed = self.runtime.block_on(self.client.batch_execute(sql));
        executed.expect(sql);
    }

    /// One column of all rows, in the order of their arrival.
    fn column<T: for<'a> tokio_postgres::types::FromSql<'a>>(&self, column: &str) -> Vec<T> {
        let sql = format!("SELECT {column} FROM {} ORDER BY arrival", self.name);
        let rows = self.runtime.block_on(self.client.query(&sql, &[]));
        rows.expect("a table")
            .iter()
            .map(|row| row.get(0))
            .collect()
    }

    fn numbers(&self) -> Vec<u64> {
        let numbers = self.column::<i64>("seq");
        numbers.into_iter().map(|seq| seq as u64).collect()
    }

    fn connect(&self, mut destination: Postgres) -> Result<Option<u64>, SendError> {
        self.runtime.block_on(destination.connect(None))
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let drop = format!("DROP TABLE IF EXISTS {0}, {0}_version CASCADE", self.name);
        self.execute(&drop);
    }
}

pub(crate) fn destination(url: &str, table: &str) -> Postgres {
    let destination = Postgres::new(url).expect("a URL");
    destination.table(table).expect("a name")
}

#[test]
fn each_entry_is_stored_once_with_its_columns_and_whole() {
    let Some(table) = Table::new("columns") else {
        return;
    };
    let directory = Directory::new();
    let gap = r#"{"v":1,"entry_id":"01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a58","run":"00000000-0000-0000-0000-000000000007","gap":{"from":"2026-11-21T09:15:01.123456Z","to":"2026-11-21T09:15:01.123456Z","dropped":1,"reasons":{"dropped_newest":1},"seq":[[3,3]]}}"#;
    directory.append(&lines(1..3));
    directory.append(&format!("{gap}\n"));
    ship(&directory, table.destination());
    // From the beginning, as without a position.
    std::fs::remove_file(directory.file("position.json")).expect("a position");
    ship(&directory, table.destination());
    assert_eq!(table.column::<String>("kind"), ["record", "record", "gap"]);
    assert_eq!(table.column::<Option<i64>>("seq"), [Some(1), Some(2), None]);
    assert_eq!(
        table.column::<Option<i16>>("status"),
        [Some(200), Some(200), None]
    );
    let route = || Some("/orders/{id}".to_owned());
    assert_eq!(
        table.column::<Option<String>>("route"),
        [route(), route(), None]
    );
    let entries = table.column::<String>("entry::text");
    // It has other white space.
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    assert_eq!(json(&entries[0]), json(&line(&record_of(RUN, 1))));
    assert_eq!(json(&entries[2]), json(gap));
}

#[test]
fn what_jsonb_cannot_represent_is_stored_as_text() {
    let Some(table) = Table::new("text") else {
        return;
    };
    let directory = Directory::new();
    let with_body = |seq, json: &str| {
        let mut record = record_of(RUN, seq);
        record.request.body.json = Json::from_text(json.to_owned()).ok();
        assert!(record.request.body.json.is_some(), "{json}");
        record
    };
    let records: [Record; 5] = [
        with_body(1, r#""a\u0000b""#),
        with_body(2, r#""\ud800""#),
        with_body(3, "1e9999999"),
        with_body(4, r#"{"\uDFFF":1.10}"#),
        with_body(5, "1.10"),
    ];
    directory.append(&records.each_ref().map(line).concat());
    let counters = ship(&directory, table.destination());
    assert_eq!((counters.shipped, counters.dead_letters), (5, 0));
    assert_eq!(table.numbers(), [1, 2, 3, 4, 5]);
    let texts = table.column::<Option<String>>("entry_text");
    for (record, text) in records.iter().zip(&texts).take(4) {
        assert_eq!(text.as_deref(), Some(line(record).trim_end()));
    }
    assert_eq!(texts[4], None);
}

#[test]
fn what_the_table_refuses_is_a_dead_letter() {
    let Some(table) = Table::new("refused") else {
        return;
    };
    let directory = Directory::new();
    table.connect(table.destination()).expect("a table");
    table.execute(&format!(
        "ALTER TABLE {} ADD CHECK (seq % 100 <> 7)",
        table.name
    ));
    directory.append(&lines(1..301));
    let counters = ship(&directory, table.destination());
    assert_eq!((counters.shipped, counters.dead_letters), (297, 3));
    let refused: Vec<u64> = directory.dead_letters().iter().map(|it| it.0).collect();
    assert_eq!(refused, [7, 107, 207]);
    let expected: Vec<u64> = (1..301).filter(|seq| seq % 100 != 7).collect();
    assert_eq!(table.numbers(), expected);
}

#[test]
fn the_version_of_the_table_is_checked() {
    let Some(table) = Table::new("version") else {
        return;
    };
    let error = table
        .connect(table.destination().expect_schema())
        .expect_err("no table");
    assert!(error.to_string().contains("does not exist"), "{error}");
    // What a reviewer applied.
    table.execute(&table.destination().migrations());
    table
        .connect(table.destination().expect_schema())
        .expect("the table");
    table.connect(table.destination()).expect("the table");
    table.execute(&format!("INSERT INTO {}_version VALUES (1000)", table.name));
    let error = table
        .connect(table.destination())
        .expect_err("a later version");
    let expected = format!(
        "table {} has version 1000, and this shipper needs 2",
        table.name
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_password_is_taken_from_a_file_and_shown_nowhere() {
    for url in [
        "postgres://user:hunter2@localhost/audit",
        "host=localhost user=user password=hunter2",
    ] {
        let error = Postgres::new(url).expect_err("a password");
        assert_eq!(error, PostgresError::PasswordInUrl);
        assert!(!error.to_string().contains("hunter2"));
    }
    let error = Postgres::new("postgres://user:hunter2@[").expect_err("no URL");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let Some(table) = Table::new("password") else {
        return;
    };
    let missing = table.destination().password_file("/nowhere/password");
    let error = table.connect(missing).expect_err("no file");
    assert!(error.to_string().contains("/nowhere/password"), "{error}");
    let directory = Directory::new();
    std::fs::write(directory.file("password"), "hunter2\n").expect("a file");
    let destination = table
        .destination()
        .password_file(directory.file("password"));
    assert!(!format!("{destination:?}").contains("hunter2"));
    table.connect(destination).expect("a server that trusts");
}

#[test]
fn a_certificate_that_is_not_trusted_is_refused() {
    let Some(table) = Table::new("certificate") else {
        return;
    };
    let ssl = table
        .runtime
        .block_on(table.client.query_one("SHOW ssl", &[]));
    if ssl.expect("a setting").get::<_, &str>(0) == "off" {
        return;
    }
    let url = table.url.replace("sslmode=disable", "sslmode=require");
    let error = table
        .connect(destination(&url, "entries"))
        .expect_err("no certificate of ours");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn an_encrypted_connection_is_not_given_up_for_one_that_is_not() {
    let Some(table) = Table::new("tls") else {
        return;
    };
    let proxy = NoEncryption::listen();
    let url = format!("postgres://root@{proxy}/test?sslmode=require");
    let error = table
        .connect(destination(&url, "entries"))
        .expect_err("no TLS");
    assert!(error.to_string().contains("TLS"), "{error}");
}

/// A server that offers no encryption.
struct NoEncryption;

impl NoEncryption {
    fn listen() -> std::net::SocketAddr {
        use std::io::{Read, Write};

        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let (mut client, _) = listener.accept().expect("a client");
            let mut request = [0; 8];
            client.read_exact(&mut request).expect("a request for TLS");
            client.write_all(b"N").expect("a client");
        });
        address
    }
}

#[test]
fn connections_that_close_at_random_lose_and_repeat_nothing() {
    let Some(table) = Table::new("proxy") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..3001));
    let (proxy, url) = table.through_proxy(Mode::ClosesWithin(800_000));
    let handle = shipper(&directory, destination(&url, &table.name)).batch_entries(200);
    let handle = handle.spawn().expect("a shipper");
    until(|| proxy.closed() >= 5 || handle.counters().shipped >= 3000);
    proxy.set(Mode::Reliable);
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    assert_eq!(table.numbers(), Vec::from_iter(1..3001));
}

#[test]
fn a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let test = "postgres::a_shipper_that_is_killed_at_any_moment_loses_and_repeats_nothing";
    if let Some(child) = kill::Child::here() {
        return child.ship(destination(&child.url, &child.name));
    }
    let Some(table) = Table::new("kill") else {
        return;
    };
    let written = kill::kill_shippers(test, &table.url, &table.name, |kill| {
        if kill % 3 == 2 {
            // As a server that ends: all of its connections do.
            table.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'body-logger-ship'",
            );
        }
    });
    assert_eq!(table.numbers(), Vec::from_iter(1..=written));
}

#[test]
fn entries_are_read_back_in_the_order_of_their_arrival() {
    let Some(table) = Table::new("read_back") else {
        return;
    };
    read_back::check(&format!("{}&table={}", table.url, table.name));
}

#[test]
fn a_row_that_is_seen_late_is_read_although_later_ones_were_seen() {
    let Some(table) = Table::new("late") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..3));
    ship(&directory, table.destination());
    let mut reader = read_back::open(&format!("{}&table={}", table.url, table.name)).follow();
    let first: Vec<_> = reader.by_ref().map(|entry| entry.expect("a row")).collect();
    assert_eq!(read_back::numbers(first), [1, 2]);

    // A copy of the first row, with an arrival that comes before that of what is shipped next.
    let slow = Table::new("late").expect("a server");
    slow.execute(&format!(
        "BEGIN; INSERT INTO {} (entry_id, kind, run, time, entry) \
         SELECT gen_random_uuid(), kind, run, time, entry FROM {0} WHERE seq = 1",
        table.name
    ));
    directory.append(&lines(3..4));
    ship(&directory, table.destination());
    assert_eq!(table.numbers().len(), 3, "the transaction is not seen");
    let (sender, rows) = std::sync::mpsc::channel();
    let reads = std::thread::spawn(move || {
        for _ in 0..2 {
            let row = reader.next_within(super::LIMIT).expect("a row");
            sender.send(row.expect("a row")).expect("the test");
        }
    });
    let early = rows.recv_timeout(std::time::Duration::from_millis(300));
    assert!(
        early.is_err(),
        "{early:?} came before the transaction ended"
    );
    slow.execute("COMMIT");
    assert_eq!(read_back::numbers(rows), [1, 3]);
    reads.join().expect("a reader");
    // The table is dropped once.
    std::mem::forget(slow);
}

#[test]
fn a_transaction_that_does_not_end_is_reported_by_readers() {
    let Some(table) = Table::new("stuck") else {
        return;
    };
    let directory = Directory::new();
    directory.append(&lines(1..3));
    ship(&directory, table.destination());
    table.execute(&format!(
        "BEGIN; UPDATE {} SET host = 'x' WHERE seq = 1",
        table.name
    ));
    let mut reader = read_back::open(&format!("{}&table={}", table.url, table.name));
    let error = reader
        .next()
        .expect("an error")
        .expect_err("an error")
        .to_string();
    assert!(error.contains("has been writing to"), "{error}");
    assert!(reader.next().is_none());
    table.execute("ROLLBACK");
}

#[test]
fn a_table_of_an_earlier_version_is_migrated() {
    let Some(table) = Table::new("migrated") else {
        return;
    };
    let sql = table.destination().migrations();
    let first = format!("INSERT INTO {}_version (version) VALUES (1);", table.name);
    let end = sql.find(&first).expect("a first version") + first.len();
    table.execute(&sql[..end]);
    let error = table
        .connect(table.destination().expect_schema())
        .expect_err("an earlier version");
    assert!(error.to_string().contains("has version 1, and"), "{error}");
    let indexes = |table: &Table| {
        let sql = format!(
            "SELECT count(*) FROM pg_indexes WHERE tablename = '{}'",
            table.name
        );
        let row = table.runtime.block_on(table.client.query_one(&sql, &[]));
        row.expect("a count").get::<_, i64>(0)
    };
    let before = indexes(&table);
    table.connect(table.destination()).expect("a table");
    assert_eq!(indexes(&table), before + 1);
}

#[test]
fn a_server_that_is_killed_at_any_moment_loses_and_repeats_nothing() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let url = format!("{}?sslmode=disable", server.url());
    let directory = Directory::new();
    directory.append(&lines(1..2));
    let handle = shipper(&directory, destination(&url, "ship_killed")).batch_entries(50);
    let handle = handle.spawn().expect("a shipper");
    let mut next = 2;
    for _ in 0..kill::kills().div_ceil(4) {
        let shipped = handle.counters().shipped;
        directory.append(&lines(next..next + 1000));
        next += 1000;
        until(|| handle.counters().shipped > shipped);
        std::thread::sleep(std::time::Duration::from_micros(fastrand::u64(0..100_000)));
        server.kill();
        server.restart();
    }
    kill::wait_for(&directory);
    assert!(stop(handle).retries > 0);
    let mut table = Table::at(url, "killed");
    table.name = "ship_killed".to_owned();
    assert_eq!(table.numbers(), Vec::from_iter(1..next));
}

#[test]
fn only_a_server_with_a_certificate_that_is_trusted_gets_entries() {
    let (Some(authority), Some(server)) = (Authority::new(), Server::start()) else {
        return;
    };
    let url = server.url();
    let server = RefCell::new(server);
    let start = |certificate: &certificates::Certificate| {
        let mut server = server.borrow_mut();
        server.use_certificate(certificate);
        server.kill();
        server.restart();
    };
    let connect = |roots: Option<&std::path::Path>| {
        let destination = destination(&format!("{url}?sslmode=require"), "ship_certified");
        match roots {
            Some(roots) => destination.root_certificates(roots),
            None => destination,
        }
    };
    let received = || {
        let mut table = Table::at(format!("{url}?sslmode=disable"), "certified");
        table.name = "ship_certified".to_owned();
        table.numbers()
    };
    certificates::check(start, connect, received, &authority);
}

#[test]
fn a_server_that_is_slow_away_and_refuses_one_in_a_thousand_loses_and_repeats_nothing_else() {
    let Some(table) = Table::new("outage") else {
        return;
    };
    table.connect(table.destination()).expect("a table");
    let name = &table.name;
    table.execute(&format!("ALTER TABLE {name} ADD CHECK (seq % 1000 <> 250)"));
    let (proxy, url) = table.through_proxy(Mode::Reliable);
    let outlived = outlive(&proxy, destination(&url, name));
    let is_refused = |seq: &u64| seq % 1000 == 250;
    let expected = (1..=outlived.written).filter(|seq| !is_refused(seq));
    assert_eq!(table.numbers(), Vec::from_iter(expected));
    let refused: Vec<_> = outlived
        .directory
        .dead_letters()
        .iter()
        .map(|it| it.0)
        .collect();
    let expected = (1..=outlived.written).filter(is_refused);
    assert_eq!(refused, Vec::from_iter(expected));
    assert_eq!(outlived.counters.dead_letters, refused.len() as u64);
    assert_eq!(outlived.counters.losses, 0);
}

#[test]
fn each_day_has_a_partition() {
    let Some(table) = Table::new("days") else {
        return;
    };
    let directory = Directory::new();
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    for seq in 1..7 {
        let mut record = record_of(RUN, seq);
        record.time = std::time::UNIX_EPOCH + day / 2 * seq as u32;
        directory.append(&line(&record));
    }
    let destination = || table.destination().partitions_by_day();
    ship(&directory, destination());
    // All of them again, with a table that is there.
    std::fs::remove_file(directory.file("position.json")).expect("a position");
    ship(&directory, destination());
    assert_eq!(table.numbers(), Vec::from_iter(1..7));
    let of_day = |day: &str| {
        let sql = format!("SELECT count(*) FROM {}_{day}", table.name);
        let row = table.runtime.block_on(table.client.query_one(&sql, &[]));
        row.expect("a partition").get::<_, i64>(0)
    };
    let days = ["19700101", "19700102", "19700103", "19700104"];
    assert_eq!(days.map(of_day), [1, 2, 2, 1]);
    read_back_of_partitions(&table);
    table.execute(&format!("DROP TABLE {}_19700101", table.name));
    assert_eq!(table.numbers(), Vec::from_iter(2..7));
}

fn read_back_of_partitions(table: &Table) {
    let entries = table.destination().read().expect("a reader");
    let entries = entries.map(|entry| entry.expect("an entry"));
    assert_eq!(read_back::numbers(entries), Vec::from_iter(1..7));
}

#[test]
fn a_partition_that_is_missing_is_no_entrys_fault() {
    let Some(table) = Table::new("no_day") else {
        return;
    };
    let expecting = || table.destination().partitions_by_day().expect_schema();
    table.execute(&expecting().migrations());
    let directory = Directory::new();
    directory.append(&lines(1..3));
    let handle = shipper(&directory, expecting()).spawn().expect("a shipper");
    until(|| handle.counters().retries >= 3);
    let name = &table.name;
    table.execute(&format!(
        "CREATE TABLE {name}_epoch PARTITION OF {name} FOR VALUES FROM ('1970-01-01') TO ('1970-01-02')"
    ));
    kill::wait_for(&directory);
    assert_eq!(stop(handle).dead_letters, 0);
    assert_eq!(table.numbers(), [1, 2]);
}

#[test]
fn a_table_without_partitions_gets_none() {
    let Some(table) = Table::new("plain") else {
        return;
    };
    table.connect(table.destination()).expect("a table");
    let error = table.connect(table.destination().partitions_by_day());
    let error = error.expect_err("no partitions").to_string();
    assert_eq!(error, format!("table {} has no partitions", table.name));
}
