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
