//! International bank account numbers (ISO 13616): lengths by country, and the check by mod 97.

use std::ops::Range;

/// Their name in the findings.
pub(super) const NAME: &str = "iban";

/// The countries of the registry, with the number of characters.
const COUNTRIES: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 \
    DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 \
    IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 \
    OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 \
    UA29 VA22 VG24 XK20 YE30";

/// How many characters the numbers of each country have, by its letters; 0 for none.
static LENGTHS: [[u8; 26]; 26] = {
    let mut lengths = [[0; 26]; 26];
    let mut rest = COUNTRIES.as_bytes();
    while let [a, b, c, d, behind @ ..] = rest {
        lengths[(*a - b'A') as usize][(*b - b'A') as usize] = (*c - b'0') * 10 + (*d - b'0');
        rest = match behind {
            [b' ', next @ ..] => next,
            end => end,
        };
    }
    lengths
};

/// How many characters the longest has.
const LONGEST: usize = 33;
pub(super) const LONGEST_IN_GROUPS: usize = LONGEST + LONGEST / 4;

/// The number that starts at `start`, in one run or in groups of four with spaces between them.
///
/// With `truncated`, the beginning of one that the text's end cuts off is one too.
#[inline]
pub(super) fn at(bytes: &[u8], start: usize, truncated: bool) -> Option<Range<usize>> {
    let length = length_of(bytes.get(start..start + 4)?)?;
    of_length(bytes, start, length, truncated)
}

/// The number of so many characters that starts at `start`, behind which the country's letters and two digits are.
fn of_length(bytes: &[u8], start: usize, length: usize, truncated: bool) -> Option<Range<usize>> {
    if start > 0
        && bytes[start - 1].is_ascii_alphanumeric()
        && !super::form::starts_word(bytes, start)
    {
        return None;
    }
    let mut characters = [0; LONGEST + 1];
    let mut count = 0;
    let mut at = start;
    while count < length {
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_uppercase() || byte.is_ascii_digit() => {
                characters[count] = *byte;
                count += 1;
            }
            Some(b' ') if count % 4 == 0 => {}
            None if truncated && count > 4 => return Some(start..at),
            _ => return None,
        }
        at += 1;
    }
    let goes_on = bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (!goes_on && is_checked(&characters[..length])).then_some(start..at)
}

/// The number of characters, if this begins a number: a country and two digits.
#[inline]
fn length_of(beginning: &[u8]) -> Option<usize> {
    let [a @ b'A'..=b'Z', b @ b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'] = beginning else {
        return None;
    };
    let length = LENGTHS[usize::from(a - b'A')][usize::from(b - b'A')];
    (length > 0).then_some(length.into())
}

fn is_checked(characters: &[u8]) -> bool {
    let (head, rest) = characters.split_at(4);
    let remainder = rest
        .iter()
        .chain(head)
        .fold(0_u32, |remainder, byte| match byte {
            b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
            _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
        });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_right_checksum_are_found() {
        // Examples of the registry.
        for iban in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "DE89 3704 0044 0532 0130 00",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            assert_eq!(at(iban.as_bytes(), 0, false), Some(0..iban.len()), "{iban}");
            let wrong = iban.replacen("9", "8", 1).replacen("4", "5", 1);
            assert_eq!(at(wrong.as_bytes(), 0, false), None, "{wrong}");
            for end in 6..iban.len() {
                assert!(
                    at(&iban.as_bytes()[..end], 0, true).is_some(),
                    "{iban} {end}"
                );
            }
        }
    }

    #[test]
    fn numbers_stand_alone_in_groups_of_four() {
        for (text, start) in [
            ("DE893704004405320130000", 0),
            ("DE89370400440532013000x", 0),
            ("xDE89370400440532013000", 1),
            ("DE89 370 4 0044 0532 0130 00", 0),
        ] {
            assert_eq!(at(text.as_bytes(), start, false), None, "{text}");
        }
        let text = b"(DE89370400440532013000)";
        assert_eq!(at(text, 1, false), Some(1..text.len() - 1));
    }
}
