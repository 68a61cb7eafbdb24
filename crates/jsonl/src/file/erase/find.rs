//! Finds the lines of an entry or of an exchange.

use std::{collections::BTreeMap, io};

use body_logger_core::record::ErasedEntry;
use memchr::memmem;
use serde::{de::IgnoredAny, Deserialize};
use uuid::Uuid;

use super::{numbered::NumberedFile, LineToErase};

/// The members that identify the entry and the exchange of a line.
#[derive(Deserialize)]
struct Ids {
    id: Option<String>,
    entry_id: Option<Uuid>,
    run: Option<Uuid>,
    seq: Option<u64>,
    first_seq: Option<u64>,
    gap: Option<IgnoredAny>,
    maintenance: Option<IgnoredAny>,
}

impl Ids {
    /// Returns what stays of the line when it is erased, or an error if it must not be erased.
    fn stub(&self, number: u64) -> io::Result<ErasedEntry> {
        let kind = match (&self.gap, &self.maintenance) {
            (Some(_), _) => "gap",
            (_, Some(_)) => "maintenance entry",
            _ => match (self.entry_id, self.run, self.seq) {
                (Some(entry_id), Some(run), Some(seq)) => {
                    return Ok(ErasedEntry::new(entry_id, run, seq))
                }
                _ => "line that is no entry of a log",
            },
        };
        let text = format!("line {number} is a {kind}, which is not erased");
        Err(invalid(text))
    }
}

/// Returns the numbers of the lines of an entry, or of one exchange.
pub(super) fn of_id(files: Vec<NumberedFile>, id: &str) -> io::Result<Vec<u64>> {
    let finder = memmem::Finder::new(id);
    // Identified by their first stages.
    let mut exchanges = BTreeMap::<_, Vec<u64>>::new();
    for file in files {
        file.each_line(u64::MAX, |number, line| {
            // Fast path: searching is faster than parsing. An id is a token, which is never escaped.
            if finder.find(line.bytes).is_none() {
                return Ok(());
            }
            let Ok(ids) = serde_json::from_slice::<Ids>(line.bytes) else {
                return Ok(());
            };
            let is_entry = ids.entry_id.is_some_and(|it| it.to_string() == id);
            if is_entry || ids.id.as_deref() == Some(id) {
                let stub = ids.stub(number)?;
                let first = ids.first_seq.unwrap_or(stub.seq);
                exchanges.entry((stub.run, first)).or_default().push(number);
            }
            Ok(())
        })?;
    }
    let mut found: Vec<_> = exchanges.into_values().collect();
    match found.len() {
        0 => {
            let text = format!("no line has the id {id}");
            Err(io::Error::new(io::ErrorKind::NotFound, text))
        }
        1 => Ok(found.remove(0)),
        _ => {
            let mut numbers: Vec<_> = found.into_iter().flatten().collect();
            numbers.sort_unstable();
            let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
            let numbers = numbers.join(", ");
            let text = format!("several exchanges have the id {id}, in the lines {numbers}");
            Err(invalid(text))
        }
    }
}

/// Returns the lines with these numbers, without those already erased.
pub(super) fn lines(files: Vec<NumberedFile>, numbers: &[u64]) -> io::Result<Vec<LineToErase>> {
    let mut lines = Vec::new();
    let mut missing = numbers.to_vec();
    let end = numbers
        .iter()
        .max()
        .map_or(0, |last| last.saturating_add(1));
    for file in files {
        if !numbers.iter().any(|it| file.numbers.contains(it)) {
            continue;
        }
        file.each_line(end, |number, line| {
            if !numbers.contains(&number) {
                return Ok(());
            }
            missing.retain(|it| *it != number);
            if ErasedEntry::from_line(line.bytes).is_some() {
                return Ok(());
            }
            let ids = serde_json::from_slice::<Ids>(line.bytes);
            let ids = ids.map_err(|_| invalid(format!("line {number} is no entry of a log")))?;
            lines.push(LineToErase {
                number,
                line: line.bytes.to_vec(),
                stub: ids.stub(number)?,
            });
            Ok(())
        })?;
    }
    match missing.first() {
        None => Ok(lines),
        Some(number) => {
            let text = format!("line {number} is not in the log");
            Err(io::Error::new(io::ErrorKind::NotFound, text))
        }
    }
}

fn invalid(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}
