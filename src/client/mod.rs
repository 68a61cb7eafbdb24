//! Identifies the client of a request, and formats its address for the record.

mod forwarded;
mod network;

use std::{
    net::{IpAddr, SocketAddr},
    str,
};

use actix_web::{dev::ServiceRequest, http::header::HeaderValue};
use body_logger_core::record::RecordText;

use self::forwarded::{hops, Hop};
pub use self::{
    forwarded::ForwardedHeader,
    network::{Network, ParseNetworkError},
};
#[cfg(feature = "hash")]
use crate::content::HashKey;

/// How a client's address is recorded.
///
/// ```
/// use actix_web_body_logger::{redact::ClientAddr, BodyLogger};
///
/// let logger = BodyLogger::builder().client_addr(ClientAddr::Network).build();
/// # drop(logger);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum ClientAddr {
    /// The address, with its port if the client is connected directly: `192.0.2.7:53124`.
    #[default]
    Full,
    /// Only the network: the first 24 bits of an IPv4 address or 48 of an IPv6 address, as in `192.0.2.0/24`.
    Network,
    /// A keyed hash of the address without its port: records of the same client can be joined, and only who has the key
    /// can identify the client.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    Keyed(HashKey),
    /// Nothing.
    Off,
}

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    addr: IpAddr,
    port: Option<u16>,
}

/// How clients are identified and recorded.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    pub(crate) shown_as: ClientAddr,
    pub(crate) proxies: Vec<Network>,
    pub(crate) forwarded: Option<ForwardedHeader>,
}

impl Clients {
    /// Returns the client: the peer, or the address that a chain of trusted proxies forwards for.
    pub(crate) fn source(&self, req: &ServiceRequest) -> Option<Source> {
        if matches!(self.shown_as, ClientAddr::Off) {
            return None;
        }
        let peer = req.peer_addr()?;
        let direct = Source {
            addr: peer.ip(),
            port: Some(peer.port()),
        };
        let Some(header) = self.forwarded else {
            return Some(direct);
        };

        let lines = req.headers().get_all(header.name());
        let named = self.behind(peer.ip(), header, lines.map(HeaderValue::as_bytes));
        Some(named.map_or(direct, |addr| Source { addr, port: None }))
    }

    /// Returns the client's address according to a chain of trusted proxies, of which `proxy` is the nearest, if they
    /// name one.
    pub(crate) fn behind<'h>(
        &self,
        proxy: IpAddr,
        header: ForwardedHeader,
        lines: impl Iterator<Item = &'h [u8]>,
    ) -> Option<IpAddr> {
        let list = forwarded::joined(lines);
        let mut found = None;
        let mut last = proxy;
        for hop in hops(&list, header) {
            // An untrusted hop could have made up everything before its own element.
            if !self.trusts(last) {
                break;
            }
            let Ok(Hop::Addr(addr)) = hop else { break };
            found = Some(addr);
            last = addr;
        }
        found
    }

    fn trusts(&self, addr: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(addr))
    }

    /// Returns the address in the configured form.
    pub(crate) fn show(&self, source: Source) -> Option<RecordText> {
        let addr = source.addr.to_canonical();
        match &self.shown_as {
            ClientAddr::Full => Some(match source.port {
                Some(port) => with_port(source.addr, port),
                None => addr.to_string().into(),
            }),
            ClientAddr::Network => {
                let prefix = if addr.is_ipv4() { 24 } else { 48 };
                Some(Network::around(addr, prefix)?.to_string().into())
            }
            #[cfg(feature = "hash")]
            ClientAddr::Keyed(key) => Some(key.hash(addr.to_string().as_bytes()).into()),
            ClientAddr::Off => None,
        }
    }
}

/// Formats an address with its port, like [`SocketAddr`].
fn with_port(addr: IpAddr, port: u16) -> RecordText {
    let IpAddr::V4(v4) = addr else {
        return SocketAddr::new(addr, port).to_string().into();
    };
    // Not by `fmt`, which takes ten times as long; every record needs this. From the end, each number after its mark.
    let mut text = [0; ".255.255.255.255:65535".len()];
    let mut start = text.len();
    let mut push_front = |byte| {
        start -= 1;
        text[start] = byte;
    };
    let [a, b, c, d] = v4.octets().map(u16::from);
    for (mark, mut number) in [(b':', port), (b'.', d), (b'.', c), (b'.', b), (b'.', a)] {
        loop {
            push_front(b'0' + (number % 10) as u8);
            number /= 10;
            if number == 0 {
                break;
            }
        }
        push_front(mark);
    }
    let text = &text[start + 1..];
    str::from_utf8(text).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use actix_web::test::TestRequest;

    use super::*;

    proptest::proptest! {
        #[test]
        fn formats_addresses_like_socket_addr(v4: Ipv4Addr, v6: Ipv6Addr, port: u16) {
            for addr in [v4.into(), v6.into(), v4.to_ipv6_mapped().into()] {
                proptest::prop_assert_eq!(
                    with_port(addr, port),
                    SocketAddr::new(addr, port).to_string()
                );
            }
        }
    }

    fn clients(proxies: &[&str], header: ForwardedHeader, shown_as: ClientAddr) -> Clients {
        Clients {
            shown_as,
            proxies: proxies
                .iter()
                .map(|text| text.parse().expect("a network"))
                .collect(),
            forwarded: Some(header),
        }
    }

    #[track_caller]
    fn check(clients: &Clients, peer: &str, headers: &[(&str, &str)], expected: Option<&str>) {
        let mut req = TestRequest::default().peer_addr(peer.parse().expect("an address"));
        for header in headers {
            req = req.append_header(*header);
        }
        let shown = clients
            .source(&req.to_srv_request())
            .and_then(|source| clients.show(source));
        assert_eq!(shown.as_deref(), expected);
    }

    #[test]
    fn ignores_forwarded_headers_from_untrusted_peers() {
        let clients = clients(
            &["10.0.0.0/8", "::1"],
            ForwardedHeader::XForwardedFor,
            ClientAddr::Full,
        );
        let spoofed = &[("x-forwarded-for", "1.1.1.1")];
        check(&clients, "192.0.2.7:99", spoofed, Some("192.0.2.7:99"));
        check(&clients, "10.0.0.1:99", spoofed, Some("1.1.1.1"));
        check(&clients, "[::1]:99", spoofed, Some("1.1.1.1"));
        check(&clients, "10.0.0.1:99", &[], Some("10.0.0.1:99"));
        let other = &[("forwarded", "for=1.1.1.1")];
        check(&clients, "10.0.0.1:99", other, Some("10.0.0.1:99"));
    }

    #[test]
    fn the_nearest_untrusted_hop_is_the_client() {
        let clients = clients(
            &["10.0.0.0/8"],
            ForwardedHeader::XForwardedFor,
            ClientAddr::Full,
        );
        let chain = &[
            ("x-forwarded-for", "6.6.6.6, 192.0.2.7"),
            ("x-forwarded-for", "10.0.0.3, 10.0.0.2"),
        ];
        check(&clients, "10.0.0.1:9", chain, Some("192.0.2.7"));
        let garbled = &[("x-forwarded-for", "6.6.6.6, <script>, 10.0.0.2")];
        check(&clients, "10.0.0.1:9", garbled, Some("10.0.0.2"));
    }

    #[test]
    fn reads_the_standard_header_with_ports_and_quotes() {
        let clients = clients(&["::1"], ForwardedHeader::Forwarded, ClientAddr::Full);
        for (value, expected) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("proto=http; For=\"192.0.2.60:4711\"", "192.0.2.60"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=\"[2001:db8::1]\"", "2001:db8::1"),
        ] {
            check(&clients, "[::1]:9", &[("forwarded", value)], Some(expected));
        }
    }

    /// Checks the client of a request that came from a proxy at 10.0.0.1.
    #[track_caller]
    fn behind_a_proxy(header: ForwardedHeader, lines: &[&[u8]], expected: &str) {
        let clients = clients(&["10.0.0.0/8"], header, ClientAddr::Full);
        let mut req = TestRequest::default().peer_addr("10.0.0.1:9".parse().expect("an address"));
        for line in lines {
            let line = HeaderValue::from_bytes(line).expect("a header value");
            req = req.append_header((header.name(), line));
        }
        let source = clients.source(&req.to_srv_request()).expect("a peer");
        let shown = clients.show(source);
        assert_eq!(shown.as_deref(), Some(expected), "{lines:?}");
    }

    #[test]
    fn quoted_text_in_forwarded_cannot_spoof_the_address() {
        let check = |line: &str, expected| {
            behind_a_proxy(ForwardedHeader::Forwarded, &[line.as_bytes()], expected);
        };
        check(r#"for=203.0.113.9;host="a,for=6.6.6.6""#, "203.0.113.9");
        check(r#"host="a,for=6.6.6.6";for=203.0.113.9"#, "203.0.113.9");
        check(r#"for=203.0.113.9;host="a;for=6.6.6.6""#, "203.0.113.9");
        check(r#"for=203.0.113.9;host="a\",for=6.6.6.6""#, "203.0.113.9");
        // The client's own header does not swallow the proxy's element.
        check(r#"for=", for=203.0.113.9"#, "203.0.113.9");
        check(
            r#"for=6.6.6.6;host=", for=203.0.113.9;host="b""#,
            "203.0.113.9",
        );
        // Contradictory or malformed elements are not trusted.
        check("for=6.6.6.6;for=203.0.113.9", "10.0.0.1:9");
        check("for=6.6.6.6, for=203.0.113.9;host=a b", "10.0.0.1:9");
    }

    #[test]
    fn invalid_bytes_from_the_client_cannot_hide_its_address() {
        use ForwardedHeader::{Forwarded, XForwardedFor};
        let found = "203.0.113.9";
        behind_a_proxy(XForwardedFor, &[b"\xe9, 203.0.113.9"], found);
        behind_a_proxy(XForwardedFor, &[b"\xe9", b"203.0.113.9"], found);
        behind_a_proxy(XForwardedFor, &[b"203.0.113.9, "], found);
        behind_a_proxy(XForwardedFor, &[b"203.0.113.9", b""], found);
        behind_a_proxy(XForwardedFor, &[b",", b"203.0.113.9,,10.0.0.2"], found);
        behind_a_proxy(Forwarded, &[b"\xe9, for=203.0.113.9"], found);
        behind_a_proxy(Forwarded, &[b"for=203.0.113.9;host=\"\xe9\""], found);
        behind_a_proxy(Forwarded, &[b"for=203.0.113.9", b" , "], found);
    }

    #[test]
    fn stops_at_the_last_address_named_by_a_trusted_hop() {
        use ForwardedHeader::{Forwarded, XForwardedFor};
        for (header, line, expected) in [
            (
                XForwardedFor,
                &b"203.0.113.9, \xe9, 10.0.0.2"[..],
                "10.0.0.2",
            ),
            (XForwardedFor, b"203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"),
            (XForwardedFor, b"10.0.0.3, 10.0.0.2", "10.0.0.3"),
            (XForwardedFor, b"203.0.113.9, x", "10.0.0.1:9"),
            (
                Forwarded,
                b"for=203.0.113.9, for=_x, for=10.0.0.2",
                "10.0.0.2",
            ),
            (Forwarded, b"for=203.0.113.9, for=unknown", "10.0.0.1:9"),
            (Forwarded, b"for=203.0.113.9, proto=https", "10.0.0.1:9"),
        ] {
            behind_a_proxy(header, &[line], expected);
        }
        let lines = [&b"for=203.0.113.9"[..], b"for=10.0.0.2"];
        behind_a_proxy(Forwarded, &lines, "203.0.113.9");
    }

    #[test]
    fn formats_the_address_as_configured() {
        for (peer, form, expected) in [
            ("192.0.2.7:9", ClientAddr::Full, Some("192.0.2.7:9")),
            ("192.0.2.7:9", ClientAddr::Network, Some("192.0.2.0/24")),
            (
                "[2001:db8:1:2::7]:9",
                ClientAddr::Network,
                Some("2001:db8:1::/48"),
            ),
            (
                "[::ffff:192.0.2.7]:9",
                ClientAddr::Network,
                Some("192.0.2.0/24"),
            ),
            ("192.0.2.7:9", ClientAddr::Off, None),
        ] {
            let clients = Clients {
                shown_as: form,
                ..Clients::default()
            };
            check(&clients, peer, &[], expected);
        }
    }

    #[cfg(feature = "hash")]
    #[test]
    fn keyed_addresses_join_without_revealing_the_address() {
        let clients = Clients {
            shown_as: ClientAddr::Keyed(HashKey::new("k1", b"a secret of the operator")),
            ..Clients::default()
        };
        let show = |peer: &str| {
            let req = TestRequest::default().peer_addr(peer.parse().expect("an address"));
            let source = clients.source(&req.to_srv_request()).expect("a peer");
            clients.show(source).expect("a form")
        };
        assert_eq!(show("192.0.2.7:1"), show("192.0.2.7:2"));
        assert_ne!(show("192.0.2.7:1"), show("192.0.2.8:1"));
        assert!(show("192.0.2.7:1").starts_with("k1:"));
        assert!(!show("192.0.2.7:1").contains("192"));
    }
}
