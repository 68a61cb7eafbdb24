//! Where a secret stands in a document.

use std::{error::Error, fmt, str::FromStr};

use super::names::{is_same_name, normalised};

/// Names values in a JSON document by where they stand, to be masked there and nowhere else.
///
/// | written | is |
/// |---|---|
/// | `user.password`, `$.user.password` | the member `password` of the member `user` of the document |
/// | `items[3].token` | in the fourth element of the array `items` |
/// | `items[*].token` | in every element |
/// | `*`, `user.*` | every member or element of the document, of `user` |
/// | `$..secret` | `secret` at any depth |
/// | `user..secret` | `secret` at any depth below `user` |
/// | `$['odd.key'].a` | a key that holds `.`, `[`, `]` or `*`, in single or double quotes, without escapes |
///
/// A path starts at the top of each document (in NDJSON: of each line), so `user.password` does not reach into a
/// document that is an array: write `[*].user.password`, or `$..user.password` to be rid of the question. Keys compare
/// as secret names do: without regard to ASCII case, `-`, `_` and spaces. `*` and `[*]` mean the same.
///
/// ```
/// use actix_web_body_logger::FieldPath;
///
/// let path: FieldPath = "items[*].card_number".parse()?;
/// assert_eq!(path.to_string(), "items[*].card_number");
/// assert_eq!(path, "$.items[*].cardNumber".parse()?);
///
/// let error = "items[first]".parse::<FieldPath>().unwrap_err();
/// assert_eq!(error.position(), 6);
/// assert_eq!(error.input(), "items[first]");
/// # Ok::<(), actix_web_body_logger::ParseFieldPathError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FieldPath {
    written: String,
    steps: Vec<Step>,
}

/// One step down from a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Whether any number of levels may lie between.
    pub(crate) at_any_depth: bool,
    pub(crate) child: Child,
}

/// Which children of an object or array a step takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Child {
    /// The members of this normalised name.
    Key(Box<str>),
    /// The element of this index.
    Index(u32),
    /// All of them.
    Any,
}

impl Child {
    /// Whether a member called `key` is meant.
    pub(crate) fn is_member(&self, key: &str) -> bool {
        match self {
            Self::Key(name) => is_same_name(name, key),
            Self::Index(_) => false,
            Self::Any => true,
        }
    }

    /// Whether the element at `index` is meant.
    pub(crate) fn is_element(&self, index: u32) -> bool {
        match self {
            Self::Key(_) => false,
            Self::Index(own) => *own == index,
            Self::Any => true,
        }
    }
}

impl FieldPath {
    /// The way down, never empty.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// Paths are equal that name the same values, however they are written.
impl PartialEq for FieldPath {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

impl Eq for FieldPath {}

impl fmt::Display for FieldPath {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl FromStr for FieldPath {
    type Err = ParseFieldPathError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let steps = Parser { path, at: 0 }
            .steps()
            .map_err(|(position, problem)| ParseFieldPathError {
                input: path.to_owned(),
                position,
                problem,
            })?;
        Ok(Self {
            written: path.to_owned(),
            steps,
        })
    }
}

/// Why a text is not a [`FieldPath`]: names the text, and the byte where it went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFieldPathError {
    input: String,
    position: usize,
    problem: Problem,
}

impl ParseFieldPathError {
    /// The text that is not a path.
    #[must_use]
    pub fn input(&self) -> &str {
        &self.input
    }

    /// The byte of the text, counted from 0, from which on it is not understood.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for ParseFieldPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            Problem::NoStep => "the path names nothing in the document",
            Problem::NoKey => "a key or `*` is missing",
            Problem::NoSeparator => "expected `.`, `..` or `[`",
            Problem::PartialWildcard => {
                "`*` must stand alone; put a key that holds it in quotes: `['a*']`"
            }
            Problem::BadIndex => "expected an index below 4294967296, `*` or a key in quotes",
            Problem::Unclosed => "expected `]`",
            Problem::UnclosedQuote => "the quote is not closed",
            Problem::StrayBracket => "`]` without `[`",
        };
        write!(
            f,
            "invalid field path `{}`: {problem} at byte {}",
            self.input, self.position
        )
    }
}

impl Error for ParseFieldPathError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    NoStep,
    NoKey,
    NoSeparator,
    PartialWildcard,
    BadIndex,
    Unclosed,
    UnclosedQuote,
    StrayBracket,
}

type Failure = (usize, Problem);

struct Parser<'p> {
    path: &'p str,
    at: usize,
}

impl<'p> Parser<'p> {
    fn steps(mut self) -> Result<Vec<Step>, Failure> {
        let mut steps = Vec::new();
        // Without `$` a path may begin with a key, as if `$.` stood before it.
        let mut separated = !self.take("$");
        while self.at < self.path.len() {
            let at_any_depth = self.take("..");
            let child = if self.take("[") {
                self.bracket()?
            } else if at_any_depth || self.take(".") || separated {
                self.key()?
            } else {
                return Err((self.at, Problem::NoSeparator));
            };
            separated = false;
            steps.push(Step {
                at_any_depth,
                child,
            });
        }
        if steps.is_empty() {
            return Err((self.at, Problem::NoStep));
        }
        Ok(steps)
    }

    /// A bare key, or `*`.
    fn key(&mut self) -> Result<Child, Failure> {
        let start = self.at;
        let key = self.take_until(['.', '[', ']']);
        if self.rest().starts_with(']') {
            return Err((self.at, Problem::StrayBracket));
        }
        match key {
            "" => Err((start, Problem::NoKey)),
            "*" => Ok(Child::Any),
            _ => match key.find('*') {
                Some(star) => Err((start + star, Problem::PartialWildcard)),
                None => Ok(Child::Key(normalised(key).into())),
            },
        }
    }

    /// What follows `[`: an index, `*`, or a key in quotes.
    fn bracket(&mut self) -> Result<Child, Failure> {
        let start = self.at;
        let child = if let Some(quote) = ['\'', '"']
            .into_iter()
            .find(|quote| self.rest().starts_with(*quote))
        {
            self.at += 1;
            let key = self.take_until([quote]);
            if self.at == self.path.len() {
                return Err((start, Problem::UnclosedQuote));
            }
            self.at += 1;
            Child::Key(normalised(key).into())
        } else if self.take("*") {
            Child::Any
        } else {
            let digits = self.take_until([']']);
            // `u32::from_str` takes a leading `+`, which no index has.
            match digits.parse() {
                Ok(index) if !digits.starts_with('+') => Child::Index(index),
                _ => return Err((start, Problem::BadIndex)),
            }
        };
        if self.take("]") {
            Ok(child)
        } else {
            Err((self.at, Problem::Unclosed))
        }
    }

    fn rest(&self) -> &'p str {
        &self.path[self.at..]
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn take_until<const N: usize>(&mut self, ends: [char; N]) -> &'p str {
        let rest = self.rest();
        let taken = rest.find(ends).map_or(rest, |end| &rest[..end]);
        self.at += taken.len();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Step {
        Step {
            at_any_depth: false,
            child: Child::Key(name.into()),
        }
    }

    #[track_caller]
    fn assert_steps(path: &str, steps: &[Step]) {
        let parsed: FieldPath = path.parse().expect(path);
        assert_eq!(parsed.steps(), steps, "{path}");
        assert_eq!(parsed.to_string(), path);
    }

    #[test]
    fn every_documented_form_is_understood() {
        let any = || Step {
            at_any_depth: false,
            child: Child::Any,
        };
        let index = |n| Step {
            at_any_depth: false,
            child: Child::Index(n),
        };
        let below = |name: &str| Step {
            at_any_depth: true,
            ..key(name)
        };
        assert_steps("user.password", &[key("user"), key("password")]);
        assert_steps("$.a.b", &[key("a"), key("b")]);
        assert_steps("items[*].token", &[key("items"), any(), key("token")]);
        assert_steps("items[3].token", &[key("items"), index(3), key("token")]);
        assert_steps("$..secret", &[below("secret")]);
        assert_steps("..secret", &[below("secret")]);
        assert_steps("user..secret", &[key("user"), below("secret")]);
        assert_steps("*", &[any()]);
        assert_steps("user.*", &[key("user"), any()]);
        assert_steps("[0][4294967295]", &[index(0), index(u32::MAX)]);
        assert_steps(
            "$..[2]",
            &[Step {
                at_any_depth: true,
                child: Child::Index(2),
            }],
        );
        assert_steps(
            "$..*",
            &[Step {
                at_any_depth: true,
                child: Child::Any,
            }],
        );
        assert_steps("$['odd.key*'].a", &[key("odd.key*"), key("a")]);
        assert_steps("a[\"it's\"]", &[key("a"), key("it's")]);
        assert_steps("Card Number.größe", &[key("cardnumber"), key("grösse")]);
        assert_steps("$.$ref", &[key("$ref")]);
    }

    #[test]
    fn paths_are_equal_however_they_are_written() {
        let parse = |path: &str| path.parse::<FieldPath>().expect(path);
        assert_eq!(parse("a.card_number"), parse("$.A['CardNumber']"));
        assert_eq!(parse("a.*"), parse("a[*]"));
        assert_ne!(parse("a.b"), parse("a..b"));
        assert_ne!(parse("a[1]"), parse("a['1']"));
    }

    #[test]
    fn errors_name_the_input_and_the_byte() {
        let cases = [
            ("", 0, "names nothing"),
            ("$", 1, "names nothing"),
            ("$a", 1, "expected `.`"),
            ("a.", 2, "is missing"),
            ("a..", 3, "is missing"),
            ("a...b", 3, "is missing"),
            (".[", 1, "is missing"),
            ("a[", 2, "expected an index"),
            ("a[]", 2, "expected an index"),
            ("a[-1]", 2, "expected an index"),
            ("a[+1]", 2, "expected an index"),
            ("a[first]", 2, "expected an index"),
            ("a[4294967296]", 2, "expected an index"),
            ("a[1", 3, "expected `]`"),
            ("a[*", 3, "expected `]`"),
            ("a[*x]", 3, "expected `]`"),
            ("a['b]", 2, "not closed"),
            ("a['b'", 5, "expected `]`"),
            ("a]", 1, "without"),
            ("größe.pass*", 12, "stand alone"),
            ("a[1]b", 4, "expected `.`"),
        ];
        for (path, position, problem) in cases {
            let error = path.parse::<FieldPath>().expect_err(path);
            let text = error.to_string();
            assert_eq!(error.position(), position, "{text}");
            assert_eq!(error.input(), path);
            assert!(text.contains(problem) && text.contains(path), "{text}");
        }
    }
}
