//! Rows in the order of their arrival.

use std::{
    pin::Pin,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time;
use tokio_postgres::{types::ToSql, Client, RowStream};

use super::Postgres;
use crate::{
    destination::SendError,
    read_back::{Page, PageFuture, Source, Wanted},
};

/// Number of rows that are taken from the server at once.
const ROWS: usize = 256;

/// How long transactions that write are waited for.
const SETTLE: Duration = Duration::from_secs(5);

/// How often to look whether they have ended.
const POLL: Duration = Duration::from_millis(20);

/// What is read at once: one statement for all rows that were stored when it began.
pub(super) struct Rows {
    postgres: Postgres,
    client: Option<Client>,
    rows: Option<Pin<Box<RowStream>>>,
    /// The arrival up to which `rows` goes.
    reading_through: u64,
    /// The arrival up to which all was read.
    through: u64,
}

impl Rows {
    pub(super) fn of(postgres: Postgres) -> Self {
        Self {
            postgres,
            client: None,
            rows: None,
            reading_through: 0,
            through: 0,
        }
    }

    async fn next_page(&mut self, wanted: &Wanted) -> Result<Page, SendError> {
        let mut page = Page::default();
        let rows = match &mut self.rows {
            Some(rows) => rows,
            None => {
                let client = match self.client.take() {
                    Some(client) if !client.is_closed() => client,
                    _ => self.postgres.connection().await?,
                };
                let client = self.client.insert(client);
                let table = self.postgres.table.name();
                // Rows that are not of the times asked for were passed, too.
                let behind = wanted.behind.max(self.through);
                let Some(newest) = newest(client, table, behind).await? else {
                    page.is_last = true;
                    return Ok(page);
                };
                let rows = select(client, table, behind, wanted, newest).await?;
                self.reading_through = newest as u64;
                self.rows.insert(Box::pin(rows))
            }
        };
        while page.rows.len() < ROWS {
            let Some(row) = rows.next().await else {
                self.rows = None;
                self.through = self.reading_through;
                // A connection that has broken ends the rows with an error, never silently.
                page.is_last = true;
                break;
            };
            let row = row.map_err(SendError::unavailable)?;
            let (arrival, json): (i64, String) = (row.get(0), row.get(1));
            page.rows.push((arrival as u64, Bytes::from(json)));
        }
        Ok(page)
    }
}

impl Source for Rows {
    fn page<'a>(&'a mut self, wanted: &'a Wanted) -> PageFuture<'a> {
        Box::pin(async {
            let page = self.next_page(wanted).await;
            if page.is_err() {
                (self.rows, self.client) = (None, None);
            }
            page
        })
    }
}

/// The newest arrival of which is known that none before it is still to come, if any is behind the position.
///
/// Numbers of arrival are given when rows are inserted, and rows are seen when their transaction ends: a lower number may
/// be seen later than a higher one. Whoever inserts holds a lock on the table until then. So when all have ended that held
/// one after a number was seen, whatever is below that number is seen.
async fn newest(client: &Client, table: &str, behind: u64) -> Result<Option<i64>, SendError> {
    let sql = format!("SELECT max(arrival) FROM {table}");
    let row = client.query_one(&sql, &[]).await;
    let newest: Option<i64> = row.map_err(SendError::unavailable)?.get(0);
    let Some(newest) = newest.filter(|newest| *newest as u64 > behind) else {
        return Ok(None);
    };
    let writers = format!(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND relation = '{table}'::regclass"
    );
    let start = Instant::now();
    let mut waited_for: Option<Vec<String>> = None;
    loop {
        let rows = client.query(&writers, &[]).await;
        let rows = rows.map_err(SendError::unavailable)?;
        let mut still: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        if let Some(waited_for) = &waited_for {
            still.retain(|transaction| waited_for.contains(transaction));
        }
        if still.is_empty() {
            return Ok(Some(newest));
        }
        if start.elapsed() > SETTLE {
            let message = format!("a transaction has been writing to {table} for {SETTLE:?}");
            return Err(SendError::unavailable(message));
        }
        waited_for = Some(still);
        time::sleep(POLL).await;
    }
}

async fn select(
    client: &Client,
    table: &str,
    behind: u64,
    wanted: &Wanted,
    newest: i64,
) -> Result<RowStream, SendError> {
    let mut sql = format!(
        "SELECT arrival, coalesce(entry_text, entry::text) FROM {table} WHERE arrival > $1 AND arrival <= $2"
    );
    let behind = i64::try_from(behind).unwrap_or(i64::MAX);
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&behind, &newest];
    let times: [(&str, &Option<SystemTime>); 2] = [(">=", &wanted.from), ("<", &wanted.to)];
    for (comparison, time) in times {
        if let Some(time) = time {
            parameters.push(time);
            sql.push_str(&format!(" AND time {comparison} ${}", parameters.len()));
        }
    }
    sql.push_str(" ORDER BY arrival");
    let rows = client.query_raw(&sql, parameters).await;
    rows.map_err(SendError::unavailable)
}
