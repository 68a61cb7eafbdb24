use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, GB18030, GBK, ISO_2022_JP, ISO_8859_2, KOI8_R, SHIFT_JIS, WINDOWS_1252,
};
use proptest::{prelude::*, sample::select};

use super::*;

#[track_caller]
fn read(bytes: &[u8], content_type: &str, truncated: bool) -> (String, bool) {
    let text = to_utf8(bytes, Some(content_type.as_bytes()), truncated).unwrap();
    (text.text.into_owned(), text.whole)
}

fn owned(text: &str, whole: bool) -> (String, bool) {
    (text.to_owned(), whole)
}

fn utf_16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

#[test]
fn decodes_utf_8_by_default() {
    let text = to_utf8("grüße".as_bytes(), None, false).unwrap();
    assert!(matches!(text.text, Cow::Borrowed("grüße")) && text.whole);
    assert_eq!(
        read("ü".as_bytes(), "application/json", false),
        owned("ü", true)
    );
    assert_eq!(
        read(b"\xef\xbb\xbf{}", "application/json", false),
        owned("{}", true)
    );
    assert_eq!(
        read(b"\xef\xbb\xbf{}", "text/x; charset=utf-8", false),
        owned("{}", true)
    );
}

#[test]
fn decodes_by_the_charset_of_the_media_type() {
    assert_eq!(
        read(b"\xfc", "text/plain; charset=iso-8859-1", false),
        owned("ü", true)
    );
    assert_eq!(
        read(b"\xfc", "text/plain; charset=\"ISO-8859-1\"", false),
        owned("ü", true)
    );
    assert_eq!(
        read(b"\x82\xa0", "text/plain; charset=Shift_JIS", false),
        owned("あ", true)
    );
    assert_eq!(
        read(&utf_16("a€", false), "a/b; charset=utf-16", false),
        owned("a€", true)
    );
    assert_eq!(
        read(&utf_16("a€", true), "a/b; charset=utf-16be", false),
        owned("a€", true)
    );
}

#[test]
fn decodes_utf_16_by_its_byte_order_mark() {
    for big in [false, true] {
        let bytes = utf_16("\u{feff}{\"a\":\"😀\"}", big);
        for content_type in [
            "application/json",
            "a/b; charset=utf-16",
            "a/b; charset=utf-16le",
        ] {
            assert_eq!(
                read(&bytes, content_type, false),
                owned("{\"a\":\"😀\"}", true)
            );
        }
    }
}

#[test]
fn rejects_a_byte_order_mark_that_contradicts_the_charset() {
    let error = |bytes: &[u8], content_type: &str| {
        to_utf8(bytes, Some(content_type.as_bytes()), false).unwrap_err()
    };
    assert_eq!(
        error(b"\xff\xfe{\"", "a/b; charset=utf-8"),
        CharsetError::Unclear
    );
    assert_eq!(
        error(b"\xfe\xff{\"", "a/b; charset=iso-8859-1"),
        CharsetError::Unclear
    );
    assert_eq!(
        error(b"\xef\xbb\xbf{}", "a/b; charset=utf-16"),
        CharsetError::Unclear
    );
    assert_eq!(
        error(b"", "a/b; charset=utf-8; charset=latin1"),
        CharsetError::Unclear
    );
    assert_eq!(
        read(b"\xef\xbb\xbfa", "a/b; charset=latin1", false),
        owned("a", true)
    );
}

#[test]
fn errors_name_the_unsupported_charset() {
    let error = |bytes: &[u8], content_type: &str| {
        to_utf8(bytes, Some(content_type.as_bytes()), false)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(error(b"", "a/b; charset=utf-7"), "unknown charset `utf-7`");
    assert_eq!(
        error(b"", "a/b; charset=iso-2022-kr"),
        "unknown charset `iso-2022-kr`"
    );
    assert_eq!(
        error(b"", "a/b; charset=utf-32"),
        "unknown charset `utf-32`"
    );
    assert_eq!(
        error(b"\xff\xfe\0\0{\0\0\0", "a/b"),
        "UTF-32 is not supported"
    );
    assert_eq!(
        error(b"\0\0\xfe\xff\0\0\0{", "a/b"),
        "UTF-32 is not supported"
    );
}

#[test]
fn drops_an_incomplete_last_character_only_if_truncated() {
    for (bytes, content_type) in [
        ("aü".as_bytes()[..2].to_vec(), "a/b"),
        (b"a\x82".to_vec(), "a/b; charset=shift_jis"),
        (utf_16("a€", false)[..3].to_vec(), "a/b; charset=utf-16le"),
        (utf_16("a😀", false)[..4].to_vec(), "a/b; charset=utf-16le"),
        (b"a\x81\x30\x81".to_vec(), "a/b; charset=gb18030"),
    ] {
        assert_eq!(
            read(&bytes, content_type, true),
            owned("a", true),
            "{content_type}"
        );
        assert_eq!(
            read(&bytes, content_type, false),
            owned("a", false),
            "{content_type}"
        );
    }
}

#[test]
fn text_ends_before_an_invalid_sequence() {
    for (bytes, content_type) in [
        (&b"ab\xffcd"[..], "a/b"),
        (b"ab\xc3(cd", "a/b"),
        (b"ab\xed\xa0\x80", "a/b"),
        (b"ab\xff\xffcd", "a/b; charset=shift_jis"),
        (b"ab\x82 cd", "a/b; charset=euc-jp"),
        (b"a\0b\0\x00\xdcc\0", "a/b; charset=utf-16le"),
    ] {
        for truncated in [false, true] {
            assert_eq!(
                read(bytes, content_type, truncated),
                owned("ab", false),
                "{bytes:?}"
            );
        }
    }
}

#[test]
fn text_ends_before_a_nul() {
    assert_eq!(
        read(b"p\0a\0s\0s\0", "text/plain", false),
        owned("p", false)
    );
    assert_eq!(
        read(b"p\0a\0", "a/b; charset=latin1", false),
        owned("p", false)
    );
    assert_eq!(read(b"p\0", "a/b; charset=utf-16", false), owned("p", true));
}

proptest! {
    #[test]
    fn decodes_every_charset_and_truncation_leaves_a_prefix(
        encoding in select(vec![
            UTF_8, WINDOWS_1252, ISO_8859_2, KOI8_R, SHIFT_JIS, EUC_JP, ISO_2022_JP, GBK, GB18030,
            BIG5, EUC_KR,
        ]),
        text in "[ -~äß€жяあ漢字한글ąę😀]{0,30}",
    ) {
        let representable: String = text
            .chars()
            .filter(|c| !encoding.encode(&c.to_string()).2)
            .collect();
        let (bytes, _, _) = encoding.encode(&representable);
        let (expected, _) = encoding.decode_without_bom_handling(&bytes);
        let content_type = format!("text/plain; charset={}", encoding.name());
        prop_assert_eq!(read(&bytes, &content_type, false), (expected.to_string(), true));
        for end in 0..bytes.len() {
            let (prefix, whole) = read(&bytes[..end], &content_type, true);
            prop_assert!(whole && expected.starts_with(&prefix), "{} {:?}", end, prefix);
        }
    }

    #[test]
    fn decodes_utf_16_and_truncation_leaves_a_prefix(text in "[a-zäß€漢😀]{0,20}", big: bool) {
        let bytes = utf_16(&format!("\u{feff}{text}"), big);
        prop_assert_eq!(read(&bytes, "application/json", false), (text.clone(), true));
        for end in 2..bytes.len() {
            let (prefix, whole) = read(&bytes[..end], "application/json", true);
            prop_assert!(whole && text.starts_with(&prefix));
        }
    }

    #[test]
    fn decodes_any_bytes_without_a_panic(
        bytes: Vec<u8>,
        label in select(vec!["utf-8", "utf-16", "gb18030", "iso-2022-jp", "euc-kr", "x", ""]),
        truncated: bool,
    ) {
        let content_type = format!("text/plain; charset={label}");
        if let Ok(text) = to_utf8(&bytes, Some(content_type.as_bytes()), truncated) {
            prop_assert!(!text.text.contains('\0'));
        }
    }
}
