//! The entry points of the container formats.

use std::borrow::Cow;

use crate::{
    explain::Format,
    field::redact_field,
    finding::Rule,
    headers::{redact_header, redact_header_name},
    mask::MASK,
    multipart::{multipart_text, redact_multipart, Multipart, PartText},
    pairs::{redact_form, redact_query},
    path::redact_path,
    plain::{redact_message, redact_text},
    redacted::{Counts, End, Extent, Redacted, Report},
    redactor::{Redactor, RedactorBuilder},
    rules::Rules,
    url::{redact_host, redact_url},
};

/// A redacted text, borrowed where nothing was hidden in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedactedText<'t> {
    /// What may be shown.
    pub text: Cow<'t, str>,
    /// How many values were hidden.
    pub counts: Counts,
}

impl<'t> RedactedText<'t> {
    fn by(redact: impl FnOnce(&mut Report) -> Cow<'t, str>) -> Self {
        let mut report = Report::default();
        let text = redact(&mut report);
        Self {
            text,
            counts: report.counts,
        }
    }
}

/// What is known of the route that a path matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route<'r> {
    /// Nothing: only what stands in the path itself is hidden.
    #[default]
    Unknown,
    /// The path matched this pattern, written as actix-web's resources are: `/users/{ssn}`, `/{id:\d+}`, `/{tail}*`. The
    /// values of parameters with secret names are hidden; if it is not clear where they are, the whole path is.
    Pattern(&'r str),
    /// The same, but a path that the pattern does not match is hidden whole: a resource may have several.
    PatternOrNothing(&'r str),
    /// Secret parameters may stand anywhere: the path is hidden whole.
    Nothing,
}

impl Redactor {
    /// Redacts a body of `application/x-www-form-urlencoded`. What is shown keeps its order and encoding.
    #[must_use]
    pub fn form(&self, input: &str, extent: Extent) -> Redacted {
        redact_form(input, extent, self.rules(), &mut Report::default())
    }

    /// Redacts the query of a URL, without its `?`.
    #[must_use]
    pub fn query<'q>(&self, query: &'q str, extent: Extent) -> RedactedText<'q> {
        RedactedText::by(|report| redact_query(query, extent, self.rules(), report))
    }

    /// Redacts a whole URL, absolute or relative: its user, and secrets in its path, query and fragment.
    #[must_use]
    pub fn url<'u>(&self, url: &'u str) -> RedactedText<'u> {
        RedactedText::by(|report| redact_url(url, self.rules(), report))
    }

    /// Redacts the path of a request, as it was sent.
    #[must_use]
    pub fn path<'p>(&self, path: &'p str, extent: Extent, route: Route<'_>) -> RedactedText<'p> {
        RedactedText::by(|report| redact_path(path, extent, route, self.rules(), report))
    }

    /// Redacts a host, which may have a user before it and a port behind.
    #[must_use]
    pub fn host<'h>(&self, host: &'h str) -> RedactedText<'h> {
        RedactedText::by(|report| redact_host(host, self.rules(), report))
    }

    /// Redacts a header's value. `None` if nothing of it may be shown.
    ///
    /// The values of a list of harmless names are shown as text; of [`show_headers`](RedactorBuilder::show_headers), too.
    /// `Location`, `Content-Location`, `Referer` and `Link` are shown as URLs, of cookies the names and the known
    /// attributes. All others are hidden, and so is any that was truncated.
    #[must_use]
    pub fn header<'v>(
        &self,
        name: &str,
        value: &'v str,
        extent: Extent,
    ) -> Option<RedactedText<'v>> {
        let mut report = Report::default();
        let text = redact_header(name, value, extent, self.rules(), &mut report)?;
        Some(RedactedText {
            text,
            counts: report.counts,
        })
    }

    /// Redacts the name of a header, which anybody may have chosen.
    #[must_use]
    pub fn header_name<'n>(&self, name: &'n str) -> RedactedText<'n> {
        RedactedText::by(|report| redact_header_name(name, self.rules(), report))
    }

    /// Returns whether the values of a header are shown even where they are secret, because
    /// [`show_secret_headers`](RedactorBuilder::show_secret_headers) says so.
    #[must_use]
    pub fn shows_secret_header(&self, name: &str) -> bool {
        self.rules().headers.shows_secret(name)
    }

    /// Takes a multipart body apart, and redacts the heads of its parts. Their contents are redacted by
    /// [`part`](Self::part).
    ///
    /// ```
    /// use body_logger_redact::{Extent, PartContent, Redactor};
    ///
    /// let body = b"--X\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--X--\r\n";
    /// let redactor = Redactor::default();
    /// let multipart = redactor.multipart(body, b"multipart/form-data; boundary=X", Extent::Whole);
    /// for part in &multipart.parts {
    ///     if let PartContent::Text(content) = &part.shown {
    ///         let text = std::str::from_utf8(content.bytes())?;
    ///         assert_eq!(redactor.part(content, text, Extent::Whole).as_str(), "hello");
    ///     }
    /// }
    /// # Ok::<(), std::str::Utf8Error>(())
    /// ```
    #[must_use]
    pub fn multipart<'a>(
        &self,
        body: &'a [u8],
        content_type: &[u8],
        extent: Extent,
    ) -> Multipart<'a> {
        redact_multipart(
            body,
            content_type,
            extent,
            self.rules(),
            &mut Report::default(),
        )
    }

    /// Redacts the content of a part, decoded to `text`, by the part's name and format.
    #[must_use]
    pub fn part(&self, part: &PartText<'_>, text: &str, extent: Extent) -> Redacted {
        part.redact(text, extent, self.rules(), &mut Report::default())
    }

    /// Redacts plain text. From its first control character on, all is withheld.
    #[must_use]
    pub fn text(&self, input: &str, extent: Extent) -> Redacted {
        redact_text(input, extent, self.rules(), &mut Report::default())
    }

    /// Redacts an error message: all that is in quotes is masked, as there it quotes its input.
    #[must_use]
    pub fn message<'m>(&self, message: &'m str) -> RedactedText<'m> {
        RedactedText::by(|report| redact_message(message, self.rules(), report))
    }

    /// Redacts one value under a name, such as an attribute or an environment variable.
    #[must_use]
    pub fn field<'v>(&self, name: &str, value: &'v str) -> RedactedText<'v> {
        RedactedText::by(|report| redact_field(name, value, Extent::Whole, self.rules(), report))
    }
}

/// Redacts an input of a format that is text, up to the first byte that is not UTF-8.
pub(crate) fn explained(
    input: &[u8],
    format: Format<'_>,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Redacted {
    if let Format::Multipart(content_type) = format {
        return multipart_text(input, content_type.as_bytes(), extent, rules, report);
    }
    let text = input.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let extent = match text.len() == input.len() {
        true => extent,
        false => Extent::Truncated,
    };
    let shown = match format {
        Format::Form => return redact_form(text, extent, rules, report),
        Format::Query => redact_query(text, extent, rules, report),
        Format::Header(name) => {
            redact_header(name, text, extent, rules, report).unwrap_or(Cow::Borrowed(MASK))
        }
        Format::Cookie => {
            redact_header("cookie", text, extent, rules, report).unwrap_or(Cow::Borrowed(MASK))
        }
        // Like a header's: where the rest would have begun is not known.
        Format::Url if extent == Extent::Truncated && !text.is_empty() => {
            report.note(Rule::Truncated, || "byte 0".into());
            Cow::Borrowed(MASK)
        }
        Format::Url => redact_url(text, rules, report),
        Format::Path => redact_path(text, extent, Route::Unknown, rules, report),
        _ => return redact_text(text, extent, rules, report),
    };
    let end = match extent {
        Extent::Whole => End::Complete,
        Extent::Truncated => End::Truncated,
    };
    Redacted::text(shown.into_owned(), end, text.len(), report.counts)
}

/// # Headers
impl RedactorBuilder {
    /// Shows the values of these headers, too, except where they are secret: those of `Authorization`, `Cookie`,
    /// `Proxy-Authorization` and `Set-Cookie` stay hidden. Defaults to a list of names that identify nobody.
    pub fn show_headers<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        for name in names {
            self.rules_mut().headers.show(name.as_ref());
        }
        self
    }

    /// Shows the values of these headers whatever they are. Defaults to none.
    pub fn show_secret_headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        for name in names {
            self.rules_mut().headers.show_secret(name.as_ref());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: Format<'_>, input: &str, shown: &str, places: &[&str]) {
        let explanation = Redactor::default().explain(input.as_bytes(), format, Extent::Whole);
        assert_eq!(explanation.redacted.as_str(), shown);
        let hidden = explanation.hidden.iter();
        let own: Vec<_> = hidden.map(|hidden| &hidden.place[..]).collect();
        assert_eq!(own, places);
    }

    #[test]
    fn a_url_that_was_cut_off_is_hidden_whole() {
        let input = b"https://h.example/?q=ghp_16C7e42";
        let explanation = Redactor::default().explain(input, Format::Url, Extent::Truncated);
        assert_eq!(explanation.redacted.as_str(), MASK);
        assert_eq!(explanation.hidden[0].rule, Rule::Truncated);
    }

    #[test]
    fn explains_every_format() {
        check(Format::Form, "a=1&pin=2", "a=1&pin=***", &["pin"]);
        check(Format::Query, "a=1&pin=2", "a=1&pin=***", &["pin"]);
        check(Format::Url, "/a?pin=2", "/a?pin=***", &["pin"]);
        check(Format::Path, "/a;pin=2", "/a;pin=***", &["byte 7"]);
        check(Format::Cookie, "a=2", "a=***", &["byte 2"]);
        check(
            Format::Header("authorization"),
            "x",
            "***",
            &["authorization"],
        );
        check(Format::Text, "nothing", "nothing", &[]);
        let body = "--X\r\nContent-Disposition: form-data; name=pin\r\n\r\n2\r\n--X--";
        let multipart = Format::Multipart("multipart/form-data; boundary=X");
        check(multipart, body, "pin\n***\n", &["pin"]);
    }
}
