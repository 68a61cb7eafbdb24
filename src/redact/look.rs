//! What a look at the bytes of a text tells, before anything is searched in it.

use super::{rules::Rules, shapes};

/// What there may be in a text that is not cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// A secret, by its shape or under a name of its own, as in JSON or in plain text.
    pub(super) may_hold_secret: bool,
    /// Percent-encoding; a `+` for a space is none.
    pub(super) may_hold_escape: bool,
}

impl Look {
    #[inline]
    pub(super) fn at(text: &str, rules: &Rules) -> Self {
        let mut signs = 0;
        let mut numbers = 0;
        for byte in text.bytes() {
            let sign = SIGNS[usize::from(byte)];
            signs |= sign;
            numbers += usize::from(sign == OF_NUMBER);
        }
        Self {
            may_hold_secret: signs & OF_NAME != 0
                || signs & OF_SHAPE != 0 && text.len() >= shapes::SHORTEST_ANCHORED
                || numbers >= *shapes::CARD_DIGITS.start()
                // Nothing in JSON without names and numbers is secret, unless because of where it stands.
                || signs & OF_JSON != 0 && (numbers > 0 || !rules.paths.is_empty()),
            may_hold_escape: signs & OF_ESCAPE != 0,
        }
    }
}

const OF_NAME: u8 = 1;
const OF_SHAPE: u8 = 2;
const OF_NUMBER: u8 = 4;
const OF_JSON: u8 = 8;
const OF_ESCAPE: u8 = 16;

/// What each byte may be a sign of: what stands beside a name, a letter of a shape, and so on.
static SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut byte = 0;
    while byte < signs.len() {
        signs[byte] = match byte as u8 {
            b':' | b'=' | b'"' => OF_NAME,
            b'0'..=b'9' | b'-' => OF_NUMBER,
            b'{' | b'[' => OF_JSON,
            b'%' => OF_ESCAPE,
            byte if shapes::is_anchor_letter(byte) => OF_SHAPE,
            _ => 0,
        };
        byte += 1;
    }
    signs
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{json, text},
        *,
    };

    #[test]
    fn ordinary_values_have_no_sign_of_a_secret() {
        let rules = Rules::default();
        for (text, may_hold_secret, may_hold_escape) in [
            ("", false, false),
            ("Ada+Lovelace", false, false),
            ("2024-05-17", false, false),
            ("user[name]", false, false),
            ("größe", false, false),
            ("Jane", false, false),
            ("ada%40example.org", false, true),
            ("a:b", true, false),
            ("Basic+a", true, false),
            ("4111111111111", true, false),
            ("user[0]", true, false),
        ] {
            let look = Look::at(text, &rules);
            let seen = (look.may_hold_secret, look.may_hold_escape);
            assert_eq!(seen, (may_hold_secret, may_hold_escape), "{text}");
        }
    }

    fn rules(paths: &[&str]) -> Rules {
        let mut rules = Rules::default();
        rules.names.extend(["a"]);
        rules.paths = paths
            .iter()
            .map(|path| path.parse().expect("a path"))
            .collect();
        rules
    }

    proptest! {
        #[test]
        fn nothing_is_found_where_there_is_no_sign(
            text in "([:=\"{}\\[\\], -]|a|1{1,6}|4111|1111|0e15|true|null|bearer |basic |dX|eyJ|\\.|AKIA|[A-Z]{16}|-----BEGIN |PRIVATE KEY|é){0,9}",
        ) {
            for rules in [rules(&[]), rules(&["*", "x"])] {
                let found = json::holds_secret(&text, false, &rules) || text::holds_secret(&text, false, &rules);
                prop_assert!(!found || Look::at(&text, &rules).may_hold_secret, "{text}");
            }
        }
    }
}
