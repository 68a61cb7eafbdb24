//! Headers of each request, credentials among them.

use std::{env, fmt::Display, fs, io, path::PathBuf};

use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, CONTENT_ENCODING, CONTENT_TYPE};

/// The variables in which SDKs of OpenTelemetry take headers, the more special one first.
const VARIABLES: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    "OTEL_EXPORTER_OTLP_HEADERS",
];

/// Names of headers, and the files that their values are in.
#[derive(Debug, Default)]
pub(super) struct HeaderFiles(Vec<(HeaderName, PathBuf)>);

impl HeaderFiles {
    pub(super) fn push(&mut self, name: HeaderName, path: PathBuf) {
        self.0.push((name, path));
    }

    /// Reads the values. Those of the environment count where there is no file of that name.
    pub(super) fn read(&self) -> io::Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        if let Some(text) = VARIABLES.iter().find_map(|name| env::var(name).ok()) {
            for (name, value) in parse_list(&text)? {
                headers.insert(name, value);
            }
        }
        for (name, path) in &self.0 {
            let unusable = |kind, what: &dyn Display| {
                let message = format!("cannot use the header file {}: {what}", path.display());
                io::Error::new(kind, message)
            };
            let value = fs::read(path).map_err(|error| unusable(error.kind(), &error))?;
            let value = HeaderValue::from_bytes(value.trim_ascii());
            let value = value.map_err(|error| unusable(io::ErrorKind::InvalidData, &error))?;
            headers.insert(name.clone(), value);
        }
        for value in headers.values_mut() {
            value.set_sensitive(true);
        }
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-protobuf"),
        );
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        Ok(headers)
    }
}

/// Parses `name=value,name=value`, whose values are percent-encoded.
fn parse_list(text: &str) -> io::Result<Vec<(HeaderName, HeaderValue)>> {
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let parsed = pairs.map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value: Vec<u8> = percent_decode_str(value.trim()).collect();
        Some((
            name.trim().parse().ok()?,
            HeaderValue::from_bytes(&value).ok()?,
        ))
    });
    parsed.collect::<Option<_>>().ok_or_else(|| {
        // What is wrong is not shown, as it may be a secret.
        let message = "the variable of the environment with headers for OTLP cannot be parsed";
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_headers_as_sdks_do() {
        let parsed = parse_list("api-key=k%20ey, x-tenant = a=b ,").expect("a list");
        let parsed: Vec<_> = parsed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let expected: [(&str, &[u8]); 2] = [("api-key", b"k ey"), ("x-tenant", b"a=b")];
        assert_eq!(parsed, expected);
        for text in ["hunter2", "na me=hunter2", "name=hunter2%0a"] {
            let error = parse_list(text).expect_err(text).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
