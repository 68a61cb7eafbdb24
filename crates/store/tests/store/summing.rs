//! Sums.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use body_logger_core::{
    record::{BodyState, Outcome, Reason, ResponseRecord, Stage},
    Filter, Record,
};
use body_logger_store::{Durations, Totals};
use proptest::prelude::*;

use super::{
    entries::{numbered, start},
    filter, in_memory, write,
};

/// The value that `percentage` of the values do not exceed.
fn percentile(values: &[u64], percentage: usize) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() * percentage).div_ceil(100).max(1) - 1]
}

fn micros(durations: &Durations, percentage: u32) -> u64 {
    let found = durations.percentile(percentage.into()).expect("durations");
    u64::try_from(found.as_micros()).expect("a duration")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn percentiles_are_those_of_the_sorted_values_also_when_merged(
        one in prop::collection::vec(0..100_000_000_u64, 1..200),
        other in prop::collection::vec(0..10_000_u64, 0..200),
    ) {
        let durations = |values: &[u64]| {
            let mut durations = Durations::default();
            values.iter().for_each(|micros| durations.add(Duration::from_micros(*micros)));
            durations
        };
        let mut merged = durations(&one);
        merged.merge(&durations(&other));
        let values = [one, other].concat();
        prop_assert_eq!(merged.count(), values.len() as u64);
        for percentage in [0, 50, 95, 99, 100] {
            let expected = percentile(&values, percentage);
            let found = micros(&merged, percentage as u32);
            prop_assert!(found >= expected && found <= expected + expected / 100, "{percentage}: {found}, {expected}");
        }
    }

    #[test]
    fn an_overview_sums_what_the_filter_matches(
        exchanges in prop::collection::vec((0..5_u64, 0..3_u64, 0..4_usize, 0..50_u64, 0..1000_u64), 1..60),
        route in prop::option::of(0..3_u64),
    ) {
        let record = |(seq, &(second, route, kind, micros, bytes)): (usize, &(u64, u64, usize, u64, u64))| {
            let mut record = numbered(seq as u64);
            record.time = start() + Duration::from_secs(second);
            record.request.route = (route > 0).then(|| format!("/{route}").into());
            record.duration_us = Some(micros);
            record.request.body.bytes = Some(bytes);
            let mut response = ResponseRecord::new(if kind == 1 { 503 } else { 200 });
            response.body.bytes = Some(7);
            if micros % 3 == 0 {
                response.body.add_reason(Reason::BodyLimit);
                record.request.body.add_reason(Reason::MemoryBudget);
            }
            record.request.body.state = [BodyState::Complete, BodyState::Aborted, BodyState::Partial][micros as usize % 3];
            record.request.method = ["GET", "PUT"][kind % 2].into();
            record.response = (kind != 3).then_some(response);
            record.outcome = Some([Outcome::Completed, Outcome::Completed, Outcome::BodyError, Outcome::Cancelled][kind]);
            record
        };
        let records: Vec<Record> = exchanges.iter().enumerate().map(record).collect();
        let store = in_memory();
        write(&store, records.clone());
        let filter = route.map_or(Filter::default(), |route| Filter::default().route(format!("/{route}")));
        let filter = filter.from(start()).to(start() + Duration::from_secs(5));
        let overview = store.overview(&filter, 5).expect("an overview");

        let matching: Vec<&Record> = records.iter().filter(|record| filter.matches(record)).collect();
        let mut by_route: BTreeMap<Option<&str>, Totals> = BTreeMap::new();
        let mut by_second = vec![Totals::default(); 5];
        let mut all = Totals::default();
        for record in &matching {
            by_route.entry(record.request.route.as_deref()).or_default().add(record);
            let second = record.time.duration_since(start()).expect("after the start").as_secs();
            by_second[second as usize].add(record);
            all.add(record);
        }
        let figures = |totals: &Totals| {
            (totals.exchanges, totals.errors, totals.request_bytes, totals.response_bytes, totals.durations.count(),
             totals.durations.percentile(50.0), totals.bodies)
        };
        prop_assert_eq!(figures(&overview.totals), figures(&all));
        prop_assert_eq!(all.errors, matching.iter().filter(|it| {
            it.status() == Some(503) || it.outcome != Some(Outcome::Completed)
        }).count() as u64);
        let over_time: Vec<_> = overview.over_time.iter().map(|bucket| figures(&bucket.totals)).collect();
        prop_assert_eq!(over_time, by_second.iter().map(figures).collect::<Vec<_>>());
        let truncated = |it: &&&Record| it.request.body.reasons == [Reason::MemoryBudget]
            || it.response.as_ref().is_some_and(|it| it.body.reasons == [Reason::BodyLimit]);
        prop_assert_eq!(overview.totals.bodies.truncated, matching.iter().filter(truncated).count() as u64);
        let aborted = |it: &&&Record| it.request.body.state == BodyState::Aborted;
        prop_assert_eq!(overview.totals.bodies.aborted, matching.iter().filter(aborted).count() as u64);
        for found in &overview.routes {
            let of_route = matching.iter().filter(|it| it.request.route.as_deref() == found.route.as_deref());
            let mut methods: Vec<_> = of_route.clone().map(|it| it.request.method.to_string()).collect();
            methods.sort_unstable();
            methods.dedup();
            prop_assert_eq!(&found.methods, &methods);
            let in_first = of_route.filter(|it| it.time < start() + Duration::from_secs(1)).count();
            prop_assert_eq!(found.over_time[0], in_first as u64);
            prop_assert_eq!(Some(figures(&found.totals)), by_route.remove(&found.route.as_deref()).as_ref().map(figures));
        }
        prop_assert!(by_route.is_empty());

        let slowest = overview.slowest.first().map(|it| it.record.duration_us);
        prop_assert_eq!(slowest, matching.iter().map(|it| it.duration_us).max());
        let failing: Vec<u64> = overview.failing.iter().map(|it| it.record.seq).collect();
        let errors = matching.iter().rev().filter(|it| it.status() == Some(503) || it.outcome != Some(Outcome::Completed));
        prop_assert_eq!(failing, errors.map(|it| it.seq).take(10).collect::<Vec<_>>());
    }
}

#[test]
fn the_parts_of_time_begin_and_end_with_the_store_or_the_filter() {
    let store = in_memory();
    write(&store, [numbered(0), numbered(10), numbered(20)]);
    let counts = |filter: &Filter, buckets| {
        let overview = store.overview(filter, buckets).expect("an overview");
        let counts: Vec<u64> = overview
            .over_time
            .iter()
            .map(|it| it.totals.exchanges)
            .collect();
        (overview.from, overview.to, counts)
    };
    let at = |seconds| start() + Duration::from_secs(seconds);
    assert_eq!(
        counts(&Filter::default(), 3),
        (at(0), at(20), vec![1, 1, 1])
    );
    assert_eq!(counts(&Filter::default(), 0), (at(0), at(20), vec![3]));
    let (from, _, of_filter) = counts(&filter("from:2026-11-21T09:15:06Z"), 2);
    assert_eq!((from, of_filter), (at(5), vec![1, 1]));
    let empty = in_memory()
        .overview(&Filter::default(), 2)
        .expect("an overview");
    assert_eq!(
        (empty.from, empty.totals.exchanges),
        (SystemTime::UNIX_EPOCH, 0)
    );
    assert_eq!(empty.totals.durations.percentile(50.0), None);
}

#[test]
fn an_exchange_in_stages_counts_once() {
    let store = in_memory();
    let stage = |seq, stage| {
        let mut record = numbered(seq);
        record.stage = Some(stage);
        record
    };
    write(
        &store,
        [
            stage(1, Stage::Request),
            stage(2, Stage::Response),
            stage(3, Stage::End),
            numbered(4),
        ],
    );
    let overview = store.overview(&Filter::default(), 1).expect("an overview");
    assert_eq!(overview.totals.exchanges, 2);
    let largest: Vec<u64> = overview.largest.iter().map(|it| it.record.seq).collect();
    assert_eq!(largest, [4, 2]);
}
