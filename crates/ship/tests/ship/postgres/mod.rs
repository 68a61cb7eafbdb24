//! PostgreSQL, where `BODY_LOGGER_TEST_POSTGRES` has the URL of a database.

mod faults;
mod reading;
mod schema;

use body_logger_core::{record::Json, Record};
use body_logger_ship::{Destination, Postgres, PostgresError, SendError};
use tokio_postgres::{Client, Config, NoTls};

use super::{
    kill::ship,
    log::{line, lines, record_of, Directory, RUN},
    proxy::Proxy,
    suite::{self, Place as _},
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
        let client = runtime.block_on(connect(&url));
        let name = format!("ship_{name}_{}", std::process::id());
        Self {
            url,
            name,
            runtime,
            client,
        }
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

    fn connect(&self, mut destination: Postgres) -> Result<Option<u64>, SendError> {
        self.runtime.block_on(destination.connect(None))
    }
}

impl suite::Place for Table {
    type Destination = Postgres;

    fn destination_at(&self, url: &str) -> Postgres {
        destination(url, &self.name)
    }

    fn url(&self) -> String {
        self.url.clone()
    }

    fn url_through(&self, proxy: &Proxy) -> String {
        let config: Config = self.url.parse().expect("a URL");
        let user = config.get_user().unwrap_or("postgres");
        let database = config.get_dbname().unwrap_or("test");
        let address = &proxy.address;
        format!("postgres://{user}@{address}/{database}?sslmode=disable")
    }

    fn server(&self) -> String {
        let config: Config = self.url.parse().expect("a URL");
        format!("127.0.0.1:{}", config.get_ports().first().unwrap_or(&5432))
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn numbers(&self) -> Vec<u64> {
        // The server may have been killed since the other connection was made.
        let rows = self.runtime.block_on(async {
            let sql = format!("SELECT seq FROM {} ORDER BY arrival", self.name);
            connect(&self.url).await.query(&sql, &[]).await
        });
        let numbers = rows.expect("a table").into_iter();
        numbers.map(|row| row.get::<_, i64>(0) as u64).collect()
    }
}

async fn connect(url: &str) -> Client {
    let connected = tokio_postgres::connect(url, NoTls).await;
    let (client, connection) = connected.expect("a server");
    tokio::spawn(connection);
    client
}

impl Drop for Table {
    fn drop(&mut self) {
        let drop = format!("DROP TABLE IF EXISTS {0}, {0}_version CASCADE", self.name);
        let dropped = self.runtime.block_on(async {
            // A test that fails may have left a transaction, for which this would wait. The server may be another one by now.
            let _ = self.client.batch_execute("ROLLBACK").await;
            connect(&self.url).await.batch_execute(&drop).await
        });
        dropped.expect(&drop);
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
    let again = ship(&directory, table.destination());
    assert_eq!((again.shipped, again.dead_letters), (3, 0));
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
