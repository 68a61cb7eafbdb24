//! What has to hold of any input of a format, made from a fuzzer's bytes. `tests/corpus.rs` reads the same inputs as
//! the targets in `fuzz/` have found.

pub mod cookie;
pub mod header;
pub mod openings;
pub mod text;
pub mod url;

use body_logger_redact::{Extent, Format, Redactor, MASK};

use openings::OPENINGS;

/// The only letter of secrets, in nothing else of what is written here.
const SECRET: char = 'Q';
/// So many characters of a secret in a row are never shown.
const MOST: &str = "QQQQ";

const RUNS: &[&str] = &[
    "a",
    "\u{e9}",
    "\u{20ac}",
    "\u{1f600}",
    " ",
    "A1",
    "\\",
    "\"",
    "-a ",
];

/// Choices, out of a fuzzer's bytes. When these are used up, each choice is the first.
pub struct Choices<'i>(std::slice::Iter<'i, u8>);

impl<'i> Choices<'i> {
    pub fn new(input: &'i [u8]) -> Self {
        Self(input.iter())
    }

    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }

    /// Of what a fuzzer chose, as many as there are, up to `most`.
    pub fn some(&mut self, most: usize, mut write: impl FnMut(&mut Self)) {
        for _ in 0..1 + self.below(most) {
            write(self);
        }
    }

    pub fn secret(&mut self) -> String {
        SECRET.to_string().repeat(4 + self.below(9))
    }

    /// One of these templates, with secrets in the place of each `Q`.
    pub fn written(&mut self, templates: &[&str]) -> String {
        let template = self.of(templates);
        let secret = self.secret();
        template.replace(SECRET, &secret)
    }

    /// Openings between runs of characters, of one byte or of several, that are longer than anything looked for.
    fn openings(&mut self) -> String {
        let mut text = String::new();
        self.some(9, |choices| {
            let (length, run) = (choices.byte(), choices.of(RUNS));
            text += &run.repeat(usize::from(length) * choices.below(4));
            text += choices.of(OPENINGS);
        });
        text
    }

    /// Characters that say nothing and are in no secret.
    pub fn harmless(&mut self, alphabet: &str, most: usize) -> String {
        let characters: Vec<char> = alphabet.chars().collect();
        let length = self.below(most + 1);
        (0..length)
            .map(|_| characters[self.below(characters.len())])
            .collect()
    }
}

/// Asserts that all that is shown stands in the input, in the same order, with masks for what is not shown.
#[track_caller]
fn assert_masked(input: &str, shown: &str, is_all: bool) {
    let mut rest = input;
    for (at, piece) in shown.split(MASK).enumerate() {
        let found = match at {
            0 => rest.strip_prefix(piece),
            _ => rest.split_once(piece).map(|(_, behind)| behind),
        };
        rest = found.unwrap_or_else(|| panic!("{input:?} became {shown:?}"));
    }
    let ends = rest.is_empty() || shown.contains(MASK);
    assert!(!is_all || ends, "{input:?} became {shown:?}");
}

/// Reads anything in a format: what is shown stands in it. The same bytes also choose of what the scanners look for.
#[track_caller]
pub fn check_any(format: Format<'_>, input: &[u8]) {
    check_masked(format, input);
    check_masked(format, Choices::new(input).openings().as_bytes());
}

#[track_caller]
pub fn check_masked(format: Format<'_>, input: &[u8]) {
    let redactor = Redactor::builder()
        .redact_high_entropy()
        .redact_personal_data()
        .build();
    for redactor in [&Redactor::default(), &redactor] {
        for extent in [Extent::Whole, Extent::Truncated] {
            let explanation = redactor.explain(input, format, extent);
            let text = String::from_utf8_lossy(input);
            let redacted = explanation.redacted;
            assert!(redacted.consumed <= input.len());
            assert_masked(&text, redacted.as_str(), false);
        }
    }
}

/// Reads an input with secrets in it, whole and cut off anywhere: none is shown.
#[track_caller]
pub fn check_planted(format: Format<'_>, input: &str) {
    let redactor = Redactor::default();
    let step = 1 + input.len() / 100;
    let cuts = (0..input.len()).step_by(step);
    for end in cuts.chain([input.len()]) {
        let extent = match end == input.len() {
            true => Extent::Whole,
            false => Extent::Truncated,
        };
        let explanation = redactor.explain(&input.as_bytes()[..end], format, extent);
        let shown = explanation.redacted.as_str();
        assert!(
            !shown.contains(MOST),
            "{format:?} to {end} of {input:?} shows {shown:?}"
        );
    }
}
