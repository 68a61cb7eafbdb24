//! A log summed up.

use std::{collections::BTreeMap, ops::RangeInclusive, time::SystemTime};

use body_logger_core::{
    filter::Filter,
    record::{GapRecord, RunReport},
    rfc3339, Entry, Record,
};
use serde::Serialize;

use super::group::{Group, Percentiles};

/// The methods of RFC 9110 and RFC 5789. Any other comes from a client who may send as many as it likes.
const METHODS: [&str; 9] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

/// What is said of a method that is none of these, and of an exchange that no route matched.
const OTHER: &str = "-";

#[derive(Debug, Default)]
pub(super) struct Summary {
    /// By method and route.
    pub(super) routes: BTreeMap<(String, String), Group>,
    pub(super) outcomes: BTreeMap<&'static str, u64>,
    /// When the first exchange began, and the last.
    pub(super) times: Option<(SystemTime, SystemTime)>,
    pub(super) gaps: Gaps,
    pub(super) runs: Vec<RunReport>,
}

/// All gaps of a log together.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    pub(super) gaps: u64,
    pub(super) lost: u64,
    pub(super) reasons: BTreeMap<String, u64>,
    pub(super) times: Option<(SystemTime, SystemTime)>,
}

impl Summary {
    pub(super) fn add(&mut self, entry: &Entry, filter: Option<&Filter>) {
        match entry {
            // Each exchange has one of these.
            Entry::Record(record)
                if record.is_whole() && filter.is_none_or(|filter| filter.matches(record)) =>
            {
                self.add_exchange(record);
            }
            Entry::Gap(gap) => self.gaps.add(gap),
            _ => {}
        }
    }

    fn add_exchange(&mut self, record: &Record) {
        let method = &*record.request.method;
        let method = if METHODS.contains(&method) {
            method
        } else {
            OTHER
        };
        let route = record.request.route.as_deref().unwrap_or(OTHER);
        let of = (route.to_owned(), method.to_owned());
        self.routes.entry(of).or_default().add(record);
        if let Some(outcome) = record.outcome {
            *self.outcomes.entry(outcome.as_str()).or_default() += 1;
        }
        self.times = Some(spanning(self.times, record.time, record.time));
    }

    /// All exchanges together.
    pub(super) fn all(&self) -> Group {
        let mut all = Group::default();
        for group in self.routes.values() {
            all.merge(group);
        }
        all
    }

    /// Routes with their methods, the one with the most exchanges first.
    pub(super) fn by_count(&self) -> Vec<(&str, &str, &Group)> {
        let routes = self.routes.iter();
        let mut routes: Vec<_> = routes
            .map(|((route, method), group)| (&**method, &**route, group))
            .collect();
        routes.sort_by_key(|(_, _, group)| std::cmp::Reverse(group.totals.exchanges));
        routes
    }

    /// What is printed as JSON.
    pub(super) fn report(&self) -> impl Serialize + '_ {
        let all = self.all();
        let (from, to) = texts(self.times);
        let (gaps_from, gaps_to) = texts(self.gaps.times);
        let routes = self.by_count().into_iter();
        Report {
            from,
            to,
            all: GroupReport::of(&all),
            outcomes: &self.outcomes,
            routes: routes
                .map(|(method, route, group)| RouteReport {
                    method,
                    route: Some(route).filter(|route| *route != OTHER),
                    group: GroupReport::of(group),
                })
                .collect(),
            gaps: GapsReport {
                gaps: self.gaps.gaps,
                lost: self.gaps.lost,
                reasons: &self.gaps.reasons,
                from: gaps_from,
                to: gaps_to,
            },
            runs: self.runs.iter().map(RunReportJson::of).collect(),
        }
    }
}

impl Gaps {
    fn add(&mut self, GapRecord { gap, .. }: &GapRecord) {
        self.gaps += 1;
        self.lost += gap.dropped;
        for (reason, lost) in &gap.reasons {
            *self.reasons.entry(reason.clone()).or_default() += lost;
        }
        self.times = Some(spanning(self.times, gap.from, gap.to));
    }
}

fn spanning(
    times: Option<(SystemTime, SystemTime)>,
    from: SystemTime,
    to: SystemTime,
) -> (SystemTime, SystemTime) {
    let (first, last) = times.unwrap_or((from, to));
    (first.min(from), last.max(to))
}

fn texts(times: Option<(SystemTime, SystemTime)>) -> (Option<String>, Option<String>) {
    let (from, to) = times.unzip();
    (from.and_then(rfc3339::text), to.and_then(rfc3339::text))
}

#[derive(Serialize)]
struct Report<'s> {
    from: Option<String>,
    to: Option<String>,
    #[serde(flatten)]
    all: GroupReport,
    outcomes: &'s BTreeMap<&'static str, u64>,
    routes: Vec<RouteReport<'s>>,
    gaps: GapsReport<'s>,
    runs: Vec<RunReportJson>,
}

#[derive(Serialize)]
struct GroupReport {
    exchanges: u64,
    errors: u64,
    error_share: f64,
    client_errors: u64,
    duration_us: Option<Percentiles>,
    request_bytes: u64,
    response_bytes: u64,
}

impl GroupReport {
    fn of(group: &Group) -> Self {
        Self {
            exchanges: group.totals.exchanges,
            errors: group.totals.errors,
            error_share: group.error_share(),
            client_errors: group.client_errors,
            duration_us: group.percentiles(),
            request_bytes: group.totals.request_bytes,
            response_bytes: group.totals.response_bytes,
        }
    }
}

#[derive(Serialize)]
struct RouteReport<'s> {
    method: &'s str,
    route: Option<&'s str>,
    #[serde(flatten)]
    group: GroupReport,
}

#[derive(Serialize)]
struct GapsReport<'s> {
    gaps: u64,
    lost: u64,
    reasons: &'s BTreeMap<String, u64>,
    from: Option<String>,
    to: Option<String>,
}

/// A run of the application, with ranges as a log has them: both ends.
#[derive(Serialize)]
struct RunReportJson {
    run: String,
    is_complete: bool,
    entries: u64,
    repeated: u64,
    last: u64,
    before_first: Vec<(u64, u64)>,
    lost: Vec<(u64, u64)>,
    deleted: Vec<(u64, u64)>,
    unexplained: Vec<(u64, u64)>,
}

impl RunReportJson {
    fn of(report: &RunReport) -> Self {
        let pairs = |ranges: &[RangeInclusive<u64>]| {
            ranges
                .iter()
                .map(|range| (*range.start(), *range.end()))
                .collect()
        };
        Self {
            run: report.run.to_string(),
            is_complete: report.is_complete(),
            entries: report.held,
            repeated: report.repeated,
            last: report.last,
            before_first: pairs(&report.before_first),
            lost: pairs(&report.lost),
            deleted: pairs(&report.deleted),
            unexplained: pairs(&report.unexplained),
        }
    }
}
