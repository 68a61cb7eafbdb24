//! What a name says of its value, told by its words.

/// How secret a name says that its value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Secrecy {
    /// Not at all.
    #[default]
    Harmless,
    /// Only if the value looks random: `key`.
    Faint,
    /// Unless the value is a short well-known word: `token`, `auth`, `session`, `card`, `signature`.
    Weak,
    /// Whatever the value is: `password`, `secret`, `pin`.
    Strong,
    /// Whatever the value is, booleans and null too: the application said so.
    Field,
}

/// What a member says of itself below a secret name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Below {
    /// It describes the secret: `type`, `brand`, `status`. Shown.
    Descriptive,
    /// It may be the secret itself: `value`, `data`, `current`. Hidden.
    Generic,
    /// Neither: decided by the outer name and the value.
    #[default]
    Other,
}

/// What part a member has in a structure such as `{"name": .., "value": ..}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    None,
    /// `name`, `key`, `field`, `header`: may hold the name of a pair.
    Name,
    /// `value`, `values`, `val`: may hold its value.
    Value,
    /// `op`, of JSON Patch and SCIM.
    Op,
    /// `path`, the name of a pair beside `op`.
    Path,
    /// `headers`: a list of pairs, or flat.
    Headers,
    /// `query`, of GraphQL.
    Query,
    /// `variables`, of GraphQL.
    Variables,
}

/// What a name says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameClass {
    pub(crate) secrecy: Secrecy,
    /// Whether numbers under it are counts and the like, and shown.
    pub(crate) numbers_usual: bool,
    /// Whether the application said to show it: wins over its words.
    pub(crate) shown: bool,
    pub(crate) below: Below,
    pub(crate) role: Role,
}

impl NameClass {
    /// Whether strings under it may be hidden for the name's sake.
    pub(crate) fn is_secret(self) -> bool {
        self.secrecy != Secrecy::Harmless
    }
}

/// The rule table, and what the application added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {}

impl Names {
    /// Returns what `name`, decoded, says of its value.
    pub(crate) fn class(&self, _name: &str) -> NameClass {
        NameClass::default()
    }

    /// Returns whether a name that was cut off after `prefix` might have been secret.
    pub(crate) fn could_become_secret(&self, prefix: &str) -> bool {
        self.class(prefix).is_secret()
    }

    /// Hides values under exactly these names, in any spelling.
    pub(crate) fn redact_fields(&mut self, _names: impl IntoIterator<Item: AsRef<str>>) {}

    /// Shows values under exactly these names, in any spelling, whatever their words say.
    pub(crate) fn show_fields(&mut self, _names: impl IntoIterator<Item: AsRef<str>>) {}

    /// Hides values under all names that hold one of these words.
    pub(crate) fn redact_fields_matching(&mut self, _words: impl IntoIterator<Item: AsRef<str>>) {}
}

/// Returns what names are compared by: folded, without `-`, `_` and spaces.
pub(crate) fn normalised(name: &str) -> String {
    name.chars()
        .filter(|char| !matches!(char, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether `name` is `normal`, which is [`normalised`], in any spelling.
pub(crate) fn is_same_name(normal: &str, name: &str) -> bool {
    normalised(name) == normal
}
