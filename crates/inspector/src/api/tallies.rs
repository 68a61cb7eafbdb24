//! Counts that the store keeps no columns for, over the newest records.

use std::collections::BTreeMap;

use body_logger_core::{
    record::{Body, BodyState, Reason},
    Filter, Record,
};
use body_logger_store::{Store, StoreError};
use serde::Serialize;

/// Records that are looked at.
const MOST: usize = 5_000;

/// Records fetched at once.
const PAGE: usize = 500;

/// Parts of time of a route's rate.
pub(super) const PARTS: usize = 20;

/// What was found in the newest records.
#[derive(Debug, Default, Serialize)]
pub(super) struct Tallies {
    /// How many were looked at.
    looked_at: u64,
    truncated: u64,
    withheld: u64,
    unread: u64,
    aborted: u64,
    sampled_out: u64,
    #[serde(skip)]
    pub(super) routes: BTreeMap<Option<String>, RouteTally>,
}

/// What was found of a route.
#[derive(Debug, Default)]
pub(super) struct RouteTally {
    /// How many there were of each method.
    pub(super) methods: BTreeMap<String, u64>,
    pub(super) rate: [u64; PARTS],
}

impl Tallies {
    /// Counts records that a filter matches, within the times from `from` to `to`, in milliseconds since 1970.
    pub(super) fn of(
        store: &Store,
        filter: &Filter,
        (from, to): (u64, u64),
    ) -> Result<Self, StoreError> {
        let (mut tallies, mut before) = (Self::default(), None);
        loop {
            let page = store.page(filter, before, PAGE)?;
            for stored in &page.records {
                let record = &stored.record;
                let at = super::overview::millis(record.time).saturating_sub(from);
                let part = at as usize * PARTS / (to.saturating_sub(from).max(1) as usize);
                tallies.add(record, part.min(PARTS - 1));
            }
            before = page.next;
            if before.is_none() || tallies.looked_at >= MOST as u64 {
                return Ok(tallies);
            }
        }
    }

    fn add(&mut self, record: &Record, part: usize) {
        if !record.is_whole() {
            return;
        }
        self.looked_at += 1;
        let response = record.response.as_ref().map(|response| &response.body);
        let bodies = [Some(&record.request.body), response];
        let any = |is: &dyn Fn(&Body) -> bool| u64::from(bodies.iter().flatten().any(|it| is(it)));
        let has = |reasons: &[Reason]| {
            any(&|body: &Body| body.reasons.iter().any(|reason| reasons.contains(reason)))
        };
        self.truncated += has(&[Reason::BodyLimit, Reason::MemoryBudget, Reason::RecordLimit]);
        self.withheld += has(&[Reason::Redaction, Reason::Decode, Reason::Handler]);
        self.sampled_out += has(&[Reason::SampledOut]);
        self.unread += any(&|body| matches!(body.state, BodyState::Unread | BodyState::Partial));
        self.aborted += any(&|body| body.state == BodyState::Aborted);
        let request = &record.request;
        let route = request.route.as_deref().map(str::to_owned);
        let tally = self.routes.entry(route).or_default();
        *tally.methods.entry(request.method.to_string()).or_default() += 1;
        tally.rate[part] += 1;
    }
}
