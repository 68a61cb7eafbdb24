//! Two documents, member by member.

use std::collections::HashMap;

use super::pair::{pair, Kind, Row, Side};
use crate::body::{
    json::{unquoted, Container, Node},
    summary,
};

/// Rows for all values of two documents; where one ends early, its words for what may be missing.
pub(super) fn rows(a: Option<&Node<'_>>, b: Option<&Node<'_>>, missing: &[String; 2]) -> Vec<Row> {
    let mut rows = Rows {
        rows: Vec::new(),
        missing,
    };
    let place = Place {
        path: "$".to_owned(),
        key: "$".to_owned(),
        depth: 0,
    };
    rows.compare(&place, Found::of(a), Found::of(b));
    rows.rows
}

/// What a side has at a path.
#[derive(Clone, Copy)]
enum Found<'n, 't> {
    Node(&'n Node<'t>),
    Absent,
    /// The container that it would be in ends early.
    NotKept,
}

impl<'n, 't> Found<'n, 't> {
    fn of(node: Option<&'n Node<'t>>) -> Self {
        node.map_or(Self::Absent, Self::Node)
    }
}

/// Where a value is.
struct Place {
    path: String,
    key: String,
    depth: usize,
}

struct Rows<'m> {
    rows: Vec<Row>,
    missing: &'m [String; 2],
}

impl Rows<'_> {
    fn compare(&mut self, place: &Place, a: Found<'_, '_>, b: Found<'_, '_>) {
        if let (Found::Node(Node::Container(x)), Found::Node(Node::Container(y))) = (a, b) {
            if x.is_object == y.is_object && !(x.members.is_empty() && y.members.is_empty()) {
                return self.compare_members(place, x, y);
            }
        }
        let [mut left, mut right] = [self.side(0, a), self.side(1, b)];
        if let (Found::Node(x), Found::Node(y)) = (a, b) {
            // As far as it was kept, it is the same.
            let goes_on = |torn: &Node<'_>, other: &Side, of: &Side| {
                torn.is_torn()
                    && matches!((other, of), (Side::Text(other), Side::Text(of)) if other.starts_with(of.as_str()))
            };
            if goes_on(y, &left, &right) {
                right = Side::NotKept(self.missing[1].clone());
            } else if goes_on(x, &right, &left) {
                left = Side::NotKept(self.missing[0].clone());
            }
        }
        if let Some(mut row) = pair(&place.path, left, right) {
            (row.key, row.depth) = (Some(place.key.clone()), place.depth);
            self.rows.push(row);
        }
    }

    fn side(&self, which: usize, found: Found<'_, '_>) -> Side {
        match found {
            Found::Node(node) => Side::Text(node.compact()),
            Found::Absent => Side::Absent,
            Found::NotKept => Side::NotKept(self.missing[which].clone()),
        }
    }

    fn compare_members(&mut self, place: &Place, x: &Container<'_>, y: &Container<'_>) {
        let group = self.rows.len();
        self.rows.push(Row {
            name: place.path.clone(),
            key: Some(place.key.clone()),
            depth: place.depth,
            kind: Kind::Group,
            a: Side::Text(summary(x)),
            b: Side::Text(summary(y)),
            delta: None,
            until: None,
        });
        let (in_x, in_y) = (by_step(x), by_step(y));
        let only_in_y = by_place(y).filter(|(step, _)| !in_x.contains_key(step));
        for (step, _) in by_place(x).chain(only_in_y) {
            let member = Place {
                path: format!("{}{step}", place.path),
                key: step.trim_start_matches('.').to_owned(),
                depth: place.depth + 1,
            };
            let (left, right) = (found(x, &in_x, &step), found(y, &in_y, &step));
            self.compare(&member, left, right);
        }
        self.rows[group].until = Some(self.rows.len() - 1);
    }
}

type Steps<'n, 't> = HashMap<String, &'n Node<'t>>;

fn found<'n, 't>(of: &Container<'_>, nodes: &Steps<'n, 't>, step: &str) -> Found<'n, 't> {
    match nodes.get(step) {
        Some(node) => Found::Node(node),
        None if of.is_torn => Found::NotKept,
        None => Found::Absent,
    }
}

/// The members by the step that leads to each; of several with one key the last.
fn by_step<'n, 't>(container: &'n Container<'t>) -> Steps<'n, 't> {
    by_place(container).collect()
}

fn by_place<'n, 't>(container: &'n Container<'t>) -> impl Iterator<Item = (String, &'n Node<'t>)> {
    let members = container.members.iter().enumerate();
    members.map(|(place, (key, value))| (key.map_or_else(|| format!("[{place}]"), step), value))
}

fn step(raw: &str) -> String {
    let name = unquoted(raw);
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| !c.is_ascii_digit());
    if is_plain {
        format!(".{name}")
    } else {
        format!("[{raw}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(a: &str, b: &str) -> Vec<String> {
        let (a, b) = (Node::parse(a).expect("JSON"), Node::parse(b).expect("JSON"));
        let missing = ["A ends".to_owned(), "B ends".to_owned()];
        let text = |side: &Side| match side {
            Side::Text(text) => text.clone(),
            Side::Absent => "-".to_owned(),
            Side::NotKept(why) => format!("({why})"),
        };
        rows(Some(&a), Some(&b), &missing)
            .iter()
            .map(|row| match row.until {
                Some(until) => format!("{} ..{until}", row.name),
                None => format!(
                    "{} {:?} {} {}",
                    row.name,
                    row.kind,
                    text(&row.a),
                    text(&row.b)
                ),
            })
            .collect()
    }

    #[test]
    fn members_are_compared_by_name_whatever_their_order() {
        assert_eq!(
            compared(
                r#"{"a":1,"items":[{"n":2},3],"e":"***","gone":true,"x y":[],"n":1.0}"#,
                r#"{"n":1.00,"e":"***","items":[{"n":0}],"a":1,"x y":[],"new":null}"#
            ),
            [
                "$ ..9",
                "$.a Equal 1 1",
                "$.items ..5",
                "$.items[0] ..4",
                "$.items[0].n Changed 2 0",
                "$.items[1] Removed 3 -",
                "$.e Unknown \"***\" \"***\"",
                "$.gone Removed true -",
                "$[\"x y\"] Equal [] []",
                "$.n Changed 1.0 1.00",
                "$.new Added - null",
            ]
            .map(|row| row.replace("$ ..9", "$ ..10"))
        );
    }

    #[test]
    fn what_one_side_did_not_keep_is_neither_absent_nor_different() {
        assert_eq!(
            compared(
                r#"{"a":1,"b":{"c":"long text"},"d":4}"#,
                r#"{"a":1,"b":{"c":"lon"#
            ),
            [
                "$ ..4",
                "$.a Equal 1 1",
                "$.b ..3",
                "$.b.c Unknown \"long text\" (B ends)",
                "$.d Unknown 4 (B ends)"
            ]
        );
        // What was kept differs, so the whole does.
        assert_eq!(
            compared(r#"["ab"#, r#"["xy", 2]"#),
            [
                "$ ..2",
                "$[0] Changed \"ab \"xy\"",
                "$[1] Unknown (A ends) 2"
            ]
        );
    }

    #[test]
    fn containers_of_different_kinds_are_values() {
        assert_eq!(
            compared(r#"{"a":{}}"#, r#"{"a":[1]}"#),
            ["$ ..1", "$.a Changed {} [ 1 ]"]
        );
    }
}
