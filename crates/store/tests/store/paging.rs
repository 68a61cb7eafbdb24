//! Pages, neighbours, gaps, arrivals.

use std::sync::mpsc;

use body_logger_core::{
    record::{Stage, Trace},
    Filter, Record, Sink,
};
use body_logger_store::{Position, Store};

use super::{
    all,
    entries::{gap, numbered, start},
    far_away, filter, ids, in_memory, long_ago, open, write, Directory,
};

fn of(numbers: impl IntoIterator<Item = u64>) -> Store {
    let store = in_memory();
    write(&store, numbers.into_iter().map(numbered));
    store
}

#[test]
fn pages_are_newest_first_and_end_with_the_oldest() {
    let store = of(0..5);
    let page = store.page(&Filter::default(), None, 2).expect("a page");
    assert_eq!(ids(&page), ["4", "3"]);
    assert!(page.complete);
    let page = store
        .page(&Filter::default(), page.next, 2)
        .expect("a page");
    assert_eq!(ids(&page), ["2", "1"]);
    let page = store
        .page(&Filter::default(), page.next, 2)
        .expect("a page");
    assert_eq!(ids(&page), ["0"]);
    assert!(page.complete && page.next.is_none());
}

#[test]
fn a_page_of_none_is_complete() {
    let page = in_memory()
        .page(&filter("status:5xx"), None, 50)
        .expect("a page");
    assert!(page.records.is_empty() && page.complete && page.next.is_none());
}

#[test]
fn what_arrives_between_two_pages_changes_neither() {
    let store = of(0..6);
    let first = store.page(&Filter::default(), None, 3).expect("a page");
    write(&store, (6..9).map(numbered));
    let second = store
        .page(&Filter::default(), first.next, 3)
        .expect("a page");
    assert_eq!(
        (ids(&first), ids(&second)),
        (vec!["5", "4", "3"], vec!["2", "1", "0"])
    );
}

#[test]
fn a_position_survives_as_text() {
    let store = of(0..4);
    let page = store.page(&Filter::default(), None, 2).expect("a page");
    let link = page.next.expect("more").to_string();
    let next: Position = link.parse().expect("a position");
    assert_eq!(
        ids(&store
            .page(&Filter::default(), Some(next), 9)
            .expect("a page")),
        ["1", "0"]
    );
}

#[test]
fn pages_go_through_all_blocks() {
    let store = in_memory();
    let count = 32_768 + 1000;
    let records: Vec<Record> = (0..count).map(numbered).collect();
    for chunk in records.chunks(5000) {
        write(&store, chunk.to_vec());
    }
    for (text, step) in [
        ("status:500", 10),
        ("path:/orders/3270", 0),
        ("slower:33000000us", 0),
    ] {
        let filter = filter(text);
        let expected: Vec<&Record> = records
            .iter()
            .rev()
            .filter(|it| filter.matches(it))
            .collect();
        assert!(
            expected.len() > 3 && (step == 0 || expected.len() > count as usize / 11),
            "{text}"
        );
        let found = all(&store, &filter, 1000);
        assert!(
            found.iter().map(|(_, record)| record).eq(expected),
            "{text}"
        );
    }
    // The one in the oldest block is found, though the newest block has none.
    assert_eq!(all(&store, &filter("id:17"), 10).len(), 1);
    let time = "from:2026-11-21T09:15:05Z to:2026-11-21T09:15:07Z";
    let page = store.page(&filter(time), None, 10).expect("a page");
    assert_eq!(ids(&page), ["5", "4"]);
    // Of the newest block only: on a slow machine, the time may be up before a second one is begun.
    let newest = filter("id:33000").from(start() + std::time::Duration::from_secs(32_900));
    let neighbours = store
        .neighbours(page.records[0].position, &newest)
        .expect("neighbours");
    assert_eq!(
        neighbours.newer.expect("in the newest block").record.id,
        "33000"
    );
}

#[test]
fn gaps_stand_between_the_records_of_their_page() {
    let store = in_memory();
    write(&store, [numbered(1)]);
    store.write(&[gap(2, 3)]).expect("written");
    write(&store, [numbered(4), numbered(5)]);
    store.write(&[gap(6, 9)]).expect("written");

    let newest = store.page(&Filter::default(), None, 2).expect("a page");
    assert_eq!(newest.gaps.len(), 1);
    assert_eq!(newest.gaps[0].gap.gap.dropped, 4);
    assert!(newest.gaps[0].position > newest.records[0].position);
    let older = store
        .page(&Filter::default(), newest.next, 2)
        .expect("a page");
    assert_eq!(older.gaps.len(), 1);
    assert_eq!(older.gaps[0].gap.gap.dropped, 2);
    assert!(older.gaps[0].position > older.records[0].position);
    // A gap overlaps a range of times with either of its ends.
    for (times, count) in [
        ((0, 1), 0),
        ((0, 2), 1),
        ((3, 6), 2),
        ((4, 5), 0),
        ((7, 8), 1),
    ] {
        let at = |seconds| start() + std::time::Duration::from_secs(seconds);
        let gaps = store.gaps(at(times.0), at(times.1), 10).expect("gaps");
        assert_eq!(gaps.len(), count, "{times:?}");
    }
    assert_eq!(
        store.gaps(long_ago(), far_away(), 1).expect("gaps")[0]
            .gap
            .gap
            .dropped,
        4
    );
}

#[test]
fn neighbours_are_the_next_that_match() {
    let store = of(0..30);
    let failed = filter("status:500");
    let at = |id: &str| {
        store
            .page(&filter(&format!("id:{id}")), None, 1)
            .expect("a page")
            .records[0]
            .position
    };
    let neighbours = store.neighbours(at("13"), &failed).expect("neighbours");
    assert_eq!(neighbours.older.expect("older").record.id, "3");
    assert_eq!(neighbours.newer.expect("newer").record.id, "23");
    let neighbours = store.neighbours(at("3"), &failed).expect("neighbours");
    assert_eq!(neighbours.older, None);
}

#[test]
fn stages_of_an_exchange_are_joined_by_run_and_first_number() {
    let staged = |seq, stage, first| {
        let mut record = numbered(seq);
        (record.stage, record.first_seq) = (stage, first);
        record
    };
    let store = in_memory();
    let mut other_run = staged(2, Some(Stage::Request), None);
    other_run.run = body_logger_core::record::new_id();
    write(
        &store,
        [
            staged(1, None, None),
            staged(2, Some(Stage::Request), None),
            other_run,
            staged(3, None, None),
            staged(4, Some(Stage::Response), Some(2)),
            staged(5, Some(Stage::End), Some(2)),
        ],
    );
    for (seq, expected) in [
        (1, vec![1]),
        (2, vec![2, 4, 5]),
        (4, vec![2, 4, 5]),
        (5, vec![2, 4, 5]),
    ] {
        let page = store
            .page(&filter(&format!("id:{seq}")), None, 9)
            .expect("a page");
        let record = &page.records.last().expect("a record").record;
        let exchange = store.exchange(record).expect("stages");
        let numbers: Vec<u64> = exchange.iter().map(|it| it.record.seq).collect();
        assert_eq!(numbers, expected);
    }
}

#[test]
fn a_record_is_found_by_its_entry_id() {
    let directory = Directory::new("entry");
    let store = open(&directory.file());
    let mut record = numbered(7);
    record.trace = Trace::parse(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    write(&store, [numbered(6), record.clone(), numbered(8)]);
    let found = store
        .record(record.entry_id)
        .expect("a store")
        .expect("a record");
    assert_eq!(found.record, record);
    assert_eq!(
        store
            .record(body_logger_core::record::new_id())
            .expect("a store"),
        None
    );
}

#[test]
fn arrivals_go_on_where_they_ended() {
    let store = of(0..3);
    let (sender, news) = mpsc::channel();
    let subscription = store.subscribe(move |newest| sender.send(newest).expect("a receiver"));
    let panicking = store.subscribe(|_| panic!("harms nobody"));
    let failed = filter("status:500");
    let page = store.arrivals(&failed, None, 10).expect("arrivals");
    assert!(page.records.is_empty());
    let after = page.next;

    write(&store.clone(), (3..15).map(numbered));
    let newest = news.try_recv().expect("told");
    let page = store.arrivals(&failed, after, 1).expect("arrivals");
    assert_eq!(ids(&page), ["3"]);
    let page = store.arrivals(&failed, page.next, 10).expect("arrivals");
    assert_eq!(ids(&page), ["13"]);
    assert_eq!(page.next, Some(newest));
    // Nothing new: the place stays.
    assert_eq!(
        store
            .arrivals(&failed, page.next, 10)
            .expect("arrivals")
            .next,
        Some(newest)
    );

    drop((subscription, panicking));
    write(&store, [numbered(20)]);
    assert_eq!(news.try_recv(), Err(mpsc::TryRecvError::Disconnected));
}

#[test]
fn counters_count_what_is_there() {
    let store = of(0..3);
    store.write(&[gap(3, 4)]).expect("written");
    let counters = store.counters().expect("counters");
    assert_eq!((counters.records, counters.gaps), (3, 1));
    let line = serde_json::to_string(&numbered(0)).expect("JSON").len() as u64;
    assert!(
        (3 * line..5 * line).contains(&counters.line_bytes),
        "{counters:?}"
    );
    assert!(counters.used_bytes > counters.line_bytes);
    assert_eq!(in_memory().counters().expect("counters").newest, None);
}
