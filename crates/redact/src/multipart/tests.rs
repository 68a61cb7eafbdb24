use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;

const FORM: &[u8] = b"multipart/form-data; boundary=B";

fn form(body: &str) -> RawParts<'_> {
    parts(body.as_bytes(), FORM, false)
}

/// The content of a part that can be redacted.
fn text<'a>(body: &'a [u8], part: &RawPart<'_>) -> Option<&'a [u8]> {
    part.format.map(|_| &body[part.content.clone()])
}

/// One part of a closed form, with `head` and the content `text`.
#[track_caller]
fn one(head: &str) -> RawPart<'static> {
    let body = format!("--B\r\n{head}\r\n\r\ntext\r\n--B--\r\n");
    let found = parts(body.leak().as_bytes(), FORM, false);
    assert_eq!(
        (found.parts.len(), found.end),
        (1, PartsEnd::Closed),
        "{head}"
    );
    found.parts.into_iter().next().unwrap()
}

#[test]
fn a_form_is_taken_apart() {
    let body = "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nfirst\r\nline\r\n\
        --B \t\r\ncontent-disposition:form-data; name=f; filename=\"x.png\"\r\nContent-Type: Image/PNG\r\n\r\n\
        \r\n--b\r\n--B--\r\nepilogue\r\n--B\r\n";
    let found = form(body);
    assert_eq!(found.end, PartsEnd::Closed);
    let [first, second] = &found.parts[..] else {
        panic!("{found:?}")
    };
    assert_eq!(first.name.as_deref(), Some("a"));
    assert_eq!(text(body.as_bytes(), first), Some(&b"first\r\nline"[..]));
    assert!(first.complete && first.file_name.is_none() && first.content_type.is_none());
    assert_eq!(second.name.as_deref(), Some("f"));
    assert_eq!(second.file_name.as_deref(), Some("x.png"));
    assert_eq!(second.content_type, Some(&b"Image/PNG"[..]));
    assert_eq!(&body[second.content.clone()], "\r\n--b");
    assert!(second.complete && second.format.is_none());
}

#[test]
fn boundaries_are_those_of_the_standard() {
    let closed = |content_type: &str, boundary: &str| {
        let body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--{boundary}--"
        );
        parts(body.as_bytes(), content_type.as_bytes(), false).end == PartsEnd::Closed
    };
    assert!(closed("multipart/form-data; boundary=\"a b:c\"", "a b:c"));
    assert!(closed(
        "multipart/form-data; Boundary=gc0p4Jq0M2Yt08jU534c0p==",
        "gc0p4Jq0M2Yt08jU534c0p=="
    ));
    let long = "x".repeat(70);
    assert!(closed(&format!("multipart/mixed; boundary={long}"), &long));
    let longer = "x".repeat(71);
    assert!(!closed(
        &format!("multipart/mixed; boundary={longer}"),
        &longer
    ));
    assert!(!closed("multipart/form-data", ""));
    assert!(!closed("multipart/form-data; boundary=", ""));
    assert!(!closed("multipart/form-data; boundary=\"a \"", "a "));
    assert!(!closed("multipart/form-data; boundary=a; boundary=b", "a"));
    assert!(!closed("multipart/form-data; boundary=\"a\\b\"", "a\\b"));
}

#[test]
fn file_names_are_read_in_both_notations() {
    let file_name = |parameters: &str| {
        let part = one(&format!(
            "Content-Disposition: form-data; name=\"f\"; {parameters}"
        ));
        assert_eq!(
            (part.format, part.name.as_deref()),
            (None, Some("f")),
            "{parameters}"
        );
        part.file_name.unwrap().into_owned()
    };
    assert_eq!(file_name("filename=\"\""), "");
    assert_eq!(
        file_name("filename=\"grün \\\"x\\\".txt\""),
        "grün \"x\".txt"
    );
    assert_eq!(file_name("filename=\"C:\\dir\\a.txt\""), "C:\\dir\\a.txt");
    assert_eq!(file_name("filename=\"a;b.txt\""), "a;b.txt");
    assert_eq!(file_name("filename=a; filename*=UTF-8''gr%c3%BCn"), "grün");
    assert_eq!(file_name("filename*=iso-8859-1'en'%A3"), "£");
    assert_eq!(file_name("filename=a; filename*=UTF-8''%zz"), "a");
    assert_eq!(file_name("filename*=nonsense"), "");
}

#[test]
fn text_is_what_can_be_redacted() {
    let shown = |head: &str| {
        one(&format!("Content-Disposition: form-data; name=a\r\n{head}"))
            .format
            .is_some()
    };
    for head in [
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: application/json",
        "Content-Type: application/vnd.api+json",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Transfer-Encoding: 8bit",
        "X-Other: 1",
    ] {
        assert!(shown(head), "{head}");
    }
    for head in [
        "Content-Type: text/html",
        "Content-Type: text/csv",
        "Content-Type: text/plain (or not)",
        "Content-Type: application/octet-stream",
        "Content-Type: multipart/mixed; boundary=C",
        "Content-Type: nonsense",
        "Content-Type:",
        "Content-Transfer-Encoding: base64",
        "Content-Encoding: gzip",
    ] {
        assert!(!shown(head), "{head}");
    }
}

#[test]
fn a_head_that_can_be_read_in_two_ways_hides_the_content() {
    for head in [
        "X-Other: 1",
        "Content-Disposition: form-data",
        "Content-Disposition: attachment; name=a",
        "Content-Disposition: form-data; name=a; name=b",
        "Content-Disposition: form-data; name=\"a",
        "Content-Disposition: form-data; name=\"pass\\word\"",
        "Content-Disposition: form-data; name=a; name*=UTF-8''password",
        "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b",
        "Content-Disposition: form-data;\r\n name=a",
        "Content-Disposition: form-data; name=a\r\n\tx",
        "X: 1\nContent-Disposition: form-data; name=b\r\nContent-Disposition: form-data; name=a",
        "Content-Disposition : form-data; name=b\r\nContent-Disposition: form-data; name=a",
        "Content-Disposition: form-data; name=a\r\nContent-Type: text/plain\r\nContent-Type: text/html",
        "Content-Disposition: form-data; name=a\r\nno colon",
    ] {
        assert_eq!(one(head).format, None, "{head}");
    }
    let invalid = b"--B\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\ntext\r\n--B--";
    let found = parts(invalid, FORM, false);
    assert_eq!((&found.parts[0].name, found.parts[0].format), (&None, None));
}

#[test]
fn parts_that_are_not_of_a_form_need_no_name() {
    let body = b"--B\r\n\r\nplain\r\n--B\r\nContent-Type: application/json\r\n\r\n{}\r\n--B--";
    let found = parts(body, b"multipart/mixed; boundary=B", false);
    let texts: Vec<_> = found.parts.iter().map(|part| text(body, part)).collect();
    assert_eq!(texts, [Some(&b"plain"[..]), Some(b"{}")]);
    let found = parts(body, FORM, false);
    assert!(found.parts.iter().all(|part| part.format.is_none()));
}

#[test]
fn what_only_some_take_for_a_boundary_ends_what_is_understood() {
    let head = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n";
    for (content, seen) in [
        ("text\r\n--BX\r\n\r\nmore", "text"),
        ("text\n--B\r\n\r\nmore", "text"),
        ("text\r--B\r\n\r\nmore", "text"),
        ("text\r\n--B -\r\n", "text"),
    ] {
        let body = format!("{head}{content}\r\n--B--");
        let found = form(&body);
        assert_eq!(found.end, PartsEnd::Malformed, "{content:?}");
        assert_eq!(found.parts.len(), 1, "{content:?}");
        assert_eq!(
            text(body.as_bytes(), &found.parts[0]),
            Some(seen.as_bytes()),
            "{content:?}"
        );
        assert!(!found.parts[0].complete, "{content:?}");
    }
    for body in [
        &format!("{head}--B--")[..],
        "--B\r\nContent-Disposition: form-data; name=a\r\n--B\r\n\r\nx\r\n--B--",
        "--B\r\n--B--",
        "\n--B\r\n\r\n\r\n--B--",
        "--BX\r\n\r\n\r\n--B--",
        "no boundary at all",
        "",
    ] {
        let found = form(body);
        assert_eq!(
            (found.parts.len(), found.end),
            (0, PartsEnd::Malformed),
            "{body:?}"
        );
    }
    let inside = format!("{head}a --B\r\n--b--B\r\n--B--");
    assert_eq!(
        text(inside.as_bytes(), &form(&inside).parts[0]),
        Some(&b"a --B\r\n--b--B"[..])
    );
}

#[test]
fn a_body_without_its_closing_boundary_is_cut_or_malformed() {
    let body = b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\ntext\r\n--";
    for (truncated, end) in [(false, PartsEnd::Malformed), (true, PartsEnd::Truncated)] {
        let found = parts(body, FORM, truncated);
        assert_eq!(found.end, end);
        assert_eq!(text(body, &found.parts[0]), Some(&b"text"[..]));
        assert!(!found.parts[0].complete);
    }
}

#[test]
fn a_cut_head_gives_its_whole_lines_and_no_text() {
    let body = b"--B\r\nContent-Disposition: form-data; name=a\r\nContent-Type: te";
    let found = parts(body, FORM, true);
    assert_eq!((found.parts.len(), found.end), (1, PartsEnd::Truncated));
    let part = &found.parts[0];
    assert_eq!((part.name.as_deref(), part.content_type), (Some("a"), None));
    assert!(part.format.is_none() && part.content.is_empty() && !part.complete);
}

#[test]
fn parts_past_the_most_are_counted() {
    let part = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
    let body = part.repeat(MAX_PARTS + 7) + "--B--";
    let found = form(&body);
    assert_eq!(
        (found.parts.len(), found.more, found.end),
        (MAX_PARTS, 7, PartsEnd::Closed)
    );
}

#[test]
fn a_corrupt_byte_does_not_show_a_part_under_the_name_of_another() {
    let body: &[u8] = b"--BOUNDARY\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\none\r\n\
        --BOUNDARY\r\nContent-Disposition: form-data; name=\"password\"\r\n\
        Content-Type: text/plain\r\n\r\ns3cr\r\n\r\n3t\r\n\
        --BOUNDARY\r\nContent-Disposition: form-data; name=\"more\"\r\n\r\ntwo\r\n--BOUNDARY--\r\n";
    let content_type = b"multipart/form-data; boundary=BOUNDARY";
    let name = memmem::find(body, b"password").unwrap();
    for at in (0..body.len()).filter(|at| !(name..name + 8).contains(at)) {
        for to in *b"\r\n-:;=\"\\ \0Bx\xff" {
            let mut body = body.to_vec();
            body[at] = to;
            for part in parts(&body, content_type, false).parts {
                let text = text(&body, &part).unwrap_or_default();
                let secret = [&b"s3"[..], b"3t"]
                    .iter()
                    .any(|secret| memmem::find(text, secret).is_some());
                let named = part.name.as_deref() == Some("password");
                assert!(named || !secret, "{at} {to} {part:?}");
            }
        }
    }
}

/// A part to be written: its name, its file's name, its type, its content.
type Written = (String, Option<String>, Option<&'static str>, Vec<u8>);

fn written() -> impl Strategy<Value = Written> {
    (
        "[a-z ä\";=\\]\\[]{1,8}",
        option::of("[a-zA-Z ü\"';.]{0,8}"),
        option::of(select(vec!["text/plain", "application/json", "image/png"])),
        prop_oneof![
            vec(any::<u8>(), 0..60),
            "(\r|\n|--|-|B|b|x){0,20}".prop_map(String::into_bytes),
        ],
    )
}

fn write(written: &[Written], boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let quote = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    for (name, file_name, content_type, content) in written {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quote(name)
        );
        if let Some(file_name) = file_name {
            head += &format!("; filename=\"{}\"", quote(file_name));
        }
        if let Some(content_type) = content_type {
            head += &format!("\r\nContent-Type: {content_type}");
        }
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

proptest! {
    #[test]
    fn a_written_body_is_read_again_and_a_cut_leaves_the_first_of_it(
        written in vec(written(), 1..5),
        boundary in select(vec!["----WebKitFormBoundary7MA4YWxk", "B.1", "a b'c"]),
    ) {
        let body = write(&written, boundary);
        let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
        let whole = parts(&body, content_type.as_bytes(), false);
        prop_assert_eq!(whole.end, PartsEnd::Closed);
        prop_assert_eq!(whole.parts.len(), written.len());
        for (part, (name, file_name, media_type, content)) in whole.parts.iter().zip(&written) {
            prop_assert_eq!(part.name.as_deref(), Some(&name[..]));
            prop_assert_eq!(part.file_name.as_deref(), file_name.as_deref());
            prop_assert_eq!(part.content_type, media_type.map(str::as_bytes));
            prop_assert_eq!(&body[part.content.clone()], &content[..]);
            prop_assert!(part.complete);
            let is_text = file_name.is_none() && *media_type != Some("image/png");
            prop_assert_eq!(text(&body, part), is_text.then_some(&content[..]));
        }
        for cut in 0..body.len() {
            let seen = parts(&body[..cut], content_type.as_bytes(), true);
            prop_assert!(seen.end == PartsEnd::Truncated || cut + 2 >= body.len(), "{:?}", seen.end);
            prop_assert!(seen.parts.len() <= whole.parts.len());
            for (index, part) in seen.parts.iter().enumerate() {
                let of_whole = &whole.parts[index];
                if part.complete {
                    prop_assert_eq!(part, of_whole);
                    continue;
                }
                prop_assert_eq!(index + 1, seen.parts.len());
                prop_assert!(part.content.is_empty() || part.content.start == of_whole.content.start);
                prop_assert!(part.content.end <= of_whole.content.end || part.content.is_empty());
                prop_assert!(part.format.is_none() || of_whole.format.is_some());
            }
        }
    }

    #[test]
    fn any_bytes_are_taken_apart_without_a_panic(
        body in prop_oneof![
            vec(any::<u8>(), 0..100),
            "(\r\n|\r|\n|--B|--|-| |: |A|Content-Disposition: form-data; name=a|\r\n\r\n){0,30}"
                .prop_map(String::into_bytes),
        ],
        truncated: bool,
    ) {
        let found = parts(&body, FORM, truncated);
        prop_assert!(truncated || found.end != PartsEnd::Truncated);
        let mut from = 0;
        for part in &found.parts {
            prop_assert!(from <= part.content.start && part.content.end <= body.len());
            prop_assert!(part.content.start <= part.content.end);
            from = part.content.end;
        }
    }
}
