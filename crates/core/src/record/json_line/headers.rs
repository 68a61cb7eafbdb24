//! Writes headers. Most of them repeat from record to record. Copying them from an earlier line takes less than half of writing
//! them: 2 % of all that a short exchange takes.

use std::ops::Range;

use super::{JsonLineBuffer, Written};

/// Number of headers that are found again.
const SLOTS: usize = 64;

/// Where headers without escapes are in a buffer. The buffer only grows, but for an entry that cannot be written, after which
/// these places are forgotten: so what is at them stays a header.
#[derive(Debug)]
pub(super) struct Headers([(usize, usize); SLOTS]);

impl Default for Headers {
    fn default() -> Self {
        Self([(0, 0); SLOTS])
    }
}

impl JsonLineBuffer {
    pub(super) fn header(&mut self, name: &str, value: &str) -> Written {
        let slot = slot(name, value);
        let (start, end) = self.headers.0[slot];
        if self.has_header(start..end, name, value) {
            self.bytes.extend_from_within(start..end);
            return Ok(());
        }
        let start = self.bytes.len();
        self.raw("[");
        self.string(name)?;
        self.raw(",");
        self.string(value)?;
        self.raw("]");
        let end = self.bytes.len();
        if end - start == name.len() + value.len() + r#"["",""]"#.len() {
            self.headers.0[slot] = (start, end);
        }
        Ok(())
    }

    /// Whether this header is at a place where one without escapes is: a quote is the end of its name or value there.
    fn has_header(&self, place: Range<usize>, name: &str, value: &str) -> bool {
        let after = || {
            let name_on = self.bytes.get(place)?.strip_prefix(br#"[""#)?;
            let mark_on = name_on.strip_prefix(name.as_bytes())?;
            let value_on = mark_on.strip_prefix(br#"",""#)?;
            value_on.strip_prefix(value.as_bytes())
        };
        after() == Some(br#""]"#)
    }
}

/// Returns the slot of a header. Most headers differ in their lengths or last bytes.
fn slot(name: &str, value: &str) -> usize {
    let last = |text: &str| text.as_bytes().last().map_or(0, |byte| usize::from(*byte));
    (name.len() ^ value.len() << 2 ^ last(name) << 1 ^ last(value)) % SLOTS
}
