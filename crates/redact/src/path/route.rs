//! Paths of requests: where the values of secret route parameters are.
//!
//! A value is found by the text around it in the route's pattern, as `/` and `/x` are in `/{ssn}/x`. The regular
//! expressions of a pattern are not run: a parameter with one is taken to match anything. Where a secret value could then
//! be in two places, or in none, the path is masked whole.

use std::{iter, ops::Range};

use crate::percent::escaped_byte;

/// What a route says of the secrets in a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RouteValues {
    /// The values of secret parameters, in order; none if there are no such parameters.
    At(Vec<Range<usize>>),
    /// There are secret parameters, but the path is not of the pattern, or in more than one way.
    Anywhere,
}

/// Finds in a path, as the client sent it, the values of the secret parameters of the pattern that it matched.
///
/// A pattern is written as actix's `ResourceDef` takes it. `must_match` is for applications that named secret route
/// parameters: then any path that is not of its pattern may have such values, as a resource can have several patterns,
/// of which only the first is known, and a path may have been normalised before it was matched.
pub(crate) fn route_values(
    path: &str,
    truncated: bool,
    pattern: &str,
    must_match: bool,
    is_secret: impl Fn(&str) -> bool,
) -> RouteValues {
    let none = RouteValues::At(Vec::new());
    if !must_match && !pattern.contains('{') {
        // There are no parameters.
        return none;
    }
    let pieces = pieces(pattern, is_secret);
    let may_show = |piece: &Piece<'_>| !matches!(piece, Piece::Value { secret: true, .. });
    let harmless = pieces
        .as_ref()
        .is_some_and(|pieces| pieces.iter().all(may_show));
    if harmless && !must_match {
        return none;
    }
    match pieces.and_then(|pieces| secret_values(path, &pieces)) {
        // An end that is missing may be why the path is of its pattern.
        Some(values) if !truncated => RouteValues::At(values),
        _ => RouteValues::Anywhere,
    }
}

/// A part of a pattern.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'p> {
    Text(&'p str),
    Value {
        secret: bool,
        /// At least one byte, and no `/`; if not, any bytes.
        in_segment: bool,
    },
}

/// Takes a pattern of actix's `ResourceDef` apart: `{name}`, `{name:regex}` with balanced braces, and `{name}*` at its end.
fn pieces<'p>(pattern: &'p str, is_secret: impl Fn(&str) -> bool) -> Option<Vec<Piece<'p>>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((text, parameter)) = rest.split_once('{') {
        pieces.push(Piece::Text(text));
        let end = closing_brace(parameter)?;
        let (name, regex) = match parameter[..end].split_once(':') {
            Some((name, regex)) => (name, Some(regex)),
            None => (&parameter[..end], None),
        };
        rest = &parameter[end + 1..];
        let tail = rest == "*" && regex.is_none();
        if tail {
            rest = "";
        }
        // A group in the expression is a parameter too: `{id:(?P<ssn>\d+)-\d}`.
        let groups = regex.into_iter().flat_map(|regex| regex.split('<').skip(1));
        let group_names = groups.map(|group| group.split('>').next().unwrap_or(group));
        pieces.push(Piece::Value {
            secret: iter::once(name).chain(group_names).any(&is_secret),
            in_segment: regex.is_none() && !tail,
        });
    }
    // A tail without a name: actix gives it no meaning.
    if rest.ends_with('*') && !pieces.is_empty() {
        return None;
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

/// Where the brace is closed that was opened before `parameter`. actix counts braces in just this way.
fn closing_brace(parameter: &str) -> Option<usize> {
    let mut open = 1;
    parameter.bytes().position(|byte| {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        open == 0
    })
}

/// Where the secret values are in a path, if the path is of the pattern and there is but one place for each.
///
/// Takes time in proportion to the path, times the pattern.
fn secret_values(path: &str, pieces: &[Piece<'_>]) -> Option<Vec<Range<usize>>> {
    let path = Decoded::new(path);
    // The places between two pieces: those that the pieces before can reach, then also those that the pieces after can.
    let mut places = vec![path.ends(0)];
    for piece in pieces {
        let from = places.last()?;
        places.push(path.reached(piece, from));
    }
    let mut back = path.ends(path.bytes.len());
    for (n, piece) in pieces.iter().enumerate().rev() {
        keep_common(&mut places[n + 1], &back);
        back = path.reached_back(piece, &places[n + 1]);
    }
    keep_common(&mut places[0], &back);
    // That the path is of the pattern at all.
    places[0].iter().position(|place| *place)?;

    let mut values = Vec::new();
    for (piece, around) in pieces.iter().zip(places.windows(2)) {
        if matches!(piece, Piece::Value { secret: true, .. }) {
            let value = path.raw[only(&around[0])?]..path.raw[only(&around[1])?];
            // An empty value has nothing to mask.
            values.extend(Some(value).filter(|value| !value.is_empty()));
        }
    }
    Some(values)
}

fn keep_common(places: &mut [bool], others: &[bool]) {
    for (place, other) in places.iter_mut().zip(others) {
        *place &= other;
    }
}

/// The only place that is marked.
fn only(places: &[bool]) -> Option<usize> {
    let mut marked = places.iter().enumerate().filter(|(_, place)| **place);
    let (at, _) = marked.next()?;
    marked.next().is_none().then_some(at)
}

/// A path as actix's router matches it: percent-decoded but for `%`, `/` and `+`.
struct Decoded {
    bytes: Vec<u8>,
    /// Where in the raw path each byte begins, and where the last one ends.
    raw: Vec<usize>,
    /// The places between characters of the raw path.
    boundaries: Vec<bool>,
}

impl Decoded {
    fn new(path: &str) -> Self {
        let mut decoded = Self {
            bytes: Vec::with_capacity(path.len()),
            raw: Vec::with_capacity(path.len() + 1),
            boundaries: Vec::with_capacity(path.len() + 1),
        };
        let mut at = 0;
        while let Some(&byte) = path.as_bytes().get(at) {
            let escaped = escaped_byte(&path.as_bytes()[at..]);
            let escaped = escaped.filter(|byte| !matches!(byte, b'%' | b'/' | b'+'));
            decoded.bytes.push(escaped.unwrap_or(byte));
            decoded.raw.push(at);
            decoded.boundaries.push(path.is_char_boundary(at));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        decoded.raw.push(at);
        decoded.boundaries.push(true);
        decoded
    }

    fn ends(&self, at: usize) -> Vec<bool> {
        (0..self.raw.len()).map(|place| place == at).collect()
    }

    /// Where the piece can end that begins at one of the places `from`.
    fn reached(&self, piece: &Piece<'_>, from: &[bool]) -> Vec<bool> {
        match piece {
            Piece::Text(text) => {
                let start = |end: usize| end.checked_sub(text.len());
                let ends = |end: usize| start(end).is_some_and(|at| from[at] && self.has(text, at));
                (0..from.len()).map(ends).collect()
            }
            Piece::Value { in_segment, .. } => {
                let mut open = false;
                let end = |place: usize| {
                    if *in_segment {
                        let before = place.checked_sub(1);
                        open =
                            before.is_some_and(|at| (open || from[at]) && self.bytes[at] != b'/');
                    } else {
                        open |= from[place];
                    }
                    open && self.boundaries[place]
                };
                (0..from.len()).map(end).collect()
            }
        }
    }

    /// Where the piece can begin that ends at one of the places `to`.
    fn reached_back(&self, piece: &Piece<'_>, to: &[bool]) -> Vec<bool> {
        match piece {
            Piece::Text(text) => {
                let ends = |start: usize| to.get(start + text.len()) == Some(&true);
                (0..to.len())
                    .map(|start| ends(start) && self.has(text, start))
                    .collect()
            }
            Piece::Value { in_segment, .. } => {
                let mut open = false;
                let start = |place: usize| {
                    if *in_segment {
                        let byte = self.bytes.get(place);
                        open = byte.is_some_and(|byte| (open || to[place + 1]) && *byte != b'/');
                    } else {
                        open |= to[place];
                    }
                    open
                };
                let mut places: Vec<_> = (0..to.len()).rev().map(start).collect();
                places.reverse();
                places
            }
        }
    }

    fn has(&self, text: &str, at: usize) -> bool {
        self.bytes[at..].starts_with(text.as_bytes())
    }
}

#[cfg(test)]
mod tests;
