//! The entry points, one for each format.

use crate::{
    field::redact_field,
    headers::{redact_header, redact_header_name},
    input::{Extent, Route},
    json,
    multipart::{redact_multipart, Multipart, PartText},
    pairs::{redact_form, redact_query},
    path::redact_path,
    plain::{redact_message, redact_text},
    redacted::{Redacted, RedactedText, Report},
    redactor::Redactor,
    url::{redact_host, redact_url},
};

impl Redactor {
    /// Redacts JSON: one document, or several with or without white space between them.
    #[must_use]
    pub fn json(&self, input: &[u8], extent: Extent) -> Redacted {
        json::redact(input, extent, self.rules(), &mut Report::default())
    }

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
    /// The values of a list of harmless names are shown as text; of [`show_headers`](crate::RedactorBuilder::show_headers), too.
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
    /// [`show_secret_headers`](crate::RedactorBuilder::show_secret_headers) says so.
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
