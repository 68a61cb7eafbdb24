//! How bodies are shown. The server parses bodies and lays them out; the page draws what it gets.

mod events;
mod form;
pub(crate) mod json;
mod kept;
mod lines;
mod statements;
mod table;

use body_logger_core::record::{Body, Part, Reason, RecordText};
use serde::Serialize;

use self::{
    json::Node,
    lines::{lines, Line},
    table::{text_or_dash, Piece, Table},
};
pub(crate) use self::{
    kept::{kept, Kept},
    lines::summary,
    statements::{statements, Side},
};
use crate::format::size;

/// What redaction leaves of a value.
pub(crate) const MASK: &str = "***";

/// A view of a body.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    name: &'static str,
    #[serde(flatten)]
    content: Content,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    /// The lines of a document, which may end early.
    Lines {
        lines: Vec<Line>,
        is_torn: bool,
    },
    Table(Table),
    /// The text as it was recorded.
    Raw(()),
    /// The bytes of an image of this type.
    Image(String),
    /// Other bytes.
    Hex(()),
}

/// What was recorded of a body: text, or bytes in base64.
pub(crate) fn content(body: &Body) -> Option<&str> {
    let json = body.json.as_ref().map(|json| json.get());
    json.or(body.text.as_deref()).or(body.base64.as_deref())
}

/// Returns the views of a body, the best first.
pub(crate) fn views(body: &Body) -> Vec<View> {
    let media_type = body.media_type.as_deref().unwrap_or_default();
    let view = |name, content| View { name, content };
    if body.json.is_none() && body.text.is_none() {
        if body.base64.is_some() {
            let hex = view("Hex", Content::Hex(()));
            let image = IMAGES.contains(&media_type);
            let image = image.then(|| view("Image", Content::Image(media_type.to_owned())));
            return image.into_iter().chain([hex]).collect();
        }
        let parts = (!body.parts.is_empty()).then(|| parts(&body.parts));
        return Vec::from_iter(parts.map(|table| view("Parts", Content::Table(table))));
    }
    let text = content(body).unwrap_or_default();
    let laid_out = match media_type {
        "text/event-stream" => Some(view("Events", Content::Table(events::table(text)))),
        "application/x-www-form-urlencoded" => {
            Some(view("Form", Content::Table(form::table(text))))
        }
        _ if body.json.is_some() || is_json(media_type) => {
            pretty(text).map(|it| view("Pretty", it))
        }
        _ => None,
    };
    let raw = view("Raw", Content::Raw(()));
    laid_out.into_iter().chain([raw]).collect()
}

/// Formats that browsers decode without running anything in them. SVG is shown as the text that it is.
const IMAGES: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
];

fn is_json(media_type: &str) -> bool {
    media_type.ends_with("/json") || media_type.ends_with("+json")
}

fn pretty(text: &str) -> Option<Content> {
    let root = Node::parse(text)?;
    let is_torn = root.is_torn();
    lines(&root).map(|lines| Content::Lines { lines, is_torn })
}

fn parts(all: &[Part]) -> Table {
    let row = |part: &Part| {
        let name = match &part.name {
            Some(name) => Piece::Text(name.clone()),
            None => Piece::Muted("none".to_owned()),
        };
        let bytes = part.bytes.map_or_else(|| "–".to_owned(), size);
        let file = part.file_name.iter().map(|name| Piece::File(name.clone()));
        let json = part.json.as_ref().map(|json| json.get());
        let document = json.and_then(Node::parse).as_ref().and_then(lines);
        let content = match (document, json.or(part.text.as_deref())) {
            (Some(lines), _) => Some(Piece::Lines(lines)),
            (None, text) => text.map(|text| Piece::Text(text.to_owned())),
        };
        let reasons: Vec<String> = part.reasons.iter().map(reason_text).collect();
        let reasons = (!reasons.is_empty()).then(|| Piece::Muted(reasons.join(", ")));
        vec![
            vec![name],
            text_or_dash(part.media_type.as_deref()),
            vec![Piece::Muted(bytes)],
            file.chain(content).chain(reasons).collect(),
        ]
    };
    let heads = &["Name", "Type", "Size", "Content"];
    Table::new("Parts", heads, "further part", all.iter().map(row))
}

fn reason_text(reason: &Reason) -> String {
    reason.as_str().replace('_', " ")
}

/// How many values of a message are masked.
pub(crate) fn masked(body: &Body, headers: &[(RecordText, RecordText)]) -> usize {
    let of_parts = body.parts.iter().flat_map(|part| {
        let json = part.json.as_ref().map(|json| json.get());
        [json, part.text.as_deref()]
    });
    let texts = of_parts.flatten().chain(body.text.as_deref());
    let texts = texts.chain(body.json.as_ref().map(|json| json.get()));
    let in_body: usize = texts.map(|text| text.matches(MASK).count()).sum();
    in_body + headers.iter().filter(|(_, value)| **value == *MASK).count()
}
