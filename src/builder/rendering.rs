//! Options of what records show.

use actix_web::http::header::HeaderName;
use mime::Mime;

use super::BodyLoggerBuilder;
#[cfg(feature = "hash")]
use crate::content::HashKey;
use crate::{
    client::{ClientAddr, ForwardedHeader, Network},
    render::{FieldPath, HiddenHeaders, Redact},
};

/// # What is shown
impl BodyLoggerBuilder {
    /// Also masks the values of these fields: in bodies, queries, route parameters and attributes, whatever the values
    /// are.
    ///
    /// Whole names are compared, regardless of spelling style and of case in any script: `card_number` also matches
    /// `Card-Number` and `cardNumber`.
    ///
    /// Defaults to only the names whose [words](body_logger_redact) mark them as secret. May be called several times.
    pub fn redact_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.redactor = self.redactor.redact_fields(names);
        self
    }

    /// Masks the values of all fields whose names contain one of these words: `badge` matches `badgeNumber` and
    /// `visitor_badge`, but not `badger`.
    ///
    /// Defaults to none. May be called several times.
    pub fn redact_fields_matching<W: AsRef<str>>(
        mut self,
        words: impl IntoIterator<Item = W>,
    ) -> Self {
        self.redactor = self.redactor.redact_fields_matching(words);
        self
    }

    /// Shows the values of these fields although their names contain secret words. Token families in them are still
    /// masked, and so is everything that [`redact_fields`](Self::redact_fields) or a [path](Self::redact_paths) names.
    ///
    /// Names are compared as by `redact_fields`.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.redactor = self.redactor.show_fields(names);
        self
    }

    /// Masks the values at these paths in JSON bodies. **Only there:** for fields of forms and multipart bodies use
    /// [`redact_fields`](Self::redact_fields).
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, FieldPath};
    ///
    /// # fn main() -> Result<(), actix_web_body_logger::redact::ParseFieldPathError> {
    /// let notes: FieldPath = "patients[*].notes".parse()?;
    /// let logger = BodyLogger::builder().redact_paths([notes]).build();
    /// # drop(logger);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Defaults to none. May be called several times.
    pub fn redact_paths(mut self, paths: impl IntoIterator<Item = FieldPath>) -> Self {
        self.redactor = self.redactor.redact_paths(paths);
        self
    }

    /// Masks the values of these route parameters, such as `ssn` in `/users/{ssn}`, and of
    /// [fields](Self::redact_fields) with these names. A path that no route matches, or that several may match, is then
    /// masked as a whole: the value may be anywhere in it.
    ///
    /// Defaults to the names that are masked everywhere, with paths without a route shown. May be called several times.
    pub fn redact_path_parameters<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.renderer.mask_unmatched_paths = true;
        self.redact_fields(names)
    }

    /// Replaces masked values by [keyed hashes](HashKey), so that equal values can be recognized. A string in JSON is
    /// hashed by its content, without quotes and escapes.
    ///
    /// Defaults to `***`, which remains for truncated values, values of headers, and parts of a value or of a longer
    /// text, such as a token within a sentence.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub fn hash_masked_values(mut self, key: HashKey) -> Self {
        self.redactor = (self.redactor).mask_with(move |value| key.hash(value.as_bytes()));
        self
    }

    /// Runs redaction of the application's own after the built-in redaction.
    ///
    /// Defaults to none. May be called several times: they run in the order in which they were added.
    pub fn redact_with(mut self, redact: impl Redact) -> Self {
        self.renderer.own.push(Box::new(redact));
        self
    }

    /// Also shows the values of these headers (`HeaderName::from_static` or `parse` make names), except secret ones:
    /// `authorization`, `cookie`, `proxy-authorization`, `set-cookie`, and values
    /// [marked as sensitive](actix_web::http::header::HeaderValue::set_sensitive).
    ///
    /// Defaults to the headers that ASP.NET Core's HTTP logging shows, and a few more that identify nobody. All others
    /// read `***`. `location`, `content-location` and `referer` are shown as URLs with redacted queries. May be called
    /// several times.
    ///
    /// ```
    /// use actix_web::http::header::HeaderName;
    /// use actix_web_body_logger::BodyLogger;
    ///
    /// let names = ["x-tenant", "x-region"].map(HeaderName::from_static);
    /// let logger = BodyLogger::builder().show_headers(names).build();
    /// # drop(logger);
    /// ```
    pub fn show_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.redactor = self.redactor.show_headers(names);
        self
    }

    /// Shows the values of these headers without any redaction: **credentials end up in your logs**.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_secret_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.redactor = self.redactor.show_secret_headers(names);
        self
    }

    /// How headers are recorded whose values are not shown.
    ///
    /// Defaults to [`HiddenHeaders::Mask`].
    pub fn hidden_headers(mut self, choice: HiddenHeaders) -> Self {
        self.renderer.hidden_headers = choice;
        self
    }

    /// Shows the messages of errors. **They may quote the input**: a failed `web::Json` quotes what it found, which may
    /// be a secret. Quoted text is masked, and the message is redacted like text, but that is best effort.
    ///
    /// Defaults to showing only their kind and status.
    pub fn show_error_messages(mut self) -> Self {
        self.policy.show_error_messages = true;
        self
    }

    /// Captures bodies of these media types and shows them as base64, **without any redaction**. Types known to be text
    /// or structured data, such as JSON, YAML, SQL, scripts, forms, multipart and markup, are never shown in this way.
    /// A range such as `*/*` or `application/*` covers only types known to be neither: images, audio, video, fonts,
    /// archives, documents, protobuf, `application/octet-stream`. Unknown types must be named exactly.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_as_base64(mut self, media_types: impl IntoIterator<Item = Mime>) -> Self {
        let media_types: Vec<_> = media_types.into_iter().collect();
        self.renderer
            .content
            .base64
            .extend(media_types.iter().cloned());
        self.capture_media_types(media_types)
    }

    /// Shows values that only their form identifies as secrets, such as card numbers, JSON Web Tokens, private keys and
    /// the tokens of cloud providers and code hosts. Values with secret names stay masked.
    ///
    /// Defaults to masking them everywhere.
    pub fn show_token_families(mut self) -> Self {
        self.redactor = self.redactor.show_token_families();
        self
    }

    /// Also masks random-looking runs of 20 and more characters, other than words, UUIDs and dates. Some of them are
    /// not secrets; [`body_logger_redact`] gives the rate.
    ///
    /// Defaults to showing them.
    pub fn redact_high_entropy(mut self) -> Self {
        self.redactor = self.redactor.redact_high_entropy();
        self
    }

    /// Also masks e-mail addresses, phone numbers, IP addresses and national ids by their form, and persons, addresses
    /// and birth dates by their field names. [`body_logger_redact`] gives the rate of false positives.
    ///
    /// Defaults to showing them. The client's address is controlled by [`client_addr`](Self::client_addr).
    pub fn redact_personal_data(mut self) -> Self {
        self.redactor = self.redactor.redact_personal_data();
        self
    }

    /// In which form a client's address is shown.
    ///
    /// Defaults to [`ClientAddr::Full`].
    pub fn client_addr(mut self, form: ClientAddr) -> Self {
        self.renderer.clients.shown_as = form;
        self
    }

    /// Trusts `header` in requests from these proxies: the client is the nearest address in it that belongs to none of
    /// them.
    ///
    /// ```
    /// use actix_web_body_logger::{redact::{ForwardedHeader, Network}, BodyLogger};
    ///
    /// # fn main() -> Result<(), actix_web_body_logger::redact::ParseNetworkError> {
    /// let load_balancers: Network = "10.0.0.0/8".parse()?;
    /// let logger = BodyLogger::builder()
    ///     .trusted_proxies(ForwardedHeader::XForwardedFor, [load_balancers])
    ///     .build();
    /// # drop(logger);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Choose the header that your proxies set: they pass the other one on unchanged, as the client sent it.
    ///
    /// Defaults to none: forwarded headers are ignored.
    pub fn trusted_proxies(
        mut self,
        header: ForwardedHeader,
        proxies: impl IntoIterator<Item = Network>,
    ) -> Self {
        self.renderer.clients.forwarded = Some(header);
        self.renderer.clients.proxies = proxies.into_iter().collect();
        self
    }
}
