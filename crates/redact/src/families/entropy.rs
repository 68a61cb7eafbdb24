//! Long runs that look random; opt-in.
//!
//! Random are runs of 20 and more characters of base64 or of tokens that are neither words, UUIDs, dates, nor hashes, which
//! are known by their length and their digits alone: a hash is no secret, and an API key of hexadecimal digits is not found.

use std::ops::Range;

use super::class::Class;

/// Minimum length of a run that is judged.
const SHORTEST: usize = 20;
/// Maximum length that is judged: all of a run counts as random if its beginning does.
const LONGEST: usize = 128;
/// Minimum entropy, in bits a character, of random letters and digits in runs of these lengths.
const LEAST_BITS: f32 = 3.4;

/// Appends the runs in `bytes` that look random.
pub(super) fn find(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let class = Class::of('b');
    let is_of_run = |byte: u8| class.has(byte) || matches!(byte, b'_' | b'-');
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().position(|byte| !is_of_run(*byte));
        let end = length.map_or(bytes.len(), |length| at + length);
        if end - at >= SHORTEST && is_random(&bytes[at..end]) {
            found.push(at..end);
        }
        at = end + 1;
    }
}

fn is_random(run: &[u8]) -> bool {
    let run = &run[..run.len().min(LONGEST)];
    let parts = run.split(|byte| matches!(byte, b'/' | b'_' | b'-' | b'+'));
    // Words, dates, UUIDs and versions are of short parts.
    let longest = parts.max_by_key(|part| part.len()).unwrap_or_default();
    let has = |is: fn(&u8) -> bool| run.iter().any(is);
    let is_hex = longest.iter().all(u8::is_ascii_hexdigit);
    let mixed = has(u8::is_ascii_digit)
        && (has(u8::is_ascii_lowercase) || has(u8::is_ascii_uppercase))
        || has(u8::is_ascii_lowercase)
            && has(u8::is_ascii_uppercase)
            && turns(longest) * 2 > longest.len();
    longest.len() >= 12 && !is_hex && mixed && turns(longest) >= 3 && bits(run) >= LEAST_BITS
}

/// How often letters, digits, small and capital ones change, where names have a capital at the start of each word only.
fn turns(part: &[u8]) -> usize {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    };
    part.windows(2)
        .filter(|two| kind(two[0]) != kind(two[1]))
        .count()
}

/// The entropy of a character, in bits.
fn bits(run: &[u8]) -> f32 {
    let mut counts = [0_u16; 256];
    for byte in run {
        counts[usize::from(*byte)] += 1;
    }
    let length = run.len() as f32;
    let counts = counts.iter().filter(|count| **count > 0);
    counts
        .map(|count| f32::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), &mut found);
        found.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn random_runs_are_found() {
        for run in [
            "q7Kd92mXw4tBzR5vLp3n",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY",
            "kX9-vT3mQ8rZ2pL5wN7bJ4cH6",
            "X7K2M9Q4R8W3Z5T6V1N0",
        ] {
            assert_eq!(found(&format!("a {run}, b")), [run]);
        }
    }

    #[test]
    fn words_uuids_hashes_and_dates_are_not() {
        for text in [
            "01a22232-7362-7594-ad33-f9ad47f7f0c2",
            "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "internationalization_of_applications",
            "2024-05-17T12-30-00-000000",
            "application/vnd.api+json",
            "getUserAccountInformationById",
            "repos/octocat/Hello-World/issues",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
