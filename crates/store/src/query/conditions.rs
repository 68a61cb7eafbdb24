//! A filter as conditions of SQL.

use std::time::SystemTime;

use body_logger_core::{
    filter::{client_host, BodyCondition, Phrase},
    rfc3339::unix_micros,
    Filter,
};
use rusqlite::{params_from_iter, types::Value, CachedStatement, Connection};

use super::window::{Order, Window};
use crate::schema::integer;

/// A piece of SQL with its parameters, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Sql {
    text: String,
    parameters: Vec<Value>,
}

impl Sql {
    pub(super) fn new(text: &str, parameters: impl IntoIterator<Item = Value>) -> Self {
        Self {
            text: text.to_owned(),
            parameters: parameters.into_iter().collect(),
        }
    }

    fn push(&mut self, text: &str, parameters: impl IntoIterator<Item = Value>) {
        self.text.push_str(text);
        self.parameters.extend(parameters);
    }

    fn append(&mut self, other: &Self) {
        self.push(&other.text, other.parameters.iter().cloned());
    }

    pub(super) fn query<T>(
        &self,
        connection: &Connection,
        row: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement: CachedStatement<'_> = connection.prepare_cached(&self.text)?;
        let rows = statement.query_map(params_from_iter(&self.parameters), row)?;
        rows.collect()
    }
}

/// What finds the rows of a block that meet one condition, without reading the others.
#[derive(Debug)]
enum Access {
    /// An index of `entries`, with the condition that follows the block's.
    Index(&'static str, Sql),
    /// The attribute with this name and value.
    Attribute(String, String),
    /// The search for words.
    Words(String),
}

/// A filter, ready to be asked of any block.
#[derive(Debug)]
pub(crate) struct Conditions {
    pub(super) from: i64,
    /// Inclusive.
    pub(super) to: i64,
    /// That which no access covers, beginning with ` AND`.
    others: Sql,
    accesses: Vec<Access>,
}

/// Number of rows that are counted to choose an access. With more, walking through the block is as good.
const FEW: usize = 4096;

impl Conditions {
    pub(crate) fn new(filter: &Filter) -> Self {
        let mut conditions = Self {
            from: filter.from.map_or(i64::MIN, unix_micros),
            to: filter.to.map_or(i64::MAX, last_before),
            others: Sql::default(),
            accesses: Vec::new(),
        };
        conditions.add_indexed(filter);
        conditions.add_others(filter);
        conditions
    }

    fn add_indexed(&mut self, filter: &Filter) {
        let mut equal = |index, column: &str, value: Option<String>| {
            if let Some(value) = value {
                let sql = Sql::new(&format!(" AND {column} = ?"), [value.into()]);
                self.accesses.push(Access::Index(index, sql));
            }
        };
        equal("by_id", "id", filter.id.clone());
        let trace = filter.trace.as_deref().map(str::to_ascii_lowercase);
        equal("by_trace", "trace", trace);
        let host = filter.client.as_deref().map(client_host);
        equal("by_client", "client_host", host.map(str::to_owned));
        equal("by_route", "route", filter.route.clone());
        let outcome = filter.outcome.map(|outcome| outcome.as_str().to_owned());
        equal("by_outcome", "outcome", outcome);
        if let Some(range) = &filter.status {
            let bounds = [*range.start(), *range.end()].map(|status| i64::from(status).into());
            let sql = Sql::new(" AND status BETWEEN ? AND ?", bounds);
            self.accesses.push(Access::Index("by_status", sql));
        }
        if let Some(prefix) = filter.path.as_deref().filter(|prefix| !prefix.is_empty()) {
            let mut sql = Sql::new(" AND path >= ?", [prefix.to_owned().into()]);
            if let Some(end) = successor(prefix) {
                sql.push(" AND path < ?", [end.into()]);
            }
            self.accesses.push(Access::Index("by_path", sql));
        }
        for (name, value) in &filter.attributes {
            let access = Access::Attribute(name.clone(), value.clone());
            self.accesses.push(access);
        }
        let phrases: Vec<String> = filter.words.iter().map(match_phrase).collect();
        if !phrases.is_empty() {
            self.accesses.push(Access::Words(phrases.join(" AND ")));
        }
    }

    fn add_others(&mut self, filter: &Filter) {
        let others = &mut self.others;
        if let Some(method) = &filter.method {
            others.push(" AND method = ? COLLATE NOCASE", [method.clone().into()]);
        }
        if let Some(client) = filter.client.as_deref().filter(|it| client_host(it) != *it) {
            others.push(" AND client = ?", [client.to_owned().into()]);
        }
        if let Some(limit) = filter.slower_than {
            let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
            others.push(" AND duration_us > ?", [integer(micros).into()]);
        }
        if let Some(limit) = filter.larger_than {
            let limit = integer(limit);
            let sql = " AND (request_bytes > ? OR response_bytes > ?)";
            others.push(sql, [limit.into(), limit.into()]);
        }
        match filter.body {
            Some(BodyCondition::Lost) => others.push(" AND lost", []),
            Some(BodyCondition::Withheld) => others.push(" AND withheld", []),
            // A condition that is not known here would be another column.
            Some(_) => others.push(" AND false", []),
            None => {}
        }
    }

    /// Calls `each` with these columns of all matching records in a window.
    pub(crate) fn for_each(
        &self,
        connection: &Connection,
        window: &Window,
        columns: &str,
        mut each: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let Some(sql) = self.select(connection, window, columns, (Order::OldestFirst, None))?
        else {
            return Ok(());
        };
        let mut statement = connection.prepare_cached(&sql.text)?;
        let mut rows = statement.query(params_from_iter(&sql.parameters))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    /// Returns how many records of a window match.
    pub(super) fn count(&self, connection: &Connection, window: &Window) -> rusqlite::Result<u64> {
        if let [only] = &*self.accesses {
            if self.others.text.is_empty() && window.is_within(self.from, self.to) {
                // Read from the index alone.
                let count = only.count(connection, window, usize::MAX)?;
                return Ok(count as u64);
            }
        }
        let order = (Order::OldestFirst, None);
        let Some(sql) = self.select(connection, window, "count(*)", order)? else {
            return Ok(0);
        };
        let counts = sql.query(connection, |row| row.get::<_, i64>(0))?;
        Ok(counts.iter().map(|count| count.unsigned_abs()).sum())
    }

    /// Returns a query for these columns of the matching records in a window of a block, or `None` if there is no such
    /// record.
    pub(super) fn select(
        &self,
        connection: &Connection,
        window: &Window,
        columns: &str,
        (order, limit): (Order, Option<usize>),
    ) -> rusqlite::Result<Option<Sql>> {
        let mut chosen = None;
        let mut fewest = FEW;
        for (at, access) in self.accesses.iter().enumerate() {
            let count = access.count(connection, window, fewest)?;
            if count == 0 {
                return Ok(None);
            }
            if count < fewest {
                (fewest, chosen) = (count, Some(at));
            }
        }
        let from = match chosen.map(|at| &self.accesses[at]) {
            Some(Access::Index(index, _)) => format!("INDEXED BY {index}"),
            _ => "NOT INDEXED".to_owned(),
        };
        let mut sql = Sql::new(
            &format!("SELECT {columns} FROM entries {from} WHERE kind = 0"),
            [],
        );
        sql.push(
            " AND block = ? AND position BETWEEN ? AND ?",
            [window.block, window.first, window.last].map(Value::from),
        );
        for (at, access) in self.accesses.iter().enumerate() {
            access.restrict(&mut sql, window, chosen == Some(at));
        }
        if !window.is_within(self.from, self.to) {
            sql.push(
                " AND time BETWEEN ? AND ?",
                [self.from, self.to].map(Value::from),
            );
        }
        sql.append(&self.others);
        if let Some(limit) = limit {
            let order = match order {
                Order::NewestFirst => "DESC",
                Order::OldestFirst => "ASC",
            };
            let limit = integer(limit as u64);
            sql.push(
                &format!(" ORDER BY position {order} LIMIT ?"),
                [limit.into()],
            );
        }
        Ok(Some(sql))
    }
}

impl Access {
    /// Returns how many rows of the window it finds, at most `limit`.
    fn count(
        &self,
        connection: &Connection,
        window: &Window,
        limit: usize,
    ) -> rusqlite::Result<usize> {
        let mut sql = Sql::new("SELECT count(*) FROM (SELECT 1 FROM ", []);
        match self {
            Self::Index(index, condition) => {
                sql.push(
                    &format!("entries INDEXED BY {index} WHERE block = ?"),
                    [window.block.into()],
                );
                sql.append(condition);
                sql.push(" AND position BETWEEN ? AND ?", window.bounds());
            }
            Self::Attribute(..) | Self::Words(_) => sql.append(&self.positions(window)),
        }
        sql.push(" LIMIT ?)", [integer(limit as u64).into()]);
        let counts = sql.query(connection, |row| row.get::<_, i64>(0))?;
        Ok(counts
            .first()
            .map_or(0, |count| usize::try_from(*count).unwrap_or_default()))
    }

    fn restrict(&self, sql: &mut Sql, window: &Window, is_chosen: bool) {
        let column = match self {
            Self::Index(_, condition) => return sql.append(condition),
            Self::Attribute(..) => "position",
            Self::Words(_) => "rowid",
        };
        // With the sign SQLite does not begin with these positions, but looks each up.
        let sign = if is_chosen { "" } else { "+" };
        sql.push(
            &format!(" AND {sign}position IN (SELECT {column} FROM "),
            [],
        );
        sql.append(&self.positions(window));
        sql.push(")", []);
    }

    /// The table and the conditions of what is not an index of `entries`.
    fn positions(&self, window: &Window) -> Sql {
        match self {
            Self::Index(..) => Sql::default(),
            Self::Attribute(name, value) => {
                let text = "attributes WHERE block = ? AND name = ? AND value = ? AND position BETWEEN ? AND ?";
                let of_block = [
                    window.block.into(),
                    name.clone().into(),
                    value.clone().into(),
                ];
                Sql::new(text, of_block.into_iter().chain(window.bounds()))
            }
            Self::Words(query) => {
                let text = "search WHERE search MATCH ? AND rowid BETWEEN ? AND ?";
                let query = [query.clone().into()];
                Sql::new(text, query.into_iter().chain(window.bounds()))
            }
        }
    }
}

/// Returns the last microsecond before a time.
fn last_before(time: SystemTime) -> i64 {
    unix_micros(time).saturating_sub(1)
}

/// Returns a phrase of FTS5's query language. Its words are letters and digits, and need no escape.
fn match_phrase(phrase: &Phrase) -> String {
    format!("\"{}\"", phrase.words().join(" "))
}

/// Returns the first text that is greater than all texts with this prefix, as bytes are compared; none if there is none.
fn successor(prefix: &str) -> Option<String> {
    let mut rest = prefix.chars();
    while let Some(last) = rest.next_back() {
        // Skips the surrogates, which are no characters.
        let next = (last..=char::MAX).nth(1);
        if let Some(next) = next {
            return Some(format!("{}{next}", rest.as_str()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_the_least_text_after_all_that_begin_so() {
        for (prefix, expected) in [
            ("/a", Some("/b")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}\u{10ffff}", None),
        ] {
            assert_eq!(successor(prefix).as_deref(), expected);
        }
    }
}
