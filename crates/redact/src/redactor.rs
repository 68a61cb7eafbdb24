//! The entry point: what is hidden, built once and shared.

use std::sync::Arc;

use crate::{
    containers::explained,
    explain::{Explanation, Format},
    field_path::FieldPath,
    json,
    mask::Mask,
    redacted::{Extent, Redacted, Report},
    rules::Rules,
};

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

    /// Redacts JSON: one document, or several with or without white space between them.
    #[must_use]
    pub fn json(&self, input: &[u8], extent: Extent) -> Redacted {
        json::redact(input, extent, &self.rules, &mut Report::default())
    }

    /// Redacts an input, and says what was hidden by which rule.
    ///
    /// ```
    /// use body_logger_redact::{Extent, Format, Redactor, Rule};
    ///
    /// let body = br#"{"user": {"name": "ada", "password": "correct horse"}}"#;
    /// let explanation = Redactor::default().explain(body, Format::Json, Extent::Whole);
    /// assert_eq!(explanation.hidden[0].place, "$.user.password");
    /// assert_eq!(explanation.hidden[0].rule, Rule::Name);
    /// ```
    ///
    /// [`assert_hidden`](Self::assert_hidden) and [`assert_shown`](Self::assert_shown) are for tests of your own. Formats
    /// that are text are read up to the first byte that is not UTF-8.
    #[must_use]
    pub fn explain(&self, input: &[u8], format: Format<'_>, extent: Extent) -> Explanation {
        let mut report = Report::explaining();
        let redacted = match format {
            Format::Json => json::redact(input, extent, &self.rules, &mut report),
            format => explained(input, format, extent, &self.rules, &mut report),
        };
        Explanation {
            redacted,
            hidden: report.hidden.unwrap_or_default(),
        }
    }
}

/// Builds a [`Redactor`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RedactorBuilder {
    rules: Rules,
}

impl RedactorBuilder {
    pub(crate) fn rules_mut(&mut self) -> &mut Rules {
        &mut self.rules
    }

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

    /// Builds the redactor.
    pub fn build(self) -> Redactor {
        Redactor {
            rules: Arc::new(self.rules),
        }
    }
}
