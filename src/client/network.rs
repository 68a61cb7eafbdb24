//! Ranges of IP addresses.

use std::{error::Error, fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// A range of IP addresses, such as `10.0.0.0/8` or `2001:db8::/32`; a lone address is a range of
/// one.
///
/// ```
/// use actix_web_body_logger::redact::Network;
///
/// # fn main() -> Result<(), actix_web_body_logger::redact::ParseNetworkError> {
/// let network: Network = "10.0.0.0/8".parse()?;
/// assert!(network.contains("10.1.2.3".parse().expect("an address")));
/// assert!("10.0.0.0/33".parse::<Network>().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// Returns the range with the first `prefix` bits of `addr`, or `None` if it has fewer bits.
    pub(super) fn around(addr: IpAddr, prefix: u8) -> Option<Self> {
        Some(Self(IpNet::new(addr, prefix).ok()?.trunc()))
    }

    /// Returns whether `addr` lies in the range. An IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, addr: IpAddr) -> bool {
        self.0.contains(&addr.to_canonical())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<IpAddr> for Network {
    fn from(addr: IpAddr) -> Self {
        Self(addr.to_canonical().into())
    }
}

impl FromStr for Network {
    type Err = ParseNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseNetworkError> {
        let error = || ParseNetworkError(text.to_owned());
        if let Ok(addr) = text.parse::<IpAddr>() {
            return Ok(addr.into());
        }
        let range: IpNet = text.parse().map_err(|_| error())?;
        let (addr, prefix) = (range.addr(), range.prefix_len());
        match (addr, addr.to_canonical()) {
            (IpAddr::V6(_), mapped @ IpAddr::V4(_)) if prefix >= 96 => {
                Self::around(mapped, prefix - 96)
            }
            _ => Self::around(addr, prefix),
        }
        .ok_or_else(error)
    }
}

/// Error: a text is not a [`Network`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseNetworkError(String);

impl fmt::Display for ParseNetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not an IP address or a range such as 10.0.0.0/8",
            self.0
        )
    }
}

impl Error for ParseNetworkError {}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

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
    fn parses_a_range_of_mapped_addresses_as_ipv4() {
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
