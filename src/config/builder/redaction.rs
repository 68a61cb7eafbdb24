//! What is shown of what was captured.

use actix_web::http::header::HeaderName;
use mime::Mime;

use super::BodyLoggerBuilder;
use crate::{
    client::{ClientAddr, ForwardedHeader, Network},
    redact::{FieldPath, HiddenHeaders, Redact},
};
#[cfg(feature = "hash")]
use crate::{hash::HashKey, redact::Masking};

/// # What is shown
impl BodyLoggerBuilder {
    /// Masks the values of these fields, too: in bodies, queries, routes' parameters and attributes.
    ///
    /// Case, `-`, `_` and spaces make no difference: `card_number` also names `Card-Number` and
    /// `cardNumber`.
    ///
    /// Defaults to none beside [`DEFAULT_SECRET_NAMES`](crate::DEFAULT_SECRET_NAMES). May be called
    /// several times.
    pub fn redact_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.redaction.rules.names.extend(names);
        self
    }

    /// Masks what these paths lead to in JSON bodies.
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, FieldPath};
    ///
    /// # fn main() -> Result<(), actix_web_body_logger::ParseFieldPathError> {
    /// let notes: FieldPath = "patients[*].notes".parse()?;
    /// let logger = BodyLogger::builder().redact_paths([notes]).build();
    /// # drop(logger);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Defaults to none. May be called several times.
    pub fn redact_paths(mut self, paths: impl IntoIterator<Item = FieldPath>) -> Self {
        self.redaction.rules.paths.extend(paths);
        self
    }

    /// Masks the values of these parameters of routes, as of `ssn` in `/users/{ssn}`, and of
    /// [fields](Self::redact_fields) of these names. A path that no route matches, or not in one way
    /// only, is masked whole then: the value may be anywhere in it.
    ///
    /// Defaults to [the names](crate::DEFAULT_SECRET_NAMES) that are masked everywhere, while paths
    /// without a route are shown. May be called several times.
    pub fn redact_path_parameters<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.redaction.mask_unmatched_paths = true;
        self.redact_fields(names)
    }

    /// Lets masked values read as [keyed hashes](HashKey) of themselves, so that equal ones can be
    /// told to be equal. A string in JSON is hashed as what it says, without quotes and escapes.
    ///
    /// Defaults to `***`. What still reads `***`: values that were cut, header values, attributes,
    /// route parameters, whatever stands in plain text, and what is masked for its form alone, such
    /// as a card number, wherever it stands.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub fn hash_masked_values(mut self, key: HashKey) -> Self {
        self.redaction.rules.masking = Masking::Keyed(key);
        self
    }

    /// Runs redaction of the application's own after the built-in one.
    ///
    /// Defaults to none. May be called several times: they run in that order.
    pub fn redact_with(mut self, redact: impl Redact) -> Self {
        self.redaction.own.push(Box::new(redact));
        self
    }

    /// Shows the values of these headers, too, except where they are secret: `authorization`,
    /// `cookie`, `proxy-authorization`, `set-cookie`, and values that were
    /// [marked](actix_web::http::header::HeaderValue::set_sensitive).
    ///
    /// Defaults to what ASP.NET Core's HTTP logging shows and a few that identify nobody. All
    /// others read `***`. `location`, `content-location` and `referer` are shown as URLs whose
    /// queries are redacted. May be called several times.
    pub fn show_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        for name in names {
            self.redaction.headers.show(&name);
        }
        self
    }

    /// Shows the values of these headers whatever they are: **credentials end up in your logs**.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_secret_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        for name in names {
            self.redaction.headers.show_secret(&name);
        }
        self
    }

    /// What becomes of headers whose values are not shown.
    ///
    /// Defaults to [`HiddenHeaders::Mask`].
    pub fn hidden_headers(mut self, choice: HiddenHeaders) -> Self {
        self.redaction.headers.hidden = choice;
        self
    }

    /// Shows the messages of errors. **They quote the input**: a failed `web::Json` says what it
    /// found, and that may be a secret. What is in quotes is masked, and what a text would have
    /// masked, but that is best effort.
    ///
    /// Defaults to their kind and status only.
    pub fn show_error_messages(mut self) -> Self {
        self.show_error_messages = true;
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
        self.redaction
            .content
            .base64
            .extend(media_types.iter().cloned());
        self.capture_media_types(media_types)
    }

    /// Shows values that only look secret: numbers that could be those of payment cards,
    /// `Bearer` and `Basic` credentials, JSON Web Tokens, AWS access keys and private keys.
    /// Values of secret names stay masked.
    ///
    /// Defaults to masking them, in JSON bodies, paths, queries and attributes. About one in ten
    /// numbers of 13 to 19 digits could be a card's.
    pub fn show_secret_shapes(mut self) -> Self {
        self.redaction.rules.shapes = false;
        self
    }

    /// In which form a client's address is shown.
    ///
    /// Defaults to [`ClientAddr::Full`].
    pub fn client_addr(mut self, form: ClientAddr) -> Self {
        self.redaction.clients.shown_as = form;
        self
    }

    /// Believes `header` where the request comes from one of these proxies, and takes for the
    /// client the nearest address in it that is not theirs.
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, ForwardedHeader, Network};
    ///
    /// # fn main() -> Result<(), actix_web_body_logger::ParseNetworkError> {
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
        self.redaction.clients.forwarded = Some(header);
        self.redaction.clients.proxies = proxies.into_iter().collect();
        self
    }
}
