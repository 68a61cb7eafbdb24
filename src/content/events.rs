//! Server-sent events (`text/event-stream`), parsed by the rules of the HTML standard, section 9.2.

use std::borrow::Cow;

/// Counts the events of a stream while its bytes pass, however they are split into chunks.
///
/// An event ends with a blank line, and counts only if it has data.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventCounter {
    count: u64,
    line: Line,
    /// Whether the current event has data.
    has_data: bool,
    /// Whether the last byte was a CR, which a LF may complete.
    returned: bool,
}

/// The state of the current line.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// At the start of the stream; this many bytes of a byte order mark have matched.
    Mark(usize),
    /// This many bytes of the field name `data` have matched.
    Data(usize),
    Other,
}

impl Default for Line {
    fn default() -> Self {
        Self::Mark(0)
    }
}

const MARK: &[u8] = "\u{feff}".as_bytes();
const DATA: &[u8] = b"data";

impl EventCounter {
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while let Some(&byte) = rest.first() {
            let split = std::mem::take(&mut self.returned) && byte == b'\n';
            match (self.line, byte) {
                (Line::Mark(len), byte) if MARK.get(len) == Some(&byte) => {
                    self.line = Line::Mark(len + 1);
                }
                (Line::Mark(len), _) => {
                    let begins = len == 0 || len == MARK.len();
                    self.line = if begins { Line::Data(0) } else { Line::Other };
                    continue;
                }
                _ if split => {}
                (_, b'\r' | b'\n') => {
                    self.end_line();
                    self.returned = byte == b'\r';
                }
                (Line::Data(len), byte) if DATA.get(len) == Some(&byte) => {
                    self.line = Line::Data(len + 1);
                }
                (Line::Data(len), b':') if len == DATA.len() => {
                    self.has_data = true;
                    self.line = Line::Other;
                }
                _ => {
                    self.line = Line::Other;
                    let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
                    rest = &rest[end..];
                    continue;
                }
            }
            rest = &rest[1..];
        }
    }

    fn end_line(&mut self) {
        match self.line {
            // By the standard, a line that is only `data` is an empty line of data.
            Line::Data(len) if len == DATA.len() => self.has_data = true,
            Line::Data(0) => self.count += u64::from(std::mem::take(&mut self.has_data)),
            _ => {}
        }
        self.line = Line::Data(0);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// Its `event` field, if any.
    pub(crate) kind: Option<&'a str>,
    /// Its `id` field, if any.
    pub(crate) id: Option<&'a str>,
    /// Its data lines, joined by line feeds.
    pub(crate) data: Cow<'a, str>,
}

/// Returns the complete events of a stream or of a part of one. `beginning` is whether the part includes the
/// stream's beginning; if not, its first event is incomplete and is skipped.
pub(crate) fn events(stream: &str, beginning: bool) -> Events<'_> {
    Events {
        rest: if beginning {
            stream
        } else {
            // Skips the first line: it may be a suffix of a line, even an empty one.
            split_line(stream).map_or("", |(_, rest)| rest)
        },
        whole: beginning,
    }
}

/// See [`events`].
#[derive(Debug)]
pub(crate) struct Events<'a> {
    rest: &'a str,
    /// Whether the current event is complete from its first line on.
    whole: bool,
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        let (mut kind, mut id) = (None, None);
        let mut data: Option<Cow<'a, str>> = None;
        while let Some((line, after)) = split_line(self.rest) {
            self.rest = after;
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match (field, &mut data) {
                ("", _) if line.is_empty() => {
                    let whole = std::mem::replace(&mut self.whole, true);
                    let (kind, id) = (kind.take(), id.take());
                    // By the standard, without data there is no event.
                    if let Some(data) = data.take().filter(|_| whole) {
                        return Some(Event { kind, id, data });
                    }
                }
                ("data", Some(data)) => {
                    let data = data.to_mut();
                    data.push('\n');
                    data.push_str(value);
                }
                ("data", none) => *none = Some(Cow::Borrowed(value)),
                ("event", _) => kind = Some(value),
                ("id", _) => id = Some(value),
                _ => {}
            }
        }
        None
    }
}

/// Splits off the first line, which ends with CR LF, LF or CR.
fn split_line(text: &str) -> Option<(&str, &str)> {
    let end = memchr::memchr2(b'\r', b'\n', text.as_bytes())?;
    let (line, rest) = text.split_at(end);
    let rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
    Some((line, rest))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn counted<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> u64 {
        let mut counter = EventCounter::default();
        chunks.into_iter().for_each(|chunk| counter.push(chunk));
        counter.count()
    }

    #[track_caller]
    fn check(stream: &str, expected: &[&str]) {
        let data: Vec<_> = events(stream, true).map(|event| event.data).collect();
        assert_eq!(data, expected, "{stream:?}");
        assert_eq!(counted([stream.as_bytes()]), expected.len() as u64);
    }

    #[test]
    fn parses_the_examples_of_the_standard() {
        check("data: YHOO\ndata: +2\ndata: 10\n\n", &["YHOO\n+2\n10"]);
        check(
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            &["first event", "second event"],
        );
        check("data\n\ndata\ndata\n\ndata:", &["", "\n"]);
        check("data:test\n\ndata: test\n\n", &["test", "test"]);
    }

    #[test]
    fn skips_a_leading_byte_order_mark() {
        let stream = "\u{feff}data: 1\n\ndata: 2\n\n".as_bytes();
        for size in 1..stream.len() {
            assert_eq!(counted(stream.chunks(size)), 2);
        }
        // Only the first one, and only if it is complete.
        for (stream, expected) in [
            (&b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\ndata: 2\n\n"[..], 1),
            (b"\xef\xbbdata: 1\n\ndata: 2\n\n", 1),
            (b"\n\xef\xbb\xbfdata: 1\n\n", 0),
            (b"\xef\xbb\xbf\ndata: 1\n\n", 1),
        ] {
            assert_eq!(counted([stream]), expected, "{}", stream.escape_ascii());
        }
    }

    #[test]
    fn accepts_all_three_line_endings() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = ["event: a", "data: 1", "data: 2", "", "data: 3", "", ""].join(end);
            check(&stream, &["1\n2", "3"]);
        }
    }

    #[test]
    fn ignores_events_without_data() {
        check("", &[]);
        check(
            "\n\n: hello\n\nevent: x\n\nid: 1\n\ndatum: 1\n\ndat\n\ndata2: 1\n\n",
            &[],
        );
    }

    #[test]
    fn kinds_and_ids_apply_to_one_event_only() {
        let read: Vec<_> = events("event: a\nid: 7\ndata: 1\n\ndata: 2\n\n", true)
            .map(|event| (event.kind, event.id))
            .collect();
        assert_eq!(read, [(Some("a"), Some("7")), (None, None)]);
    }

    #[test]
    fn skips_an_event_without_its_beginning() {
        for (stream, expected) in [
            ("ta: 1\n\ndata: 2\n\n", &["2"][..]),
            ("\ndata: 1\n\ndata: 2\n\n", &["2"]),
            ("\n\ndata: 1\n\n", &["1"]),
            ("data: 1\n\n", &[]),
        ] {
            let data: Vec<_> = events(stream, false).map(|event| event.data).collect();
            assert_eq!(data, expected, "{stream:?}");
        }
    }

    proptest! {
        #[test]
        fn the_counter_agrees_with_the_parser_in_any_chunking(
            pieces in vec(select(vec!["data", ":", "\n", "\r", "\r\n", " x", "data: 1\n\n", "é"]), 0..40),
            size in 1_usize..8,
        ) {
            let stream = pieces.concat();
            let expected = events(&stream, true).count() as u64;
            prop_assert_eq!(counted(stream.as_bytes().chunks(size)), expected);
        }

        #[test]
        fn parsing_a_suffix_yields_a_suffix_of_the_events(
            pieces in vec(select(vec!["data: a", "data: b", "\n", "\r", "\r\n", "event: c\n"]), 0..30),
            start in 0_usize..200,
        ) {
            let stream = pieces.concat();
            let all: Vec<_> = events(&stream, true).collect();
            let tail: Vec<_> = events(&stream[start.min(stream.len())..], false).collect();
            prop_assert!(all.ends_with(&tail), "{:?} {:?}", all, tail);
        }
    }
}
