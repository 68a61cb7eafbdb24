//! Fast paths: what the length and the characters of a text rule out, so that most are not looked through.

use crate::{
    address::is_harmless_address,
    characters::{Characters, HEX},
    families::{self, has_scheme},
    rules::Rules,
    sieve::{sieve, Sign, Signs},
    text::{encoded_mark, has_secret_word, may_begin_table},
};

/// In a short text nothing is found without one of these, but for what is behind a blank and one of a few words, or behind
/// a mark that is percent-encoded.
const BEGINNINGS: Characters = Characters::set(b":=<-([{\"\xef");
/// A blank may be encoded.
const BLANKS: Characters = Characters::set(b" +%");
/// Characters of a `:` or `=` that is percent-encoded.
const ENCODED: Characters = Characters::set(b"%3");
/// Texts of fewer bytes are short: they have no room for the shortest run of digits, or of characters of tokens, that is
/// looked for.
const SHORT: usize = 13;

/// Fast path: whether a whole text lacks all that is looked for.
#[inline(never)]
pub(crate) fn lacks_all(text: &str, rules: &Rules) -> bool {
    let bytes = text.as_bytes();
    if rules.families.has_opt_ins() {
        return false;
    }
    if is_short(bytes, rules) {
        return is_harmless(bytes, Characters::of_whole(bytes), rules);
    }
    is_time_or_uuid(bytes, rules)
        || is_hash(bytes)
        || is_harmless_address(text, rules)
        || sieve(bytes).is_some_and(|signs| say_nothing(signs, bytes))
}

fn say_nothing(signs: Signs, text: &[u8]) -> bool {
    let may_have_url = || signs.has(Sign::At) || families::may_have_secret_url(text);
    let may_have_number = || signs.has(Sign::Code) || families::may_have_card(text);
    !(signs.has(Sign::Digit) && may_have_number()
        || signs.has(Sign::Colon) && may_have_url()
        || signs.has(Sign::Line) && may_begin_table(text))
}

/// Fast path: whether a text is a time as RFC 3339 writes it, or a UUID. Documents of APIs have many, and looking for all that
/// may be in a text takes some 2,000 instructions for each.
#[inline]
pub(crate) fn is_time_or_uuid(text: &[u8], rules: &Rules) -> bool {
    let is_either = match *text {
        [_, _, _, _, b'-', _, _, b'-', ..] => is_time(text),
        [_, _, _, _, _, _, _, _, b'-', ..] => is_uuid(text) && !families::may_have_card(text),
        _ => false,
    };
    is_either && rules.names.are_of_table()
}

#[inline(never)]
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 36]>::try_from(text) else {
        return false;
    };
    let groups = [
        &text[..8],
        &text[9..13],
        &text[14..18],
        &text[19..23],
        &text[24..],
    ];
    // Without branches: what is no digit has a bit more than all of them.
    let digits = groups.iter().flat_map(|group| group.iter());
    let all = digits.fold(0, |all, byte| all | HEX[usize::from(*byte)]);
    all < 16 && [text[8], text[13], text[18], text[23]] == [b'-'; 4]
}

/// Fast path: whether a text is a hash of MD5 or SHA in small letters, which is no token of the table, nor are digits in one
/// those of a card. To look for families in one takes 2,500 instructions.
#[inline]
pub(crate) fn is_hash(text: &[u8]) -> bool {
    const BLOCK: usize = 8;
    // Without branches: the compiler makes vector instructions of it.
    let is_hex = |block: &[u8; BLOCK]| {
        block.iter().fold(true, |all, byte| {
            all & ((byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6))
        })
    };
    matches!(text.len(), 32 | 40 | 64) && text.as_chunks().0.iter().all(is_hex)
}

#[inline(never)]
pub(crate) fn is_time(text: &[u8]) -> bool {
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

/// What is behind the form, in which `0` stands for any digit, and `T` for a blank, too.
fn strip_form<'t>(text: &'t [u8], form: &[u8]) -> Option<&'t [u8]> {
    let (own, rest) = text.split_at_checked(form.len())?;
    let is_of_form = |(byte, of_form): (&u8, &u8)| match of_form {
        b'0' => byte.is_ascii_digit(),
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

/// Number of bytes that are judged at once.
pub(crate) const PART: usize = 16;

/// Fast path: whether the text that is the first bytes of `part` is short, and without all that something to find could
/// begin with or have in it.
#[inline(never)]
pub(crate) fn is_short_word(part: &[u8; PART], length: usize) -> bool {
    /// For each length of a text, a mask of its bytes.
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
    // Without branches: the compiler makes vector instructions of it. The bytes outside of the mask are zeros, which pass.
    let mut has_others = false;
    for at in 0..PART {
        let byte = part[at] & mask[at];
        let is_up_to_dash = byte.wrapping_sub(1) < b'-';
        let is_mark = byte.wrapping_sub(b':') < 4;
        let is_bracket = byte | 0x20 == b'{';
        let is_wide = byte == 0xef;
        has_others |= is_up_to_dash | is_mark | is_bracket | is_wide;
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

/// Whether the characters of a short text rule out all that is looked for.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
