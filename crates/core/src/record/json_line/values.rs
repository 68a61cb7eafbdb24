//! Writes single values, and names before them.

use std::time::SystemTime;

use memchr::memchr2;
use serde::Serialize;
use uuid::{fmt::Hyphenated, Uuid};

use super::{escape, JsonLineBuffer, Written};
use crate::{
    record::{Json, RecordText},
    rfc3339, scan,
};

/// A UUID as a string of JSON.
pub(super) type QuotedUuid = [u8; Hyphenated::LENGTH + 2];

impl JsonLineBuffer {
    pub(super) fn optional<T: ?Sized>(
        &mut self,
        name: &str,
        value: Option<&T>,
        push: fn(&mut Self, &T) -> Written,
    ) -> Written {
        let Some(value) = value else { return Ok(()) };
        self.raw(name);
        push(self, value)
    }

    pub(super) fn or_null<T: ?Sized>(
        &mut self,
        value: Option<&T>,
        push: fn(&mut Self, &T) -> Written,
    ) -> Written {
        match value {
            Some(value) => push(self, value),
            None => {
                self.raw("null");
                Ok(())
            }
        }
    }

    pub(super) fn string_or_null(&mut self, value: &Option<RecordText>) -> Written {
        self.or_null(value.as_deref(), Self::string)
    }

    pub(super) fn string(&mut self, value: &str) -> Written {
        let is_escaped = |byte| (byte < b' ') | (byte == b'"') | (byte == b'\\');
        self.bytes.reserve(value.len() + 2);
        self.bytes.push(b'"');
        if scan::any(value.as_bytes(), is_escaped) {
            escape::push(&mut self.bytes, value);
        } else {
            self.raw(value);
        }
        self.bytes.push(b'"');
        Ok(())
    }

    pub(super) fn time(&mut self, at: SystemTime) -> Written {
        let since = at
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let second = Some(since.as_secs()).filter(|second| *second > 0);
        if second.is_none() || second != self.second {
            let text = rfc3339::checked_text::<serde_json::Error>(at)?;
            self.raw(&text);
            (self.second, self.text_of_second) = (second, text);
            return Ok(());
        }
        let whole = "2026-11-21T09:15:01.".len();
        self.bytes
            .extend_from_slice(&self.text_of_second.as_bytes()[..whole]);
        // itoa writes no leading zeros: 123 becomes 1000123, and the `1` is skipped.
        self.raw(&itoa::Buffer::new().format(1_000_000 + since.subsec_micros())[1..]);
        self.raw("Z");
        Ok(())
    }

    pub(super) fn run(&mut self, run: &Uuid) {
        if self.run != *run {
            (self.run, self.text_of_run) = (*run, quoted(run));
        }
        self.bytes.extend_from_slice(&self.text_of_run);
    }

    pub(super) fn number(&mut self, value: impl itoa::Integer) {
        self.raw(itoa::Buffer::new().format(value));
    }

    pub(super) fn number_or_null(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.number(value),
            None => self.raw("null"),
        }
    }

    pub(super) fn document(&mut self, json: &Json) -> Written {
        let start = self.bytes.len();
        self.raw(json.get());
        self.join_lines(start);
        Ok(())
    }

    pub(super) fn by_serde<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        let start = self.bytes.len();
        serde_json::to_writer(&mut self.bytes, value)?;
        self.join_lines(start);
        Ok(())
    }

    /// Replaces line breaks written from `start` on by spaces: JSON that the application put into the record may span
    /// several lines. JSON strings contain no raw line breaks, so only white space is affected.
    fn join_lines(&mut self, start: usize) {
        let mut rest = &mut self.bytes[start..];
        while let Some(at) = memchr2(b'\n', b'\r', rest) {
            rest[at] = b' ';
            rest = &mut rest[at + 1..];
        }
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

pub(super) fn quoted(id: &Uuid) -> QuotedUuid {
    let mut text = [b'"'; Hyphenated::LENGTH + 2];
    id.hyphenated()
        .encode_lower(&mut text[1..=Hyphenated::LENGTH]);
    text
}
