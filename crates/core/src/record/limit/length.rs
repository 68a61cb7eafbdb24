//! Lengths of records and their texts as JSON.

use std::io;

use serde::Serialize;

use crate::{
    record::{Body, Part, Record, RecordText},
    scan,
};

/// Maximum length of a record's line without its texts: names, numbers, times, and each reason once in both bodies.
const FIXED: usize = 2 * 1024;

/// Returns an upper bound of the length of a record's line, which rules out shortening for most records.
pub(super) fn most_bytes(record: &Record) -> usize {
    let Record {
        id,
        error,
        client,
        attributes,
        request,
        response,
        resource,
        trace: _,
        ..
    } = record;
    // An escaped byte takes at most six: most texts need no exact count.
    let escaped = |text: &str| 6 * text.len();
    let optional = |text: &Option<RecordText>| text.as_deref().map_or(0, escaped);
    let headers = |headers: &[(RecordText, RecordText)]| -> usize {
        let header = |(name, value): &(RecordText, RecordText)| escaped(name) + escaped(value) + 8;
        headers.iter().map(header).sum()
    };
    let texts = [
        escaped(id),
        optional(&client.addr),
        escaped(&request.method),
        escaped(&request.scheme),
        optional(&request.host),
        escaped(&request.path),
        optional(&request.route),
        optional(&request.query),
        escaped(&request.version),
    ];
    let message = error.as_ref().and_then(|error| error.message.as_deref());
    let attribute = |(name, value): (&String, &String)| escaped(name) + escaped(value) + 8;
    let resource = resource.as_ref().map_or(0, |resource| {
        let others = [&resource.version, &resource.instance, &resource.host];
        escaped(&resource.service) + others.into_iter().map(optional).sum::<usize>()
    });
    let response = response.as_ref().map_or(0, |response| {
        headers(&response.headers) + most_bytes_of_body(&response.body)
    });
    FIXED
        + texts.iter().sum::<usize>()
        + message.map_or(0, escaped)
        + attributes.iter().map(attribute).sum::<usize>()
        + resource
        + headers(&request.headers)
        + most_bytes_of_body(&request.body)
        + response
}

pub(super) fn most_bytes_of_body(body: &Body) -> usize {
    let text = |text: Option<&str>| text.map_or(0, |text| 6 * text.len());
    let file = body.file.as_ref();
    let part = |part: &Part| {
        200 + text(part.name.as_deref())
            + text(part.file_name.as_deref())
            + text(part.media_type.as_deref())
            + text(part.digest.as_deref())
            + part.json.as_ref().map_or(0, |json| json.get().len())
            + part.text.as_deref().map_or(0, most_escaped_len)
    };
    let content =
        |text: &Option<String>| text.as_deref().map_or(0, |text| 2 + most_escaped_len(text));
    body.json.as_ref().map_or(0, |json| json.get().len())
        + content(&body.text)
        + content(&body.base64)
        + text(body.media_type.as_deref())
        + text(body.encoding.as_deref())
        + text(body.digest.as_deref())
        + text(file.map(|file| &*file.name))
        + text(file.and_then(|file| file.digest.as_deref()))
        + body.parts.iter().map(part).sum::<usize>()
}

/// Returns the length of a body's content as JSON.
pub(super) fn content_bytes(body: &Body) -> usize {
    let text = |text: &Option<String>| text.as_deref().map_or(0, |text| 2 + escaped_len(text));
    body.json.as_ref().map_or(0, |json| json.get().len()) + text(&body.text) + text(&body.base64)
}

/// Returns the longest prefix of whole characters with at most `most` bytes as JSON.
pub(super) fn prefix(text: &str, most: usize) -> &str {
    let mut left = most;
    let end = text.char_indices().find(|(_, char)| {
        let bytes = escaped_char_len(*char);
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        !fits
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Returns an upper bound of the length of a text as JSON, without its quotes. Most texts have no control characters, which
/// take six bytes, and are not counted byte by byte: 6 % of what a record with two texts of 32 KiB takes.
fn most_escaped_len(text: &str) -> usize {
    // Line feeds are as long as quotes.
    if scan::any(text.as_bytes(), |byte| (byte < b' ') & (byte != b'\n')) {
        return escaped_len(text);
    }
    2 * text.len()
}

/// Returns the length of a text as JSON, without its quotes.
pub(super) fn escaped_len(text: &str) -> usize {
    let escapes = |byte: &u8| ESCAPED[usize::from(*byte)];
    text.len()
        + text
            .as_bytes()
            .iter()
            .map(|byte| usize::from(escapes(byte)))
            .sum::<usize>()
}

pub(super) fn escaped_char_len(char: char) -> usize {
    let escape = u8::try_from(char).map_or(0, |byte| ESCAPED[usize::from(byte)]);
    char.len_utf8() + usize::from(escape)
}

/// How many bytes longer a byte gets in a JSON string ([RFC 8259], section 7).
///
/// [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259#section-7
static ESCAPED: [u8; 256] = {
    let mut more = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        more[byte] = r"\u0000".len() as u8 - 1;
        byte += 1;
    }
    let short = *b"\"\\\x08\x0c\n\r\t";
    let mut n = 0;
    while n < short.len() {
        more[short[n] as usize] = 1;
        n += 1;
    }
    more
};

/// Returns the length of a value as JSON.
pub(super) fn encoded<T: Serialize + ?Sized>(value: &T) -> usize {
    #[derive(Default)]
    struct Counter(usize);

    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut counter = Counter::default();
    // A value that cannot be serialized has no line: the sink reports that.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}
