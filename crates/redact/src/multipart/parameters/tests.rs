use proptest::prelude::*;

use super::{text::MAX_SECTIONS, *};

#[track_caller]
fn plain(value: &str, name: &str, expected: Result<Option<&str>, UnclearParameter>) {
    let read = header_parameter(value.as_bytes(), name);
    let read = read.map(|found| found.map(|found| String::from_utf8_lossy(&found).into_owned()));
    let expected = expected.map(|text| text.map(str::to_owned));
    assert_eq!(read, expected, "{value}");
}

#[track_caller]
fn agreed(value: &str, expected: Result<Option<&str>, UnclearParameter>) {
    let read = TextParameter::read(value.as_bytes(), "name").and_then(TextParameter::agreed);
    let read = read.map(|text| text.map(Cow::into_owned));
    let expected = expected.map(|text| text.map(str::to_owned));
    assert_eq!(read, expected, "{value}");
}

#[test]
fn reads_tokens_and_quoted_strings() {
    plain("text/plain", "charset", Ok(None));
    plain("text/plain; charset=utf-8", "charset", Ok(Some("utf-8")));
    plain(
        "text/plain;CharSet = \"utf-8\" ;a=b",
        "charset",
        Ok(Some("utf-8")),
    );
    plain(
        "a/b; x=1;boundary=a:=?b ; y=2",
        "boundary",
        Ok(Some("a:=?b")),
    );
    plain(
        r#"f; a=";name=no"; name="a;b=c""#,
        "name",
        Ok(Some("a;b=c")),
    );
    plain(r#"f; name="""#, "name", Ok(Some("")));
    plain("f; name=", "name", Ok(Some("")));
    plain("application/json; utf-8", "charset", Ok(None));
    plain("a/b;; ;charset=x;", "charset", Ok(Some("x")));
}

#[test]
fn removes_the_backslash_of_escaped_quotes_and_backslashes_only() {
    plain(r#"f; name="a\"b\\""#, "name", Ok(Some(r#"a"b\"#)));
    plain(r#"f; name="C:\dir\f""#, "name", Ok(Some(r"C:\dir\f")));
    plain(r#"f; name="\\\"""#, "name", Ok(Some(r#"\""#)));
}

#[test]
fn refuses_what_can_be_read_in_two_ways() {
    plain("f; name=a; name=b", "name", Err(UnclearParameter));
    plain("f; name=a; NAME=a", "name", Ok(Some("a")));
    plain(r#"f; name="a"#, "name", Err(UnclearParameter));
    plain(r#"f; name="a\""#, "name", Err(UnclearParameter));
    plain(r#"f; name="a" b; c=d"#, "name", Err(UnclearParameter));
    plain(r#"f; name=a"b"#, "name", Err(UnclearParameter));
    plain(r#"f; name=;a""#, "name", Err(UnclearParameter));
    plain("f; name=a; name*=utf-8''a", "name", Err(UnclearParameter));
    plain("f; name*0=a; name*1=b", "name", Err(UnclearParameter));
}

#[test]
fn reads_texts_in_every_notation() {
    for (value, expected) in [
        ("f", None),
        ("f; name=a; x*0=b", Some("a")),
        ("f; name*=utf-8''p%61ss", Some("pass")),
        ("f; NAME*=UTF-8'en'%c3%bc", Some("ü")),
        ("f; name*=iso-8859-1'en'%A3", Some("£")),
        ("f; name*=''x", Some("x")),
        ("f; name*=\"utf-8''x\"", Some("x")),
        ("f; name*0=\"pass\"; name*1=\"word\"", Some("password")),
        ("f; name*1=word; x=y; name*0=pass", Some("password")),
        (
            "f; name*0*=utf-8''p%61; name*1=%61; name*2*=%62",
            Some("pa%61b"),
        ),
        ("f; name*0*=utf-8''%c3; name*1*=%bc", Some("ü")),
        ("f; name=pass; name*=utf-8''pass", Some("pass")),
        ("f; name*0=pa; name*1=ss; name=\"pass\"", Some("pass")),
        ("f; name=user[pass]", Some("user[pass]")),
        ("f; name=\"a b (c)\"", Some("a b (c)")),
    ] {
        agreed(value, Ok(expected));
    }
}

#[test]
fn refuses_texts_that_readers_disagree_on() {
    for value in [
        "f; name=a; name*=utf-8''password",
        "f; name=a; name*0=pass; name*1=word",
        "f; name*=utf-8''a; name*0=password",
        "f; name*0=pass; name*2=word",
        "f; name*1=pass",
        "f; name*0=a; name*0=b",
        "f; name*00=a",
        "f; name*x=a",
        "f; name**=a",
        "f; name*",
        "f; name",
        "f; name*0=a; name*1*=b",
        "f; name*=koi8-r''%d0",
        "f; name*=utf-8''%zz",
        "f; name*=utf-8''%ff",
        "f; name*=utf-8",
        "f; name=a b",
        "f; name=a(b)",
        "f; name*9999=a",
    ] {
        agreed(value, Err(UnclearParameter));
    }
    let many: String = (0..=MAX_SECTIONS)
        .map(|n| format!("; name*{n}=a"))
        .collect();
    agreed(&format!("f{many}"), Err(UnclearParameter));
}

proptest! {
    #[test]
    fn reads_any_bytes(value: Vec<u8>, like in "f(; ?(name|name\\*[0-2]?\\*?)=?[a'%6\" ]{0,6}){0,4}") {
        for value in [&value[..], like.as_bytes()] {
            let _ = header_parameter(value, "name");
            let _ = TextParameter::read(value, "name").and_then(TextParameter::agreed);
        }
    }

    #[test]
    fn a_quoted_value_comes_back(text in r#"[ -~]{0,20}"#) {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let value = format!("f; a=b; name=\"{quoted}\"; c=\"d\"");
        prop_assert_eq!(
            header_parameter(value.as_bytes(), "name"),
            Ok(Some(Cow::Owned(text.into_bytes())))
        );
    }

    #[test]
    fn a_continued_text_comes_back(text in "\\PC{1,20}", styles in prop::collection::vec(any::<bool>(), 1..5)) {
        let mut value = "f".to_owned();
        let chars: Vec<_> = text.chars().collect();
        let pieces = chars.chunks(chars.len().div_ceil(styles.len()));
        for (n, (piece, encoded)) in pieces.zip(&styles).enumerate() {
            let piece: String = piece.iter().collect();
            if n == 0 || *encoded {
                let escaped: String = piece.bytes().map(|byte| format!("%{byte:02x}")).collect();
                let charset = if n == 0 { "utf-8''" } else { "" };
                value += &format!("; name*{n}*={charset}{escaped}");
            } else {
                value += &format!("; name*{n}=\"{}\"", piece.replace('\\', "\\\\").replace('"', "\\\""));
            }
        }
        let read = TextParameter::read(value.as_bytes(), "name").and_then(TextParameter::agreed);
        prop_assert_eq!(read, Ok(Some(Cow::Owned(text))), "{}", value);
    }
}
