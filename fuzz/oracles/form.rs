//! Forms: each pair comes out in its place, the value of a secret name masked; what was cut shows no secret.

use actix_web_body_logger::{
    internals::{redact_form, Secrets},
    MASK,
};
use arbitrary::Unstructured;

use super::{
    planted::{assert_hidden, Choices},
    tree::is_secret_name,
};

pub fn check(input: &[u8]) {
    if let Ok(form) = std::str::from_utf8(input) {
        check_as_it_is(form);
    }
    check_planted(input);
}

fn check_as_it_is(form: &str) {
    let refused = |byte: u8| byte.is_ascii_control() || b"\"<>".contains(&byte);
    let is_form = !form.bytes().any(refused);
    for secrets in [Secrets::Default, Secrets::Names] {
        for truncated in [false, true] {
            let (shown, understood) = redact_form(form, truncated, secrets);
            assert_eq!(understood, is_form, "{form:?}");
            let pairs: Vec<_> = form.split('&').collect();
            let shown_pairs: Vec<_> = shown.split('&').collect();
            assert!(
                shown_pairs.len() <= pairs.len(),
                "{form:?} became {shown:?}"
            );
            if understood {
                assert_eq!(shown_pairs.len(), pairs.len(), "{form:?} became {shown:?}");
                let whole = pairs.len() - usize::from(truncated);
                for (shown, pair) in shown_pairs.iter().zip(&pairs[..whole]) {
                    compare(shown, pair, secrets);
                }
            }
            let last = shown.rsplit('&').next().unwrap_or_default();
            let hidden = last.ends_with(MASK) || !last.contains('=');
            assert!(
                hidden || !truncated && understood,
                "{shown:?} shows what was cut of {form:?}"
            );
        }
    }
}

fn compare(shown: &str, pair: &str, secrets: Secrets) {
    let Some((name, value)) = pair.split_once('=') else {
        assert!(shown == pair || shown == MASK, "{pair:?} became {shown:?}");
        return;
    };
    let Some((shown_name, shown_value)) = shown.split_once('=') else {
        panic!("{pair:?} became {shown:?}");
    };
    let named = shown_name == name || shown_name == MASK;
    assert!(named, "{pair:?} became {shown:?}");
    let kept = shown_value == value || shown_value == MASK;
    assert!(kept, "{pair:?} became {shown:?}");
    let is_secret = is_secret_name(name) || is_secret_name(&decoded(name));
    assert!(
        !is_secret || shown_value == MASK,
        "{pair:?} became {shown:?}"
    );

    let is_plain = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_lowercase() || b" +".contains(&b))
    };
    let is_short = secrets == Secrets::Names || pair.len() < 12;
    if !is_secret && is_short && is_plain(name) && is_plain(value) {
        assert_eq!(shown, pair);
    }
}

fn decoded(text: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let hex = hex.filter(|hex| *byte == b'%' && !hex.starts_with('+'));
        match (hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()), byte) {
            (Some(escaped), _) => {
                decoded.push(escaped);
                rest = &after[2..];
                continue;
            }
            (None, b'+') => decoded.push(b' '),
            (None, byte) => decoded.push(*byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn check_planted(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let form = choices.form(200);
    let (whole, understood) = redact_form(&form, false, Secrets::Default);
    assert!(understood, "the oracle wrote no form: {form}");
    assert_hidden(&whole, &form);
    // The user in a URL is none without the `@` behind it, so that a cut that is not told of may show it.
    for end in choices.cuts(form.len(), 100) {
        let (shown, _) = redact_form(&form[..end], true, Secrets::Default);
        assert_hidden(&shown, &&form[..end]);
    }
}
