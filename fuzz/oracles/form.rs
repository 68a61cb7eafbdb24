//! Forms: each pair comes out in its place, the value of a secret name masked; what was cut shows no secret.

use arbitrary::Unstructured;
use body_logger_redact::{End, Extent, Redactor, MASK};

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
    for extent in [Extent::Whole, Extent::Truncated] {
        let redacted = Redactor::default().form(form, extent);
        let understood = redacted.end != End::Malformed;
        assert_eq!(understood, is_form, "{form:?}");
        let shown = redacted.as_str();
        let pairs: Vec<_> = form.split('&').collect();
        let shown_pairs: Vec<_> = shown.split('&').collect();
        assert!(
            shown_pairs.len() <= pairs.len(),
            "{form:?} became {shown:?}"
        );
        let truncated = extent == Extent::Truncated;
        if understood {
            assert_eq!(shown_pairs.len(), pairs.len(), "{form:?} became {shown:?}");
            let whole = pairs.len() - usize::from(truncated);
            for (shown, pair) in shown_pairs.iter().zip(&pairs[..whole]) {
                compare(shown, pair);
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

fn compare(shown: &str, pair: &str) {
    let Some((name, value)) = pair.split_once('=') else {
        assert!(
            shown == pair || shown.contains(MASK),
            "{pair:?} became {shown:?}"
        );
        return;
    };
    let Some((shown_name, shown_value)) = shown.split_once('=') else {
        panic!("{pair:?} became {shown:?}");
    };
    for (shown, text) in [(shown_name, name), (shown_value, value)] {
        let kept = shown == text || shown.contains(MASK);
        assert!(kept, "{pair:?} became {shown:?}");
    }
    let is_secret = is_secret_name(name) || is_secret_name(&decoded(name));
    assert!(
        !is_secret || shown_value == MASK || value.is_empty(),
        "{pair:?} became {shown:?}"
    );
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
    let redactor = Redactor::default();
    let whole = redactor.form(&form, Extent::Whole);
    assert_eq!(whole.end, End::Complete, "the oracle wrote no form: {form}");
    assert_hidden(whole.as_str(), &form);
    // The user in a URL is none without the `@` behind it, so that a cut that is not told of may show it.
    for end in choices.cuts(form.len(), 100) {
        let shown = redactor.form(&form[..end], Extent::Truncated);
        assert_hidden(shown.as_str(), &&form[..end]);
    }
}
