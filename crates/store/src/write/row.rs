//! The columns of an entry.

use body_logger_core::{
    filter::{client_host, BodyCondition},
    rfc3339::unix_micros,
    Entry, Record,
};
use rusqlite::{params, Connection};
use uuid::Uuid;

use crate::{
    overview::missing,
    schema::{block_of, integer},
};

/// A row of `entries`, but for its position.
pub(super) struct Row<'e> {
    pub(super) time: i64,
    pub(super) bytes: i64,
    time_from: i64,
    entry_id: Uuid,
    run: Option<Uuid>,
    of: Of<'e>,
}

enum Of<'e> {
    Record(&'e Record),
    Gap,
    Maintenance,
}

impl<'e> Row<'e> {
    pub(super) fn of(entry: &'e Entry, bytes: usize) -> Self {
        let bytes = integer(bytes as u64);
        match entry {
            Entry::Record(record) => Self {
                time: unix_micros(record.time),
                time_from: unix_micros(record.time),
                bytes,
                entry_id: record.entry_id,
                run: Some(record.run),
                of: Of::Record(record),
            },
            Entry::Gap(gap) => Self {
                time: unix_micros(gap.gap.to),
                time_from: unix_micros(gap.gap.from),
                bytes,
                entry_id: gap.entry_id,
                run: Some(gap.run),
                of: Of::Gap,
            },
            Entry::Maintenance(done) => Self {
                time: unix_micros(done.maintenance.time),
                time_from: unix_micros(done.maintenance.time),
                bytes,
                entry_id: done.entry_id,
                run: Some(done.run),
                of: Of::Maintenance,
            },
            // A kind that this version does not know is kept, and found by nothing.
            _ => Self {
                time: 0,
                time_from: 0,
                bytes,
                entry_id: Uuid::nil(),
                run: None,
                of: Of::Maintenance,
            },
        }
    }

    pub(super) fn is_record(&self) -> bool {
        matches!(self.of, Of::Record(_))
    }

    pub(super) fn is_gap(&self) -> bool {
        matches!(self.of, Of::Gap)
    }

    pub(super) fn insert(&self, connection: &Connection, position: i64) -> rusqlite::Result<()> {
        let kind = match self.of {
            Of::Record(_) => 0,
            Of::Gap => 1,
            Of::Maintenance => 2,
        };
        let head = params![
            position,
            block_of(position),
            kind,
            self.time,
            self.time_from,
            self.bytes,
            self.entry_id.as_bytes(),
            self.run.as_ref().map(Uuid::as_bytes),
        ];
        let Of::Record(record) = self.of else {
            let sql = "INSERT INTO entries
                (position, block, kind, time, time_from, bytes, entry_id, run, whole)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)";
            connection.prepare_cached(sql)?.execute(head)?;
            return Ok(());
        };
        let request = &record.request;
        let response = record.response.as_ref();
        let client = record.client.addr.as_deref();
        let is_in_stages = record.stage.is_some() || record.first_seq.is_some();
        let exchange_seq = is_in_stages.then(|| integer(record.first_seq.unwrap_or(record.seq)));
        let is = |condition: BodyCondition| {
            let response = response.is_some_and(|response| condition.matches(&response.body));
            response || condition.matches(&request.body)
        };
        let columns = params![
            record.is_whole(),
            exchange_seq,
            record.id.as_str(),
            record
                .trace
                .as_ref()
                .map(|it| it.trace_id.to_ascii_lowercase()),
            client,
            client.map(client_host),
            request.method.as_str(),
            request.path.as_str(),
            request.route.as_deref(),
            record.status(),
            record.outcome.map(|outcome| outcome.as_str()),
            record.duration_us.map(integer),
            request.body.bytes.map(integer),
            response
                .and_then(|response| response.body.bytes)
                .map(integer),
            is(BodyCondition::Lost),
            is(BodyCondition::Withheld),
            missing(record),
        ];
        let sql = "INSERT INTO entries
            (position, block, kind, time, time_from, bytes, entry_id, run, whole, exchange_seq, id, trace, client,
             client_host, method, path, route, status, outcome, duration_us, request_bytes, response_bytes, lost, withheld,
             bodies)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
             ?23, ?24, ?25)";
        let mut insert = connection.prepare_cached(sql)?;
        let values = head.iter().chain(columns);
        insert.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }
}
