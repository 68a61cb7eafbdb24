//! Entries to store.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use body_logger_core::{
    record::{new_id, Body, Gap, GapRecord, ResponseRecord, SeqRanges},
    Entry, Record,
};
use uuid::Uuid;

pub(crate) const RUN: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000);

/// The time of record 0.
pub(crate) fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_252_501)
}

/// Record `number` of a run: one a second, with some variety.
pub(crate) fn numbered(number: u64) -> Record {
    let time = start() + Duration::from_secs(number);
    let mut record = Record::new(number.to_string(), new_id(), RUN, number, time);
    record.outcome = Some(body_logger_core::record::Outcome::Completed);
    record.duration_us = Some(1000 * number);
    record.request.method = "GET".into();
    record.request.path = format!("/orders/{number}").into();
    record.request.route = Some("/orders/{id}".into());
    let mut response = ResponseRecord::new(if number % 10 == 3 { 500 } else { 200 });
    response.body = Body::default();
    response.body.bytes = Some(100 * number);
    record.response = Some(response);
    record
}

pub(crate) fn gap(from: u64, to: u64) -> Entry {
    let at = |number| start() + Duration::from_secs(number);
    let numbers: SeqRanges = [from..=to].into_iter().collect();
    let reasons = BTreeMap::from([("dropped_newest".to_owned(), to - from + 1)]);
    Entry::Gap(GapRecord::new(
        RUN,
        Gap::new(at(from)..=at(to), reasons, &numbers),
    ))
}
