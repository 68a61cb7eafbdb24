//! Streams of server-sent events as tables.

use super::{
    json::Node,
    lines::lines,
    table::{text_or_dash, Piece, Table},
};
use crate::format::plural;

/// Lines of documents in a table at most. Further ones are shown as they are.
const MOST_LINES: usize = 10_000;

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
    let mut left = MOST_LINES;
    let rows = events.into_iter().enumerate().map(|(place, event)| {
        vec![
            vec![Piece::Muted((place + 1).to_string())],
            text_or_dash(Some(event.name.unwrap_or("message"))),
            text_or_dash(event.id),
            data(&event.data, &mut left),
        ]
    });
    Table::new(label, &["", "Event", "Id", "Data"], "further event", rows)
}

fn data(data: &[&str], left: &mut usize) -> Vec<Piece> {
    let content = data.join("\n");
    let document = Node::parse(&content).filter(|node| matches!(node, Node::Container(_)));
    let lines = document.as_ref().and_then(lines);
    match lines.filter(|lines| lines.len() <= *left) {
        Some(lines) => {
            *left -= lines.len();
            vec![Piece::Lines(lines)]
        }
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

    #[test]
    fn a_table_has_so_many_rows_and_lines_of_documents() {
        let table = table(&"data: [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8]\n\n".repeat(3_000));
        assert_eq!(table.rows.len(), 1_001);
        let note = [Piece::Muted("2,000 further events not listed".to_owned())];
        assert_eq!(table.rows[1_000][3], note);
        let documents = table
            .rows
            .iter()
            .filter(|row| matches!(row[3][..], [Piece::Lines(_)]));
        assert_eq!(documents.count(), MOST_LINES / 20);
        let long = super::table(&format!("data: [{}1]\n\n", "1,".repeat(MOST_LINES)));
        assert!(matches!(long.rows[0][3][..], [Piece::Text(_)]));
    }
}
