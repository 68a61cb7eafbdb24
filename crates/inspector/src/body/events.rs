//! Streams of server-sent events as tables.

use super::{
    json::Node,
    lines::lines,
    table::{text_or_dash, Piece, Table},
};
use crate::format::plural;

/// Events that are listed at most.
const MOST: usize = 5_000;

#[derive(Default)]
struct Event<'t> {
    name: Option<&'t str>,
    id: Option<&'t str>,
    data: Vec<&'t str>,
}

/// The events of a stream, the first first. Only lines that events consist of make one.
pub(super) fn table(text: &str) -> Table {
    let mut events = Vec::new();
    let mut event = Event::default();
    let mut has_fields = false;
    let lines = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    // The end of what was kept ends the last event.
    for line in lines.chain([""]) {
        if line.is_empty() {
            if std::mem::take(&mut has_fields) {
                events.push(std::mem::take(&mut event));
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => event.name = Some(value),
            "id" => event.id = Some(value),
            "data" => event.data.push(value),
            _ => continue,
        }
        has_fields = true;
    }
    let label = plural(events.len() as u64, "event");
    let more = events.len().saturating_sub(MOST);
    let row = |(place, event): (usize, Event<'_>)| {
        vec![
            vec![Piece::Muted((place + 1).to_string())],
            text_or_dash(Some(event.name.unwrap_or("message"))),
            text_or_dash(event.id),
            data(&event.data),
        ]
    };
    let mut rows: Vec<_> = events.into_iter().take(MOST).enumerate().map(row).collect();
    if more > 0 {
        let note = format!("{} not listed", plural(more as u64, "further event"));
        rows.push(vec![
            Vec::new(),
            Vec::new(),
            Vec::new(),
            vec![Piece::Muted(note)],
        ]);
    }
    Table::new(label, &["", "Event", "Id", "Data"], rows)
}

fn data(data: &[&str]) -> Vec<Piece> {
    let content = data.join("\n");
    let document = Node::parse(&content).filter(|node| matches!(node, Node::Container(_)));
    match document.as_ref().and_then(lines) {
        Some(lines) => vec![Piece::Lines(lines)],
        None => data
            .iter()
            .map(|line| Piece::Text((*line).to_owned()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_names_ids_and_data() {
        let table = table("event: price\nid:7\ndata: {\"eur\":12}\n\n: comment\n\r\ndata: two\r\ndata:  lines\nretry: 5\n\n\ndata");
        let json = serde_json::json!(table.rows);
        assert_eq!(json[0][1], serde_json::json!([{"text": "price"}]));
        assert_eq!(json[0][2], serde_json::json!([{"text": "7"}]));
        assert!(json[0][3][0]["lines"].is_array());
        assert_eq!(
            json[1],
            serde_json::json!([[{"muted": "2"}], [{"text": "message"}], [{"muted": "–"}], [{"text": "two"}, {"text": " lines"}]])
        );
        assert_eq!(json[2][3], serde_json::json!([{"text": ""}]));
        assert_eq!(json.as_array().map(Vec::len), Some(3));
    }
}
