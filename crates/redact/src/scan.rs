//! What stands in a string, whichever format it is in: token families, pairs and URLs, JSON.
//!
//! A string may hold JSON, whose strings are scanned in turn. This is the crate's only recursion, and it has one way in and
//! one way back: [`scan_embedded`](json::scan_embedded), called here only, and [`scan`] with [`scan_whole`], which of `json`
//! only its `scalars` call. Each level at least doubles the escapes of its strings, so few are possible. The layers of
//! percent-encoded text are a loop, in [`encoded`](crate::encoded).

use crate::{
    characters::Characters,
    finding::{in_order_from, Finding},
    harmless::lacks_all,
    input::Extent,
    json,
    percent::Encoding,
    rules::Rules,
    text::scan_text,
};

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
    if extent == Extent::Whole && lacks_all(text, rules) {
        return;
    }
    let seen = Characters::of(text, extent);
    scan_for(text, seen, below, extent, rules, out);
}

/// The same for a whole text that does not [lack all](lacks_all).
pub(crate) fn scan_whole(text: &str, rules: &Rules, out: &mut Vec<Finding>) {
    let seen = Characters::of(text, Extent::Whole);
    scan_for(text, seen, None, Extent::Whole, rules, out);
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
    use crate::{
        address::is_harmless_address,
        harmless::{is_hash, is_time, is_time_or_uuid, is_uuid},
        Redactor,
    };

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_hash_has_nothing_to_find(
            text in "[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9]{32}|[0-9]{64}|4b1d[0-9a-f]{36}|4111111111111111[a-f][0-9a-f]{23}|[0-9a-f]{15}[a-f]4111111111111111",
            below in prop_oneof![Just(None), Just(Some(Encoding::Form))],
        ) {
            prop_assert!(is_hash(text.as_bytes()));
            let mut found = Vec::new();
            let seen = Characters::of("", Extent::Truncated);
            scan_for(&text, seen, below, Extent::Whole, &Rules::default(), &mut found);
            prop_assert_eq!(found, []);
        }

        #[test]
        fn a_harmless_address_has_nothing_to_find(
            text in "(https://)?(/|\\.|-|--|-u|@|\\?|\\{|\\}|~|\\||#|=|&|\\?page=2|&sort=|code=1|state=2|sig=|pin=1|=pin|==|[a-z]{1,16}|[A-Z0-9]{1,14}|[0-9]{1,16}|password|token|secret|pin|code-1234|example\\.org|u@|hooks\\.slack\\.com/services/T0AAAAAA|api\\.telegram\\.org/bot1|AKIA|ghp_|4222222222222|411111-1111-111111){1,12}",
            below in prop_oneof![Just(None), Just(Some(Encoding::Form))],
        ) {
            let mut found = Vec::new();
            let seen = Characters::of("", Extent::Truncated);
            scan_for(&text, seen, below, Extent::Whole, &Rules::default(), &mut found);
            prop_assert!(found.is_empty() || !is_harmless_address(&text, &Rules::default()));
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
