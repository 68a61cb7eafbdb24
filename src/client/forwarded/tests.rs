use super::*;

#[track_caller]
fn check(header: ForwardedHeader, list: &[u8], expected: &[Result<Option<&str>, ()>]) {
    let named: Vec<_> = hops(list, header)
        .map(|hop| match hop {
            Ok(Hop::Addr(addr)) => Ok(Some(addr.to_string())),
            Ok(Hop::Nameless) => Ok(None),
            Err(Malformed) => Err(()),
        })
        .collect();
    let expected: Vec<_> = (expected.iter())
        .map(|hop| hop.map(|addr| addr.map(str::to_owned)))
        .collect();
    assert_eq!(named, expected, "{}", list.escape_ascii());
}

#[test]
fn parses_nodes_of_forwarded() {
    for (node, expected) in [
        ("192.0.2.43", Ok(Some("192.0.2.43"))),
        ("\"192.0.2.43\"", Ok(Some("192.0.2.43"))),
        ("\"192.0.2.43:47011\"", Ok(Some("192.0.2.43"))),
        ("\"192.0.2.43:_http\"", Ok(Some("192.0.2.43"))),
        (r#""1\92.0.2.4\3""#, Ok(Some("192.0.2.43"))),
        ("\"[2001:db8:cafe::17]\"", Ok(Some("2001:db8:cafe::17"))),
        (
            "\"[2001:db8:cafe::17]:4711\"",
            Ok(Some("2001:db8:cafe::17")),
        ),
        ("\"[::ffff:192.0.2.1]\"", Ok(Some("::ffff:192.0.2.1"))),
        ("unknown", Ok(None)),
        ("\"Unknown:80\"", Ok(None)),
        ("_gazonk", Ok(None)),
        ("\"_a.b-c:_d\"", Ok(None)),
        // Unquoted values must be tokens.
        ("192.0.2.43:47011", Err(())),
        ("[2001:db8::1]", Err(())),
        ("", Err(())),
        ("\"\"", Err(())),
        ("_", Err(())),
        ("\"2001:db8::1\"", Err(())),
        ("\"[192.0.2.43]\"", Err(())),
        ("\"[fe80::1%eth0]\"", Err(())),
        ("\"[2001:db8::1]80\"", Err(())),
        ("\"[2001:db8::1]:\"", Err(())),
        ("\"[2001:db8::1\"", Err(())),
        ("\"192.0.2.43:\"", Err(())),
        ("\"192.0.2.43:123456\"", Err(())),
        ("\"192.0.2.43:http\"", Err(())),
        ("\" 192.0.2.43\"", Err(())),
        ("192.0.2.043", Err(())),
        ("192.0.2", Err(())),
        ("3221226027", Err(())),
        ("example.com", Err(())),
        ("\"192.0.2.43", Err(())),
        ("192.0.2.43\"", Err(())),
        ("\"192.0.2.43\\\"", Err(())),
    ] {
        let element = format!("for={node}");
        check(ForwardedHeader::Forwarded, element.as_bytes(), &[expected]);
    }
}

#[test]
fn parses_nodes_of_x_forwarded_for() {
    for (node, expected) in [
        ("192.0.2.43", Ok(Some("192.0.2.43"))),
        ("192.0.2.43:80", Ok(Some("192.0.2.43"))),
        ("2001:db8::1", Ok(Some("2001:db8::1"))),
        ("[2001:db8::1]", Ok(Some("2001:db8::1"))),
        ("[2001:db8::1]:443", Ok(Some("2001:db8::1"))),
        ("unknown", Ok(None)),
        ("[192.0.2.43]", Err(())),
        ("\"192.0.2.43\"", Err(())),
        ("192.0.2.43:", Err(())),
        ("[2001:db8::1]443", Err(())),
        ("[2001:db8::1", Err(())),
        ("192.0.2.43 80", Err(())),
        ("_hidden", Err(())),
        ("example.com", Err(())),
    ] {
        check(ForwardedHeader::XForwardedFor, node.as_bytes(), &[expected]);
    }
}

#[test]
fn parses_lists_from_the_right() {
    use ForwardedHeader::{Forwarded, XForwardedFor};
    let one = Ok(Some("1.1.1.1"));
    let two = Ok(Some("2.2.2.2"));
    for (header, list, expected) in [
        (XForwardedFor, &b"1.1.1.1, 2.2.2.2"[..], &[two, one][..]),
        (XForwardedFor, b"1.1.1.1\t,,2.2.2.2 , ,", &[two, one]),
        (XForwardedFor, b"\xe9, 2.2.2.2", &[two, Err(())]),
        (XForwardedFor, b"\"1.1.1.1, 2.2.2.2", &[two, Err(())]),
        (XForwardedFor, b"", &[]),
        (Forwarded, b"for=1.1.1.1, for=2.2.2.2", &[two, one]),
        (
            Forwarded,
            b", for=1.1.1.1 ,,For=2.2.2.2 ; ;by=x;, ",
            &[two, one],
        ),
        (Forwarded, b"\xe9, for=2.2.2.2", &[two, Err(())]),
        (Forwarded, b"for=\", for=2.2.2.2", &[two, Err(())]),
        (Forwarded, b"for=1.1.1.1;host=\"a,for=6.6.6.6\"", &[one]),
        (
            Forwarded,
            b"host=\"a\\\",for=6.6.6.6;x=\\\"\";for=1.1.1.1",
            &[one],
        ),
        (
            Forwarded,
            b"host=\"\\\\\", for=1.1.1.1;x=\"\\\\\"",
            &[one, Ok(None)],
        ),
        (
            Forwarded,
            b"for=1.1.1.1;host=\"\\\\\\\",for=6.6.6.6\"",
            &[one],
        ),
        (Forwarded, b"for=1.1.1.1, proto=https", &[Ok(None), one]),
        (Forwarded, b"for=1.1.1.1;for=2.2.2.2", &[Err(())]),
        (Forwarded, b"for =1.1.1.1", &[Err(())]),
        (Forwarded, b"for= 1.1.1.1", &[Err(())]),
        (Forwarded, b"for", &[Err(())]),
        (Forwarded, b"for=1.1.1.1 by=x", &[Err(())]),
        (Forwarded, b"for=1.1.1.1;host=a b", &[Err(())]),
    ] {
        check(header, list, expected);
    }
}

#[test]
fn joins_the_lines_of_a_header() {
    let lines = [&b"for=1.1.1.1"[..], b"for=2.2.2.2"];
    assert_eq!(&*joined(lines.into_iter()), b"for=1.1.1.1,for=2.2.2.2");
    assert!(matches!(
        joined(lines.into_iter().take(1)),
        Cow::Borrowed(_)
    ));
}
