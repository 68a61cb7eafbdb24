//! The rule table in a form that words are found in.

use std::{collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{
    class::{Role, Secrecy},
    fold::{fold, Fold},
    table::{
        ANYWHERE, BEFORE_CODE, BEFORE_KEY, CODES, DESCRIPTIVE, GENERIC, GLUED, HARMLESS_PHRASES,
        HARMLESS_TAILS, HARMLESS_WORDS, NEUTRAL_TAILS, PERSONAL, SECRET,
    },
    words::split,
};

/// What a word or phrase makes of a name that it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Core {
    pub(super) secrecy: Secrecy,
    pub(super) numbers_usual: bool,
    pub(super) before_any: bool,
}

/// What a word says after a secret one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tail {
    #[default]
    Unknown,
    Neutral,
    Harmless,
}

/// What the table says of a word or phrase.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    /// `Harmless` for a phrase that undoes the secret word in it.
    pub(super) core: Option<Core>,
    pub(super) tail: Tail,
    /// Whether phrases end with this word.
    pub(super) ends_phrase: bool,
    pub(super) descriptive: bool,
    pub(super) generic: bool,
    pub(super) is_code: bool,
    pub(super) role: Role,
    /// Whether it may be a part of a word that is run together.
    pub(super) glued: bool,
}

/// The words and phrases of the table, and those of the application.
#[derive(Clone, Debug)]
pub(super) struct Lexicon {
    entries: HashMap<Box<[u8]>, Entry, FixedState>,
    anywhere: Vec<Box<str>>,
}

pub(super) static DEFAULT: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

/// The length of the longest phrase, in words.
pub(super) const LONGEST_PHRASE: usize = 4;

impl Lexicon {
    fn new() -> Self {
        let mut lexicon = Self {
            entries: HashMap::default(),
            anywhere: ANYWHERE.iter().map(|word| normal(word).into()).collect(),
        };
        for word in HARMLESS_TAILS {
            lexicon.entry(word).tail = Tail::Harmless;
        }
        for word in NEUTRAL_TAILS {
            lexicon.entry(word).tail = Tail::Neutral;
        }
        for row in SECRET {
            for phrase in row.phrases {
                lexicon.add_phrase(
                    phrase,
                    Core {
                        secrecy: row.secrecy,
                        numbers_usual: row.numbers_usual,
                        before_any: row.before_any,
                    },
                );
            }
        }
        let strong = Core {
            secrecy: Secrecy::Strong,
            numbers_usual: false,
            before_any: false,
        };
        for (before, words) in [
            (BEFORE_KEY, ["key", "keys"]),
            (BEFORE_CODE, ["code", "codes"]),
        ] {
            for before in before {
                for word in words {
                    let numbers_usual = word.ends_with("keys");
                    lexicon.add_phrase(
                        &format!("{before} {word}"),
                        Core {
                            numbers_usual,
                            ..strong
                        },
                    );
                }
            }
        }
        let harmless = Core {
            secrecy: Secrecy::Harmless,
            ..strong
        };
        for phrase in HARMLESS_PHRASES.iter().chain(HARMLESS_WORDS) {
            lexicon.add_secret(phrase, harmless);
        }
        for word in DESCRIPTIVE.iter().chain(HARMLESS_TAILS) {
            lexicon.entry(word).descriptive = true;
        }
        for word in GENERIC {
            let entry = lexicon.entry(word);
            (entry.generic, entry.descriptive) = (true, false);
        }
        for word in CODES {
            lexicon.entry(word).is_code = true;
        }
        for word in GLUED {
            lexicon.entry(word).glued = true;
        }
        for (word, role) in ROLES {
            lexicon.entry(word).role = *role;
        }
        lexicon
    }

    /// Adds the names for personal data.
    pub(super) fn add_personal(&mut self) {
        for phrase in PERSONAL {
            self.add_secret(
                phrase,
                Core {
                    secrecy: Secrecy::Personal,
                    numbers_usual: false,
                    before_any: false,
                },
            );
        }
    }

    /// Makes names with this word or phrase secret, also where its words are run together: `verificationcode`.
    fn add_phrase(&mut self, phrase: &str, core: Core) {
        self.add_secret(phrase, core);
        let joined: String = normal(phrase).split(' ').collect();
        if joined.bytes().all(|byte| byte.is_ascii_lowercase()) {
            self.entry(&joined).core.get_or_insert(core);
        }
    }

    /// Makes names with this word or phrase secret.
    pub(super) fn add_secret(&mut self, phrase: &str, core: Core) {
        let phrase = normal(phrase);
        if let Some((_, last)) = phrase.rsplit_once(' ') {
            self.entry(last).ends_phrase = true;
        }
        self.entry(&phrase).core = Some(core);
    }

    fn entry(&mut self, phrase: &str) -> &mut Entry {
        let phrase = normal(phrase);
        self.entries.entry(phrase.into_bytes().into()).or_default()
    }

    #[inline]
    pub(super) fn get(&self, phrase: &[u8]) -> Option<&Entry> {
        self.entries.get(phrase)
    }

    /// Whether a word of a script without spaces holds a secret word.
    pub(super) fn holds_anywhere(&self, word: &str) -> bool {
        self.anywhere.iter().any(|secret| word.contains(&**secret))
    }
}

/// What the members of structures are called.
const ROLES: &[(&str, Role)] = &[
    ("name", Role::Name),
    ("key", Role::Name),
    ("field", Role::Name),
    ("header", Role::Name),
    ("attribute", Role::Name),
    ("property", Role::Name),
    ("param", Role::Name),
    ("parameter", Role::Name),
    ("variable", Role::Name),
    ("label", Role::Name),
    ("parameter key", Role::Name),
    ("parameter name", Role::Name),
    ("field name", Role::Name),
    ("option", Role::Name),
    ("option name", Role::Name),
    ("setting", Role::Name),
    ("setting name", Role::Name),
    ("property name", Role::Name),
    ("property path", Role::Name),
    ("attribute name", Role::Name),
    ("variable name", Role::Name),
    ("parameter value", Role::Value),
    ("value", Role::Value),
    ("values", Role::Value),
    ("val", Role::Value),
    ("new value", Role::Value),
    ("old value", Role::Value),
    ("previous value", Role::Value),
    ("current value", Role::Value),
    ("field value", Role::Value),
    ("option value", Role::Value),
    ("setting value", Role::Value),
    ("property value", Role::Value),
    ("attribute value", Role::Value),
    ("variable value", Role::Value),
    ("rejected value", Role::Value),
    ("invalid value", Role::Value),
    ("attempted value", Role::Value),
    ("input", Role::Value),
    ("op", Role::Op),
    ("operation", Role::Op),
    ("msg", Role::Op),
    ("path", Role::Path),
    ("loc", Role::Place),
    ("headers", Role::Headers),
    ("query", Role::Query),
    ("mutation", Role::Query),
    ("variables", Role::Variables),
    ("kind", Role::Kind),
    ("data", Role::Data),
    ("string data", Role::Data),
    ("kty", Role::KeyType),
    ("d", Role::KeyPart),
    ("k", Role::KeyPart),
    ("p", Role::KeyPart),
    ("q", Role::KeyPart),
    ("dp", Role::KeyPart),
    ("dq", Role::KeyPart),
    ("qi", Role::KeyPart),
    ("secrets", Role::Secrets),
];

/// Returns the words of a phrase as names have them.
pub(super) fn normal(phrase: &str) -> String {
    split(&fold(phrase, Fold::CaseFirst))
}
