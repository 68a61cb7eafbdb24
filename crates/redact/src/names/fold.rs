//! Names that are not ASCII: compatibility forms, look-alikes and invisible characters.
//!
//! Each character is folded by itself, without reordering, so that a name takes linear time whatever is in it.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use unicode_security::confusable_detection::skeleton;

/// In which order look-alikes and case are folded. Capital look-alikes (`ТОКЕN` with a Cyrillic `Т`) are such only as
/// capitals, while words of other scripts must read the same in either case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    CaseFirst,
    LookAlikesFirst,
}

/// Returns `name` in compatibility form, without invisible characters and marks, with Latin letters for those that look like
/// them. Its case is kept where words can be split by it.
pub(crate) fn fold(name: &str, fold: Fold) -> String {
    let mut folded = String::with_capacity(name.len());
    for char in name.chars() {
        if char.is_ascii() {
            folded.push(char);
        } else if !is_invisible(char) {
            decompose_compatible(char, |part| fold_char(part, fold, &mut folded));
        }
    }
    folded
}

fn fold_char(char: char, fold: Fold, folded: &mut String) {
    if char.is_ascii() {
        folded.push(char);
    } else if !is_combining_mark(char) && !is_invisible(char) {
        if fold == Fold::LookAlikesFirst {
            folded.push(latin_for(char).unwrap_or(char));
            return;
        }
        // Upper case first: `ß` is `SS`, and both small sigmas have one capital.
        let is_upper = char.is_uppercase();
        for lower in char.to_uppercase().flat_map(char::to_lowercase) {
            if is_combining_mark(lower) {
                continue;
            }
            let lower = latin_for(lower).unwrap_or(lower);
            if is_upper {
                folded.extend(lower.to_uppercase());
            } else {
                folded.push(lower);
            }
        }
    }
}

/// Returns the ASCII letter that a character looks like.
fn latin_for(char: char) -> Option<char> {
    let mut buffer = [0; 4];
    let mut like = skeleton(char.encode_utf8(&mut buffer)).filter(|char| !is_combining_mark(*char));
    match (like.next(), like.next()) {
        (Some(latin), None) if latin.is_ascii_alphabetic() => Some(latin),
        _ => None,
    }
}

/// Whether a character takes no room: Unicode's default ignorable ones.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_look_alikes_forms_and_invisible_characters() {
        for (name, expected) in [
            ("ｐａｓｓｗｏｒｄ", "password"),
            ("pass\u{200b}word", "password"),
            ("p\u{430}ssw\u{43e}rd", "password"),
            ("pässwörd", "password"),
            ("𝓹𝓪𝓼𝓼𝔀𝓸𝓻𝓭", "password"),
            ("ⓣⓞⓚⓔⓝ", "token"),
            ("contraseña", "contrasena"),
        ] {
            assert_eq!(fold(name, Fold::CaseFirst), expected);
            assert_eq!(fold(name, Fold::LookAlikesFirst), expected);
        }
        assert_eq!(fold("\u{422}OKEN", Fold::LookAlikesFirst), "TOKEN");
    }

    #[test]
    fn words_of_other_scripts_read_the_same_in_either_case() {
        for word in ["пароль", "токен", "κωδικός", "größe", "şifre"] {
            let upper = fold(&word.to_uppercase(), Fold::CaseFirst).to_lowercase();
            assert_eq!(upper, fold(word, Fold::CaseFirst).to_lowercase());
        }
    }
}
