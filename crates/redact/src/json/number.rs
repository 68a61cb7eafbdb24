//! Numbers, which are only ever text here.

use crate::characters::table;

/// As many digits as the shortest family of digits has.
const SHORTEST_FAMILY: usize = 11;

/// What [`scan`] found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// A number before something else. `long` says that its integer part may be of more than a few digits.
    Closed { end: usize, long: bool },
    /// The text ended. `whole` says that this much of it is a number.
    Open { whole: bool },
    /// No number.
    Bad,
}

/// The end of the number that starts at `start` with a digit or a minus sign, where its parts are of less than eight digits
/// each and it has no exponent. `None` does not mean that there is no such number.
#[inline(always)]
pub(super) fn short_end(bytes: &[u8], start: usize) -> Option<usize> {
    let first = start + usize::from(bytes[start] == b'-');
    let (count, mut follows) = few_digits(bytes, first)?;
    if count > 1 && bytes[first] == b'0' {
        return None;
    }
    let mut end = first + count;
    if follows == b'.' {
        let (count, behind) = few_digits(bytes, end + 1)?;
        (end, follows) = (end + 1 + count, behind);
    }
    may_follow(follows).then_some(end)
}

/// How many digits start at `at`, from one to seven, and the byte behind them.
#[inline(always)]
fn few_digits(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let word: &[u8; 8] = bytes.get(at..)?.first_chunk()?;
    let count = digits_in(word);
    let follows = *word.get(count)?;
    (count > 0).then_some((count, follows))
}

/// Reads the number that starts at `start` with a digit or a minus sign.
pub(super) fn scan(bytes: &[u8], start: usize) -> Scan {
    let first = start + usize::from(bytes[start] == b'-');
    let end = match bytes.get(first) {
        Some(b'0') => first + 1,
        Some(b'1'..=b'9') => digits_end(bytes, first + 1),
        Some(_) => return Scan::Bad,
        None => return Scan::Open { whole: false },
    };
    let long = end - start >= SHORTEST_FAMILY;
    match bytes.get(end) {
        Some(next) if may_follow(*next) => Scan::Closed { end, long },
        _ => scan_fraction(bytes, end, long),
    }
}

/// Reads on from the end of the integer part.
#[inline(never)]
fn scan_fraction(bytes: &[u8], mut at: usize, mut long: bool) -> Scan {
    if bytes.get(at) == Some(&b'.') {
        at = match some_digits_end(bytes, at + 1) {
            Ok(end) => end,
            Err(stop) => return stop,
        };
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        long = true;
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = match some_digits_end(bytes, at) {
            Ok(end) => end,
            Err(stop) => return stop,
        };
    }
    match bytes.get(at) {
        Some(next) if may_follow(*next) => Scan::Closed { end: at, long },
        Some(_) => Scan::Bad,
        None => Scan::Open { whole: true },
    }
}

/// Whether `byte` may follow a number or a literal: those need something to end them, unlike strings and brackets.
#[inline]
pub(super) fn may_follow(byte: u8) -> bool {
    static FOLLOWING: [bool; 256] = table(b",}] \n\r\t\"[{");
    FOLLOWING[usize::from(byte)]
}

fn digits_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let count = digits_in(word);
        at += count;
        if count < 8 {
            return at;
        }
    }
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// How many of these bytes, from the first on, are digits.
#[inline(always)]
fn digits_in(word: &[u8; 8]) -> usize {
    // All at once: no branch predictor knows how many digits there are.
    let values = u64::from_le_bytes(*word) ^ u64::from_ne_bytes([b'0'; 8]);
    // Adding takes what is above nine to the highest bit. Carries come from such bytes only, and run upwards.
    let others = (values.wrapping_add(u64::from_ne_bytes([0x80 - 10; 8])) | values)
        & u64::from_ne_bytes([0x80; 8]);
    others.trailing_zeros() as usize / 8
}

/// The end of one or more digits.
fn some_digits_end(bytes: &[u8], from: usize) -> Result<usize, Scan> {
    match digits_end(bytes, from) {
        end if end > from => Ok(end),
        end if end < bytes.len() => Err(Scan::Bad),
        _ => Err(Scan::Open { whole: false }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_end_where_a_scan_says() {
        let is_recognised = |text: &str| {
            let end = short_end(text.as_bytes(), 0);
            let scanned = scan(text.as_bytes(), 0);
            assert!(
                end.is_none_or(|end| scanned == Scan::Closed { end, long: false }),
                "{text}"
            );
            end.is_some()
        };
        for behind in [",.......", "}       ", "\n{\"a\":1}"] {
            for number in ["0", "-7", "1234567", "-1234567.1234567", "0.5", "-0.25"] {
                assert!(
                    is_recognised(&format!("{number}{behind}")),
                    "{number}{behind}"
                );
            }
            for other in [
                "",
                "12345678",
                "1.12345678",
                "01",
                "-",
                "--1",
                "-01.5",
                "1.",
                ".5",
                "1e5",
                "1.5e5",
                "1x",
                "1.5.5",
            ] {
                assert!(
                    !is_recognised(&format!("-{other}{behind}")),
                    "{other}{behind}"
                );
            }
        }
        assert!(!is_recognised("1"));
    }

    #[test]
    fn the_grammar_is_that_of_the_standard() {
        for number in [
            "0",
            "-0",
            "1",
            "-12",
            "0.5",
            "10.25",
            "1e1",
            "1E+1",
            "-1.5e-07",
            "0e0",
            "123456789012345678901234",
        ] {
            assert_eq!(
                scan(number.as_bytes(), 0),
                Scan::Open { whole: true },
                "{number}"
            );
            assert_eq!(
                scan(format!("{number},").as_bytes(), 0),
                Scan::Closed {
                    end: number.len(),
                    long: number.len() > 20 || number.contains(['e', 'E'])
                },
                "{number}"
            );
        }
        for part in ["-", "1.", "1e", "1e+", "-0.", "1.5E-"] {
            assert_eq!(
                scan(part.as_bytes(), 0),
                Scan::Open { whole: false },
                "{part}"
            );
            assert_eq!(scan(format!("{part},").as_bytes(), 0), Scan::Bad, "{part}");
        }
        for bad in [
            "01", "-01", "1a", "0x1", "--1", "-a", "1.e1", "1e1.5", "1.2.3", "1+1", "12-3", "1:",
            "1_000",
        ] {
            assert_eq!(scan(bad.as_bytes(), 0), Scan::Bad, "{bad}");
        }
    }
}
