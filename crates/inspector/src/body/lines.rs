//! JSON by lines, indented, which can be folded.

use serde::Serialize;

use super::{
    json::{unquoted, Container, Node},
    MASK,
};
use crate::format::plural;

/// Lines that are laid out at most. A longer document is only shown as it is.
const MOST: usize = 100_000;

/// A piece of a line with its kind: `k` key, `s` string, `n` number or word, `p` punctuation, `f` what is folded.
type Piece = (char, String);

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Line {
    depth: usize,
    pieces: Vec<Piece>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fold: Option<Fold>,
}

/// That the lines up to another one can be folded, and what is shown instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Fold {
    until: usize,
    summary: Vec<Piece>,
}

/// The lines of a document, or `None` if there are too many.
pub(crate) fn lines(root: &Node<'_>) -> Option<Vec<Line>> {
    let mut lines = Vec::new();
    put(&mut lines, root, 0, Vec::new(), "")?;
    Some(lines)
}

fn put(
    lines: &mut Vec<Line>,
    node: &Node<'_>,
    depth: usize,
    before: Vec<Piece>,
    comma: &str,
) -> Option<()> {
    let mut line = |mut pieces: Vec<Piece>, (kind, text): (char, &str), comma: &str| {
        pieces.push((kind, text.to_owned()));
        if !comma.is_empty() {
            pieces.push(('p', comma.to_owned()));
        }
        lines.push(Line {
            depth,
            pieces,
            fold: None,
        });
        (lines.len() <= MOST).then_some(lines.len() - 1)
    };
    let container = match node {
        Node::Scalar(scalar) => {
            let kind = if scalar.is_string() { 's' } else { 'n' };
            line(before, (kind, scalar.raw), comma)?;
            return Some(());
        }
        Node::Container(container) => container,
    };
    let (open, close) = container.brackets();
    if container.members.is_empty() && !container.is_torn {
        line(before, ('p', &format!("{open}{close}")), comma)?;
        return Some(());
    }
    let first = line(before.clone(), ('p', open), "")?;
    let last = container.members.len().saturating_sub(1);
    for (place, (key, value)) in container.members.iter().enumerate() {
        let key = key.map(|key| vec![('k', key.to_owned()), ('p', ": ".to_owned())]);
        let has_comma = place < last && !value.is_torn();
        let comma = if has_comma { "," } else { "" };
        put(lines, value, depth + 1, key.unwrap_or_default(), comma)?;
    }
    if !container.is_torn {
        lines.push(Line {
            depth,
            pieces: vec![('p', format!("{close}{comma}"))],
            fold: None,
        });
    }
    if !container.members.is_empty() {
        let mut summary = before;
        summary.push(('f', self::summary(container)));
        if !container.is_torn && !comma.is_empty() {
            summary.push(('p', comma.to_owned()));
        }
        let until = lines.len() - 1;
        lines[first].fold = Some(Fold { until, summary });
    }
    Some(())
}

/// What stands for a container that is folded: its keys if they are few, else how many.
pub(crate) fn summary(container: &Container<'_>) -> String {
    let (open, close) = container.brackets();
    let is_masked = |node: &Node<'_>| matches!(node, Node::Scalar(it) if it.raw.contains(MASK));
    let masked = container
        .members
        .iter()
        .filter(|(_, value)| is_masked(value))
        .count();
    let keys = container.members.iter().filter_map(|(key, _)| *key);
    let names = keys.map(unquoted).take(5).collect::<Vec<_>>().join(", ");
    let length = container.members.len();
    if container.is_object && length <= 4 && masked == 0 && names.chars().count() <= 40 {
        return format!("{open} {names} {close}");
    }
    let what = if container.is_object { "key" } else { "item" };
    let note = if masked > 0 {
        format!(", {masked} masked")
    } else {
        String::new()
    };
    format!("{open} {}{note} {close}", plural(length as u64, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> Vec<String> {
        let node = Node::parse(text).expect("JSON");
        let lines = lines(&node).expect("few lines");
        let joined = |pieces: &[Piece]| pieces.iter().map(|(_, text)| &**text).collect::<String>();
        let line = |line: &Line| {
            let fold = line
                .fold
                .as_ref()
                .map(|it| format!(" ⋯{} {}", it.until, joined(&it.summary)));
            format!(
                "{}{}{}",
                "  ".repeat(line.depth),
                joined(&line.pieces),
                fold.unwrap_or_default()
            )
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn members_are_indented_and_containers_fold() {
        assert_eq!(
            drawn(r#"{"a":{"id":"x","email":"***"},"b":[1,[]],"c":{}}"#),
            [
                "{ ⋯9 { a, b, c }",
                "  \"a\": { ⋯4 \"a\": { 2 keys, 1 masked },",
                "    \"id\": \"x\",",
                "    \"email\": \"***\"",
                "  },",
                "  \"b\": [ ⋯8 \"b\": [ 2 items ],",
                "    1,",
                "    []",
                "  ],",
                "  \"c\": {}",
                "}",
            ]
            .map(|line| line.replace("⋯9", "⋯10"))
        );
    }

    #[test]
    fn what_ends_early_has_no_closing_line() {
        assert_eq!(
            drawn(r#"{"a": [1, {"b": "cut"#),
            [
                "{ ⋯4 { a }",
                "  \"a\": [ ⋯4 \"a\": [ 2 items ]",
                "    1,",
                "    { ⋯4 { b }",
                "      \"b\": \"cut"
            ]
        );
        assert_eq!(drawn("["), ["["]);
    }

    #[test]
    fn too_many_lines_are_not_laid_out() {
        let text = format!("[{}1]", "1,".repeat(MOST));
        assert!(lines(&Node::parse(&text).expect("JSON")).is_none());
    }
}
