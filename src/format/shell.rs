//! Words of a POSIX shell.

use std::fmt::Write as _;

use super::escape::is_unsafe;

/// The text as one word, between single quotes, where no character has a meaning but the quote.
///
/// Characters that a terminal acts on when a command is shown or pasted, and those that change how
/// it reads, are spelled by `printf` instead. None where the text has a NUL: no argument can.
pub(super) fn quoted(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    let mut word = String::with_capacity(text.len() + 2);
    word.push('\'');
    let mut rest = text;
    while let Some(at) = rest.find(is_not_shown) {
        push(&rest[..at], &mut word);
        let run = &rest[at..];
        let end = run.find(|char| !is_not_shown(char)).unwrap_or(run.len());
        // A line break is never among them: the shell drops those at the end of a substitution.
        word.push_str("'\"$(printf '");
        for byte in run[..end].bytes() {
            // Writing to a `String` cannot fail.
            let _ = write!(word, "\\{byte:03o}");
        }
        word.push_str("')\"'");
        rest = &run[end..];
    }
    push(rest, &mut word);
    word.push('\'');
    Some(word)
}

/// Whether a text can stand between quotes as it is.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(is_not_shown)
}

fn push(text: &str, word: &mut String) {
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
            ("a\x1b\x07b", r#"'a'"$(printf '\033\007')"'b'"#),
            ("\u{202e}", r#"''"$(printf '\342\200\256')"''"#),
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
