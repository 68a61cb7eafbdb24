//! Indents JSON, with each token unchanged.

/// Maximum depth of indentation: otherwise lines of a deep document would be mostly blanks.
const MAX_INDENT: usize = 20;

/// Maximum length of the lines relative to the document, if they are longer than `MIN_LIMIT`.
const MAX_GROWTH: usize = 4;

/// Length that the lines of any document may have.
const MIN_LIMIT: usize = 4 * 1024;

/// Returns a valid JSON document on indented lines. Strings, numbers and the order of keys are unchanged: only
/// white space between tokens changes. Returns `None` if most of the lines would be white space: a client could
/// otherwise choose how long the output gets.
pub(super) fn lines(document: &str) -> Option<String> {
    let mut lines = Lines {
        text: String::with_capacity(2 * document.len()),
        done: 0,
        depth: 0,
    };
    let limit = (document.len() * MAX_GROWTH).max(MIN_LIMIT);
    let mut rest = document;
    while let Some(first) = rest.chars().next() {
        if lines.done > limit {
            return None;
        }
        let (token, tail) = rest.split_at(token_length(rest, first));
        rest = tail;
        match first {
            '{' | '[' => {
                lines.text.push(first);
                let inside = rest.trim_start_matches(is_blank);
                match inside.strip_prefix(['}', ']']) {
                    Some(behind) => {
                        lines.text.push(if first == '{' { '}' } else { ']' });
                        rest = behind;
                    }
                    None => lines.open(),
                }
            }
            '}' | ']' => {
                lines.close();
                lines.text.push(first);
            }
            ',' => {
                lines.text.push(first);
                lines.end_line();
            }
            ':' => lines.text.push_str(": "),
            first if is_blank(first) => {}
            _ => lines.text.push_str(token),
        }
    }
    Some(lines.text)
}

struct Lines {
    text: String,
    /// Length of the lines that are done.
    done: usize,
    depth: usize,
}

impl Lines {
    fn open(&mut self) {
        self.depth += 1;
        self.end_line();
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.end_line();
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.done = self.text.len();
        for _ in 0..self.depth.min(MAX_INDENT) {
            self.text.push_str("  ");
        }
    }
}

/// Returns the length of the token that starts with `first`: a string, a number or a word, otherwise 1.
fn token_length(text: &str, first: char) -> usize {
    let end = match first {
        '"' => return string_length(text),
        '{' | '}' | '[' | ']' | ',' | ':' => 1,
        first if is_blank(first) => 1,
        _ => text
            .find(|char| is_blank(char) || matches!(char, '{' | '}' | '[' | ']' | ',' | ':' | '"'))
            .unwrap_or(text.len()),
    };
    end.max(first.len_utf8())
}

fn string_length(text: &str) -> usize {
    let mut escaped = true; // skips the opening quote
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(document: &str, expected: &[&str]) {
        assert_eq!(lines(document).expect("lines"), expected.join("\n"));
    }

    #[test]
    fn puts_each_value_on_a_line() {
        check("1.50e+007", &["1.50e+007"]);
        check("{}", &["{}"]);
        check("[ ]", &["[]"]);
        check(
            r#"{"b":1.10,"a":[true,{}],"a":"x,\"{y"}"#,
            &[
                "{",
                "  \"b\": 1.10,",
                "  \"a\": [",
                "    true,",
                "    {}",
                "  ],",
                "  \"a\": \"x,\\\"{y\"",
                "}",
            ],
        );
        check(
            "{ \"é\\\\\" :\n\"日\" }",
            &["{", "  \"é\\\\\": \"日\"", "}"],
        );
    }

    #[test]
    fn deep_levels_are_indented_no_further_and_short_documents_always() {
        let deep = format!("{}1{}", "[".repeat(30), "]".repeat(30));
        let lines = lines(&deep).expect("lines");
        assert!(lines.len() > MAX_GROWTH * deep.len());
        let longest = lines
            .lines()
            .map(|line| line.len() - line.trim_start().len());
        assert_eq!(longest.max(), Some(40));
    }

    #[test]
    fn rejects_documents_that_would_become_mostly_blanks() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(lines(&deep), None);
        let wide = format!(
            "{}{}1{}",
            "[".repeat(20),
            "1,".repeat(9_000),
            "]".repeat(20)
        );
        assert_eq!(lines(&wide), None);
        let flat = format!("[{}1]", "1,".repeat(9_000));
        assert_eq!(lines(&flat).map(|lines| lines.lines().count()), Some(9_003));
    }

    fn document() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn changes_only_white_space(document in document()) {
            let text = document.to_string();
            if let Some(lines) = lines(&text) {
                let read: serde_json::Value =
                    serde_json::from_str(&lines).expect("JSON");
                prop_assert_eq!(read, document);
            }
        }

        #[test]
        fn accepts_any_text(text: String) {
            let _ = lines(&text);
        }
    }
}
