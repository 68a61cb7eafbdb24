//! Who sent a request, and how much of that is told.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use actix_web::{
    dev::ServiceRequest,
    http::header::{HeaderName, FORWARDED, X_FORWARDED_FOR},
};

#[cfg(feature = "hash")]
use crate::hash::HashKey;
use crate::record_text::RecordText;

/// In which form a client's address stands in a record.
///
/// ```
/// use actix_web_body_logger::{BodyLogger, ClientAddr};
///
/// let logger = BodyLogger::builder().client_addr(ClientAddr::Network).build();
/// # drop(logger);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum ClientAddr {
    /// The address and, where the client is connected directly, its port: `192.0.2.7:53124`.
    #[default]
    Full,
    /// The network it is in: the first 24 bits of an IPv4 address and the first 48 of an IPv6
    /// address, as in `192.0.2.0/24`.
    Network,
    /// A keyed hash of the address without its port: equal clients stay joinable, and nobody
    /// without the key can tell who they are.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    Keyed(HashKey),
    /// Nothing.
    Off,
}

/// A range of IP addresses, such as `10.0.0.0/8` or `2001:db8::/32`; a lone address is a range of
/// one.
///
/// ```
/// use actix_web_body_logger::Network;
///
/// # fn main() -> Result<(), actix_web_body_logger::ParseNetworkError> {
/// let network: Network = "10.0.0.0/8".parse()?;
/// assert!(network.contains("10.1.2.3".parse().expect("an address")));
/// assert!("10.0.0.0/33".parse::<Network>().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// The range of the addresses whose first `prefix` bits are those of `addr`.
    fn around(addr: IpAddr, prefix: u8) -> Self {
        let base = match addr {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                Ipv4Addr::from(u32::from(v4) & mask).into()
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                Ipv6Addr::from(u128::from(v6) & mask).into()
            }
        };
        Self { base, prefix }
    }

    /// Whether `addr` lies in the range. An IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, addr: IpAddr) -> bool {
        let addr = addr.to_canonical();
        addr.is_ipv4() == self.base.is_ipv4() && Self::around(addr, self.prefix) == *self
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

impl From<IpAddr> for Network {
    fn from(addr: IpAddr) -> Self {
        let addr = addr.to_canonical();
        Self::around(addr, if addr.is_ipv4() { 32 } else { 128 })
    }
}

impl FromStr for Network {
    type Err = ParseNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseNetworkError> {
        let error = || ParseNetworkError(text.to_owned());
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => (addr, Some(prefix)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| error())?;
        let Some(prefix) = prefix else {
            return Ok(Self::from(addr));
        };
        let prefix: u8 = prefix.parse().map_err(|_| error())?;
        if prefix > if addr.is_ipv4() { 32 } else { 128 } {
            return Err(error());
        }
        Ok(match (addr, addr.to_canonical()) {
            (IpAddr::V6(_), mapped @ IpAddr::V4(_)) if prefix >= 96 => {
                Self::around(mapped, prefix - 96)
            }
            _ => Self::around(addr, prefix),
        })
    }
}

/// A text that is no [`Network`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseNetworkError(String);

impl fmt::Display for ParseNetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no IP address or range of them, such as 10.0.0.0/8 or ::1",
            self.0
        )
    }
}

impl Error for ParseNetworkError {}

/// The header in which trusted proxies say whom they speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)).
    Forwarded,
}

impl ForwardedHeader {
    fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => X_FORWARDED_FOR,
            Self::Forwarded => FORWARDED,
        }
    }

    /// The address in one element of the header's list.
    fn addr(self, element: &str) -> Option<IpAddr> {
        let node = match self {
            Self::XForwardedFor => element,
            Self::Forwarded => element.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                name.trim().eq_ignore_ascii_case("for").then_some(value)
            })?,
        };
        let node = node.trim().trim_matches('"');
        node.parse().ok().or_else(|| {
            // With a port: `192.0.2.7:80`, `[2001:db8::1]:80`; or without: `[2001:db8::1]`.
            let bare = match node.strip_prefix('[') {
                Some(rest) => rest.split_once(']')?.0,
                None => node.split_once(':')?.0,
            };
            bare.parse().ok()
        })
    }
}

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    addr: IpAddr,
    port: Option<u16>,
}

/// How clients are found and shown.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    pub(crate) shown_as: ClientAddr,
    pub(crate) proxies: Vec<Network>,
    pub(crate) forwarded: Option<ForwardedHeader>,
}

impl Clients {
    /// Who sent the request: the peer, or whom a chain of trusted proxies speaks for.
    pub(crate) fn source(&self, req: &ServiceRequest) -> Option<Source> {
        if matches!(self.shown_as, ClientAddr::Off) {
            return None;
        }
        let peer = req.peer_addr()?;
        let direct = Source {
            addr: peer.ip(),
            port: Some(peer.port()),
        };
        let Some(header) = self.forwarded.filter(|_| self.trusts(peer.ip())) else {
            return Some(direct);
        };

        let lines: Vec<&str> = req
            .headers()
            .get_all(header.name())
            .map(|line| line.to_str().unwrap_or_default())
            .collect();
        // The nearest hop stands last. Whatever stands before the first one that is not trusted
        // could have been made up by it.
        let mut found = direct;
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let Some(addr) = header.addr(hop) else { break };
            found = Source { addr, port: None };
            if !self.trusts(addr) {
                break;
            }
        }
        Some(found)
    }

    fn trusts(&self, addr: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(addr))
    }

    /// What the record says of it.
    pub(crate) fn show(&self, source: Source) -> Option<RecordText> {
        let addr = source.addr.to_canonical();
        match &self.shown_as {
            ClientAddr::Full => Some(match source.port {
                Some(port) => with_port(source.addr, port),
                None => addr.to_string().into(),
            }),
            ClientAddr::Network => {
                let prefix = if addr.is_ipv4() { 24 } else { 48 };
                Some(Network::around(addr, prefix).to_string().into())
            }
            #[cfg(feature = "hash")]
            ClientAddr::Keyed(key) => Some(key.hash(addr.to_string().as_bytes()).into()),
            ClientAddr::Off => None,
        }
    }
}

/// An address with its port, as [`SocketAddr`] shows it.
fn with_port(addr: IpAddr, port: u16) -> RecordText {
    let IpAddr::V4(v4) = addr else {
        return SocketAddr::new(addr, port).to_string().into();
    };
    // Each record has one, and `fmt` takes five times as long.
    let mut numbers = [itoa::Buffer::new(); 5];
    let [a, b, c, d, last] = &mut numbers;
    let octets = v4.octets();
    RecordText::concat([
        a.format(octets[0]),
        ".",
        b.format(octets[1]),
        ".",
        c.format(octets[2]),
        ".",
        d.format(octets[3]),
        ":",
        last.format(port),
    ])
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    proptest::proptest! {
        #[test]
        fn an_address_with_its_port_reads_as_everywhere(v4: Ipv4Addr, v6: Ipv6Addr, port: u16) {
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
    fn forwarded_headers_count_only_from_trusted_proxies() {
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
    fn the_nearest_hop_that_is_not_trusted_is_the_client() {
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

    #[test]
    fn an_address_is_shown_as_asked() {
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
    fn a_keyed_address_joins_without_telling_who_it_is() {
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

    #[test]
    fn networks_are_parsed_and_errors_name_the_text() {
        for text in [
            "10.0.0.0/8",
            "0.0.0.0/0",
            "::/0",
            "2001:db8::/32",
            "::1/128",
        ] {
            let network: Network = text.parse().expect(text);
            assert_eq!(network.to_string(), text);
        }
        for text in [
            "",
            "10.0.0/8",
            "10.0.0.0/33",
            "::/129",
            "::/x",
            "host/8",
            "10.0.0.0/",
        ] {
            let error = text.parse::<Network>().expect_err(text).to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }
    #[test]
    fn a_network_of_mapped_addresses_is_the_network_of_those_that_are_mapped() {
        for (mapped, plain) in [
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3/128", "10.1.2.3/32"),
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ] {
            let network: Network = mapped.parse().expect(mapped);
            assert_eq!(network.to_string(), plain);
            for addr in ["10.1.2.3", "::ffff:10.1.2.3"] {
                let addr = addr.parse().expect("an address");
                assert!(network.contains(addr), "{mapped} {addr}");
            }
            assert!(!network.contains(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        }
        let wider: Network = "::ffff:10.0.0.0/95".parse().expect("a network");
        assert_eq!(wider.to_string(), "::fffe:0:0/95");
    }
}
