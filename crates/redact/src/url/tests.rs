use proptest::prelude::*;

use crate::Redactor;

fn redacted(url: &str) -> String {
    Redactor::default().url(url).text.into_owned()
}

#[test]
fn a_url_loses_its_user_and_its_secrets() {
    for (url, expected) in [
        ("/path", "/path"),
        ("https://host/a@b", "https://host/a@b"),
        ("https://me@host", "https://***@host"),
        ("https://git@host/a", "https://git@host/a"),
        ("ssh://me@host/a", "ssh://me@host/a"),
        ("git+ssh://me@host", "git+ssh://me@host"),
        ("ssh://me:x@host", "ssh://***@host"),
        ("sshx://me@host", "sshx://***@host"),
        ("ssh://q7Kd92mXw4tBzR5v@host", "ssh://***@host"),
        (
            "ssh://correct-horse-battery-staple-again@host",
            "ssh://***@host",
        ),
        ("//u:p@host/x?token=1", "//***@host/x?token=***"),
        ("/a?x=1#token=2&y=3", "/a?x=1#token=***&y=3"),
        ("/a#/cb?token=2&y=3", "/a#/cb?token=***&y=3"),
        ("/a;jsessionid=1;v=2/b?c", "/a;jsessionid=***;v=2/b?c"),
        ("/pay/4111111111111111", "/pay/***"),
        ("/pay/4111%201111%201111%201111/x%20y", "/pay/***/x%20y"),
        ("/a%20b/c+d", "/a%20b/c+d"),
        ("//u:p@q:r@host", "//***@host"),
        ("https://u:p@host\\a", "https://***@host\\a"),
        (
            "https://h.example/cb?code=abc&state=1",
            "https://h.example/cb?code=***&state=1",
        ),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=abc1",
            "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=***",
        ),
        (
            "https://acc.blob.core.windows.net/c/f.txt?sv=2022-11-02&sig=abc1%3D",
            "https://acc.blob.core.windows.net/c/f.txt?sv=2022-11-02&sig=***",
        ),
    ] {
        assert_eq!(redacted(url), expected);
    }
}

#[test]
fn masks_pairs_in_a_path_behind_encoded_separators() {
    for url in [
        "https://h.example/a%3Ftoken=q7Kd92mX",
        "/orders/7%3Bpassword=q7Kd92mX",
        "/orders/7%253Bpassword=q7Kd92mX",
        "/a%26token%3Dq7Kd92mX/b",
        "/a;password=q7Kd92mX/b",
        "/a;b=1;pass%77ord=q7Kd92mX",
    ] {
        let shown = redacted(url);
        assert!(!shown.contains("q7Kd92mX"), "{url} became {shown}");
    }
}

#[test]
fn a_host_loses_its_user() {
    for (host, expected) in [
        ("host:80", "host:80"),
        ("a-b.example:8080", "a-b.example:8080"),
        ("AKIAQ6ZKQW3JX7PLM2TV.s3.example", "***.s3.example"),
        ("a?token=q7Kd92mXw4tBzR5v", "a?token=***"),
        ("me@host", "***@host"),
        ("me:p@ss@host:80", "***@host:80"),
    ] {
        assert_eq!(Redactor::default().host(host).text, expected);
    }
}

#[test]
fn withholds_what_is_behind_a_byte_that_is_not_of_urls() {
    assert_eq!(redacted("/a?b=1\"&c=2#d"), "/a?b=***");
    assert_eq!(redacted("/a?b=1#c=2\"&d=3"), "/a?b=1#c=***");
}

proptest! {
    #[test]
    fn reads_any_url(url in "\\PC*", like in "[a/:@?#;=&%é]{0,30}") {
        let _ = (redacted(&url), redacted(&like));
    }
}
