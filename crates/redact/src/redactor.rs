//! The entry point: what is hidden, built once and shared.

use std::sync::Arc;

use crate::{field_path::FieldPath, mask::Mask, rules::Rules};

/// Masks secrets in what services send and receive.
///
/// Cheap to clone; clones share their rules.
///
/// ```
/// use body_logger_redact::{Extent, Redactor};
///
/// let redactor = Redactor::builder().redact_fields(["nickname"]).build();
/// # let _ = redactor;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    rules: Arc<Rules>,
}

impl Redactor {
    /// Returns a builder with the defaults.
    pub fn builder() -> RedactorBuilder {
        RedactorBuilder::default()
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }
}

/// Builds a [`Redactor`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RedactorBuilder {
    rules: Rules,
}

impl RedactorBuilder {
    /// Hides values under exactly these names, whatever they are, in any spelling: `card_number` stands for
    /// `cardNumber` and `CARD-NUMBER` too, and so it does in any script. Defaults to none.
    pub fn redact_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.rules.names.redact_fields(names);
        self
    }

    /// Shows values under exactly these names, in any spelling, although their words are secret. Token families and
    /// what stands in texts are still hidden, and so is what [`redact_fields`](Self::redact_fields) or a path names.
    /// Defaults to none.
    pub fn show_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.rules.names.show_fields(names);
        self
    }

    /// Hides values under all names with one of these words in them: `badge` stands for `badgeNumber` and
    /// `visitor_badge`, not for `badger`. Defaults to none.
    pub fn redact_fields_matching<W: AsRef<str>>(
        mut self,
        words: impl IntoIterator<Item = W>,
    ) -> Self {
        self.rules.names.redact_fields_matching(words);
        self
    }

    /// Hides the values in JSON at these paths. Defaults to none.
    pub fn redact_paths(mut self, paths: impl IntoIterator<Item = FieldPath>) -> Self {
        self.rules.paths.extend(paths);
        self
    }

    /// Shows token families: values that are known to be secret by their form alone. Defaults to hiding them.
    pub fn show_token_families(mut self) -> Self {
        self.rules.families.shown = true;
        self
    }

    /// Hides runs of 20 and more characters that look random. Defaults to showing them.
    ///
    /// It costs: beyond the defaults it hid 3.6 % of the values of a code host's webhooks, 1.4 % of those of responses of
    /// public APIs, 7.7 % of those about payments, identity and secrets (ids, mostly), and changed 0.16 % of paragraphs.
    pub fn redact_high_entropy(mut self) -> Self {
        self.rules.families.high_entropy = true;
        self
    }

    /// Hides e-mail addresses, phone numbers, IP addresses and national ids by form, and persons, addresses and birth
    /// dates by name. Defaults to showing them.
    ///
    /// It costs: beyond the defaults it hid 1.2 % of the values of a code host's webhooks, 3.0 % of those of responses of
    /// public APIs, 4.9 % of those about payments, identity and secrets, and changed 0.22 % of paragraphs.
    pub fn redact_personal_data(mut self) -> Self {
        self.rules.families.personal_data = true;
        self.rules.names.redact_personal_data();
        self
    }

    /// Shows what `mask` makes of a whole hidden value, such as a keyed hash of it, in its place. It sees what the value
    /// says, without quotes, escapes and percent-encoding. What is only a part of a value or of a longer text, what is
    /// not there as a whole, and the values of headers still read `***`. Defaults to `***` for all.
    pub fn mask_with(mut self, mask: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.rules.mask = Mask::with(mask);
        self
    }

    /// Shows the values of these headers, too, except where they are secret: those of `Authorization`, `Cookie`,
    /// `Proxy-Authorization` and `Set-Cookie` stay hidden. Defaults to a list of names that identify nobody.
    pub fn show_headers<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        for name in names {
            self.rules.headers.show(name.as_ref());
        }
        self
    }

    /// Shows the values of these headers whatever they are. Defaults to none.
    pub fn show_secret_headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        for name in names {
            self.rules.headers.show_secret(name.as_ref());
        }
        self
    }

    /// Builds the redactor.
    pub fn build(self) -> Redactor {
        Redactor {
            rules: Arc::new(self.rules),
        }
    }
}
