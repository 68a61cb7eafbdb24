//! Writes records as lines of JSON: byte for byte what serde writes, in a third of the time.
//!
//! serde checks each byte of each name and value for characters to escape. Names are known not to have any, and one
//! scan rules them out for most values.

mod escape;

use std::{collections::BTreeMap, time::SystemTime};

use memchr::memchr2;
use serde::Serialize;
use uuid::{fmt::Hyphenated, Uuid};

use crate::{
    record::{
        Body, Client, Entry, Json, Outcome, Reason, Record, RecordText, RequestRecord,
        ResponseRecord,
    },
    rfc3339, scan,
};

/// How many bytes longer a line is with a `salt`, as in a log with proofs.
pub const SALT_BYTES: usize = ",\"salt\":\"\"".len() + 32;

type Written = Result<(), serde_json::Error>;

/// A buffer of entries as lines of JSON.
///
/// ```
/// use body_logger_core::{record::JsonLineBuffer, Entry, Record};
///
/// let mut lines = JsonLineBuffer::default();
/// lines.push(&Entry::Record(Record::example()))?;
/// assert_eq!(serde_json::from_slice::<Record>(lines.as_bytes())?, Record::example());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug)]
pub struct JsonLineBuffer {
    bytes: Vec<u8>,
    /// The Unix time in seconds of the last time written, and its text: many records share the second.
    second: Option<u64>,
    text_of_second: String,
    /// The last run written, and its text: usually all records share the run.
    run: Uuid,
    text_of_run: QuotedUuid,
}

/// A UUID as a string of JSON.
type QuotedUuid = [u8; Hyphenated::LENGTH + 2];

impl Default for JsonLineBuffer {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

// Structs are destructured without `..`, so that a new field cannot be forgotten.
impl JsonLineBuffer {
    /// Creates an empty buffer with capacity for this many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            second: None,
            text_of_second: String::new(),
            run: Uuid::nil(),
            text_of_run: quoted(&Uuid::nil()),
        }
    }

    /// Returns the lines, each with its line feed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the lines, each with its line feed, without copying them.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends an entry as one line.
    ///
    /// # Errors
    ///
    /// Returns an error if the entry cannot be serialized, as with a time that RFC 3339 cannot represent. Nothing is
    /// appended then.
    pub fn push(&mut self, entry: &Entry) -> Written {
        let start = self.bytes.len();
        let written = match entry {
            Entry::Record(record) => self.record(record),
            // These are rare.
            Entry::Gap(_) | Entry::Maintenance(_) => self.by_serde(entry),
        };
        match written {
            Ok(()) => self.bytes.push(b'\n'),
            Err(_) => self.bytes.truncate(start),
        }
        written
    }

    /// Appends an entry as one line whose last member is `salt`, in 32 hexadecimal digits: what a log with proofs has,
    /// so that the content of a line cannot be guessed from its hash. The line is longer by [`SALT_BYTES`].
    ///
    /// # Errors
    ///
    /// As for [`push`](Self::push).
    ///
    /// ```
    /// use body_logger_core::{record::JsonLineBuffer, Entry, Record};
    ///
    /// let mut lines = JsonLineBuffer::default();
    /// lines.push_salted(&Entry::Record(Record::example()), [0xa5; 16])?;
    /// assert!(lines.as_bytes().ends_with(b",\"salt\":\"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\"}\n"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn push_salted(&mut self, entry: &Entry, salt: [u8; 16]) -> Written {
        self.push(entry)?;
        // Every entry is an object, with members.
        self.bytes.truncate(self.bytes.len() - "}\n".len());
        self.bytes.extend_from_slice(&salt_member(salt));
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Written {
        let Record {
            v,
            id,
            entry_id,
            run,
            seq,
            stage,
            first_seq,
            time,
            outcome,
            error,
            duration_us,
            ttfb_us,
            trace,
            resource,
            client: Client { addr },
            attributes,
            request,
            response,
            extensions: _,
        } = record;
        self.raw(r#"{"v":"#);
        self.number(*v);
        self.raw(r#","id":"#);
        self.string(id)?;
        self.raw(r#","entry_id":"#);
        self.bytes.extend_from_slice(&quoted(entry_id));
        self.raw(r#","run":"#);
        self.run(run);
        self.raw(r#","seq":"#);
        self.number(*seq);
        self.optional(r#","stage":"#, stage.as_ref(), Self::by_serde)?;
        self.optional(r#","first_seq":"#, first_seq.as_ref(), Self::by_serde)?;
        self.raw(r#","time":""#);
        self.time(*time)?;
        self.raw(r#"","outcome":"#);
        self.or_null(outcome.map(Outcome::as_str), Self::string)?;
        self.raw(r#","error":"#);
        self.or_null(error.as_ref(), Self::by_serde)?;
        self.raw(r#","duration_us":"#);
        self.number_or_null(*duration_us);
        self.raw(r#","ttfb_us":"#);
        self.number_or_null(*ttfb_us);
        self.optional(r#","trace":"#, trace.as_ref(), Self::by_serde)?;
        self.optional(r#","resource":"#, resource.as_ref(), Self::by_serde)?;
        self.raw(r#","client":{"addr":"#);
        self.string_or_null(addr)?;
        self.raw(r#"},"attributes":{"#);
        self.attributes(attributes)?;
        self.raw(r#"},"request":"#);
        self.request(request)?;
        self.raw(r#","response":"#);
        self.or_null(response.as_ref(), Self::response)?;
        self.raw("}");
        Ok(())
    }

    fn request(&mut self, request: &RequestRecord) -> Written {
        let RequestRecord {
            method,
            scheme,
            host,
            path,
            route,
            query,
            version,
            headers,
            headers_dropped,
            body,
        } = request;
        self.raw(r#"{"method":"#);
        self.string(method)?;
        self.raw(r#","scheme":"#);
        self.string(scheme)?;
        self.raw(r#","host":"#);
        self.string_or_null(host)?;
        self.raw(r#","path":"#);
        self.string(path)?;
        self.raw(r#","route":"#);
        self.string_or_null(route)?;
        self.raw(r#","query":"#);
        self.string_or_null(query)?;
        self.raw(r#","version":"#);
        self.string(version)?;
        self.headers(headers, *headers_dropped)?;
        self.body(body)?;
        self.raw("}");
        Ok(())
    }

    fn response(&mut self, response: &ResponseRecord) -> Written {
        let ResponseRecord {
            status,
            headers,
            headers_dropped,
            body,
        } = response;
        self.raw(r#"{"status":"#);
        self.number(*status);
        self.headers(headers, *headers_dropped)?;
        self.body(body)?;
        self.raw("}");
        Ok(())
    }

    fn headers(&mut self, headers: &[(RecordText, RecordText)], dropped: u32) -> Written {
        self.raw(r#","headers":["#);
        for (n, (name, value)) in headers.iter().enumerate() {
            self.raw(if n == 0 { "[" } else { ",[" });
            self.string(name)?;
            self.raw(",");
            self.string(value)?;
            self.raw("]");
        }
        self.raw("]");
        if dropped > 0 {
            self.raw(r#","headers_dropped":"#);
            self.number(dropped);
        }
        Ok(())
    }

    fn attributes(&mut self, attributes: &BTreeMap<String, String>) -> Written {
        for (n, (name, value)) in attributes.iter().enumerate() {
            self.raw(if n == 0 { "" } else { "," });
            self.string(name)?;
            self.raw(":");
            self.string(value)?;
        }
        Ok(())
    }

    fn body(&mut self, body: &Body) -> Written {
        let Body {
            state,
            bytes,
            captured,
            reasons,
            media_type,
            encoding,
            decoded,
            events,
            digest,
            json,
            text,
            base64,
            file,
            no_file,
            parts,
            parts_dropped,
        } = body;
        self.raw(r#","body":{"state":""#);
        self.raw(state.as_str());
        self.raw(r#"","bytes":"#);
        self.number_or_null(*bytes);
        self.raw(r#","captured":"#);
        self.number(*captured);
        self.reasons(reasons);
        self.optional(r#","media_type":"#, media_type.as_deref(), Self::string)?;
        self.optional(r#","encoding":"#, encoding.as_deref(), Self::string)?;
        self.optional(r#","decoded":"#, decoded.as_ref(), Self::by_serde)?;
        self.optional(r#","events":"#, events.as_ref(), Self::by_serde)?;
        self.optional(r#","digest":"#, digest.as_deref(), Self::string)?;
        self.optional(r#","json":"#, json.as_ref(), Self::document)?;
        self.optional(r#","text":"#, text.as_deref(), Self::string)?;
        self.optional(r#","base64":"#, base64.as_deref(), Self::string)?;
        self.optional(r#","file":"#, file.as_ref(), Self::by_serde)?;
        self.optional(r#","no_file":"#, no_file.as_ref(), Self::by_serde)?;
        let parts = Some(parts).filter(|parts| !parts.is_empty());
        self.optional(r#","parts":"#, parts, Self::by_serde)?;
        let dropped = Some(parts_dropped).filter(|dropped| **dropped > 0);
        self.optional(r#","parts_dropped":"#, dropped, Self::by_serde)?;
        self.raw("}");
        Ok(())
    }

    fn reasons(&mut self, reasons: &[Reason]) {
        for (n, reason) in reasons.iter().enumerate() {
            self.raw(if n == 0 { r#","reasons":[""# } else { r#"",""# });
            self.raw(reason.as_str());
        }
        self.raw(if reasons.is_empty() { "" } else { r#""]"# });
    }

    fn optional<T: ?Sized>(
        &mut self,
        name: &str,
        value: Option<&T>,
        push: fn(&mut Self, &T) -> Written,
    ) -> Written {
        let Some(value) = value else { return Ok(()) };
        self.raw(name);
        push(self, value)
    }

    fn or_null<T: ?Sized>(
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

    fn string_or_null(&mut self, value: &Option<RecordText>) -> Written {
        self.or_null(value.as_deref(), Self::string)
    }

    fn string(&mut self, value: &str) -> Written {
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

    fn time(&mut self, at: SystemTime) -> Written {
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

    fn run(&mut self, run: &Uuid) {
        if self.run != *run {
            (self.run, self.text_of_run) = (*run, quoted(run));
        }
        self.bytes.extend_from_slice(&self.text_of_run);
    }

    fn number(&mut self, value: impl itoa::Integer) {
        self.raw(itoa::Buffer::new().format(value));
    }

    fn number_or_null(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.number(value),
            None => self.raw("null"),
        }
    }

    fn document(&mut self, json: &Json) -> Written {
        let start = self.bytes.len();
        self.raw(json.get());
        self.join_lines(start);
        Ok(())
    }

    fn by_serde<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
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

    fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// Returns the end of a line, from after its last member but `salt`.
fn salt_member(salt: [u8; 16]) -> [u8; SALT_BYTES + "}\n".len()] {
    let mut end = *b",\"salt\":\"00000000000000000000000000000000\"}\n";
    let (digits, _) = end[SALT_START..].as_chunks_mut::<2>();
    for (digits, byte) in digits.iter_mut().zip(salt) {
        *digits = HEX[usize::from(byte)];
    }
    end
}

const SALT_START: usize = ",\"salt\":\"".len();

/// The hexadecimal digits of each byte.
static HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut all = [[0; 2]; 256];
    let mut byte = 0;
    while byte < all.len() {
        all[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    all
};

fn quoted(id: &Uuid) -> QuotedUuid {
    let mut text = [b'"'; Hyphenated::LENGTH + 2];
    id.hyphenated()
        .encode_lower(&mut text[1..=Hyphenated::LENGTH]);
    text
}

#[cfg(test)]
mod tests;
