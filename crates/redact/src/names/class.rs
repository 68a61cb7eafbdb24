//! What a name may say.

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
    /// Whatever the value is: personal data, which the application asked to hide.
    Personal,
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
    /// It may be a code for one use, or of an error: `code`. Decided by the outer name and the value.
    Code,
    /// None of these: decided by the outer name and the value.
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
    /// `op`, of JSON Patch and SCIM; `msg`, of a value that was found invalid.
    Op,
    /// `path`, the name of a pair beside `op`.
    Path,
    /// `loc`: a list whose last element is the name of a pair.
    Place,
    /// `headers`: a list of pairs, or flat.
    Headers,
    /// `query`, of GraphQL.
    Query,
    /// `variables`, of GraphQL.
    Variables,
    /// `kind`, of Kubernetes.
    Kind,
    /// `data`, whose values are secret beside `"kind": "Secret"`.
    Data,
    /// `kty`, of a JSON web key.
    KeyType,
    /// `d`, `k` and the like, which are private beside `kty`.
    KeyPart,
    /// `secrets`, which may also say what is permitted: `"secrets": "read"`.
    Secrets,
    /// `Sid`, of a statement of a cloud's policy.
    Statement,
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

    /// Whether the name has no part in what becomes of its value, or of others.
    #[inline]
    pub(crate) fn says_nothing(self) -> bool {
        self.secrecy == Secrecy::Harmless && self.role == Role::None
    }
}
