//! The keys of a filter's text.

/// A key of a filter's text, for completion and help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// The key, without its colon.
    pub name: &'static str,
    /// An example of its value.
    pub example: &'static str,
    /// What it matches.
    pub help: &'static str,
    /// All its values, or the usual ones. Empty if any text is usual.
    pub values: &'static [&'static str],
}

const fn key(
    name: &'static str,
    example: &'static str,
    help: &'static str,
    values: &'static [&'static str],
) -> Key {
    Key {
        name,
        example,
        help,
        values,
    }
}

/// All keys of a filter's text. Attributes are written as `@name:value`, words without a key.
///
/// ```
/// use body_logger_core::filter::{Filter, KEYS};
///
/// for key in KEYS {
///     assert!(format!("{}:{}", key.name, key.example).parse::<Filter>().is_ok());
/// }
/// ```
pub const KEYS: &[Key] = &[
    key(
        "status",
        "5xx",
        "status, class or range of the response",
        &["2xx", "3xx", "4xx", "5xx"],
    ),
    key(
        "method",
        "post",
        "method, in any case",
        &[
            "get", "head", "post", "put", "patch", "delete", "options", "connect", "trace",
        ],
    ),
    key("path", "/orders", "beginning of the path", &[]),
    key("route", "/orders/{id}", "route that matched", &[]),
    key(
        "outcome",
        "response_aborted",
        "how the exchange ended",
        &[
            "completed",
            "response_aborted",
            "body_error",
            "service_error",
            "panicked",
            "cancelled",
            "upgraded",
            "released",
            "refused",
        ],
    ),
    key(
        "slower",
        "200ms",
        "took longer than this",
        &["100ms", "1s", "10s"],
    ),
    key(
        "larger",
        "64KiB",
        "has a body of more bytes",
        &["1KiB", "64KiB", "1MiB"],
    ),
    key(
        "body",
        "withheld",
        "has a body that is not shown, or not completely",
        &["lost", "withheld"],
    ),
    key(
        "client",
        "192.0.2.1",
        "address of the client, with or without its port",
        &[],
    ),
    key(
        "id",
        "01a1fd63-3a83-7c2e-9f64-3d1c5b7a9e21",
        "id of the exchange",
        &[],
    ),
    key(
        "trace",
        "0af7651916cd43dd8448eb211c80319c",
        "id of the trace",
        &[],
    ),
    key(
        "from",
        "2026-11-21T09:15:00Z",
        "began at this time or later",
        &[],
    ),
    key("to", "2026-11-22", "began before this time", &[]),
];
