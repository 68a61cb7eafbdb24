//! The position files of destinations.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use body_logger_ship::DestinationUrl;

use crate::failure::Failure;

/// The parameters that distinguish destinations on one server.
const PLACES: [&str; 4] = ["stream", "service", "instance", "table"];

/// The directory of positions: not that of the log, as dead letters would be taken for a log there.
pub(super) fn directory(log: &Path, chosen: Option<&Path>) -> PathBuf {
    chosen.map_or_else(
        || {
            let mut name = log.as_os_str().to_owned();
            name.push(".ship");
            name.into()
        },
        Path::to_owned,
    )
}

/// The position file of each destination.
pub(super) fn files(directory: &Path, urls: &[DestinationUrl]) -> Result<Vec<PathBuf>, Failure> {
    let names: Vec<String> = urls.iter().map(|url| name(&url.to_string())).collect();
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        let message = "two URLs of --to lead to the same stream, table or receiver";
        return Err(Failure::Usage(message.into()));
    }
    let files = names.into_iter();
    Ok(files
        .map(|name| directory.join(name + ".position"))
        .collect())
}

/// A name by what is stored where, whatever else the URL says: other credentials or limits do not begin anew.
fn name(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (_, place) = place.rsplit_once('@').unwrap_or(("", place));
    let kind = match scheme {
        "postgresql" => "postgres",
        "tls" => "nats",
        scheme => scheme,
    };
    let mut parts = vec![kind, place.trim_end_matches('/')];
    let parameters: Vec<_> = query
        .split('&')
        .filter_map(|it| it.split_once('='))
        .collect();
    for place in PLACES {
        let values = parameters.iter().filter(|(name, _)| *name == place);
        parts.extend(values.map(|(_, value)| *value));
    }
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-');
    let plain = |part: &str| part.replace(|char| !is_plain(char), "_");
    parts.into_iter().map(plain).collect::<Vec<_>>().join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_stored_where() {
        for (url, expected) in [
            (
                "nats://one:4222,two:4222?stream=AUDIT&service=orders&instance=o-1&replicas=3",
                "nats+one_4222_two_4222+AUDIT+orders+o-1",
            ),
            (
                "tls://one:4222,two:4222?instance=o-1&stream=AUDIT&service=orders",
                "nats+one_4222_two_4222+AUDIT+orders+o-1",
            ),
            (
                "postgresql://me@db.example/audit?sslmode=require&table=entries",
                "postgres+db.example_audit+entries",
            ),
            (
                "https://collector.example:4318/v1/logs",
                "https+collector.example_4318_v1_logs",
            ),
        ] {
            assert_eq!(name(url), expected);
        }
        assert_ne!(
            name("nats://a?stream=B&service=c"),
            name("nats://a?stream=B+c")
        );
    }
}
