//! Checks that a request was sent from this machine, to this server.

use std::net::IpAddr;

use actix_web::{
    http::{header::HOST, uri::Authority},
    HttpRequest,
};

/// Whether the peer is this machine, the host that it named is this machine and this server's port, and no proxy passed
/// the request on: behind one, every peer is local.
///
/// The name matters because of DNS rebinding: a site may let its own name lead to `127.0.0.1`, and then read what it
/// gets as its own.
pub(super) fn is_local(request: &HttpRequest) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    peer.is_some_and(|peer| peer.is_loopback())
        && !is_proxied(request)
        && names_this_server(request)
}

fn is_proxied(request: &HttpRequest) -> bool {
    let mut names = request.headers().keys();
    names.any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded") || matches!(name, "forwarded" | "via" | "x-real-ip")
    })
}

fn names_this_server(request: &HttpRequest) -> bool {
    let mut hosts = request.headers().get_all(HOST);
    let host = match (request.uri().authority(), hosts.next(), hosts.next()) {
        // HTTP/2, or a request in absolute form: then a `Host` must not contradict it.
        (Some(authority), None, _) => Some(authority.clone()),
        (Some(authority), Some(host), None) if host == authority.as_str() => {
            Some(authority.clone())
        }
        (None, Some(host), None) => Authority::try_from(host.as_bytes()).ok(),
        _ => None,
    };
    let config = request.app_config();
    let default = if config.secure() { 443 } else { 80 };
    host.is_some_and(|host| {
        is_this_machine(host.host())
            && !host.as_str().contains('@')
            && host.port_u16().unwrap_or(default) == config.local_addr().port()
    })
}

fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || literal
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_and_localhost_are_this_machine() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.8.8.8", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "localhost.example",
            "127.0.0.1.example",
            "evil.example",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "2130706433",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
