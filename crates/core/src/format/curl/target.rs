//! The target of the command.

use std::net::Ipv4Addr;

use super::Curl;
use crate::{
    format::{shell::quoted, url},
    record::RequestRecord,
};

impl Curl {
    /// Returns the quoted URL.
    pub(super) fn target(&mut self, request: &RequestRecord) -> String {
        self.masked.target(request);
        if url::host(request).is_none() {
            self.note("the host is not known");
        }
        match (&*request.version, &*request.scheme) {
            ("HTTP/1.1", "https") => self.flags.push_str(" --http1.1"),
            ("HTTP/1.1", _) | ("HTTP/2.0", "https") => {}
            ("HTTP/1.0", _) => self.flags.push_str(" --http1.0"),
            ("HTTP/2.0", _) => self.note("it came over HTTP/2, and is sent over HTTP/1.1"),
            _ => self.note("it came over another version of HTTP"),
        }
        let url = self.url(request);
        // Otherwise curl expands it to several URLs.
        if url.contains(['[', ']', '{', '}']) {
            self.flags.push_str(" --globoff");
        }
        // A URL contains no NUL.
        quoted(&url).unwrap_or_default()
    }

    fn url(&mut self, request: &RequestRecord) -> String {
        let origin = url::origin(request);
        if request.method == "CONNECT" && request.path.is_empty() {
            self.note("the target of CONNECT is not recorded: it is taken from the host");
            self.request_target(request.host.as_deref().unwrap_or(url::NO_HOST));
            return origin;
        }
        let query = request.query.as_deref().map(|query| format!("?{query}"));
        let path = match &*request.path {
            "" => "/",
            path => path,
        };
        let target = format!("{path}{}", query.as_deref().unwrap_or_default());
        // Only a path: other targets could add a user before the host.
        if path.starts_with('/') && target.bytes().all(is_kept_in_url) {
            let is_dots = |segment: &str| {
                let segment = segment.to_ascii_lowercase().replace("%2e", ".");
                segment == "." || segment == ".."
            };
            if path.split('/').any(is_dots) {
                self.flags.push_str(" --path-as-is");
            }
            return format!("{origin}{target}");
        }
        // `OPTIONS *`, an absolute URL as sent to a proxy, or characters that curl would encode.
        self.request_target(&target);
        origin
    }

    fn request_target(&mut self, target: &str) {
        if target.contains('\u{fffd}') {
            self.note("the request target had bytes that are no UTF-8");
        }
        let sent = url::sendable(target);
        if sent != target {
            self.note("the request target is percent-encoded where it cannot be sent as it is");
        }
        self.option("--request-target", &sent, "request target");
    }
}

/// Whether curl sends the byte unchanged anywhere in a path or a query.
fn is_kept_in_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/?[]{}".contains(&byte)
}

/// Whether curl sends the host of a URL unchanged in its `host` header.
pub(super) fn is_kept_host(host: &str) -> bool {
    let (name, port) = url::split_port(host);
    let is_kept_port = |port: &str| {
        let is_default = matches!(port, "80" | "443");
        !is_default && port.parse::<u16>().is_ok_and(|it| it.to_string() == port)
    };
    let is_lower =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    // curl takes a host whose last label is a number for an IPv4 address in any notation.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_name = last.starts_with(|first: char| first.is_ascii_lowercase());
    let is_address = || name.parse::<Ipv4Addr>().is_ok();
    port.is_none_or(is_kept_port) && name.bytes().all(is_lower) && (is_name || is_address())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_hosts_that_curl_would_rewrite() {
        for host in [
            "localhost",
            "localhost:8080",
            "a-b.example.org",
            "127.0.0.1:1",
        ] {
            assert!(is_kept_host(host), "{host}");
        }
        for host in [
            "localhost:80",
            "localhost:443",
            "localhost:",
            "localhost:08080",
            "LocalHost",
            "localhost.",
            "127.1",
            "127.0.0.01",
            "2130706433",
            "0x7f.1",
            "[::1]:8080",
            "a_b",
        ] {
            assert!(!is_kept_host(host), "{host}");
        }
    }
}
