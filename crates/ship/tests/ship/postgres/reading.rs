//! Rows, read back.

use super::{
    super::{
        kill::ship,
        log::{lines, Directory},
        read_back,
        suite::Place as _,
        LIMIT,
    },
    Table,
};

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
            let row = reader.next_within(LIMIT).expect("a row");
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
