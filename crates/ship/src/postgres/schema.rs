//! The table of entries, and how it came to be.

use std::{
    fmt::Write,
    time::{Duration, SystemTime},
};

use body_logger_core::rfc3339;

/// The migrations, in order: the first makes version 1. A migration that was released never changes.
const MIGRATIONS: [&str; 2] = [
    "\
CREATE TABLE {table} (
    entry_id uuid NOT NULL,
    arrival bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    run uuid NOT NULL,
    seq bigint,
    stage text,
    time timestamptz NOT NULL,
    exchange_id text,
    service text,
    instance text,
    host text,
    trace_id text,
    client text,
    method text,
    path text,
    route text,
    status smallint,
    outcome text,
    duration_us bigint,
    request_bytes bigint,
    response_bytes bigint,
    entry jsonb,
    entry_text text,
    CHECK ((entry IS NULL) <> (entry_text IS NULL)),
    PRIMARY KEY ({key})
){partitioned};
CREATE INDEX ON {table} (time);
CREATE INDEX ON {table} (run, seq);
COMMENT ON COLUMN {table}.arrival IS 'the order in which entries of a log arrived';
COMMENT ON COLUMN {table}.kind IS 'record, gap or maintenance';
COMMENT ON COLUMN {table}.entry_text IS 'the entry, if jsonb cannot represent it: NUL, lone surrogates, huge numbers';
",
    // For reading back.
    "CREATE INDEX ON {table} (arrival);",
];

/// The version that this crate writes.
pub(super) const VERSION: i32 = MIGRATIONS.len() as i32;

/// The temporary table that batches are copied into.
pub(super) const STAGING: &str = "\
CREATE TEMPORARY TABLE body_logger_staging (
    ordinal integer, entry_id uuid, kind text, run uuid, seq bigint, stage text, time timestamptz, exchange_id text,
    service text, instance text, host text, trace_id text, client text, method text, path text, route text,
    status smallint, outcome text, duration_us bigint, request_bytes bigint, response_bytes bigint,
    entry text, entry_text text
) ON COMMIT DELETE ROWS";

/// The columns of the temporary table but for the first and the last two, as the table has them.
const COLUMNS: &str = "entry_id, kind, run, seq, stage, time, exchange_id, service, instance, host, trace_id, client, \
    method, path, route, status, outcome, duration_us, request_bytes, response_bytes";

pub(super) const COPY: &str = "COPY body_logger_staging FROM STDIN BINARY";

/// The name of a table, with that of its schema where it has one: lower-case letters, digits and underscores, so that it
/// needs no quotes.
#[derive(Debug, Clone)]
pub(super) struct Table {
    name: String,
    /// Whether each day, in UTC, has a partition.
    pub(super) by_day: bool,
}

impl Table {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let is_name = |name: &str| {
            let is_start = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
            // Longer names are truncated by the server, which appends to it for indexes.
            name.len() <= 40
                && name.as_bytes().first().is_some_and(is_start)
                && name
                    .bytes()
                    .all(|byte| is_start(&byte) || byte.is_ascii_digit())
        };
        let mut parts = name.splitn(2, '.');
        parts.all(is_name).then(|| Self {
            name: name.to_owned(),
            by_day: false,
        })
    }

    /// The statement that keeps which migrations were applied.
    pub(super) fn versions(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {}_version (version integer PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())",
            self.name
        )
    }

    pub(super) fn current_version(&self) -> String {
        format!(
            "SELECT coalesce(max(version), 0) FROM {}_version",
            self.name
        )
    }

    /// The key of the lock under which migrations are applied.
    pub(super) fn lock(&self) -> String {
        format!(
            "SELECT pg_advisory_xact_lock(hashtext('body_logger {}'))",
            self.name
        )
    }

    /// What leads from a version to the current one.
    pub(super) fn migrations_after(&self, version: i32) -> String {
        // A key has to have what tells partitions apart. An entry has the same time each time that it comes.
        let (key, partitioned) = match self.by_day {
            true => ("entry_id, time", " PARTITION BY RANGE (time)"),
            false => ("entry_id", ""),
        };
        let mut sql = String::new();
        for (migration, to) in MIGRATIONS.iter().zip(1..).filter(|(_, to)| *to > version) {
            let migration = migration
                .replace("{table}", &self.name)
                .replace("{key}", key)
                .replace("{partitioned}", partitioned);
            let done = format!("INSERT INTO {}_version (version) VALUES ({to});", self.name);
            // Writing to a string cannot fail.
            let _ = writeln!(sql, "{migration}{done}");
        }
        sql
    }

    pub(super) fn insert(&self) -> String {
        format!(
            "INSERT INTO {} ({COLUMNS}, entry, entry_text) SELECT {COLUMNS}, entry::jsonb, entry_text \
             FROM body_logger_staging ORDER BY ordinal ON CONFLICT DO NOTHING",
            self.name
        )
    }

    /// Whether the table that is there has partitions; no row if there is none.
    pub(super) fn is_partitioned(&self) -> String {
        let name = &self.name;
        format!("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('{name}')")
    }

    /// The statement that makes the partition of the day that a time is in, if there is none. None for times beyond the
    /// years of four digits.
    pub(super) fn partition(&self, time: SystemTime) -> Option<String> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);

        let date = |time| Some(rfc3339::text(time)?.get(..10)?.to_owned());
        let (from, to) = (date(time)?, date(time.checked_add(DAY)?)?);
        let (name, suffix) = (&self.name, from.replace('-', ""));
        Some(format!(
            "CREATE TABLE IF NOT EXISTS {name}_{suffix} PARTITION OF {name} \
             FOR VALUES FROM ('{from}T00:00:00Z') TO ('{to}T00:00:00Z')"
        ))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_need_no_quotes() {
        for name in ["entries", "_a1", "audit.http_entries"] {
            assert!(Table::parse(name).is_some(), "{name}");
        }
        let long = "a".repeat(41);
        for name in [
            "", "1a", "A", "a.b.c", "a.", ".a", "a;b", "a\"", "a b", "é", &long,
        ] {
            assert!(Table::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_day_has_one_partition() {
        let mut table = Table::parse("audit.entries").expect("a name");
        table.by_day = true;
        let at = |text: &str| rfc3339::parse(text).expect("a time");
        let expected =
            "CREATE TABLE IF NOT EXISTS audit.entries_20261231 PARTITION OF audit.entries \
             FOR VALUES FROM ('2026-12-31T00:00:00Z') TO ('2027-01-01T00:00:00Z')";
        for time in ["2026-12-31T00:00:00Z", "2026-12-31T23:59:59.999999Z"] {
            assert_eq!(table.partition(at(time)).as_deref(), Some(expected));
        }
    }
}
