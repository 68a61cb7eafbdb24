//! What is shown of what was captured.

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
    /// Masks the values of these fields, too: in bodies, queries, routes' parameters and attributes, whatever the values
    /// are.
    ///
    /// Names compare whole, in any spelling and in any case of any script: `card_number` also names `Card-Number` and
    /// `cardNumber`.
    ///
    /// Defaults to none beside the names whose [words](body_logger_redact) say that they are secret. May be called several
    /// times.
    pub fn redact_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.redactor = self.redactor.redact_fields(names);
        self
    }

    /// Masks the values of all fields whose names hold one of these words: `badge` stands for `badgeNumber` and
    /// `visitor_badge`, not for `badger`.
    ///
    /// Defaults to none. May be called several times.
    pub fn redact_fields_matching<W: AsRef<str>>(
        mut self,
        words: impl IntoIterator<Item = W>,
    ) -> Self {
        self.redactor = self.redactor.redact_fields_matching(words);
        self
    }

    /// Shows the values of these fields although the words of their names are secret. Token families in them are masked
    /// all the same, and so is what [`redact_fields`](Self::redact_fields) or a [path](Self::redact_paths) names.
    ///
    /// Names compare as those of `redact_fields` do.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.redactor = self.redactor.show_fields(names);
        self
    }

    /// Masks what these paths lead to in JSON bodies. **Only there:** a field of a form or of a multipart body is named by
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

    /// Masks the values of these parameters of routes, as of `ssn` in `/users/{ssn}`, and of
    /// [fields](Self::redact_fields) of these names. A path that no route matches, or not in one way
    /// only, is masked whole then: the value may be anywhere in it.
    ///
    /// Defaults to the names that are masked everywhere, while paths
    /// without a route are shown. May be called several times.
    pub fn redact_path_parameters<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.renderer.mask_unmatched_paths = true;
        self.redact_fields(names)
    }

    /// Lets masked values read as [keyed hashes](HashKey) of themselves, so that equal ones can be
    /// told to be equal. A string in JSON is hashed as what it says, without quotes and escapes.
    ///
    /// Defaults to `***`. What still reads `***`: values that were cut, the values of headers, and what
    /// is only a part of a value or of a longer text, such as a token within a sentence.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub fn hash_masked_values(mut self, key: HashKey) -> Self {
        self.redactor = (self.redactor).mask_with(move |value| key.hash(value.as_bytes()));
        self
    }

    /// Runs redaction of the application's own after the built-in one.
    ///
    /// Defaults to none. May be called several times: they run in that order.
    pub fn redact_with(mut self, redact: impl Redact) -> Self {
        self.renderer.own.push(Box::new(redact));
        self
    }

    /// Shows the values of these headers, too (a text becomes a name by `HeaderName::from_static` or `parse`), except where they are secret: `authorization`,
    /// `cookie`, `proxy-authorization`, `set-cookie`, and values that were
    /// [marked](actix_web::http::header::HeaderValue::set_sensitive).
    ///
    /// Defaults to what ASP.NET Core's HTTP logging shows and a few that identify nobody. All
    /// others read `***`. `location`, `content-location` and `referer` are shown as URLs whose
    /// queries are redacted. May be called several times.
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

    /// Shows the values of these headers whatever they are: **credentials end up in your logs**.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_secret_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.redactor = self.redactor.show_secret_headers(names);
        self
    }

    /// What becomes of headers whose values are not shown.
    ///
    /// Defaults to [`HiddenHeaders::Mask`].
    pub fn hidden_headers(mut self, choice: HiddenHeaders) -> Self {
        self.renderer.hidden_headers = choice;
        self
    }

    /// Shows the messages of errors. **They quote the input**: a failed `web::Json` says what it
    /// found, and that may be a secret. What is in quotes is masked, and what a text would have
    /// masked, but that is best effort.
    ///
    /// Defaults to their kind and status only.
    pub fn show_error_messages(mut self) -> Self {
        self.policy.show_error_messages = true;
        self
    }

    /// Captures bodies of these media types and shows them as base64, **without any redaction**.
    /// Of what is known to be text or structured, such as JSON, YAML, SQL, scripts, forms, multipart
    /// and markup, nothing is shown in this way. A range such as `*/*` or `application/*` means what
    /// is known to be neither: images, audio, video, fonts, archives, documents, protobuf,
    /// `application/octet-stream`. A type that is not known has to be named exactly.
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

    /// Shows values that are known to be secret by their form alone, such as card numbers, JSON Web Tokens, private keys
    /// and the tokens of cloud providers and code hosts. Values of secret names stay masked.
    ///
    /// Defaults to masking them wherever they stand.
    pub fn show_token_families(mut self) -> Self {
        self.redactor = self.redactor.show_token_families();
        self
    }

    /// Masks runs of 20 and more characters that look random, too: neither words nor UUIDs nor dates. Some of them are no
    /// secrets; [`body_logger_redact`] says how many.
    ///
    /// Defaults to showing them.
    pub fn redact_high_entropy(mut self) -> Self {
        self.redactor = self.redactor.redact_high_entropy();
        self
    }

    /// Masks e-mail addresses, phone numbers, IP addresses and national ids by their form, too, and persons, addresses and
    /// birth dates by their names. [`body_logger_redact`] says how often that masks something else.
    ///
    /// Defaults to showing them. The client's address is a matter of [`client_addr`](Self::client_addr).
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

    /// Believes `header` where the request comes from one of these proxies, and takes for the
    /// client the nearest address in it that is not theirs.
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
    /// Name the header that your proxies set: the other one comes from the client as it is.
    ///
    /// Defaults to none: forwarded headers are not believed.
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
