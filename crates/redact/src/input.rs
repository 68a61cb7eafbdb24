//! What an input is: its format, and whether all of it is there.

/// Whether all of an input is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extent {
    /// Nothing is missing.
    Whole,
    /// More of it followed. What could have become a secret by what is missing is hidden.
    Truncated,
}

/// How an input is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format<'a> {
    /// JSON: one document or several.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// The query of a URL.
    Query,
    /// `multipart/*`, with the value of its `Content-Type`.
    Multipart(&'a str),
    /// A header's value, with its name.
    Header(&'a str),
    /// A URL.
    Url,
    /// The path of a URL.
    Path,
    /// The value of a `Cookie` header.
    Cookie,
    /// Plain text.
    Text,
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
