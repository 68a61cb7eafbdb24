//! Words of a POSIX shell.

use std::fmt::Write as _;

use super::escape::is_unsafe;

/// The text as one word, between single quotes, where no character has a meaning but the quote.
///
/// A text with characters that a terminal acts on when a command is shown or pasted, or that change
/// how it reads, is spelled by `printf` instead: at most four characters for each byte. None where
/// the text has a NUL: no argument can.
pub(super) fn quoted(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    let mut word = String::with_capacity(text.len() + 2);
    if is_plain(text) {
        word.push('\'');
        push_quoted(text, &mut word);
        word.push('\'');
        return Some(word);
    }
    // The shell drops the line breaks at the end of a substitution.
    let spelled = text.trim_end_matches('\n');
    word.push_str("\"$(printf '");
    for (at, char) in spelled.char_indices() {
        match char {
            '\\' => word.push_str("\\\\"),
            '%' => word.push_str("%%"),
            // What begins with a dash is an option to some.
            '-' if at == 0 => word.push_str("\\055"),
            '\'' => word.push_str("\\047"),
            char if is_not_shown(char) => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a `String` cannot fail.
                    let _ = write!(word, "\\{byte:03o}");
                }
            }
            char => word.push(char),
        }
    }
    word.push_str("')\"");
    if spelled.len() < text.len() {
        word.push('\'');
        word.push_str(&text[spelled.len()..]);
        word.push('\'');
    }
    Some(word)
}

/// Whether a text can stand between quotes as it is.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(is_not_shown)
}

fn push_quoted(text: &str, word: &mut String) {
    for (i, piece) in text.split('\'').enumerate() {
        if i > 0 {
            word.push_str("'\\''");
        }
        word.push_str(piece);
    }
}

fn is_not_shown(char: char) -> bool {
    char != '\n' && is_unsafe(char)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;

    /// What a shell makes of words.
    fn read_by_a_shell(words: &str) -> Vec<String> {
        let output = Command::new("sh")
            .args(["-c", &format!("printf '%s\\0' {words}")])
            .stdin(Stdio::null())
            .output()
            .expect("a shell");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let mut read: Vec<String> = text.split('\0').map(str::to_owned).collect();
        assert_eq!(read.pop().as_deref(), Some(""));
        read
    }

    #[test]
    fn words_are_written_as_expected() {
        for (text, expected) in [
            ("", "''"),
            ("plain", "'plain'"),
            ("it's", r"'it'\''s'"),
            ("''", r"''\'''\'''"),
            (r"$(a) `b` \c", r"'$(a) `b` \c'"),
            ("a\nb", "'a\nb'"),
            ("a\x1b\x07b", r#""$(printf 'a\033\007b')""#),
            ("\u{202e}", r#""$(printf '\342\200\256')""#),
            (
                "-%s\\n'\t\n\n",
                "\"$(printf '\\055%%s\\\\n\\047\\011')\"'\n\n'",
            ),
        ] {
            assert_eq!(quoted(text).as_deref(), Some(expected));
        }
        assert_eq!(quoted("a\0b"), None);
    }

    #[test]
    fn no_character_of_ascii_is_lost_in_a_shell() {
        let texts: Vec<String> = (1..0x80)
            .map(|byte: u8| format!("{0}a{0}{0}", char::from(byte)))
            .collect();
        let words: Vec<String> = texts.iter().filter_map(|text| quoted(text)).collect();
        assert_eq!(read_by_a_shell(&words.join(" ")), texts);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn a_shell_reads_back_what_was_written(
            texts in prop::collection::vec(
                prop_oneof![
                    "[^\0]{0,40}",
                    "['\"\\\\$`!*?~#&;|<>(){}\\[\\] \t\r\n\x1b\u{85}\u{202e}é日a%-]{0,40}",
                ],
                1..12,
            )
        ) {
            let words: Vec<String> = texts.iter().filter_map(|text| quoted(text)).collect();
            for word in &words {
                prop_assert!(is_plain(word));
            }
            prop_assert_eq!(read_by_a_shell(&words.join(" ")), texts);
        }
    }
}
