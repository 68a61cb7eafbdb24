//! Bodies of `application/x-www-form-urlencoded`.

use super::{
    pairs::{is_no_pair_byte, redact_list},
    readable::{Readable, Redacted},
    rules::Rules,
};

/// Masks what is secret in a form as in a query; `truncated` says that more of the input was there once.
///
/// The pair that was cut is masked, and so is the one with the first byte that is not understood: a control character,
/// or one of `"<>`. From that byte on all is withheld.
pub(crate) fn redact_form(input: &str, truncated: bool, rules: &Rules) -> Redacted {
    let readable = Readable::new(input, truncated, is_no_pair_byte);
    readable.shown_as(redact_list(readable.text, '&', readable.cut, rules))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redacted(input: &str, truncated: bool) -> Redacted {
        redact_form(input, truncated, &Rules::default())
    }

    #[track_caller]
    fn check(input: &str, truncated: bool, text: &str, consumed: usize, malformed: bool) {
        let expected = Redacted {
            text: text.to_owned(),
            consumed,
            malformed,
        };
        assert_eq!(redacted(input, truncated), expected);
    }

    #[test]
    fn a_whole_form_is_understood_to_its_end() {
        check("", false, "", 0, false);
        check("a=1&pin=2&b=%00", false, "a=1&pin=***&b=%00", 15, false);
        check("ü=é", false, "ü=é", 5, false);
    }

    #[test]
    fn the_last_pair_of_a_cut_form_is_masked() {
        check("a=1&b=23", true, "a=1&b=***", 8, false);
        check("a=1&pass", true, "a=1&***", 8, false);
        check("a=1&quant", true, "a=1&quant", 9, false);
    }

    #[test]
    fn from_a_byte_that_is_not_understood_on_all_is_withheld() {
        check("a=1&b=2\x01&c=3", false, "a=1&b=***", 7, true);
        check("{\"pin\":\"a&b\"}", false, "***", 1, true);
    }

    /// A pair: whether its name is secret, which of the names, and how name and value are written.
    type Pair = (bool, usize, Vec<u8>);

    const SECRET: [&str; 5] = [
        "password",
        "user[card_number]",
        "a.b.api-key",
        "größe[pin]",
        "otp code",
    ];
    const HARMLESS: [&str; 4] = ["page", "user[name]", "größe", "a b"];

    fn encoded(text: &str, styles: &[u8], at: &mut usize) -> String {
        let mut encoded = String::new();
        for byte in text.bytes() {
            *at += 1;
            let style = styles[*at % styles.len()] % 4;
            match byte {
                b' ' if style < 2 => encoded.push('+'),
                b' ' | 0x80.. => encoded.push_str(&format!("%{byte:02X}")),
                _ if style == 0 => encoded.push_str(&format!("%{byte:02x}")),
                _ => encoded.push(char::from(byte)),
            }
        }
        encoded
    }

    /// A form, and the harmless values in it as they are written. Only secrets have a `Z` or a `Q`, in any layer.
    fn written(pairs: &[Pair]) -> (String, Vec<String>) {
        let mut form = Vec::new();
        let mut harmless = Vec::new();
        for (n, (secret, which, styles)) in pairs.iter().enumerate() {
            let at = &mut 0;
            if *secret {
                let name = encoded(SECRET[which % SECRET.len()], styles, at);
                form.push(format!(
                    "{name}=ZQ{}",
                    encoded(&format!("ZQ Z{n}Q"), styles, at)
                ));
            } else {
                let name = encoded(HARMLESS[which % HARMLESS.len()], styles, at);
                let value = encoded(&format!("m {n} rk"), styles, at);
                form.push(format!("{name}={value}"));
                harmless.push(value);
            }
        }
        (form.join("&"), harmless)
    }

    fn pair() -> impl Strategy<Value = Pair> {
        (
            any::<bool>(),
            any::<usize>(),
            prop::collection::vec(any::<u8>(), 1..8),
        )
    }

    #[track_caller]
    fn assert_hidden(text: &str) {
        let decoded = crate::redact::percent::form_decoded(text);
        assert!(!decoded.contains(['Z', 'Q']), "{text}");
    }

    proptest! {
        #[test]
        fn harmless_values_show_and_secret_ones_do_not(pairs in prop::collection::vec(pair(), 0..6)) {
            let (form, harmless) = written(&pairs);
            let redacted = redacted(&form, false);
            assert_hidden(&redacted.text);
            for value in &harmless {
                prop_assert!(redacted.text.contains(value), "{} not in {}", value, redacted.text);
            }
            prop_assert_eq!((redacted.consumed, redacted.malformed), (form.len(), false));
        }

        #[test]
        fn secrets_stay_hidden_wherever_the_form_is_cut(pairs in prop::collection::vec(pair(), 1..5)) {
            let (form, _) = written(&pairs);
            for cut in 0..=form.len() {
                for truncated in [false, true] {
                    let redacted = redacted(&form[..cut], truncated);
                    assert_hidden(&redacted.text);
                    prop_assert_eq!(redacted.consumed, cut);
                }
            }
        }

        #[test]
        fn secrets_stay_hidden_whichever_byte_is_wrong(pairs in prop::collection::vec(pair(), 1..4), wrong in 0_usize..4) {
            let (form, _) = written(&pairs);
            let wrong = &"\0\n\"<"[wrong..=wrong];
            for at in 0..form.len() {
                let mut form = form.clone();
                form.replace_range(at..=at, wrong);
                let redacted = redacted(&form, false);
                assert_hidden(&redacted.text);
                prop_assert!(redacted.malformed && redacted.consumed == at);
            }
        }

        #[test]
        fn no_text_is_too_strange(input: String, truncated: bool) {
            prop_assert!(redacted(&input, truncated).consumed <= input.len());
        }

        #[test]
        fn no_form_like_bytes_are_too_strange(input in "[a-c%&=+;\\[\\]:é0-9 ]{0,60}", truncated: bool) {
            prop_assert_eq!(redacted(&input, truncated).consumed, input.len());
        }
    }
}
