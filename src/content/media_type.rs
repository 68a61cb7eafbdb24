//! Media types of bodies.

use mime::Mime;

use body_logger_core::record::RecordText;

/// The kinds of content that are handled differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One JSON document.
    Json,
    /// A sequence of JSON documents.
    JsonSequence,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/*`.
    Multipart,
    /// `text/event-stream`.
    Events,
    /// HTML and XML.
    Markup,
    /// All other text.
    Text,
    /// All other types.
    Other,
}

impl Kind {
    /// Whether it is captured by default: only kinds that can be redacted reliably.
    pub(crate) fn is_captured_by_default(self) -> bool {
        matches!(
            self,
            Self::Json | Self::JsonSequence | Self::Form | Self::Multipart
        )
    }
}

/// The type and subtype of a `Content-Type` value, without its parameters.
///
/// Nothing is parsed into a structure or copied, as this runs for every body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Essence<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// The kind, if already known.
    known: Option<Kind>,
}

impl<'a> Essence<'a> {
    pub(crate) fn of(content_type: &'a [u8]) -> Option<Self> {
        // Fast path: the most frequent value.
        if content_type == b"application/json" {
            return Some(Self {
                kind: "application",
                subtype: "json",
                known: Some(Kind::Json),
            });
        }
        // Parameters need not be UTF-8.
        let end = memchr::memchr(b';', content_type).unwrap_or(content_type.len());
        let text = std::str::from_utf8(&content_type[..end]).ok()?.trim_ascii();
        let (kind, rest) = split_token(text)?;
        let (subtype, rest) = split_token(rest.strip_prefix('/')?)?;
        rest.is_empty().then_some(Self {
            kind,
            subtype,
            known: None,
        })
    }

    pub(crate) fn kind(self) -> Kind {
        if let Some(kind) = self.known {
            return kind;
        }
        // Fast path: most are in lower case.
        let same = |text: &str, name: &str| text == name || text.eq_ignore_ascii_case(name);
        let is = |kind: &str, subtypes: &[&str]| {
            same(self.kind, kind) && subtypes.iter().any(|subtype| same(self.subtype, subtype))
        };
        let ends_in = |suffix: &str| {
            let at = self.subtype.len().checked_sub(suffix.len());
            at.and_then(|at| self.subtype.get(at..))
                .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
        };

        if is("application", &["json"]) || is("text", &["json"]) || ends_in("+json") {
            Kind::Json
        } else if is(
            "application",
            &["x-ndjson", "ndjson", "jsonl", "x-jsonlines"],
        ) {
            Kind::JsonSequence
        } else if is("application", &["x-www-form-urlencoded"]) {
            Kind::Form
        } else if self.kind.eq_ignore_ascii_case("multipart") {
            Kind::Multipart
        } else if is("text", &["event-stream"]) {
            Kind::Events
        } else if is("text", &["html", "xsl"]) || ends_in("xml") {
            Kind::Markup
        } else if self.kind.eq_ignore_ascii_case("text") {
            Kind::Text
        } else {
            Kind::Other
        }
    }

    /// Whether it is known to be neither text nor structured data, and so contains nothing that could be redacted.
    pub(crate) fn is_binary(self) -> bool {
        let subtype = self.subtype.to_ascii_lowercase();
        if self.is_readable() {
            return false;
        }
        match &*self.kind.to_ascii_lowercase() {
            "image" | "audio" | "video" | "font" | "model" => true,
            "application" => {
                BINARY.contains(&&*subtype)
                    || subtype.ends_with("+zip")
                    || subtype.starts_with("vnd.openxmlformats-officedocument.")
            }
            _ => false,
        }
    }

    /// Whether it is known to be readable text or structured data, where secrets have names.
    pub(crate) fn is_readable(self) -> bool {
        let subtype = self.subtype.to_ascii_lowercase();
        let office = subtype.starts_with("vnd.openxmlformats-officedocument.");
        self.kind() != Kind::Other
            || self.kind.eq_ignore_ascii_case("message")
            || subtype
                .split(|char: char| !char.is_ascii_alphanumeric())
                .any(|word| READABLE.contains(&word))
            || (!office && READABLE_PARTS.iter().any(|part| subtype.contains(part)))
    }

    /// Whether a media range such as `text/plain`, `text/*` or `*/*` contains it.
    pub(crate) fn is_in(self, range: &Mime) -> bool {
        let holds = |range: &str, name: &str| range == "*" || range.eq_ignore_ascii_case(name);
        let subtype = match range.suffix() {
            Some(_) => range.essence_str().split_once('/').map(|(_, sub)| sub),
            None => Some(range.subtype().as_str()),
        };
        holds(range.type_().as_str(), self.kind)
            && subtype.is_some_and(|subtype| holds(subtype, self.subtype))
    }

    pub(crate) fn to_lowercase(self) -> RecordText {
        if (self.kind, self.subtype) == ("application", "json") {
            return RecordText::constant("application/json");
        }
        [self.kind, "/", self.subtype]
            .concat()
            .to_ascii_lowercase()
            .into()
    }
}

/// Subtypes of `application` that are neither text nor structured data.
const BINARY: &[&str] = &[
    "epub",
    "gzip",
    "java-archive",
    "msword",
    "octet-stream",
    "pdf",
    "protobuf",
    "vnd.android.package-archive",
    "vnd.google.protobuf",
    "vnd.ms-excel",
    "vnd.ms-powerpoint",
    "vnd.rar",
    "wasm",
    "x-7z-compressed",
    "x-bzip",
    "x-bzip2",
    "x-gzip",
    "x-protobuf",
    "x-rar-compressed",
    "x-tar",
    "x-xz",
    "x-zip-compressed",
    "zip",
    "zstd",
];

/// Words in subtypes of text or textual structured data.
const READABLE: &[&str] = &[
    "csh",
    "css",
    "csv",
    "edn",
    "form",
    "graphql",
    "hcl",
    "hjson",
    "http",
    "ini",
    "jose",
    "jwt",
    "latex",
    "ldif",
    "log",
    "perl",
    "php",
    "plain",
    "postscript",
    "properties",
    "python",
    "ron",
    "rtf",
    "ruby",
    "sdp",
    "sh",
    "sparql",
    "sql",
    "tcl",
    "tex",
    "text",
    "toml",
    "tsv",
    "turtle",
    "url",
    "urlencoded",
    "wsdl",
    "www",
    "xhtml",
    "yml",
];

/// Substrings of subtypes of text or textual structured data.
const READABLE_PARTS: &[&str] = &["json", "xml", "html", "yaml", "script"];

/// Splits a text after its leading token.
fn split_token(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !TOKEN[usize::from(byte)]);
    let (token, rest) = text.split_at(end.unwrap_or(text.len()));
    (!token.is_empty()).then_some((token, rest))
}

/// The bytes allowed in a token (RFC 9110, section 5.6.2).
static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut other = 0;
    while other < others.len() {
        table[others[other] as usize] = true;
        other += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(content_type: &str) -> Option<Kind> {
        Essence::of(content_type.as_bytes()).map(Essence::kind)
    }

    #[test]
    fn classifies_content_types() {
        for (content_type, expected) in [
            ("application/json", Kind::Json),
            ("Application/JSON; charset=utf-8", Kind::Json),
            ("application/problem+json", Kind::Json),
            ("application/vnd.api+JSON", Kind::Json),
            ("text/json", Kind::Json),
            ("application/x-ndjson", Kind::JsonSequence),
            ("application/x-www-form-urlencoded", Kind::Form),
            ("multipart/form-data; boundary=x", Kind::Multipart),
            ("application/jsonp", Kind::Other),
            ("application/json5", Kind::Other),
            ("text/event-stream", Kind::Events),
            ("text/html; charset=utf-8", Kind::Markup),
            ("application/xhtml+xml", Kind::Markup),
            ("image/svg+xml", Kind::Markup),
            ("Text/Plain", Kind::Text),
            ("text/csv", Kind::Text),
            ("application/octet-stream", Kind::Other),
        ] {
            assert_eq!(kind(content_type), Some(expected), "{content_type}");
        }
    }

    #[test]
    fn formats_in_lower_case_without_parameters() {
        let shown = Essence::of(b" Text/HTML ; charset=UTF-8").map(Essence::to_lowercase);
        assert_eq!(shown.as_deref(), Some("text/html"));
    }

    #[test]
    fn rejects_invalid_media_types() {
        for content_type in ["", "json", "/json", "application/", "a b/c", "a/b c"] {
            assert_eq!(kind(content_type), None, "{content_type:?}");
        }
        assert_eq!(Essence::of(b"text/\xff"), None);
    }

    #[test]
    fn ignores_invalid_bytes_in_parameters() {
        let kind = Essence::of(b"application/json; x=\"\xe9\"").map(Essence::kind);
        assert_eq!(kind, Some(Kind::Json));
    }

    #[test]
    fn classifies_binary_and_readable_types() {
        let classify = |content_type: &str| {
            let essence = Essence::of(content_type.as_bytes()).expect(content_type);
            (essence.is_binary(), essence.is_readable())
        };
        for binary in [
            "image/png",
            "Image/PNG",
            "audio/ogg",
            "video/mp4",
            "font/woff2",
            "application/octet-stream",
            "application/PDF",
            "application/zip",
            "application/epub+zip",
            "application/x-protobuf",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ] {
            assert_eq!(classify(binary), (true, false), "{binary}");
        }
        for readable in [
            "application/json-seq",
            "application/json5",
            "application/x-json",
            "application/yaml",
            "application/x-yaml",
            "application/openapi+yaml",
            "application/toml",
            "application/graphql",
            "application/graphql-response+json",
            "application/sql",
            "application/javascript",
            "application/x-javascript",
            "application/ecmascript",
            "application/x-ndjson",
            "application/xml-dtd",
            "application/soap+xml",
            "application/x-www-form-urlencoded",
            "application/x-sh",
            "application/jwt",
            "image/svg+xml",
            "image/x+yaml",
            "message/http",
            "message/rfc822",
            "text/css",
            "text/x-anything",
            "multipart/mixed",
        ] {
            assert_eq!(classify(readable), (false, true), "{readable}");
        }
        for unknown in [
            "application/x-foo",
            "application/cbor",
            "x-a/y",
            "chemical/x-pdb",
        ] {
            assert_eq!(classify(unknown), (false, false), "{unknown}");
        }
    }

    #[test]
    fn matches_media_ranges() {
        let in_range = |content_type: &str, range: Mime| {
            Essence::of(content_type.as_bytes()).is_some_and(|essence| essence.is_in(&range))
        };
        assert!(in_range("text/plain; charset=utf-8", mime::TEXT_PLAIN));
        assert!(in_range("Text/Plain", mime::TEXT_STAR));
        assert!(in_range("image/svg+xml", mime::STAR_STAR));
        assert!(in_range("image/svg+xml", mime::IMAGE_SVG));
        assert!(!in_range("image/svg", mime::IMAGE_SVG));
        assert!(!in_range("text/html", mime::TEXT_PLAIN));
        assert!(!in_range("application/text", mime::TEXT_STAR));
    }
}
