//! The forms of token families: a small language of literals and runs, and its matcher.
//!
//! | in a form | means |
//! |---|---|
//! | `ghp_` | these bytes |
//! | `{w36}` `{w10-40}` `{w36-}` | 36, 10 to 40, at least 36 bytes of the [class](super::class::CLASSES) `w` |
//! | `{uuid}` | a UUID |
//! | `(live\|test)` | one of these literals; one may be empty |
//! | `^` at the start | no letter, digit or `_` comes before, other than those of an escape |
//! | `$` at the end | no character of a token comes behind |
//! | `<` to `>` at the end | only this is hidden, and the rest is shown |
//!
//! Without `$`, the characters of tokens behind a match belong to it: formats grow.

use super::class::Class;

/// The shortest literal by which a form is found. Others are tried at the start of long runs.
const SHORTEST_ANCHOR: usize = 2;

#[derive(Clone, Debug)]
enum Piece {
    Literal(Vec<u8>),
    Run {
        class: Class,
        least: usize,
        most: usize,
    },
    /// What is hidden starts here.
    Hidden,
}

/// One form, without alternatives.
#[derive(Clone, Debug)]
pub(super) struct Form {
    starts_word: bool,
    ends_word: bool,
    before: Vec<Piece>,
    /// The literal by which it is found; empty if none is long enough.
    anchor: Vec<u8>,
    after: Vec<Piece>,
}

/// Where a form was found.
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Form {
    /// Returns the forms that `text`, with its alternatives, stands for.
    pub(super) fn parse(text: &str) -> Vec<Self> {
        let text = text.replace("{uuid}", "{X8}-{X4}-{X4}-{X4}-{X12}");
        match text.split_once('(') {
            None => vec![Self::parse_plain(&text)],
            Some((before, rest)) => {
                let (choices, after) = rest.split_once(')').expect("tested: `)` follows `(`");
                choices
                    .split('|')
                    .flat_map(|choice| Self::parse(&[before, choice, after].concat()))
                    .collect()
            }
        }
    }

    fn parse_plain(text: &str) -> Self {
        let (text, starts_word) = stripped(text, text.strip_prefix('^'));
        let (text, ends_word) = stripped(text, text.strip_suffix('$'));
        let mut pieces = pieces(text.trim_end_matches('>'));
        let is_anchor = |piece: &Piece| matches!(piece, Piece::Literal(bytes) if bytes.len() >= SHORTEST_ANCHOR);
        let (before, anchor) = match pieces.iter().position(is_anchor) {
            None => (Vec::new(), Vec::new()),
            Some(at) => {
                let after = pieces.split_off(at + 1);
                let Some(Piece::Literal(anchor)) = pieces.pop() else {
                    unreachable!("it is an anchor")
                };
                (std::mem::replace(&mut pieces, after), anchor)
            }
        };
        Self {
            starts_word,
            ends_word,
            before,
            anchor,
            after: pieces,
        }
    }

    pub(super) fn anchor(&self) -> &[u8] {
        &self.anchor
    }

    /// Fast path: whether a form without an anchor may start where these bytes do, the first `run` of which are characters of
    /// tokens. Such a form begins with a letter, or with a run of such characters, which a test holds the table to.
    #[inline]
    pub(super) fn may_begin(&self, bytes: &[u8], run: usize) -> bool {
        match self.after.first() {
            Some(Piece::Run { least, .. }) => *least <= run,
            Some(Piece::Literal(literal)) => bytes.starts_with(literal),
            _ => true,
        }
    }

    /// Whether the anchor begins a word.
    pub(super) fn anchor_starts_word(&self) -> bool {
        self.starts_word && self.before.is_empty()
    }

    /// The match whose anchor is at `at`. With `truncated`, one that the end of the text cuts off is one too.
    pub(super) fn match_at(
        &self,
        bytes: &[u8],
        at: usize,
        truncated: bool,
        runs: &mut Runs,
    ) -> Option<Match> {
        if !bytes[at..].starts_with(&self.anchor) {
            return None;
        }
        let start = self.start_before(bytes, at)?;
        let mut hidden = start;
        let mut end = at + self.anchor.len();
        for (index, piece) in self.after.iter().enumerate() {
            match piece {
                Piece::Hidden => hidden = end,
                Piece::Literal(literal) if bytes[end..].starts_with(literal) => {
                    end += literal.len();
                }
                Piece::Literal(literal) => {
                    let is_cut = truncated && literal.starts_with(&bytes[end..]);
                    return is_cut
                        .then_some(Match {
                            start: hidden,
                            end: bytes.len(),
                        })
                        .filter(|found| found.start < found.end);
                }
                Piece::Run { class, least, most } => {
                    let run = runs
                        .end(*class, index, bytes, end)
                        .min(end.saturating_add(*most));
                    let is_cut =
                        truncated && run == bytes.len() && run > hidden.max(at + self.anchor.len());
                    if is_cut && run < end + least {
                        return Some(Match {
                            start: hidden,
                            end: run,
                        });
                    }
                    if run < end + least {
                        return None;
                    }
                    end = run;
                }
            }
        }
        // The next byte decides: the run would be read again for each match in it.
        let goes_on = bytes.get(end).is_some_and(|byte| Class::TOKEN.has(*byte));
        if self.ends_word && goes_on {
            return None;
        }
        let token_end = Class::TOKEN.run_end(bytes, end);
        let is_padding = |byte: &&u8| **byte == b'=';
        let padding = bytes[token_end..].iter().take_while(is_padding).count();
        Some(Match {
            start: hidden,
            end: token_end + if padding <= 2 { padding } else { 0 },
        })
    }

    /// Where the match starts whose anchor is at `at`.
    fn start_before(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut start = at;
        for piece in self.before.iter().rev() {
            match piece {
                Piece::Literal(literal) if bytes[..start].ends_with(literal) => {
                    start -= literal.len();
                }
                Piece::Run { class, least, most } => {
                    let run = bytes[..start].iter().rev().take(*most);
                    let length = run.take_while(|byte| class.has(**byte)).count();
                    if length < *least {
                        return None;
                    }
                    start -= length;
                }
                _ => return None,
            }
        }
        (!self.starts_word || starts_word(bytes, start)).then_some(start)
    }
}

fn stripped<'t>(text: &'t str, stripped: Option<&'t str>) -> (&'t str, bool) {
    (stripped.unwrap_or(text), stripped.is_some())
}

fn pieces(mut text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some(first) = text.chars().next() {
        if let Some(rest) = text.strip_prefix('<') {
            pieces.push(Piece::Hidden);
            text = rest;
        } else if let Some(rest) = text.strip_prefix('{') {
            let (run, rest) = rest.split_once('}').expect("tested: `}` follows `{`");
            pieces.push(parse_run(run));
            text = rest;
        } else {
            let end = text.find(['<', '{']).unwrap_or(text.len());
            debug_assert!(first.is_ascii());
            pieces.push(Piece::Literal(text[..end].into()));
            text = &text[end..];
        }
    }
    pieces
}

/// The run of `w36`, `w10-40` or `w36-`.
fn parse_run(run: &str) -> Piece {
    let number = |text: &str| text.parse().expect("tested: a run has numbers");
    let (class, lengths) = run.split_at(1);
    let (least, most) = match lengths.split_once('-') {
        None => (number(lengths), number(lengths)),
        Some((least, "")) => (number(least), usize::MAX),
        Some((least, most)) => (number(least), number(most)),
    };
    Piece::Run {
        class: Class::of(class.chars().next().expect("tested: a run has a class")),
        least,
        most,
    }
}

/// Whether a word may start at `at`: behind no letter, digit or `_`, or behind the escape of another character.
#[inline]
pub(crate) fn starts_word(bytes: &[u8], at: usize) -> bool {
    const OF_WORD: Class = Class::of('i');
    let before = &bytes[..at];
    !before.last().is_some_and(|byte| OF_WORD.has(*byte)) || ends_with_escape(before)
}

#[inline]
fn ends_with_escape(bytes: &[u8]) -> bool {
    // Fast path: no escape begins where one would. Each place in a run of token characters is asked for.
    if let Some([unicode, .., percent, short, _]) = bytes.last_chunk::<6>() {
        if *unicode != b'\\' && *percent != b'%' && *short != b'\\' {
            return false;
        }
    }
    match bytes {
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] => true,
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d].iter().all(|b| b.is_ascii_hexdigit()),
        _ => false,
    }
}

/// The ends of runs that were read lately, so that no run is read again for each place in it.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// By class and the number of the piece in its form, as pieces of one number are asked for in ascending order.
    ends: Vec<(Class, usize, std::ops::Range<usize>)>,
}

impl Runs {
    fn end(&mut self, class: Class, piece: usize, bytes: &[u8], at: usize) -> usize {
        let known = self
            .ends
            .iter_mut()
            .find(|(c, p, _)| (*c, *p) == (class, piece));
        match known {
            Some((.., run)) if run.contains(&at) => run.end,
            Some((.., run)) => {
                *run = at..class.run_end(bytes, at);
                run.end
            }
            None => {
                let end = class.run_end(bytes, at);
                self.ends.push((class, piece, at..end));
                end
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found<'t>(form: &str, text: &'t str, truncated: bool) -> Option<&'t str> {
        let bytes = text.as_bytes();
        Form::parse(form).iter().find_map(|form| {
            let found = (0..bytes.len())
                .find_map(|at| form.match_at(bytes, at, truncated, &mut Runs::default()))?;
            Some(&text[found.start..found.end])
        })
    }

    #[test]
    fn literals_and_runs_follow_each_other() {
        assert_eq!(
            found("ab-{d2-3}.{l1-}", "x ab-12.xyz", false),
            Some("ab-12.xyz")
        );
        assert_eq!(found("ab-{d2-3}.{l1-}", "ab-1.xyz", false), None);
        assert_eq!(found("(ab|cd|)-{d4}", "cd-1234", false), Some("cd-1234"));
        assert_eq!(found("{l3}--{d2}", "abc--12", false), Some("abc--12"));
        assert_eq!(found("{l3}--{d2}", "ab--12", false), None);
    }

    #[test]
    fn forms_of_the_table_without_an_anchor_begin_with_characters_of_tokens() {
        let families = super::super::table::families();
        let forms = families.flat_map(|family| Form::parse(family.form));
        for form in forms.filter(|form| form.anchor.is_empty()) {
            let is_of_tokens = match &form.after[..] {
                [Piece::Run { class, .. }, ..] => {
                    (0..=255).all(|byte| Class::TOKEN.has(byte) || !class.has(byte))
                }
                [Piece::Literal(literal), ..] => literal.iter().all(|b| Class::TOKEN.has(*b)),
                _ => false,
            };
            assert!(is_of_tokens, "{form:?}");
        }
    }

    #[test]
    fn words_start_behind_escapes_too() {
        for before in ["", " ", "\"", "-", "%22", "\\n", "\\u0022", "=", "é"] {
            assert_eq!(
                found("^ab{d2}$", &format!("{before}ab12"), false),
                Some("ab12"),
                "{before}"
            );
        }
        for before in ["x", "_", "1", "%2", "%2x", "%x2", "u0022", "\\u002x"] {
            assert_eq!(
                found("^ab{d2}$", &format!("{before}ab12"), false),
                None,
                "{before}"
            );
        }
        for after in ["x", "-", "_", "1"] {
            assert_eq!(
                found("^ab{d2}$", &format!("ab12{after}"), false),
                None,
                "{after}"
            );
        }
    }

    #[test]
    fn what_is_behind_belongs_to_it_and_only_the_marked_part_is_hidden() {
        assert_eq!(
            found("ab-{d2}", "ab-12xy-z== !", false),
            Some("ab-12xy-z==")
        );
        assert_eq!(
            found("host/path/<{w4-}>", "host/path/abcd/e", false),
            Some("abcd")
        );
    }

    #[test]
    fn a_match_may_be_cut_off_by_the_end() {
        assert_eq!(found("ab-{d4}.{d4}", "ab-12", true), Some("ab-12"));
        assert_eq!(found("ab-{d4}.{d4}", "ab-1234.1", true), Some("ab-1234.1"));
        assert_eq!(found("ab-{d4}.{d4}", "ab-12 ", true), None);
        assert_eq!(found("ab-{d4}.{d4}", "ab-", true), None);
        assert_eq!(found("ab-{d4}.{d4}", "ab-12", false), None);
    }
}
