//! What a name says of its value, by its words.

mod cache;
mod class;
mod fold;
mod judge;
mod lexicon;
mod table;
mod words;

use std::{collections::HashSet, sync::Arc};

use foldhash::fast::FixedState;

use self::{
    cache::RulesId,
    fold::{fold, Fold},
    judge::{judge, STEMS},
    lexicon::{Core, Lexicon, DEFAULT},
    words::split,
};
pub(crate) use self::{
    cache::{Expected, NameCache, Start},
    class::{Below, NameClass, Role, Secrecy},
};

/// The rule table, and what the application added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// The words, if they are not those of the table alone.
    lexicon: Option<Arc<Lexicon>>,
    redacted: HashSet<Box<str>, FixedState>,
    shown: HashSet<Box<str>, FixedState>,
    id: RulesId,
}

impl Names {
    /// Returns what `name`, decoded, says of its value.
    pub(crate) fn class(&self, name: &str) -> NameClass {
        self.class_in(&self.cache(), name)
    }

    /// Identifies these rules. A clone, which is made to be changed, has another id.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        self.id.get()
    }

    /// Returns what these rules judged before on this thread.
    pub(crate) fn cache(&self) -> NameCache {
        NameCache::of(&self.id)
    }

    /// Returns what `name` says of its value; `cache` is of these rules.
    #[inline(always)]
    pub(crate) fn class_in(&self, cache: &NameCache, name: &str) -> NameClass {
        match cache.known(name) {
            Some(known) => known.class,
            None => self.new_class(cache, name),
        }
    }

    #[inline(never)]
    fn new_class(&self, cache: &NameCache, name: &str) -> NameClass {
        let class = self.judged(name);
        cache.keep(name, class, false);
        class
    }

    fn judged(&self, name: &str) -> NameClass {
        let lexicon = self.lexicon();
        let judged = |name: &str| judge(lexicon, split(name).as_bytes());
        let folded = |order| judged(&fold(name, order));
        let mut class = match name.is_ascii() {
            true => judged(name),
            false => [Fold::CaseFirst, Fold::LookAlikesFirst]
                .map(folded)
                .into_iter()
                .max_by_key(|class| class.secrecy)
                .unwrap_or_default(),
        };
        if class.secrecy == Secrecy::Harmless {
            let apart = parts(name).filter(|part| has_letters_apart(part) || is_split_stem(part));
            let apart = apart.map(|part| judge_joined(lexicon, part)).max();
            class.secrecy = apart.unwrap_or_default();
        }
        // Session ids are spelt otherwise.
        if name == "Sid" {
            class.role = Role::Statement;
        }
        if !self.redacted.is_empty() || !self.shown.is_empty() {
            self.override_class(name, &mut class);
        }
        class
    }

    /// Fast path: whether a name is a letter alone, which neither is secret nor has a role outside of JSON. Inputs made to
    /// take long have many.
    #[inline]
    pub(crate) fn is_letter_alone(&self, name: &[u8]) -> bool {
        name.len() < 2 && self.are_of_table()
    }

    /// Whether no names were added to those of the table.
    #[inline]
    pub(crate) fn are_of_table(&self) -> bool {
        self.lexicon.is_none() && self.redacted.is_empty() && self.shown.is_empty()
    }

    #[cold]
    fn override_class(&self, name: &str, class: &mut NameClass) {
        let whole = normalised(name);
        let parts: Vec<_> = parts(name).map(normalised).collect();
        // As in JSON, where all that is in a field goes with it: `user[nickname][first]`.
        let is_redacted = |part: &String| self.redacted.contains(part.as_str());
        let is_shown = |part: &String| self.shown.contains(part.as_str());
        if is_redacted(&whole) || parts.iter().any(is_redacted) {
            class.secrecy = Secrecy::Field;
        } else if is_shown(&whole) || parts.last().is_some_and(is_shown) {
            class.secrecy = Secrecy::Harmless;
            class.shown = true;
        }
    }

    /// Hides values under exactly these names, in any spelling.
    pub(crate) fn redact_fields(&mut self, names: impl IntoIterator<Item: AsRef<str>>) {
        let names = names
            .into_iter()
            .map(|name| normalised(name.as_ref()).into());
        self.redacted.extend(names);
    }

    /// Shows values under exactly these names, in any spelling, whatever their words say.
    pub(crate) fn show_fields(&mut self, names: impl IntoIterator<Item: AsRef<str>>) {
        let names = names
            .into_iter()
            .map(|name| normalised(name.as_ref()).into());
        self.shown.extend(names);
    }

    /// Hides values under all names that hold one of these words.
    pub(crate) fn redact_fields_matching(&mut self, words: impl IntoIterator<Item: AsRef<str>>) {
        let lexicon = self.lexicon_mut();
        for word in words {
            lexicon.add_secret(
                word.as_ref(),
                Core {
                    secrecy: Secrecy::Field,
                    numbers_usual: false,
                    before_any: true,
                },
            );
        }
    }

    /// Hides values under names for persons, addresses and birth dates.
    pub(crate) fn redact_personal_data(&mut self) {
        self.lexicon_mut().add_personal();
    }

    fn lexicon(&self) -> &Lexicon {
        match &self.lexicon {
            None => &DEFAULT,
            Some(own) => own,
        }
    }

    fn lexicon_mut(&mut self) -> &mut Lexicon {
        Arc::make_mut(
            self.lexicon
                .get_or_insert_with(|| Arc::new(DEFAULT.clone())),
        )
    }
}

/// Returns what a name says without its separators, if nothing else is in it.
fn judge_joined(lexicon: &Lexicon, name: &str) -> Secrecy {
    /// No name whose letters are apart is longer without what parts them.
    const LONGEST: usize = 24;
    let is_separator = |char: char| matches!(char, '-' | '_' | ' ');
    let joined = name.replace(is_separator, "").to_ascii_lowercase();
    if joined.len() > LONGEST || !joined.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Secrecy::Harmless;
    }
    judge(lexicon, split(&joined).as_bytes()).secrecy
}

/// What parts a name such as `user[password]` from what it is in.
const SEPARATORS: [char; 8] = ['[', ']', '.', '/', ':', '$', '@', '?'];

/// The parts of a name such as `user[password]`, but for numbers of elements: `password[0]`.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(SEPARATORS)
        .filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a name is written like `p-a-s-s-w-o-r-d` or `pAsSwOrD`, which cannot be split into words.
fn has_letters_apart(name: &str) -> bool {
    let parted = name
        .bytes()
        .filter(|byte| matches!(byte, b'-' | b'_' | b' ') || byte.is_ascii_uppercase());
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    parted.count() * 3 > letters.count() && !name.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Whether a name is a secret word that capitals split elsewhere, as in `pAssword`.
fn is_split_stem(name: &str) -> bool {
    let mut stems = STEMS.iter();
    stems.any(|stem| stem.eq_ignore_ascii_case(name.as_bytes())) && split(name).contains(' ')
}

/// Returns what names are compared by: folded, without `-`, `_` and spaces.
pub(crate) fn normalised(name: &str) -> String {
    let folded = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        fold(name, Fold::CaseFirst).to_lowercase()
    };
    let kept = folded
        .chars()
        .filter(|char| !matches!(char, '-' | '_' | ' '));
    kept.collect()
}

/// Whether `name` is `normal`, which is [`normalised`], in any spelling.
pub(crate) fn is_same_name(normal: &str, name: &str) -> bool {
    if !name.is_ascii() {
        return normalised(name) == normal;
    }
    let kept = name
        .bytes()
        .filter(|byte| !matches!(byte, b'-' | b'_' | b' '));
    kept.map(|byte| byte.to_ascii_lowercase())
        .eq(normal.bytes())
}

#[cfg(test)]
mod docs;
#[cfg(test)]
mod tests;
