//! JSON as it was written: numbers, escapes and the order of keys stay as they are, and a document that ends early is read
//! as far as it goes. `serde_json` does none of that.

/// Nesting that is followed. What is deeper is shown as it is.
const DEEPEST: usize = 400;

/// A value.
#[derive(Debug, PartialEq)]
pub(crate) enum Node<'t> {
    Scalar(Scalar<'t>),
    Container(Container<'t>),
}

/// A string, a number or a word, as it was written.
#[derive(Debug, PartialEq)]
pub(crate) struct Scalar<'t> {
    pub(crate) raw: &'t str,
    /// Whether its end is missing, or may be.
    pub(crate) is_torn: bool,
}

/// An object or an array.
#[derive(Debug, PartialEq)]
pub(crate) struct Container<'t> {
    pub(crate) is_object: bool,
    /// Keys, as they were written, with their values; the members of an array have none.
    pub(crate) members: Vec<(Option<&'t str>, Node<'t>)>,
    /// Whether its end is missing.
    pub(crate) is_torn: bool,
}

impl Scalar<'_> {
    pub(crate) fn is_string(&self) -> bool {
        self.raw.starts_with('"')
    }
}

impl Container<'_> {
    pub(crate) fn brackets(&self) -> (&'static str, &'static str) {
        if self.is_object {
            ("{", "}")
        } else {
            ("[", "]")
        }
    }
}

impl<'t> Node<'t> {
    /// Returns `None` for what is no JSON, and for a scalar whose end is missing.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let mut parser = Parser {
            text,
            at: 0,
            is_torn: false,
        };
        if parser.is_at_end() {
            return None;
        }
        let root = parser.value(0)?;
        (parser.is_torn || parser.is_at_end()).then_some(root)
    }

    pub(crate) fn is_torn(&self) -> bool {
        match self {
            Self::Scalar(scalar) => scalar.is_torn,
            Self::Container(container) => container.is_torn,
        }
    }

    /// The same without white space around it, on one line.
    pub(crate) fn compact(&self) -> String {
        let container = match self {
            Self::Scalar(scalar) => return scalar.raw.to_owned(),
            Self::Container(container) => container,
        };
        let (open, close) = container.brackets();
        let members = container.members.iter().map(|(key, value)| match key {
            Some(key) => format!("{key}: {}", value.compact()),
            None => value.compact(),
        });
        let members: Vec<String> = members.collect();
        if members.is_empty() {
            return format!("{open}{close}");
        }
        format!("{open} {} {close}", members.join(", "))
    }
}

/// What a string says. What is no valid string is returned as it was written.
pub(crate) fn unquoted(raw: &str) -> String {
    serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())
}

/// Every method returns `None` for what is no JSON.
struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Whether the text ended too early.
    is_torn: bool,
}

impl<'t> Parser<'t> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips white space.
    fn is_at_end(&mut self) -> bool {
        while matches!(self.next(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.next().is_none()
    }

    fn value(&mut self, depth: usize) -> Option<Node<'t>> {
        match self.next()? {
            _ if depth > DEEPEST => None,
            b'{' | b'[' => self.container(depth).map(Node::Container),
            b'"' => self.string().map(Node::Scalar),
            _ => self.word(depth).map(Node::Scalar),
        }
    }

    fn string(&mut self) -> Option<Scalar<'t>> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.next() {
                None => {
                    self.is_torn = true;
                    // A backslash may have been the last character.
                    self.at = self.text.len();
                    let raw = &self.text[start..];
                    return Some(Scalar { raw, is_torn: true });
                }
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(0..=0x1f) => return None,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Some(Scalar {
            raw: &self.text[start..self.at],
            is_torn: false,
        })
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self, depth: usize) -> Option<Scalar<'t>> {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let raw = &rest[..length];
        self.at += length;
        // Within a document, what reaches the end of the text may go on.
        let is_torn = depth > 0 && length == rest.len();
        self.is_torn |= is_torn;
        let is_word = ["true", "false", "null"]
            .iter()
            .any(|word| *word == raw || (is_torn && word.starts_with(raw) && !raw.is_empty()));
        let is_number = if is_torn {
            let mut rest = raw.strip_prefix('-').unwrap_or(raw).chars();
            rest.next().is_none_or(|c| c.is_ascii_digit())
                && rest.all(|c| c.is_ascii_digit() || "+-.eE".contains(c))
        } else {
            is_number(raw)
        };
        (is_word || is_number).then_some(Scalar { raw, is_torn })
    }

    fn container(&mut self, depth: usize) -> Option<Container<'t>> {
        let is_object = self.next() == Some(b'{');
        let close = if is_object { b'}' } else { b']' };
        let mut container = Container {
            is_object,
            members: Vec::new(),
            is_torn: true,
        };
        self.at += 1;
        if !self.is_at_end() && self.next() == Some(close) {
            self.at += 1;
            container.is_torn = false;
            return Some(container);
        }
        loop {
            if self.is_at_end() {
                break;
            }
            let key = if is_object {
                match self.key()? {
                    Some(key) => Some(key),
                    None => break,
                }
            } else {
                None
            };
            container.members.push((key, self.value(depth + 1)?));
            if self.is_torn || self.is_at_end() {
                break;
            }
            let end = self.next()?;
            self.at += 1;
            if end == close {
                container.is_torn = false;
                return Some(container);
            }
            if end != b',' {
                return None;
            }
        }
        self.is_torn = true;
        Some(container)
    }

    /// A key with its colon. The inner `None` is one whose value is missing.
    fn key(&mut self) -> Option<Option<&'t str>> {
        if self.next() != Some(b'"') {
            return None;
        }
        let key = self.string()?;
        if self.is_torn || self.is_at_end() {
            return Some(None);
        }
        if self.next() != Some(b':') {
            return None;
        }
        self.at += 1;
        Some((!self.is_at_end()).then_some(key.raw))
    }
}

/// Of any size: `serde_json` refuses what no `f64` holds.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            exponent.strip_prefix(['+', '-']).unwrap_or(exponent),
        ),
        None => (text, "0"),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let has_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !has_zero && digits(fraction) && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compact(text: &str) -> Option<String> {
        Node::parse(text).map(|node| node.compact())
    }

    #[test]
    fn everything_stays_as_it_was_written() {
        let text = r#" {"z": 12345678901234567890.10, "a":1e400,"\u0061": [ ],"é\"\\":[null,true, "x" ]} "#;
        assert_eq!(
            compact(text).as_deref(),
            Some(
                r#"{ "z": 12345678901234567890.10, "a": 1e400, "\u0061": [], "é\"\\": [ null, true, "x" ] }"#
            )
        );
        assert_eq!(unquoted(r#""\u0061\"""#), "a\"");
        assert_eq!(unquoted(r#""\ud800""#), r#""\ud800""#);
    }

    #[test]
    fn what_is_no_json_is_not_taken_for_it() {
        let deep = "[".repeat(DEEPEST + 2);
        for text in [
            "",
            " ",
            "{,}",
            "{1:2}",
            "[1 2]",
            "[01]",
            "nul",
            "tru e",
            "\"\n\"",
            "{} {}",
            "[+1]",
            "[1]x",
            &deep,
            "{\"a\" 1}",
            "[é]",
            "-",
        ] {
            assert_eq!(compact(text), None, "{text}");
        }
    }

    #[test]
    fn a_document_that_ends_early_is_read_as_far_as_it_goes() {
        let text = r#"{"a": [1, {"b": "c\\"}], "d": false}"#;
        for end in 1..text.len() {
            let node = Node::parse(&text[..end]).expect("a document");
            assert!(node.is_torn(), "{}", &text[..end]);
        }
        let whole = Node::parse(text).expect("a document");
        assert!(!whole.is_torn());
        assert_eq!(
            compact(r#"{"a": [1, 2"#).as_deref(),
            Some(r#"{ "a": [ 1, 2 ] }"#)
        );
        assert_eq!(compact(r#"{"a": 1, "b"#).as_deref(), Some(r#"{ "a": 1 }"#));
        assert_eq!(compact("[tr").as_deref(), Some("[ tr ]"));
        assert_eq!(compact("[\"a\\").as_deref(), Some("[ \"a\\ ]"));
    }
}
