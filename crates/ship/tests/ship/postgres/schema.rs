//! The table: its versions and partitions.

use super::{
    super::{
        kill::{self, ship},
        log::{line, lines, record_of, Directory, RUN},
        read_back, shipper, stop,
        suite::Place as _,
        until,
    },
    Table,
};

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
