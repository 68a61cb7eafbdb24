//! Multipart bodies (RFC 2046, RFC 7578): where their parts are, and what the parts say of themselves.
//!
//! A body that two readers could take apart in two ways is taken apart up to there only.

use std::{borrow::Cow, ops::Range};

use memchr::memmem;

pub(crate) use self::redact::{multipart_text, redact_multipart};
use self::{head::Head, media_type::Format};
pub use self::{
    parameters::{header_parameter, UnclearParameter},
    redact::{Multipart, Part, PartContent, PartText},
};

mod head;
mod media_type;
pub(crate) mod parameters;
mod redact;

/// The most parts that are found one by one.
const MAX_PARTS: usize = 100;

/// The parts of a body as they are: nothing in them is redacted yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RawParts<'a> {
    /// The first of them, in order.
    pub(crate) parts: Vec<RawPart<'a>>,
    /// How many came after those.
    pub(crate) more: usize,
    pub(crate) end: PartsEnd,
}

/// How the parts ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartsEnd {
    /// With the closing boundary. What came behind it is ignored, as it should be.
    Closed,
    /// With the bytes that are there: the body went on.
    Truncated,
    /// At something that is not understood, or without a closing boundary. What follows is not read.
    Malformed,
}

/// A part of a body as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawPart<'a> {
    /// The field's name. `None` where it has none, and where the part's head is not understood.
    pub(crate) name: Option<Cow<'a, str>>,
    /// The name that the media type has among its parameters.
    pub(crate) type_name: Option<Cow<'a, str>>,
    /// The name of the file, which may be empty. A part with one is a file.
    pub(crate) file_name: Option<Cow<'a, str>>,
    /// The `Content-Type` value as sent.
    pub(crate) content_type: Option<&'a [u8]>,
    /// Where the content is, as far as it is there.
    pub(crate) content: Range<usize>,
    /// Whether that is all of it.
    pub(crate) complete: bool,
    /// How the content can be redacted. `None` for a file, for a format that is not understood, for one that is encoded
    /// and where the head is not understood: such a part is only counted.
    pub(crate) format: Option<Format>,
}

/// Finds the parts of a body, of which `truncated` says whether there was more.
///
/// Contents are not copied.
pub(crate) fn parts<'a>(body: &'a [u8], content_type: &[u8], truncated: bool) -> RawParts<'a> {
    let mut found = RawParts {
        parts: Vec::new(),
        more: 0,
        end: PartsEnd::Malformed,
    };
    if let Some(boundary) = boundary(content_type) {
        let essence = content_type.split(|byte| *byte == b';').next();
        let form = essence.is_some_and(|essence| {
            essence
                .trim_ascii()
                .eq_ignore_ascii_case(b"multipart/form-data")
        });
        let dashed = [b"--", &boundary[..]].concat();
        let scan = Scan {
            body,
            finder: memmem::Finder::new(&dashed),
            form,
        };
        found.end = scan.run(|part| {
            if found.parts.len() < MAX_PARTS {
                found.parts.push(part);
            } else {
                found.more += 1;
            }
        });
        if found.end == PartsEnd::Truncated && !truncated {
            found.end = PartsEnd::Malformed;
        }
    }
    found
}

/// The boundary by RFC 2046.
fn boundary(content_type: &[u8]) -> Option<Cow<'_, [u8]>> {
    let boundary = header_parameter(content_type, "boundary").ok()??;
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(byte);
    let valid = (1..=70).contains(&boundary.len())
        && !boundary.ends_with(b" ")
        && boundary.iter().all(allowed);
    valid.then_some(boundary)
}

/// What follows a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A part, so many bytes on.
    Part(usize),
    Closing,
    /// The bytes end before it is clear.
    Unseen,
    /// None of these: a line that only starts like a boundary.
    Other,
}

impl Next {
    fn after(boundary: &[u8]) -> Self {
        if boundary.starts_with(b"--") {
            return Self::Closing;
        }
        let padding = boundary
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t'))
            .unwrap_or(boundary.len());
        match &boundary[padding..] {
            [b'\r', b'\n', ..] => Self::Part(padding + 2),
            [] | [b'\r'] => Self::Unseen,
            [b'-'] if padding == 0 => Self::Unseen,
            _ => Self::Other,
        }
    }
}

/// A line that starts with the boundary.
#[derive(Debug, Clone, Copy)]
struct Line {
    at: usize,
    /// Whether it starts behind CR LF, as it has to. Behind a lone CR or LF some readers take it
    /// for a boundary and some for content.
    clear: bool,
}

struct Scan<'a, 'd> {
    body: &'a [u8],
    /// Of the boundary with the two hyphens before it.
    finder: memmem::Finder<'d>,
    form: bool,
}

impl<'a> Scan<'a, '_> {
    /// Gives each part to `found`. An end of the bytes before that of the body truncates it.
    fn run(&self, mut found: impl FnMut(RawPart<'a>)) -> PartsEnd {
        let Some(first) = self.boundary_line(0) else {
            return PartsEnd::Truncated;
        };
        let mut line = first;
        loop {
            let mut at = line.at + self.finder.needle().len();
            match Next::after(&self.body[at..]) {
                _ if !line.clear => return PartsEnd::Malformed,
                Next::Part(skipped) => at += skipped,
                Next::Closing => return PartsEnd::Closed,
                Next::Unseen => return PartsEnd::Truncated,
                Next::Other => return PartsEnd::Malformed,
            }
            let content = self.content_at(at);
            let Some(next) = self.boundary_line(at) else {
                let end = self.body.len();
                found(match content {
                    Some(content) => {
                        self.part(at, content, end - self.partial_boundary(content), false)
                    }
                    None => self.part(at, end, end, false),
                });
                return PartsEnd::Truncated;
            };
            // In a head, and right behind it, too, a boundary is one for some readers only.
            let Some(content) = content.filter(|&content| content < next.at) else {
                return PartsEnd::Malformed;
            };
            // The line break before a boundary belongs to it.
            let end = next.at - if next.clear { 2 } else { 1 };
            let after = &self.body[next.at + self.finder.needle().len()..];
            let complete = next.clear && Next::after(after) != Next::Other;
            found(self.part(at, content, end, complete));
            line = next;
        }
    }

    /// The next line that starts with the boundary, at `from` or behind it.
    fn boundary_line(&self, from: usize) -> Option<Line> {
        // The boundary holds no line break: no match hides another one that starts a line.
        self.finder.find_iter(&self.body[from..]).find_map(|at| {
            let at = from + at;
            match &self.body[..at] {
                [] | [.., b'\r', b'\n'] => Some(Line { at, clear: true }),
                [.., b'\r' | b'\n'] => Some(Line { at, clear: false }),
                _ => None,
            }
        })
    }

    /// Behind the blank line that ends the head at `at`, which may be the head's first.
    fn content_at(&self, at: usize) -> Option<usize> {
        // The two bytes before a head are the line break of its boundary.
        let blank = memmem::find(&self.body[at - 2..], b"\r\n\r\n")?;
        Some(at + blank + 2)
    }

    /// How many of the last bytes may be the start of a truncated boundary.
    fn partial_boundary(&self, from: usize) -> usize {
        let delimiter = [b"\r\n", self.finder.needle()].concat();
        (1..delimiter.len())
            .rev()
            .find(|&len| self.body[from..].ends_with(&delimiter[..len]))
            .unwrap_or(0)
    }

    fn part(&self, head: usize, from: usize, to: usize, complete: bool) -> RawPart<'a> {
        let head = Head::parse(&self.body[head..from], self.form);
        let format = head.format().filter(|_| !holds_head(&self.body[from..to]));
        RawPart {
            format,
            name: head.name,
            type_name: head.type_name,
            file_name: head.file_name,
            content_type: head.content_type,
            content: from..to,
            complete,
        }
    }
}

/// Whether there is the head of another part in a content: where a boundary is damaged, what is
/// secret by the name in that head would be shown under the name of the part before it.
fn holds_head(content: &[u8]) -> bool {
    memchr::memchr_iter(b':', content).any(|colon| {
        let line = content[..colon].trim_ascii_end();
        let name = b"content-disposition";
        let from = line.len().checked_sub(name.len());
        from.is_some_and(|from| line[from..].eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests;
