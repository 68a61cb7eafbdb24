//! What stands in a string, whichever format it is in: token families, pairs and URLs, JSON.

use crate::{
    characters::Characters,
    encoded::Encoding,
    families::{self, has_scheme},
    finding::{in_order_from, Finding},
    json,
    redacted::Extent,
    rules::Rules,
    text::{encoded_mark, has_secret_word, may_have_headers, scan_text},
};

/// In a short text nothing is found without one of these, but for what is behind a blank and one of a few words, or behind
/// a mark that is percent-encoded.
const BEGINNINGS: Characters = Characters::set(b":=<-([{\"");
/// A blank may be encoded.
const BLANKS: Characters = Characters::set(b" +%");
/// Of a `:` or `=` that is percent-encoded.
const ENCODED: Characters = Characters::set(b"%3");
/// No text is short that has room for the shortest run of digits, or of characters of tokens, that is looked for.
const SHORT: usize = 13;

/// Appends what is to be hidden in `text`, a decoded string of any format: in order, apart from each other.
///
/// Names in the text are the text's own; the name that the string stands under was decided on before.
#[inline]
pub(crate) fn scan(text: &str, extent: Extent, rules: &Rules, out: &mut Vec<Finding>) {
    scan_layer(text, None, extent, rules, out);
}

/// The same for a text of which each layer that is below it in this encoding, if there is one, is scanned too.
#[inline]
pub(crate) fn scan_layer(
    text: &str,
    below: Option<Encoding>,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    let seen = Characters::of(text, extent);
    let bytes = text.as_bytes();
    let may_have_any = || {
        let has_room = extent == Extent::Truncated || !is_too_short(bytes, rules);
        has_room && may_have_any(bytes, seen)
    };
    let lacks_all = match is_short(bytes, rules) {
        true => !may_have_any(),
        false if extent == Extent::Truncated => false,
        false => below.is_none() && lacks_all(bytes, seen, rules) || is_time_or_uuid(bytes, rules),
    };
    if !lacks_all {
        scan_for(text, seen, below, extent, rules, out);
    }
}

/// Fast path: whether a whole text with these characters, which is not short, lacks all that is looked for.
#[inline]
fn lacks_all(text: &[u8], seen: Characters, rules: &Rules) -> bool {
    /// In a longer one, a run would be read twice.
    const LONGEST: usize = 64;
    const PERCENT: Characters = Characters::set(b"%");
    text.len() <= LONGEST
        && !rules.families.has_opt_ins()
        && !seen.has_any(PERCENT)
        && !may_have_any(text, seen)
        && !may_have_headers(seen)
        && !families::may_have_runs(text, seen)
}

/// Fast path: whether a text is a time as RFC 3339 writes it, or a UUID. Documents of APIs have many, and looking for all that
/// may be in a text takes some 2,000 instructions for each.
fn is_time_or_uuid(text: &[u8], rules: &Rules) -> bool {
    let is_either = || is_time(text) || is_uuid(text) && !families::may_have_card(text);
    rules.names.are_of_table() && !rules.families.has_opt_ins() && is_either()
}

fn is_uuid(text: &[u8]) -> bool {
    strip_form(text, b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") == Some(b"")
}

fn is_time(text: &[u8]) -> bool {
    let Some(rest) = strip_form(text, b"0000-00-00T00:00:00") else {
        return false;
    };
    let fraction = rest.strip_prefix(b".").unwrap_or_default();
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
    let offset = match digits.count() {
        0 => rest,
        nanoseconds @ 1..=9 => &fraction[nanoseconds..],
        10.. => return false,
    };
    let in_hours = || offset.strip_prefix(b"+").or(offset.strip_prefix(b"-"));
    matches!(offset, b"" | b"Z" | b"z")
        || in_hours().is_some_and(|offset| strip_form(offset, b"00:00") == Some(b""))
}

/// What is behind the form, in which `0` stands for any digit, `x` for any hexadecimal one, and `T` for a blank, too.
fn strip_form<'t>(text: &'t [u8], form: &[u8]) -> Option<&'t [u8]> {
    let (own, rest) = text.split_at_checked(form.len())?;
    let is_of_form = |(byte, of_form): (&u8, &u8)| match of_form {
        b'0' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        mark => byte == mark,
    };
    own.iter().zip(form).all(is_of_form).then_some(rest)
}

/// Fast path: whether a whole text is short, and its characters rule out all that is looked for.
#[inline]
pub(crate) fn is_short_and_harmless(text: &[u8], rules: &Rules) -> bool {
    is_short(text, rules) && is_harmless(text, Characters::of_whole(text), rules)
}

/// As many bytes are judged at once.
pub(crate) const PART: usize = 16;

/// Fast path: whether the text that is the first bytes of `part` is short, and without all that something to find could
/// begin with or have in it.
#[inline(never)]
pub(crate) fn is_short_word(part: &[u8; PART], length: usize) -> bool {
    /// Which bytes are of a text of each length.
    static MASKS: [[u8; PART]; SHORT] = {
        let mut masks = [[0; PART]; SHORT];
        let mut bit = 0;
        while bit < SHORT * PART {
            let (length, at) = (bit / PART, bit % PART);
            masks[length][at] = if at < length { 0xff } else { 0 };
            bit += 1;
        }
        masks
    };
    let Some(mask) = MASKS.get(length) else {
        return false;
    };
    // Without branches: the compiler makes vector instructions of it. Zeros pass, which are no text's.
    let mut has_others = false;
    for at in 0..PART {
        let byte = part[at] & mask[at];
        let is_up_to_dash = byte.wrapping_sub(1) < b'-';
        let is_mark = byte.wrapping_sub(b':') < 4;
        let is_bracket = byte | 0x20 == b'{';
        has_others |= is_up_to_dash | is_mark | is_bracket;
    }
    !has_others
}

/// Whether a text has no room for a secret name of the table, a mark and a value.
#[inline]
fn is_too_short(text: &[u8], rules: &Rules) -> bool {
    const SHORTEST_PAIR: usize = 4;
    text.len() < SHORTEST_PAIR && rules.names.are_of_table()
}

/// Whether a whole text is so short that its characters alone may rule out all that is looked for.
#[inline]
pub(crate) fn is_short(text: &[u8], rules: &Rules) -> bool {
    text.len() < SHORT && !rules.families.has_opt_ins()
}

/// Whether they do, in a short text with these characters.
#[inline]
pub(crate) fn is_harmless(text: &[u8], seen: Characters, rules: &Rules) -> bool {
    is_too_short(text, rules) || !may_have_any(text, seen)
}

/// Whether there may be something to find in a short text with these characters.
#[inline]
fn may_have_any(text: &[u8], seen: Characters) -> bool {
    let has_word = || has_secret_word(seen) || has_scheme(seen);
    seen.has_any(BEGINNINGS)
        || seen.has_any(BLANKS) && has_word()
        || seen.has_all(ENCODED) && encoded_mark(text).is_some()
}

/// Looks for all that may be in a text with these characters.
#[inline(never)]
fn scan_for(
    text: &str,
    seen: Characters,
    below: Option<Encoding>,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    let start = out.len();
    rules.families.scan(text, seen, extent, out);
    scan_text(text, seen, below, extent, rules, out);
    json::scan_embedded(text, seen, extent, rules, out);
    in_order_from(start, out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Redactor;

    #[test]
    fn a_text_without_room_for_a_pair_has_nothing_to_find() {
        let rules = Rules::default();
        let characters = [
            "p", "w", "k", "1", " ", ":", "=", "<", ">", "-", "u", "@", "/", "%", "3", "d", "(",
            "[", "{", "\"", "'", "\n", "é",
        ];
        let all = || characters.iter();
        for first in all() {
            for second in all() {
                for third in all().chain(&[""]) {
                    let text = [*first, *second, *third].concat();
                    let mut found = Vec::new();
                    let seen = Characters::of("", Extent::Truncated);
                    scan_for(&text, seen, None, Extent::Whole, &rules, &mut found);
                    assert_eq!(found, [], "{text}");
                }
            }
        }
        let mut found = Vec::new();
        scan("pw=1", Extent::Whole, &rules, &mut found);
        assert_eq!(found.len(), 1);
        let (mut names, mut found) = (Rules::default(), Vec::new());
        names.names.redact_fields(["x"]);
        scan("x:1", Extent::Whole, &names, &mut found);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_time_has_nothing_to_find() {
        let rules = Rules::default();
        let seen = Characters::of("", Extent::Truncated);
        let mut times = 0;
        for date in ["2026-11-21", "9999-99-99", "4111-11-11"] {
            for time in ["T09:15:01", "t11:11:11", " 00:00:00"] {
                for fraction in ["", ".1", ".123456", ".411111111"] {
                    for offset in ["", "Z", "z", "+02:00", "-11:11"] {
                        let text = [date, time, fraction, offset].concat();
                        assert!(is_time(text.as_bytes()), "{text}");
                        for below in [None, Some(Encoding::Form)] {
                            let mut found = Vec::new();
                            scan_for(&text, seen, below, Extent::Whole, &rules, &mut found);
                            assert_eq!(found, [], "{text}");
                        }
                        times += 1;
                    }
                }
            }
        }
        assert_eq!(times, 3 * 3 * 4 * 5);
        for other in [
            "2026-11-21",
            "2026-11-21T09:15",
            "2026-11-21T09:15:01.",
            "2026-11-21T09:15:01.4111111111111111",
            "2026-11-21T09:15:01Zq",
            "2026-11-21T09:15:01+02:00 pin:1",
            "2026-11-21T09:15:01 pin:1",
            "2026-11-21Tpin:15:01",
            "2026-11-21T09=15:01",
        ] {
            assert!(!is_time(other.as_bytes()), "{other}");
        }
        let redactor = Redactor::builder().redact_fields(["01"]).build();
        let shown = redactor.text("2026-11-21 01:15:01", Extent::Whole);
        assert_eq!(shown.as_str(), "2026-11-21 01:***");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_uuid_has_nothing_to_find(
            groups in "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})|([0-9]{8}(-[0-9]{4}){3}-[0-9A-F]{12})|([A-F]{2}[0-9]{6}(-[0-9]{4}){3}-[0-9]{10}[a-f]{2})",
            below in prop_oneof![Just(None), Just(Some(Encoding::Form))],
        ) {
            prop_assert!(is_uuid(groups.as_bytes()));
            let rules = Rules::default();
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            let seen = Characters::of("", Extent::Truncated);
            scan_layer(&groups, below, Extent::Whole, &rules, &mut found);
            scan_for(&groups, seen, below, Extent::Whole, &rules, &mut expected);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_uuid_of_digits_may_be_a_card_number() {
        let text = "00000000-0000-4111-1111-111111111111";
        assert!(is_uuid(text.as_bytes()));
        assert!(!is_time_or_uuid(text.as_bytes(), &Rules::default()));
        for other in [
            "8f14e45f-ceea-467f-a9b8-3f2c7d1e0a5",
            "8f14e45f-ceea-467f-a9b8-3f2c7d1e0a55a",
            "8f14e45f-ceea-467f-a9b8-3f2c7d1e0a5g",
            "8f14e45f.ceea.467f.a9b8.3f2c7d1e0a55",
        ] {
            assert!(!is_uuid(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn what_is_hidden_on_request_is_found_in_short_texts_too() {
        let redactor = Redactor::builder().redact_personal_data().build();
        let whole = Extent::Whole;
        for data in ["a@b.de", "1.2.3.4"] {
            assert_eq!(redactor.text(data, whole).as_str(), "***");
            assert_eq!(redactor.field("a", data).text, "***");
            let json = format!(r#"{{"a":"{data}"}}"#);
            assert_eq!(
                redactor.json(json.as_bytes(), whole).as_str(),
                r#"{"a":"***"}"#
            );
        }
    }

    #[test]
    fn a_short_word_is_harmless() {
        let rules = Rules::default();
        let mut words = 0;
        for length in 0..=PART {
            for at in 0..PART {
                for byte in 0..=255 {
                    // What is behind the text does not count.
                    let mut part = [b'='; PART];
                    part[..length].fill(b'x');
                    part[at] = byte;
                    let is_word = is_short_word(&part, length);
                    words += usize::from(is_word);
                    if is_word {
                        assert!(is_short_and_harmless(&part[..length], &rules), "{byte}");
                    }
                }
            }
            if length < SHORT {
                assert!(is_short_word(&[b'z'; PART], length));
            }
        }
        assert!(words > 30_000, "{words}");
    }

    proptest! {
        /// What a text lacks rules out nothing that is in it.
        #[test]
        fn characters_rule_out_nothing_that_is_there(
            text in "(ghp_[a-z0-9]{36}|eyJ[a-z]{9}\\.|Bearer |basic [a-z]{5}|AKIA|4111111111111111|[A-Za-z0-9]{0,20}|[.:/ =<>\"',)(\n\t-]|é|password|token|secret q7Kd92mXw4|\\('|machine a |login |--|-u a:b|%3D|\\[1,|\\{\"pin\":1\\}|://a@){0,6}",
        ) {
            let rules = Rules::default();
            let found_with = |seen| {
                let mut found = Vec::new();
                scan_for(&text, seen, None, Extent::Whole, &rules, &mut found);
                found
            };
            let all = found_with(Characters::of("", Extent::Truncated));
            prop_assert_eq!(&found_with(Characters::of(&text, Extent::Whole)), &all);
            let mut found = Vec::new();
            scan(&text, Extent::Whole, &rules, &mut found);
            prop_assert_eq!(found, all);
        }
    }
}
