//! The client's address behind trusted proxies, held to the grammars of the headers that name it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web_body_logger::redact::{ForwardedHeader, Network};
use regex::bytes::Regex;

use super::served::{kept, Kept, Message, Script, Served};

/// The first byte chooses the header; what follows are its lines. What cannot be in a header is left out.
pub fn check(input: &[u8]) {
    let Some((choice, lines)) = input.split_first() else {
        return;
    };
    let (header, name) = match choice % 2 {
        0 => (ForwardedHeader::Forwarded, header::FORWARDED),
        _ => (ForwardedHeader::XForwardedFor, header::X_FORWARDED_FOR),
    };
    let lines: Vec<&[u8]> = lines.split(|&byte| byte == b'\n').collect();
    let mut head = HeaderMap::new();
    for line in &lines {
        let Ok(value) = HeaderValue::from_bytes(line) else {
            return;
        };
        head.append(name.clone(), value);
    }
    let proxy = SocketAddr::from(([10, 0, 0, 1], 9));
    let trusted = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().expect("a network"));

    let found = slowly(proxy.ip(), &trusted, header, &lines);
    let expected = match found {
        Some(addr) => addr.to_canonical().to_string(),
        None => proxy.to_string(),
    };
    thread_local!(static KEPT: Kept<u8> = Kept::default());
    let served = kept(&KEPT, choice % 2, || {
        Served::new(&[], |logger| logger.trusted_proxies(header, trusted))
    });
    let record = served.record(Script {
        target: "/".to_owned(),
        peer: Some(proxy),
        request: Message {
            head,
            ..Message::default()
        },
        ..Script::default()
    });
    assert_eq!(
        record.client.addr.as_deref(),
        Some(&*expected),
        "{header:?} {}",
        input.escape_ascii()
    );
}

/// As long as a proxy is trusted, it is asked whom it speaks for: that is the last element, which is
/// what is left of the list without some beginning that ends in a comma, and is of the grammar. None
/// if it names nobody.
fn slowly(
    proxy: IpAddr,
    trusted: &[Network],
    header: ForwardedHeader,
    lines: &[&[u8]],
) -> Option<IpAddr> {
    let grammar = match header {
        ForwardedHeader::Forwarded => &*FORWARDED,
        _ => &*X_FORWARDED_FOR,
    };
    let joined = lines.join(&b", "[..]);
    let mut list = Some(&joined[..]);
    let mut found = None;
    let is_trusted = |addr| trusted.iter().any(|network| network.contains(addr));
    while let Some(rest) = list.filter(|_| is_trusted(found.unwrap_or(proxy))) {
        let starts = (0..=rest.len())
            .rev()
            .filter(|&at| at == 0 || rest[at - 1] == b',');
        let mut elements = starts.map(|at| (at, &rest[at..]));
        let Some((at, element)) = elements.find(|(_, element)| grammar.allows(element)) else {
            break;
        };
        list = at.checked_sub(1).map(|comma| &rest[..comma]);
        if element.iter().all(|byte| b" \t".contains(byte)) {
            continue;
        }
        match grammar.addr(element) {
            Some(addr) => found = Some(addr),
            None => break,
        }
    }
    found
}

/// The productions of a header, as regular expressions.
struct Grammar {
    element: Regex,
    /// A pair of an element, where it consists of pairs.
    pair: Option<Regex>,
    node: Regex,
}

const IPV4: &str = r"(?P<v4>[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)";
const IPV6: &str = r"(?P<v6>[0-9A-Fa-f:.]+)";
const OBFUSCATED: &str = "_[A-Za-z0-9._-]+";

fn regex(text: &str) -> Regex {
    Regex::new(&format!("(?-u){text}")).expect("a regular expression")
}

static FORWARDED: LazyLock<Grammar> = LazyLock::new(|| {
    let token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    let quoted = r#""(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*""#;
    let pair = format!("{token}=(?:{token}|{quoted})");
    let ows = r"[ \t]*";
    let port = format!("(?:[0-9]{{1,5}}|{OBFUSCATED})");
    Grammar {
        element: regex(&format!(
            "^{ows}(?:{pair})?(?:{ows};{ows}(?:{pair})?)*{ows}$"
        )),
        pair: Some(regex(&format!(
            "(?P<name>{token})=(?P<value>{token}|{quoted})"
        ))),
        node: regex(&format!(
            r"^(?:{IPV4}|\[{IPV6}\]|(?i:unknown)|{OBFUSCATED})(?::{port})?$"
        )),
    }
});

static X_FORWARDED_FOR: LazyLock<Grammar> = LazyLock::new(|| {
    let port = "(?::[0-9]{1,5})?";
    let bare = "(?P<bare>[0-9A-Fa-f:.]+)";
    Grammar {
        element: regex("^[^,]*$"),
        pair: None,
        node: regex(&format!(
            r"^[ \t]*(?:{IPV4}{port}|\[{IPV6}\]{port}|{bare})[ \t]*$"
        )),
    }
});

impl Grammar {
    fn allows(&self, element: &[u8]) -> bool {
        self.element.is_match(element)
    }

    fn addr(&self, element: &[u8]) -> Option<IpAddr> {
        let Some(pair) = &self.pair else {
            return self.node_addr(element);
        };
        let mut named = pair
            .captures_iter(element)
            .filter(|pair| pair["name"].eq_ignore_ascii_case(b"for"));
        let value = named.next()?["value"].to_vec();
        if named.next().is_some() {
            return None;
        }
        let Some(quoted) = value.strip_prefix(b"\"") else {
            return self.node_addr(&value);
        };
        let mut unquoted = Vec::new();
        let mut bytes = quoted[..quoted.len() - 1].iter();
        while let Some(&byte) = bytes.next() {
            let escaped = if byte == b'\\' { bytes.next() } else { None };
            unquoted.push(*escaped.unwrap_or(&byte));
        }
        self.node_addr(&unquoted)
    }

    fn node_addr(&self, node: &[u8]) -> Option<IpAddr> {
        let node = self.node.captures(node)?;
        let text = |name| {
            let found = node.name(name)?;
            std::str::from_utf8(found.as_bytes()).ok()
        };
        let v4 = text("v4").map(|text| text.parse().map(IpAddr::V4));
        let v6 = text("v6").or_else(|| text("bare"));
        v4.or(v6.map(|text| text.parse().map(IpAddr::V6)))?.ok()
    }
}
