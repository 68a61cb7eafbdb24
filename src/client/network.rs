//! Ranges of addresses.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

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
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// The range of the addresses whose first `prefix` bits are those of `addr`.
    pub(super) fn around(addr: IpAddr, prefix: u8) -> Self {
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

#[cfg(test)]
mod tests {
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
