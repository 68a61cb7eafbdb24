//! A message's head as named values in a single buffer.

use std::{borrow::Cow, mem, ptr, str};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, CONTENT_ENCODING, CONTENT_TYPE};
use smallvec::SmallVec;

use crate::content::KnownHeaders;

/// Maximum length of a header value, path or query that is kept: 4 KiB.
pub const MAX_HEAD_VALUE: usize = 4 * 1024;

/// Maximum number of bytes kept of a message's head: 16 KiB.
pub const MAX_HEAD: usize = 16 * 1024;

/// Names of the request's path, query and host in a [`Head`]. No header name contains a colon.
pub(crate) const PATH: &str = ":path";
pub(crate) const QUERY: &str = ":query";
pub(crate) const HOST: &str = ":host";

/// A message's head as named values in a single buffer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// For each value: the length of its name, its own length, its flags, its name, the value. Lengths and flags are
    /// ASCII, so one UTF-8 check covers all values. A short head needs no allocation.
    packed: SmallVec<[u8; 192]>,
    dropped: u32,
}

/// A reused buffer in which heads are assembled, so that each is then allocated once, with its exact size.
#[derive(Debug)]
pub(crate) struct HeadBuffer {
    packed: Box<[u8; HEAD_CAPACITY]>,
    used: usize,
    dropped: u32,
}

impl Default for HeadBuffer {
    fn default() -> Self {
        Self {
            packed: Box::new([0; HEAD_CAPACITY]),
            used: 0,
            dropped: 0,
        }
    }
}

/// One named value of a [`Head`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a [u8],
    /// The value, if the whole head is UTF-8.
    known_text: Option<&'a str>,
    /// The application called `HeaderValue::set_sensitive`.
    pub(crate) sensitive: bool,
    /// The value was longer than [`MAX_HEAD_VALUE`]; this is its prefix.
    pub(crate) truncated: bool,
}

const SENSITIVE: u8 = 1;
const TRUNCATED: u8 = 2;
const FIELD_OVERHEAD: usize = 2 + 2 + 1;

/// Capacity for a head and a host after it.
const HEAD_CAPACITY: usize = MAX_HEAD + FIELD_OVERHEAD + HOST.len() + MAX_HEAD_VALUE;

/// Encodes a length as two ASCII bytes.
fn packed_length(length: usize) -> [u8; 2] {
    const { assert!(MAX_HEAD <= 1 << 14 && MAX_HEAD_VALUE < 1 << 14) };
    [(length & 0x7f) as u8, (length >> 7) as u8]
}

fn unpacked_length([low, high]: [u8; 2]) -> usize {
    usize::from(low) | usize::from(high) << 7
}

impl<'a> Field<'a> {
    /// Returns the value as text, with invalid UTF-8 replaced.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        match self.known_text {
            Some(text) => Cow::Borrowed(text),
            None => String::from_utf8_lossy(self.value),
        }
    }
}

impl HeadBuffer {
    /// Appends all headers, and returns those that the middleware itself interprets.
    pub(crate) fn push_all<'h>(&mut self, headers: &'h HeaderMap) -> KnownHeaders<'h> {
        let mut known = KnownHeaders::of(headers);
        let start = self.used;
        for (name, value) in headers {
            known.visit(name, value);
            self.push_header(name, value);
        }
        if self.is_full() {
            self.used = start;
            self.dropped = 0;
            self.push_first(headers, &known);
        }
        known
    }

    /// Appends all headers again, those that determine how the body is read first: no number of other headers may
    /// displace them.
    #[cold]
    fn push_first(&mut self, headers: &HeaderMap, known: &KnownHeaders<'_>) {
        let priority = [
            (CONTENT_TYPE, known.content_type),
            (CONTENT_ENCODING, known.content_encoding),
        ];
        for (name, value) in &priority {
            if let Some(value) = value {
                self.push_header(name, value);
            }
        }
        for (name, value) in headers {
            let pushed =
                |first: &Option<&HeaderValue>| first.is_some_and(|first| ptr::eq(first, value));
            if !priority.iter().any(|(_, first)| pushed(first)) {
                self.push_header(name, value);
            }
        }
    }

    fn push_header(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.push(name.as_str(), value.as_bytes(), value.is_sensitive());
    }

    pub(crate) fn push(&mut self, name: &str, value: &[u8], sensitive: bool) {
        let truncated = value.len() > MAX_HEAD_VALUE;
        let value = &value[..value.len().min(MAX_HEAD_VALUE)];
        let end = self.used + FIELD_OVERHEAD + name.len() + value.len();
        // The host is pushed last, and has reserved capacity.
        if end > MAX_HEAD && !(name == HOST && end <= self.packed.len()) {
            self.dropped += 1;
            return;
        }
        let flags = if sensitive { SENSITIVE } else { 0 } | if truncated { TRUNCATED } else { 0 };
        let [n0, n1] = packed_length(name.len());
        let [v0, v1] = packed_length(value.len());
        let field = &mut self.packed[self.used..end];
        let (lengths, text) = field.split_at_mut(FIELD_OVERHEAD);
        lengths.copy_from_slice(&[n0, n1, v0, v1, flags]);
        let (shown_name, shown_value) = text.split_at_mut(name.len());
        shown_name.copy_from_slice(name.as_bytes());
        shown_value.copy_from_slice(value);
        self.used = end;
    }

    /// Whether some values since the last [`take`](Self::take) did not fit.
    pub(crate) fn is_full(&self) -> bool {
        self.dropped > 0
    }

    /// Returns the head assembled since the last call.
    pub(crate) fn take(&mut self) -> Head {
        let used = mem::take(&mut self.used);
        Head {
            packed: SmallVec::from_slice(&self.packed[..used]),
            dropped: mem::take(&mut self.dropped),
        }
    }
}

impl Head {
    /// Parses all values. Inlined, as the result is large to move.
    #[inline]
    pub(crate) fn fields(&self) -> Fields<'_> {
        let mut unread = Unread {
            packed: &self.packed,
            text: str::from_utf8(&self.packed).ok(),
        };
        let mut fields = Fields(SmallVec::new());
        while let Some(field) = unread.next() {
            fields.0.push(field);
        }
        fields
    }

    pub(crate) fn get(&self, name: &str) -> Option<Field<'_>> {
        self.fields().get(name)
    }

    /// Returns how many values did not fit.
    pub(crate) fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Returns the number of heap bytes it occupies.
    pub(crate) fn cost(&self) -> usize {
        if self.packed.spilled() {
            self.packed.capacity()
        } else {
            0
        }
    }
}

/// The unparsed rest of a [`Head`].
struct Unread<'a> {
    packed: &'a [u8],
    /// The same bytes, if all values are text.
    text: Option<&'a str>,
}

impl<'a> Unread<'a> {
    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        let [n0, n1, v0, v1, flags] = *self.packed.first_chunk::<FIELD_OVERHEAD>()?;
        let value_start = FIELD_OVERHEAD + unpacked_length([n0, n1]);
        let end = value_start + unpacked_length([v0, v1]);
        let (name, value, known_text);
        match self.text {
            Some(text) => {
                let (field, rest) = text.split_at_checked(end)?;
                let (head, text) = field.split_at_checked(value_start)?;
                name = head.get(FIELD_OVERHEAD..)?;
                value = text.as_bytes();
                known_text = Some(text);
                (self.packed, self.text) = (rest.as_bytes(), Some(rest));
            }
            None => {
                let (field, rest) = self.packed.split_at_checked(end)?;
                name = str::from_utf8(&field[FIELD_OVERHEAD..value_start]).ok()?;
                value = &field[value_start..];
                known_text = None;
                self.packed = rest;
            }
        }
        Some(Field {
            name,
            value,
            known_text,
            sensitive: flags & SENSITIVE != 0,
            truncated: flags & TRUNCATED != 0,
        })
    }
}

/// The values of a [`Head`], in the order in which they were pushed.
#[derive(Debug)]
pub(crate) struct Fields<'a>(SmallVec<[Field<'a>; 16]>);

impl<'a> Fields<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<Field<'a>> {
        self.get_all(name).next()
    }

    pub(crate) fn get_all<'n>(
        &self,
        name: &'n str,
    ) -> impl Iterator<Item = Field<'a>> + use<'a, 'n, '_> {
        self.0
            .iter()
            .copied()
            .filter(move |field| field.name == name)
    }

    /// Returns the values that are headers.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &Field<'a>> + Clone + use<'a, '_> {
        self.0.iter().filter(|field| !field.name.starts_with(':'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn parses_the_same_values_whether_or_not_a_head_is_all_text(
            values in vec(("[a-z:-]{0,300}", vec(any::<u8>(), 0..300), "\\PC{0,100}", any::<bool>()), 0..8),
        ) {
            for in_bytes in [false, true] {
                let values = values.iter().map(|(name, bytes, text, sensitive)| {
                    let value = if in_bytes { bytes.as_slice() } else { text.as_bytes() };
                    (name.as_str(), value, *sensitive)
                });
                let mut head = HeadBuffer::default();
                values.clone().for_each(|(name, value, sensitive)| head.push(name, value, sensitive));
                let head = head.take();
                prop_assert!(in_bytes || head.fields().0.iter().all(|field| field.known_text.is_some()));
                let headers = values.clone().filter(|(name, ..)| !name.starts_with(':'));
                prop_assert_eq!(head.fields().headers().count(), headers.count());
                for (name, value, _) in values.clone() {
                    let first = values.clone().find(|other| other.0 == name);
                    let found = head.get(name).map(|field| field.value);
                    prop_assert_eq!(found, first.map(|(_, value, _)| value));
                    let of_name = values.clone().filter(|other| other.0 == name);
                    prop_assert_eq!(head.fields().get_all(name).count(), of_name.count());
                    prop_assert!(head.fields().0.iter().any(|field| field.value == value));
                }
                let fields = head.fields();
                let read = fields.0.iter().map(|field| {
                    (field.name, field.value, field.text().into_owned(), field.sensitive)
                });
                let expected = values.map(|(name, value, sensitive)| {
                    (name, value, String::from_utf8_lossy(value).into_owned(), sensitive)
                });
                prop_assert_eq!(read.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn returns_the_values_that_were_pushed() {
        let mut head = HeadBuffer::default();
        head.push(PATH, b"/a", false);
        head.push("cookie", b"s=\xff1", true);
        head.push("empty", b"", false);
        let head = head.take();
        let fields: Vec<_> = head
            .fields()
            .0
            .iter()
            .map(|f| (f.name, f.value, f.sensitive, f.truncated))
            .collect();
        assert_eq!(
            fields,
            [
                (PATH, &b"/a"[..], false, false),
                ("cookie", &b"s=\xff1"[..], true, false),
                ("empty", &b""[..], false, false),
            ]
        );
        assert_eq!(head.dropped(), 0);
    }

    #[test]
    fn truncates_and_flags_a_long_value() {
        let mut head = HeadBuffer::default();
        head.push("x", &[b'a'; MAX_HEAD_VALUE], false);
        head.push("y", &[b'a'; MAX_HEAD_VALUE + 1], false);
        let head = head.take();
        let fields: Vec<_> = head
            .fields()
            .0
            .iter()
            .map(|f| (f.value.len(), f.truncated))
            .collect();
        assert_eq!(fields, [(MAX_HEAD_VALUE, false), (MAX_HEAD_VALUE, true)]);
    }

    #[test]
    fn limits_a_head_and_counts_the_dropped_values() {
        let mut head = HeadBuffer::default();
        for _ in 0..10 {
            head.push("x", &[b'a'; MAX_HEAD_VALUE], false);
        }
        head.push("small", b"fits", false);
        let head = head.take();
        assert_eq!(head.dropped(), 7);
        assert!(head.packed.len() <= MAX_HEAD);
        assert!(head.get("small").is_some());
    }

    #[test]
    fn keeps_the_host_of_a_full_head() {
        let mut head = HeadBuffer::default();
        assert!(!head.is_full());
        for _ in 0..10 {
            head.push("x", &[b'a'; MAX_HEAD_VALUE], false);
        }
        assert!(head.is_full());
        head.push(HOST, &[b'h'; MAX_HEAD_VALUE], false);
        let full = head.take();
        assert_eq!(full.get(HOST).map(|host| host.value.len()), Some(4096));
        assert_eq!(full.dropped(), 7);
        // The next head starts empty.
        head.push("y", b"1", false);
        let next = head.take();
        assert_eq!((next.fields().0.len(), next.dropped()), (1, 0));
    }
}
