//! Random documents with secrets planted in them.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Node {
    Text(u32, u8),
    Number(u32, u8),
    Literal(u8),
    Array(Vec<Node>),
    Object(Vec<(Name, Node)>),
}

#[derive(Clone, Debug)]
enum Name {
    Harmless(u32),
    /// Which secret name, and how it is spelled.
    Secret(usize, u8),
}

const SECRET: [&str; 6] = [
    "password",
    "card_number",
    "token",
    "x_api_key",
    "ssn",
    "größe",
];

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        3 => (any::<u32>(), any::<u8>()).prop_map(|(n, style)| Node::Text(n, style)),
        2 => (any::<u32>(), any::<u8>()).prop_map(|(n, style)| Node::Number(n, style)),
        1 => any::<u8>().prop_map(Node::Literal),
    ];
    let name = prop_oneof![
        any::<u32>().prop_map(Name::Harmless),
        (0..SECRET.len(), any::<u8>()).prop_map(|(n, style)| Name::Secret(n, style)),
    ];
    leaf.prop_recursive(5, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Node::Array),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(Node::Object),
        ]
    })
}

/// Documents, one after the other, and what was put into them.
#[derive(Default, Debug)]
struct Written {
    text: String,
    harmless: Vec<String>,
    secrets: Vec<String>,
    /// Byte ranges of secret names, and of the values under them.
    names: Vec<std::ops::Range<usize>>,
    values: Vec<std::ops::Range<usize>>,
    spaces: u8,
}

fn written(nodes: &[Node], spaces: u8) -> Written {
    let mut written = Written {
        spaces,
        ..Written::default()
    };
    for node in nodes {
        written.node(node, false);
        written.text.push('\n');
    }
    written
}

/// A digest of letters that no other text here has: upper-case for secrets, lower-case for the rest.
fn letters(n: u32, base: u8) -> String {
    (0..7)
        .map(|at| char::from(base + (n.rotate_left(at * 5) % 16) as u8))
        .collect()
}

impl Written {
    fn space(&mut self) {
        self.spaces = self
            .spaces
            .wrapping_mul(5)
            .wrapping_add(if self.spaces > 0 { 17 } else { 0 });
        self.text
            .push_str(["", " ", "\n  ", "\t\r\n"][usize::from(self.spaces >> 6)]);
    }

    fn marker(&mut self, n: u32, secret: bool) -> String {
        let marker = if secret {
            format!("ZQ{}", letters(n, b'A'))
        } else {
            format!("h{}", letters(n, b'a'))
        };
        if secret {
            &mut self.secrets
        } else {
            &mut self.harmless
        }
        .push(marker.clone());
        marker
    }

    fn node(&mut self, node: &Node, secret: bool) {
        match node {
            Node::Text(n, style) => {
                let marker = self.marker(*n, secret);
                let around = [
                    "",
                    "é",
                    "\\n",
                    "\\u00e9\\\"",
                    "😀",
                    "\\ud83d\\ude00",
                    "{[,:",
                    "\\\\",
                ][usize::from(style % 8)];
                self.text.push_str(&format!("\"{around}{marker}{around}\""));
            }
            Node::Number(n, style) if secret => {
                let number = format!(
                    "7391{n}{}",
                    ["", ".25", "e5", "E-12"][usize::from(style % 4)]
                );
                self.secrets.push(number.clone());
                self.text.push_str(&number);
            }
            Node::Number(n, style) => {
                let number = format!(
                    "{}{}",
                    n % 100,
                    ["", ".25", "e5", "E-12"][usize::from(style % 4)]
                );
                self.text.push_str(&number);
            }
            Node::Literal(n) => self
                .text
                .push_str(["true", "false", "null"][usize::from(n % 3)]),
            Node::Array(elements) => {
                self.list(elements, ('[', ']'), |this, element| {
                    this.node(element, secret)
                });
            }
            Node::Object(members) => self.list(members, ('{', '}'), |this, (name, value)| {
                let now_secret = this.name(name, secret);
                this.space();
                this.text.push(':');
                this.space();
                let start = this.text.len();
                this.node(value, secret || now_secret);
                if now_secret {
                    this.values.push(start..this.text.len());
                }
            }),
        }
    }

    fn list<T>(
        &mut self,
        items: &[T],
        brackets: (char, char),
        mut item: impl FnMut(&mut Self, &T),
    ) {
        self.text.push(brackets.0);
        for (n, one) in items.iter().enumerate() {
            if n > 0 {
                self.text.push(',');
            }
            self.space();
            item(self, one);
            self.space();
        }
        self.text.push(brackets.1);
    }

    /// Whether the name is secret.
    fn name(&mut self, name: &Name, secret: bool) -> bool {
        let start = self.text.len();
        match name {
            Name::Harmless(n) => {
                let marker = self.marker(*n, secret);
                self.text.push_str(&format!("\"{marker}\""));
                return false;
            }
            Name::Secret(which, style) => {
                let name = SECRET[*which];
                let spelled = match style % 5 {
                    0 => name.to_owned(),
                    1 => name.to_ascii_uppercase(),
                    2 => name.replace('_', "-"),
                    3 => name.replace('_', ""),
                    _ => name
                        .chars()
                        .map(|c| format!("\\u{:04X}", u32::from(c)))
                        .collect(),
                };
                self.text.push_str(&format!("\"{spelled}\""));
            }
        }
        self.names.push(start..self.text.len());
        true
    }
}

fn secret_rules() -> Rules {
    rules(&SECRET, &[], true)
}

#[track_caller]
fn assert_nothing_leaks(redacted: &Redacted, written: &Written) {
    for secret in &written.secrets {
        assert!(
            !redacted.text.contains(&secret[..4]),
            "{secret} in {}",
            redacted.text
        );
    }
    assert!(!redacted.text.contains("ZQ"), "{}", redacted.text);
}

const BAD_BYTES: &[u8] = b"\"\\{}[]:,'x0-\x00\xff\xc3 /";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn harmless_markers_show_and_secrets_do_not(nodes in prop::collection::vec(node(), 1..4), spaces: u8) {
        let written = written(&nodes, spaces);
        for layout in [Layout::Verbatim, Layout::Compact] {
            let redacted = redact(written.text.as_bytes(), false, layout, &secret_rules());
            assert_nothing_leaks(&redacted, &written);
            assert_eq!((redacted.end, redacted.documents), (End::Complete, nodes.len()));
            for marker in &written.harmless {
                assert!(redacted.text.contains(marker), "{marker} not in {}", redacted.text);
            }
            assert!(serde_json::Deserializer::from_str(&redacted.text).into_iter::<Value>().all(|one| one.is_ok()));
        }
    }

    #[test]
    fn secrets_stay_hidden_wherever_the_input_is_cut(nodes in prop::collection::vec(node(), 1..3), spaces: u8) {
        let written = written(&nodes, spaces);
        let whole = redact(written.text.as_bytes(), false, Layout::Verbatim, &secret_rules()).text;
        for cut in 0..written.text.len() {
            for truncated in [false, true] {
                let redacted = redact(&written.text.as_bytes()[..cut], truncated, Layout::Verbatim, &secret_rules());
                assert_nothing_leaks(&redacted, &written);
                assert!(redacted.end != End::Malformed && redacted.consumed <= cut);
                // Nothing is shown that the whole input does not show; shapes may be suspected at the cut.
                let shown = redacted.text.trim_end_matches("***");
                assert!(whole.starts_with(shown), "{shown} does not begin {whole}");
            }
        }
    }

    #[test]
    fn secrets_stay_hidden_whichever_byte_is_wrong(node in node(), spaces: u8, random: u8) {
        let written = written(&[node], spaces);
        let mut bytes = written.text.clone().into_bytes();
        for at in 0..bytes.len() {
            // Another name is another document: its value need not be hidden.
            if written.names.iter().any(|name| name.contains(&at)) {
                continue;
            }
            let in_secret = written.values.iter().any(|value| value.contains(&at));
            let right = bytes[at];
            for wrong in BAD_BYTES.iter().copied().chain([random]) {
                // A value that ends earlier is another one too, and what follows it is well-formed: also where the
                // first byte of `{}` was wrong, as in `0}`.
                let ends = matches!(wrong, b'}' | b']')
                    || matches!(right, b'{' | b'[') && wrong.is_ascii_digit();
                if in_secret && ends {
                    continue;
                }
                bytes[at] = wrong;
                for truncated in [false, true] {
                    let redacted = redact(&bytes, truncated, Layout::Compact, &secret_rules());
                    assert_nothing_leaks(&redacted, &written);
                }
            }
            bytes[at] = right;
        }
    }

    #[test]
    fn without_rules_a_document_comes_out_byte_for_byte(nodes in prop::collection::vec(node(), 1..4), spaces: u8) {
        let written = written(&nodes, spaces);
        let redacted = redact(written.text.as_bytes(), false, Layout::Verbatim, &rules(&[], &[], false));
        assert_eq!(redacted.text, written.text);
        assert_eq!((redacted.end, redacted.consumed), (End::Complete, written.text.len()));
    }

    #[test]
    fn compacting_drops_the_white_space_and_nothing_else(node in node(), spaces: u8) {
        let written = written(&[node], spaces);
        let redacted = redact(written.text.as_bytes(), false, Layout::Compact, &rules(&[], &[], false));
        let mut in_string = false;
        let mut escaped = false;
        let expected: String = written.text.chars().filter(|c| {
            if in_string {
                in_string = escaped || *c != '"';
                escaped = !escaped && *c == '\\';
                return true;
            }
            in_string = *c == '"';
            !c.is_ascii_whitespace()
        }).collect();
        assert_eq!(&redacted.text, &expected);
        let parsed: Box<serde_json::value::RawValue> = serde_json::from_str(&redacted.text).expect("valid");
        assert_eq!(parsed.get(), expected);
        assert_eq!(serde_json::from_str::<Value>(&expected).expect("valid"), serde_json::from_str::<Value>(&written.text).expect("valid"));
    }

    #[test]
    fn no_bytes_at_all_are_too_strange(input: Vec<u8>, truncated: bool) {
        let redacted = redact(&input, truncated, Layout::Verbatim, &Rules::default());
        assert!(redacted.consumed <= input.len());
    }

    #[test]
    fn no_json_like_bytes_are_too_strange(input in "[\\[\\]{}:,\"\\\\u0-9tfn a-c\\.eE+-]{0,60}", truncated: bool) {
        let plain = redact(input.as_bytes(), truncated, Layout::Verbatim, &rules(&[], &[], false));
        assert!(input.starts_with(&plain.text));
        assert_eq!(plain.consumed, plain.text.len());
        let _ = redact(input.as_bytes(), truncated, Layout::Compact, &rules(&["a"], &["$..b[1]", "*.c"], true));
        corpus::assert_agrees_with_serde_json(input.as_bytes());
    }

    #[test]
    fn paths_and_names_hide_the_same_values(nodes in prop::collection::vec(node(), 1..3), spaces: u8) {
        let written = written(&nodes, spaces);
        let paths = SECRET.map(|name| format!("$..{name}"));
        let by_path = redact(written.text.as_bytes(), false, Layout::Verbatim, &rules(&[], &paths.each_ref().map(String::as_str), true));
        assert_eq!(by_path, redact(written.text.as_bytes(), false, Layout::Verbatim, &secret_rules()));
    }
}
