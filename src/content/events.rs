//! Server-sent events (`text/event-stream`), read by the rules of the HTML standard, section 9.2.

use std::borrow::Cow;

/// Counts the events of a stream while its bytes pass, however they are cut into chunks.
///
/// An event ends with a blank line, and there is one only if it has data.
#[derive(Debug, Default)]
pub(crate) struct EventCounter {
    count: u64,
    line: Line,
    /// Whether the event that is passing has data.
    has_data: bool,
    /// Whether the last byte was a CR, of which a LF may be the other half.
    returned: bool,
}

/// What is known of the line that is passing.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// So many bytes have passed of the stream, all of them those of a byte order mark.
    Mark(usize),
    /// So many bytes of it have passed, all of them those of `data`.
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
            // A line that is just `data` is data, too: an empty line of it.
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

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// What kind of event it is, where it says so.
    pub(crate) kind: Option<&'a str>,
    /// Its id, where it has one of its own.
    pub(crate) id: Option<&'a str>,
    /// The lines of its data, joined by line feeds.
    pub(crate) data: Cow<'a, str>,
}

/// The events of a stream, or of a part of one, that are there as a whole. Where the part begins
/// with the stream's `beginning` cut off, so is the first event.
pub(crate) fn events(stream: &str, beginning: bool) -> Events<'_> {
    Events {
        rest: if beginning {
            stream
        } else {
            // The first line lacks its beginning, even if that is all it lacks.
            split_line(stream).map_or("", |(_, rest)| rest)
        },
        whole: beginning,
    }
}

/// See [`events`].
#[derive(Debug)]
pub(crate) struct Events<'a> {
    rest: &'a str,
    /// Whether the event at hand is there from its first line on.
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
                    // Without a line of data there is no event.
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

/// The first line, and what comes behind its end: CR LF, LF or CR.
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
    fn the_examples_of_the_standard_are_read_as_it_says() {
        check("data: YHOO\ndata: +2\ndata: 10\n\n", &["YHOO\n+2\n10"]);
        check(
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            &["first event", "second event"],
        );
        check("data\n\ndata\ndata\n\ndata:", &["", "\n"]);
        check("data:test\n\ndata: test\n\n", &["test", "test"]);
    }

    #[test]
    fn a_byte_order_mark_hides_no_event() {
        let stream = "\u{feff}data: 1\n\ndata: 2\n\n".as_bytes();
        for size in 1..stream.len() {
            assert_eq!(counted(stream.chunks(size)), 2);
        }
        // Only the first is one, and only as a whole.
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
    fn all_three_line_ends_count() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = ["event: a", "data: 1", "data: 2", "", "data: 3", "", ""].join(end);
            check(&stream, &["1\n2", "3"]);
        }
    }

    #[test]
    fn what_is_no_data_makes_no_event() {
        check("", &[]);
        check(
            "\n\n: hello\n\nevent: x\n\nid: 1\n\ndatum: 1\n\ndat\n\ndata2: 1\n\n",
            &[],
        );
    }

    #[test]
    fn kinds_and_ids_belong_to_their_event() {
        let told: Vec<_> = events("event: a\nid: 7\ndata: 1\n\ndata: 2\n\n", true)
            .map(|event| (event.kind, event.id))
            .collect();
        assert_eq!(told, [(Some("a"), Some("7")), (None, None)]);
    }

    #[test]
    fn an_event_whose_beginning_was_cut_off_is_left_out() {
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
        fn the_count_is_that_of_the_events_however_they_are_cut(
            pieces in vec(select(vec!["data", ":", "\n", "\r", "\r\n", " x", "data: 1\n\n", "é"]), 0..40),
            size in 1_usize..8,
        ) {
            let stream = pieces.concat();
            let expected = events(&stream, true).count() as u64;
            prop_assert_eq!(counted(stream.as_bytes().chunks(size)), expected);
        }

        #[test]
        fn a_tail_holds_only_events_of_the_whole(
            pieces in vec(select(vec!["data: a", "data: b", "\n", "\r", "\r\n", "event: c\n"]), 0..30),
            cut in 0_usize..200,
        ) {
            let stream = pieces.concat();
            let all: Vec<_> = events(&stream, true).collect();
            let tail: Vec<_> = events(&stream[cut.min(stream.len())..], false).collect();
            prop_assert!(all.ends_with(&tail), "{:?} {:?}", all, tail);
        }
    }
}
