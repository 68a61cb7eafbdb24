//! What the words of a name say together.
//!
//! The last secret word or phrase decides, whatever stands before it; the words after it may make it harmless
//! (`token_type`), keep it secret (`password_hash`), or be of no list.

use super::{
    class::{Below, NameClass, Role, Secrecy},
    lexicon::{Core, Lexicon, Tail, LONGEST_PHRASE},
};

/// Stems that make a secret of a word that ends with them, whatever stands before: `rootpassword`.
pub(super) const STEMS: &[&[u8]] = &[
    b"password",
    b"passwords",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"pwd",
    b"secret",
    b"secrets",
    b"token",
    b"tokens",
    b"credential",
    b"credentials",
    b"apikey",
    b"apikeys",
    b"secretkey",
    b"privatekey",
    b"accesskey",
    b"passwort",
    b"kennwort",
    b"wachtwoord",
    b"sessionid",
    b"authkey",
];

/// The lengths of words that may be run together from others.
const RUN_TOGETHER: std::ops::RangeInclusive<usize> = 5..=40;

/// Returns what a name says, given its words with one space between them.
pub(super) fn judge(lexicon: &Lexicon, words: &[u8]) -> NameClass {
    let mut judge = Judge {
        lexicon,
        words,
        core: None,
        tail: Tail::Neutral,
        unknown_tail: false,
    };
    let mut start = 0;
    while start < words.len() {
        let length = words[start..].iter().position(|byte| *byte == b' ');
        let end = length.map_or(words.len(), |length| start + length);
        judge.word(start, end);
        start = end + 1;
    }
    judge.class()
}

struct Judge<'w> {
    lexicon: &'w Lexicon,
    words: &'w [u8],
    core: Option<Core>,
    /// What the last word after the core says.
    tail: Tail,
    /// Whether a word after the core is of no list.
    unknown_tail: bool,
}

impl Judge<'_> {
    fn word(&mut self, start: usize, end: usize) {
        let word = &self.words[start..end];
        if word[0].is_ascii_digit() {
            // A number ends a phrase or says nothing: `track 2`, `token 2`.
            let ends_phrase = self
                .lexicon
                .get(word)
                .is_some_and(|entry| entry.ends_phrase);
            if let Some(core) = ends_phrase.then(|| self.phrase(start, end)).flatten() {
                self.core(core);
            }
            return;
        }
        let Some(entry) = self.lexicon.get(word) else {
            return self.unknown(word);
        };
        let phrase = if entry.ends_phrase {
            self.phrase(start, end)
        } else {
            None
        };
        match phrase.or(entry.core) {
            Some(core) => self.core(core),
            None => self.after(entry.tail),
        }
    }

    /// Returns what the longest phrase says that ends with this word.
    fn phrase(&self, start: usize, end: usize) -> Option<Core> {
        let mut found = None;
        let mut from = start;
        for _ in 1..LONGEST_PHRASE {
            let before = &self.words[..from.checked_sub(1)?.min(from)];
            from = before
                .iter()
                .rposition(|byte| *byte == b' ')
                .map_or(0, |at| at + 1);
            let phrase = self.lexicon.get(&self.words[from..end]);
            found = phrase.and_then(|entry| entry.core).or(found);
            if from == 0 {
                break;
            }
        }
        found
    }

    fn core(&mut self, core: Core) {
        (self.tail, self.unknown_tail) = (Tail::Neutral, false);
        self.core = match self.core {
            // `password_token` is no less secret than `password`.
            Some(outer) if core.secrecy != Secrecy::Harmless => Some(Core {
                secrecy: outer.secrecy.max(core.secrecy),
                numbers_usual: outer.numbers_usual && core.numbers_usual,
                before_any: core.before_any,
            }),
            _ => Some(core).filter(|core| core.secrecy != Secrecy::Harmless),
        };
    }

    fn after(&mut self, tail: Tail) {
        self.tail = tail;
        self.unknown_tail |= tail == Tail::Unknown;
    }

    /// A word that the table does not have.
    fn unknown(&mut self, word: &[u8]) {
        if !word.is_ascii() {
            let secret =
                std::str::from_utf8(word).is_ok_and(|word| self.lexicon.holds_anywhere(word));
            return if secret {
                self.core(ANYWHERE)
            } else {
                self.after(Tail::Unknown)
            };
        }
        if !RUN_TOGETHER.contains(&word.len()) || !may_hold_core(word) {
            return self.after(Tail::Unknown);
        }
        let stem = STEMS
            .iter()
            .filter(|stem| word.ends_with(stem))
            .max_by_key(|stem| stem.len());
        if let Some(core) = stem
            .and_then(|stem| self.lexicon.get(stem))
            .and_then(|entry| entry.core)
        {
            return self.core(core);
        }
        if stem.is_some() {
            return self.core(ANYWHERE);
        }
        match self.parts(word) {
            Some(parts) => parts.into_iter().for_each(|part| match part {
                Part::Core(core) => self.core(core),
                Part::After(tail) => self.after(tail),
            }),
            None => self.after(Tail::Unknown),
        }
    }

    /// Returns the words of the table that a word is run together from, if one of them is secret.
    fn parts(&self, word: &[u8]) -> Option<Vec<Part>> {
        // The start of the last word of the shortest way to each place.
        let mut last = [None::<u8>; 41];
        let mut counts = [u8::MAX; 41];
        counts[0] = 0;
        for end in 2..=word.len() {
            for start in end.saturating_sub(16)..=end - 2 {
                if counts[start] == u8::MAX || counts[start] + 1 >= counts[end] {
                    continue;
                }
                let known = self.lexicon.get(&word[start..end]);
                let fits = known.is_some_and(|entry| {
                    entry.glued
                        || end - start > 2 && (entry.core.is_some() || entry.tail != Tail::Unknown)
                        || entry.tail == Tail::Harmless
                });
                if fits {
                    last[end] = u8::try_from(start).ok();
                    counts[end] = counts[start] + 1;
                }
            }
        }
        let mut parts = Vec::new();
        let mut secret = false;
        let mut end = word.len();
        while end > 0 {
            let start = usize::from(last[end]?);
            let entry = self.lexicon.get(&word[start..end])?;
            secret |= entry.core.is_some();
            parts.push(match entry.core {
                Some(core) => Part::Core(self.run_together(&word[..end], core)),
                None => Part::After(entry.tail),
            });
            end = start;
        }
        parts.reverse();
        secret.then_some(parts)
    }

    /// `authkey` is more than a `key`.
    fn run_together(&self, before: &[u8], core: Core) -> Core {
        if core.secrecy != Secrecy::Faint || before == b"key" || before == b"keys" {
            return core;
        }
        let numbers_usual = before.ends_with(b"s");
        Core {
            secrecy: Secrecy::Strong,
            numbers_usual,
            ..core
        }
    }

    fn class(self) -> NameClass {
        let mut class = NameClass::default();
        if let Some(core) = self.core {
            let harmless = self.tail == Tail::Harmless || self.unknown_tail && !core.before_any;
            if !harmless {
                (class.secrecy, class.numbers_usual) = (core.secrecy, core.numbers_usual);
            }
        }
        let trimmed = trim_numbers(self.words);
        let last = trimmed
            .rsplit(|byte| *byte == b' ')
            .next()
            .unwrap_or_default();
        let is_descriptive = |phrase| {
            let entry = self.lexicon.get(phrase);
            entry.is_some_and(|entry| entry.descriptive)
        };
        if last.len() < trimmed.len() && is_descriptive(trimmed) {
            class.below = Below::Descriptive;
        } else if let Some(entry) = self.lexicon.get(last) {
            let whole = last.len() == trimmed.len();
            class.below = match entry {
                _ if entry.generic && whole => Below::Generic,
                _ if entry.is_code && whole => Below::Code,
                _ if entry.descriptive => Below::Descriptive,
                _ => Below::Other,
            };
            if whole || matches!(entry.role, Role::Headers | Role::Secrets) {
                class.role = entry.role;
            } else if matches!(
                entry.role,
                Role::Name | Role::Value | Role::Data | Role::Path
            ) {
                // `ParameterKey` beside `ParameterValue`, `stringData`.
                class.role = self
                    .lexicon
                    .get(trimmed)
                    .map_or(Role::None, |entry| entry.role);
            }
        }
        class
    }
}

enum Part {
    Core(Core),
    After(Tail),
}

const ANYWHERE: Core = Core {
    secrecy: Secrecy::Strong,
    numbers_usual: false,
    before_any: true,
};

/// Returns the words without numbers at their end.
fn trim_numbers(mut words: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'0'..=b'9'] = words {
        words = rest;
    }
    words
}

/// Fast path: whether a word may have one of the secret words in it that others are run together with.
fn may_hold_core(word: &[u8]) -> bool {
    word.windows(3).any(|three| {
        matches!(
            three,
            b"pas"
                | b"pwd"
                | b"sec"
                | b"tok"
                | b"key"
                | b"cre"
                | b"aut"
                | b"pin"
                | b"cvv"
                | b"ses"
                | b"car"
                | b"ssn"
                | b"otp"
                | b"jwt"
                | b"sig"
                | b"cod"
                | b"ken"
                | b"wac"
                | b"cle"
                | b"cla"
        )
    }) || word.ends_with(b"pw")
}
