//! What a `Content-Type` says of a body.

use mime::Mime;

/// The kinds of bodies that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One JSON document.
    Json,
    /// JSON documents, one after the other.
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
    /// All others.
    Other,
}

impl Kind {
    /// Whether it is understood well enough to be captured without being asked for.
    pub(crate) fn is_captured_by_default(self) -> bool {
        matches!(
            self,
            Self::Json | Self::JsonSequence | Self::Form | Self::Multipart
        )
    }
}

/// The type and subtype of a `Content-Type` value, without its parameters.
///
/// It is looked at as it stands, for every body: nothing is parsed into a structure or copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Essence<'a> {
    kind: &'a str,
    subtype: &'a str,
}

impl<'a> Essence<'a> {
    pub(crate) fn of(content_type: &'a [u8]) -> Option<Self> {
        let content_type = std::str::from_utf8(content_type).ok()?;
        let essence = content_type.split(';').next()?.trim();
        let (kind, subtype) = essence.split_once('/')?;
        let token = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
        };
        (token(kind) && token(subtype)).then_some(Self { kind, subtype })
    }

    pub(crate) fn kind(self) -> Kind {
        let is = |kind: &str, subtypes: &[&str]| {
            self.kind.eq_ignore_ascii_case(kind)
                && subtypes
                    .iter()
                    .any(|subtype| self.subtype.eq_ignore_ascii_case(subtype))
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

    /// Whether a media range such as `text/plain`, `text/*` or `*/*` holds it.
    pub(crate) fn is_in(self, range: &Mime) -> bool {
        let holds = |range: &str, name: &str| range == "*" || range.eq_ignore_ascii_case(name);
        let subtype = match range.suffix() {
            Some(_) => range.essence_str().split_once('/').map(|(_, sub)| sub),
            None => Some(range.subtype().as_str()),
        };
        holds(range.type_().as_str(), self.kind)
            && subtype.is_some_and(|subtype| holds(subtype, self.subtype))
    }

    pub(crate) fn to_lowercase(self) -> String {
        format!("{}/{}", self.kind, self.subtype).to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(content_type: &str) -> Option<Kind> {
        Essence::of(content_type.as_bytes()).map(Essence::kind)
    }

    #[test]
    fn tells_the_kinds_apart() {
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
    fn what_is_no_media_type_is_none() {
        for content_type in ["", "json", "/json", "application/", "a b/c", "a/b c"] {
            assert_eq!(kind(content_type), None, "{content_type:?}");
        }
        assert_eq!(Essence::of(b"text/\xff"), None);
    }

    #[test]
    fn ranges_hold_what_they_name() {
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
