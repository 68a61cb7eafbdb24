//! The subjects of entries, from a template.

use std::{error::Error, fmt};

use body_logger_core::Entry;

use crate::batch::Outgoing;

/// Maximum number of characters in a token that is made from a value.
const MAX_TOKEN: usize = 64;

/// A template of subjects; see [`JetStream`](super::JetStream#subjects).
#[derive(Debug, Clone)]
pub(super) struct Template {
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Literal(String),
    Service,
    Instance,
    Kind,
    Method,
    Route,
    StatusClass,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut tokens = Vec::new();
        for token in text.split('.') {
            tokens.push(match token {
                "{service}" => Token::Service,
                "{instance}" => Token::Instance,
                "{kind}" => Token::Kind,
                "{method}" => Token::Method,
                "{route}" => Token::Route,
                "{status_class}" => Token::StatusClass,
                literal if is_literal(literal) => Token::Literal(literal.to_owned()),
                _ => return Err(TemplateError::Token(token.to_owned())),
            });
        }
        let at = tokens.iter().position(|token| *token == Token::Instance);
        let is_fixed =
            |token: &Token| matches!(token, Token::Literal(_) | Token::Service | Token::Instance);
        let starts_so = matches!(tokens[0], Token::Literal(_));
        match at {
            Some(at) if starts_so && at + 1 < tokens.len() && tokens[..at].iter().all(is_fixed) => {
                Ok(Self { tokens })
            }
            _ => Err(TemplateError::Order),
        }
    }

    /// The subjects of all services and instances.
    pub(super) fn all(&self) -> String {
        let literals = self.tokens.iter().map_while(|token| match token {
            Token::Literal(text) => Some(text.as_str()),
            _ => None,
        });
        let mut all = literals.collect::<Vec<_>>().join(".");
        all.push_str(".>");
        all
    }

    /// The subjects of one instance.
    pub(super) fn of_instance(&self, service: &str, instance: &str) -> String {
        let mut subject = String::new();
        for part in &self.tokens {
            match part {
                Token::Literal(text) => subject.push_str(text),
                Token::Service => push_value(&mut subject, Some(service)),
                _ => {
                    push_value(&mut subject, Some(instance));
                    break;
                }
            }
            subject.push('.');
        }
        subject.push_str(".>");
        subject
    }

    pub(super) fn subject(&self, service: &str, instance: &str, entry: &Outgoing) -> String {
        let (kind, record) = match entry.entry() {
            Entry::Record(record) => ("record", Some(record)),
            Entry::Gap(_) => ("gap", None),
            Entry::Maintenance(_) => ("maintenance", None),
            _ => ("other", None),
        };
        let mut subject = String::new();
        for (token, number) in self.tokens.iter().zip(0..) {
            if number > 0 {
                subject.push('.');
            }
            match token {
                Token::Literal(text) => subject.push_str(text),
                Token::Service => push_value(&mut subject, Some(service)),
                Token::Instance => push_value(&mut subject, Some(instance)),
                Token::Kind => subject.push_str(kind),
                Token::Method => push_value(&mut subject, record.map(|it| &*it.request.method)),
                Token::Route => {
                    let route = record.and_then(|it| it.request.route.as_deref());
                    push_value(&mut subject, route);
                }
                Token::StatusClass => {
                    let status = record.and_then(|it| it.status());
                    let class = status.map(|status| format!("{}xx", status / 100));
                    push_value(&mut subject, class.as_deref());
                }
            }
        }
        subject
    }
}

fn is_literal(token: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !token.is_empty() && token.bytes().all(is_safe)
}

/// Appends a value as one token: runs of other characters are one `-`.
fn push_value(subject: &mut String, value: Option<&str>) {
    let start = subject.len();
    for char in value.unwrap_or("none").chars() {
        if subject.len() - start >= MAX_TOKEN {
            break;
        }
        if char.is_ascii_alphanumeric() || char == '_' {
            subject.push(char);
        } else if subject.len() > start && !subject.ends_with('-') {
            subject.push('-');
        }
    }
    let trimmed = subject.trim_end_matches('-').len().max(start);
    subject.truncate(trimmed);
    if subject.len() == start {
        subject.push_str("root");
    }
}

/// Whether each subject that `subject` may stand for is one that `pattern` stands for.
pub(super) fn covers(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(token)) if token != ">" => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Whether a subject may be one of both patterns.
pub(super) fn overlaps(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (Some(">"), Some(_)) | (Some(_), Some(">")) | (None, None) => return true,
            (Some(one), Some(other)) if one == other || one == "*" || other == "*" => {}
            _ => return false,
        }
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateError {
    /// A token is neither a literal of letters, digits, `-` and `_`, nor a placeholder that is known.
    Token(String),
    /// It does not begin with a literal, or `{instance}` is missing, is last, or comes after something that changes.
    Order,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(token) => write!(f, "{token:?} is no token of a subject"),
            Self::Order => f.write_str(
                "a template begins with a literal, and has {instance} before all that is not the same in each entry",
            ),
        }
    }
}

impl Error for TemplateError {}

#[cfg(test)]
mod tests {
    use body_logger_core::Record;

    use super::*;

    fn outgoing(record: Record) -> Outgoing {
        Outgoing::new(Entry::Record(record), "{}").expect("a record")
    }

    #[test]
    fn subjects_follow_the_template() {
        let template = "audit.{service}.{instance}.{kind}.{method}.{route}.{status_class}";
        let template = Template::parse(template).expect("a template");
        let subject = template.subject("orders", "orders-7f9c", &outgoing(Record::example()));
        assert_eq!(
            subject,
            "audit.orders.orders-7f9c.record.POST.orders-id.2xx"
        );
        assert_eq!(template.all(), "audit.>");
        assert_eq!(
            template.of_instance("orders", "orders-7f9c"),
            "audit.orders.orders-7f9c.>"
        );
    }

    #[test]
    fn no_value_adds_a_token_or_a_wildcard() {
        let template = Template::parse("a.{instance}.{route}.{method}").expect("a template");
        for (value, token) in [
            ("/a.b/*/>", "a-b"),
            ("", "root"),
            ("/", "root"),
            ("...", "root"),
            ("a b\r\nPUB x 1", "a-b-PUB-x-1"),
            ("é", "root"),
            (&"x".repeat(1000), &"x".repeat(MAX_TOKEN)),
        ] {
            let mut record = Record::example();
            record.request.route = Some(value.into());
            record.request.method = value.into();
            let subject = template.subject("s", value, &outgoing(record));
            assert_eq!(subject, format!("a.{token}.{token}.{token}"));
        }
    }

    #[test]
    fn a_template_tells_instances_apart_before_all_that_changes() {
        for text in ["a.{instance}.{kind}", "a.b.{service}.{instance}.c"] {
            assert!(Template::parse(text).is_ok(), "{text}");
        }
        for text in [
            "{instance}.a",
            "a.{instance}",
            "a.{route}.{instance}.b",
            "a.b",
        ] {
            assert_eq!(
                Template::parse(text).map(|_| ()),
                Err(TemplateError::Order),
                "{text}"
            );
        }
        for token in ["", "*", ">", "a b", "{path}", "{instance}x"] {
            let parsed = Template::parse(&format!("a.{{instance}}.{token}"));
            assert_eq!(
                parsed.map(|_| ()),
                Err(TemplateError::Token(token.to_owned()))
            );
        }
    }

    #[test]
    fn a_pattern_covers_what_is_at_most_as_wide() {
        for (pattern, subject) in [
            ("audit.>", "audit.>"),
            (">", "audit.>"),
            ("a.*.>", "a.b.>"),
            ("a.*", "a.b"),
        ] {
            assert!(covers(pattern, subject), "{pattern} {subject}");
        }
        for (pattern, subject) in [
            ("audit.*", "audit.>"),
            ("audit.b.>", "audit.>"),
            ("a", "a.b"),
            ("a.b", "a"),
        ] {
            assert!(!covers(pattern, subject), "{pattern} {subject}");
        }
    }

    #[test]
    fn patterns_overlap_where_one_subject_may_be_of_both() {
        for (one, other, expected) in [
            ("audit.>", "audit.>", true),
            (">", "audit.>", true),
            ("audit.*.done", "audit.>", true),
            ("*.b", "a.*", true),
            ("a.b", "a.b", true),
            ("orders.>", "audit.>", false),
            ("audit", "audit.>", false),
            ("*", "a.b", false),
        ] {
            assert_eq!(overlaps(one, other), expected, "{one} {other}");
            assert_eq!(overlaps(other, one), expected, "{other} {one}");
        }
    }
}
