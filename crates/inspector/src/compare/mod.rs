//! The difference of two records, by structure: heads by name, JSON by path. Two masked values are neither equal nor
//! different, and neither is what one side did not keep: that is not known.

mod document;
mod pair;

use body_logger_core::{
    record::{Body, RecordText, ResponseRecord},
    Record,
};
use serde::Serialize;

use self::pair::{pair, Side};
pub(crate) use self::pair::{Kind, Row};
use crate::{
    body::{content, json::Node, kept},
    format::{count, duration, plural, size},
};

/// Rows of a section at most.
const MOST: usize = 2_000;

/// Rows about one part of the records.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    title: &'static str,
    note: Option<String>,
    rows: Vec<Row>,
}

pub(crate) fn difference(a: &Record, b: &Record) -> Vec<Section> {
    let (x, y) = (a.response.as_ref(), b.response.as_ref());
    let all =
        |response: Option<&ResponseRecord>| response.map_or(Vec::new(), |it| it.headers.clone());
    let body = |response: Option<&ResponseRecord>| response.map(|it| it.body.clone());
    let plain = |title, rows| Section {
        title,
        note: None,
        rows,
    };
    let sections = [
        plain("Exchange", facts(a, b)),
        plain(
            "Request headers",
            headers(&a.request.headers, &b.request.headers),
        ),
        bodies("Request body", Some(&a.request.body), Some(&b.request.body)),
        plain("Response headers", headers(&all(x), &all(y))),
        bodies("Response body", body(x).as_ref(), body(y).as_ref()),
    ];
    let mut sections = Vec::from(sections);
    for section in &mut sections {
        limit(section);
    }
    sections.retain(|section| !section.rows.is_empty() || section.note.is_some());
    sections
}

fn limit(section: &mut Section) {
    let rows = section.rows.len();
    if rows > MOST {
        section.rows.truncate(MOST);
        for row in &mut section.rows {
            row.until = row.until.map(|until| until.min(MOST - 1));
        }
        let more = format!(
            "the first {} of {} lines",
            count(MOST as u64),
            count(rows as u64)
        );
        let note = section.note.take();
        section.note = Some(
            [note, Some(more)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("; "),
        );
    }
}

fn facts(a: &Record, b: &Record) -> Vec<Row> {
    let text = |name: &str, of: &dyn Fn(&Record) -> Option<String>| {
        pair(name, Side::of(of(a)), Side::of(of(b)))
    };
    let number = |name: &str, of: &dyn Fn(&Record) -> Option<u64>, words: fn(u64) -> String| {
        let (x, y) = (of(a), of(b));
        let mut row = pair(name, Side::of(x.map(words)), Side::of(y.map(words)))?;
        if let (Kind::Changed, Some(x), Some(y)) = (row.kind, x, y) {
            let word = if y < x { "less" } else { "more" };
            row.delta = Some(format!("{} {word}", words(x.abs_diff(y))));
        }
        Some(row)
    };
    let response = |record: &Record| record.response.as_ref().and_then(|it| it.body.bytes);
    let error = |record: &Record| {
        let error = record.error.as_ref()?;
        let message = error.message.as_ref().map(|message| format!(": {message}"));
        Some(format!(
            "{}{}",
            error.kind.as_str(),
            message.unwrap_or_default()
        ))
    };
    let optional = |text: &Option<RecordText>| text.as_ref().map(ToString::to_string);
    let mut rows = vec![
        text("status", &|it| it.status().map(|status| status.to_string())),
        text("outcome", &|it| {
            it.outcome.map(|outcome| outcome.to_string())
        }),
        number("ttfb", &|it| it.ttfb_us, duration),
        number("duration", &|it| it.duration_us, duration),
        number("request bytes", &|it| it.request.body.bytes, count),
        number("response bytes", &response, count),
        text("method", &|it| Some(it.request.method.to_string())),
        text("host", &|it| optional(&it.request.host)),
        text("path", &|it| Some(it.request.path.to_string())),
        text("route", &|it| optional(&it.request.route)),
        text("query", &|it| optional(&it.request.query)),
        text("version", &|it| Some(it.request.version.to_string())),
        text("client", &|it| optional(&it.client.addr)),
        text("error", &error),
    ];
    let names = a.attributes.keys().chain(
        b.attributes
            .keys()
            .filter(|name| !a.attributes.contains_key(*name)),
    );
    rows.extend(
        names.map(|name| text(&format!("@{name}"), &|it| it.attributes.get(name).cloned())),
    );
    rows.into_iter().flatten().collect()
}

/// The values of a name are one.
fn headers(a: &[(RecordText, RecordText)], b: &[(RecordText, RecordText)]) -> Vec<Row> {
    let value = |all: &[(RecordText, RecordText)], name: &RecordText| {
        let values: Vec<&str> = all
            .iter()
            .filter(|(it, _)| it == name)
            .map(|(_, value)| &**value)
            .collect();
        Side::of((!values.is_empty()).then(|| values.join(", ")))
    };
    let mut names: Vec<&RecordText> = Vec::new();
    for (name, _) in a.iter().chain(b).take(2 * MOST) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .filter_map(|name| pair(name, value(a, name), value(b, name)))
        .collect()
}

fn bodies(title: &'static str, a: Option<&Body>, b: Option<&Body>) -> Section {
    let notes: Vec<String> = [("A", a), ("B", b)]
        .into_iter()
        .filter_map(|(letter, body)| {
            let body = body?;
            let bytes = body
                .bytes
                .filter(|bytes| body.captured < *bytes && body.captured > 0)?;
            Some(format!(
                "{letter} is kept up to byte {} of {}",
                count(body.captured),
                count(bytes)
            ))
        })
        .collect();
    let kept_up_to = (!notes.is_empty()).then(|| notes.join(", "));
    let (left, right) = (of_body(a), of_body(b));
    let documents = match (&left, &right) {
        (Side::Absent, Side::Absent) => None,
        (left, right) => left.document().zip(right.document()),
    };
    if let Some((x, y)) = documents {
        let note = "JSON, by structure: the order of keys does not count".to_owned();
        let missing = [missing(a), missing(b)];
        return Section {
            title,
            note: Some(
                [Some(note), kept_up_to]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
            rows: document::rows(x.as_ref(), y.as_ref(), &missing),
        };
    }
    let rows: Vec<Row> = if [a, b].iter().flatten().any(|body| !body.parts.is_empty()) {
        parts(a, b)
    } else {
        pair("body", left, right).into_iter().collect()
    };
    Section {
        title,
        note: kept_up_to,
        rows,
    }
}

/// Why something of a body that is not there may have been there.
fn missing(body: Option<&Body>) -> String {
    let Some(body) = body else {
        return String::new();
    };
    let kept = kept(body).map_or("not kept", |kept| kept.text);
    match body.bytes {
        Some(bytes) if body.captured > 0 && body.captured < bytes => {
            format!(
                "not known: {kept} at byte {} of {}",
                count(body.captured),
                count(bytes)
            )
        }
        Some(bytes) => format!("not known: {kept}, {}", plural(bytes, "byte")),
        None => format!("not known: {kept}"),
    }
}

fn of_body(body: Option<&Body>) -> Side {
    match body {
        None => Side::Absent,
        Some(body) => match content(body) {
            Some(text) => Side::Text(text.to_owned()),
            None if body.bytes == Some(0) && kept(body).is_none() => Side::Absent,
            None => Side::NotKept(missing(Some(body))),
        },
    }
}

/// The parts of multipart bodies, by name and place.
fn parts(a: Option<&Body>, b: Option<&Body>) -> Vec<Row> {
    let all = |body: Option<&Body>| {
        let parts = body.map_or(&[][..], |body| &body.parts);
        let content = |part: &body_logger_core::record::Part| {
            let text = part
                .json
                .as_ref()
                .map(|json| json.get())
                .or(part.text.as_deref());
            match (text, &part.file_name) {
                (Some(text), _) => Side::Text(text.to_owned()),
                (None, Some(name)) => Side::Text(format!(
                    "file {name}, {}",
                    part.bytes.map_or_else(|| "size not known".to_owned(), size)
                )),
                (None, None) => Side::NotKept("not known: not kept".to_owned()),
            }
        };
        let name = |part: &body_logger_core::record::Part| part.name.clone().unwrap_or_default();
        parts
            .iter()
            .map(|part| (name(part), content(part)))
            .collect::<Vec<_>>()
    };
    let (mut left, mut right) = (all(a), all(b));
    let mut rows = Vec::new();
    for (name, value) in left.drain(..) {
        let other = right.iter().position(|(other, _)| *other == name);
        let other = other.map_or(Side::Absent, |at| right.remove(at).1);
        rows.extend(pair(&name, value, other));
    }
    rows.extend(
        right
            .drain(..)
            .filter_map(|(name, value)| pair(&name, Side::Absent, value)),
    );
    rows
}

impl Side {
    /// The document that a text is; `Some(None)` where nothing is there, and `None` for what is no document.
    fn document(&self) -> Option<Option<Node<'_>>> {
        match self {
            Self::Text(text) => Node::parse(text)
                .filter(|node| matches!(node, Node::Container(_)))
                .map(Some),
            Self::Absent => Some(None),
            Self::NotKept(_) => None,
        }
    }
}
