//! The names that were judged before: most inputs have few, many times, and so has the next input.

use std::{
    cell::Cell,
    iter,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use super::class::NameClass;
use crate::characters::padded;

/// Number of slots, two to a set: those of the two names that were put into it last, the newest first.
const SLOTS: usize = 1024;
/// A name is kept in two parts, of which most have but the first. Longer names are judged each time.
const START: usize = 16;
const REST: usize = 80;

type Slots = Rc<[Slot; SLOTS]>;

thread_local! {
    static KEPT: Slots = free_slots();
}

fn free_slots() -> Slots {
    let free = iter::repeat_with(Slot::default).take(SLOTS);
    let slots: Rc<[Slot]> = free.collect();
    slots.try_into().expect("there are as many")
}

/// Identifies rules: under other rules, a name may mean something else.
#[derive(Debug)]
pub(super) struct RulesId(u64);

impl RulesId {
    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0
    }
}

impl Default for RulesId {
    fn default() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Clone for RulesId {
    /// Rules are cloned to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[derive(Debug, Default)]
struct Slot {
    name: Cell<Name>,
    /// The bytes after its start.
    rest: Cell<Rest>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Name {
    /// The rules that judged it; 0 in a free slot.
    owner: u64,
    start: Start,
    /// The name as JSON has it.
    head: Head,
    known: Known,
    says_nothing: bool,
    /// Where the name is that followed this one when it was last read.
    next: u16,
}

#[derive(Clone, Copy, Debug)]
struct Rest([u8; REST]);

impl Default for Rest {
    fn default() -> Self {
        Self([0; REST])
    }
}

impl Slot {
    #[inline]
    fn is_of(&self, owner: u64, start: Start, rest: &[u8]) -> bool {
        let name = self.name.get();
        name.start == start
            && name.owner == owner
            && (rest.is_empty() || self.rest.get().0[..rest.len()] == *rest)
    }
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub(crate) class: NameClass,
    /// Whether it is known that nothing in it is to be hidden.
    pub(crate) is_clean: bool,
}

/// The first bytes of a name, and its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// Zeros behind the last byte.
    bytes: u128,
    length: u64,
}

impl Start {
    /// The start of the name that is the first bytes of `part`: less than all.
    #[inline]
    pub(crate) fn of_part(part: [u8; START], length: usize) -> Self {
        Self {
            bytes: u128::from_le_bytes(part) & ((1 << (8 * length)) - 1),
            length: length as u64,
        }
    }

    /// The start of a name of this length that begins with these bytes.
    #[inline]
    fn of(bytes: &[u8], length: usize) -> Self {
        let (bytes, length) = (padded(bytes), length as u64);
        Self { bytes, length }
    }

    /// The first slot of its set.
    #[inline]
    fn set(self, rest: &[u8]) -> usize {
        let last = rest
            .last_chunk()
            .map_or(0, |last| u64::from_le_bytes(*last));
        let mix = |word: u64| word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (low, high) = (self.bytes as u64, (self.bytes >> 64) as u64);
        let mixed = mix(mix(low ^ last) ^ high ^ self.length);
        // As many as there are sets, of two slots.
        (mixed >> 55) as usize * 2
    }
}

/// A name in quotes with a colon behind it, if that fits into a part and nothing in the name is to be hidden.
#[derive(Clone, Copy, Debug)]
struct Head {
    bytes: u128,
    /// Which bits of a part these are.
    mask: u128,
}

impl Default for Head {
    fn default() -> Self {
        Self::NONE
    }
}

impl Head {
    /// No text has such bytes.
    const NONE: Self = Self {
        bytes: u128::MAX,
        mask: u128::MAX,
    };

    fn of(name: &[u8]) -> Self {
        let bytes = [b"\"", name, b"\":"].concat();
        match bytes.len() {
            ..=START => Self {
                bytes: padded(&bytes),
                mask: padded(&vec![0xff; bytes.len()]),
            },
            _ => Self::NONE,
        }
    }

    /// Whether `part` begins with it.
    #[inline(always)]
    fn begins(&self, part: u128) -> bool {
        (part ^ self.bytes) & self.mask == 0
    }
}

/// A name that was expected, and is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Without quotes.
    pub(crate) length: usize,
    /// Whether the name has no part in what becomes of its value, or of others.
    pub(crate) says_nothing: bool,
}

/// The names that some rules judged on this thread.
#[derive(Clone, Debug)]
pub(crate) struct NameCache {
    /// A name is compared with the whole of those in its set: a hash alone would mix them up.
    slots: Slots,
    owner: u64,
    /// Where the last name was found.
    last: usize,
}

impl NameCache {
    #[inline]
    pub(super) fn of(rules: &RulesId) -> Self {
        Self {
            // Fails only while the thread ends.
            slots: KEPT.try_with(Slots::clone).unwrap_or_else(|_| free_slots()),
            owner: rules.0,
            last: 0,
        }
    }

    /// Fast path: the name that followed the last one before, if `part` begins with it in quotes, and a colon. Records have
    /// the same names in the same order.
    #[inline(always)]
    pub(crate) fn next(&mut self, part: [u8; START]) -> Option<Expected> {
        let next = usize::from(self.slots[self.last % SLOTS].name.get().next);
        let name = self.slots[next % SLOTS].name.get();
        let is_next = name.head.begins(u128::from_le_bytes(part)) && name.owner == self.owner;
        is_next.then(|| {
            self.last = next;
            Expected {
                length: name.start.length as usize,
                says_nothing: name.says_nothing,
            }
        })
    }

    /// What the last name says.
    #[inline]
    pub(crate) fn last_class(&self) -> NameClass {
        self.slots[self.last].name.get().known.class
    }

    /// What is known of a name that is no longer than its start. It is expected behind the last name from now on.
    #[inline]
    pub(crate) fn known_short(&mut self, name: Start) -> Option<Known> {
        let place = self.place(name, &[])?;
        let last = &self.slots[self.last].name;
        last.set(Name {
            next: place as u16,
            ..last.get()
        });
        self.last = place;
        Some(self.slots[place].name.get().known)
    }

    #[inline(always)]
    pub(crate) fn known(&self, name: &str) -> Option<Known> {
        match name.len() {
            0..=START => self.find(Start::of(name.as_bytes(), name.len()), &[]),
            _ => self.known_long(name),
        }
    }

    #[inline(never)]
    fn known_long(&self, name: &str) -> Option<Known> {
        let (start, rest) = in_parts(name)?;
        self.find(start, rest)
    }

    #[inline(always)]
    fn find(&self, start: Start, rest: &[u8]) -> Option<Known> {
        let place = self.place(start, rest)?;
        Some(self.slots[place].name.get().known)
    }

    /// Where a name is among the slots.
    #[inline]
    fn place(&self, start: Start, rest: &[u8]) -> Option<usize> {
        let first = start.set(rest);
        let is_at = |place: &usize| self.slots[*place].is_of(self.owner, start, rest);
        [first, first + 1].into_iter().find(is_at)
    }

    /// Keeps what is known of a name, in the place of what was known of it before.
    pub(crate) fn keep(&self, name: &str, class: NameClass, is_clean: bool) {
        let Some((start, rest)) = in_parts(name) else {
            return;
        };
        let head = match is_clean {
            true => Head::of(name.as_bytes()),
            false => Head::NONE,
        };
        let first = start.set(rest);
        let (last, before) = (&self.slots[first], &self.slots[first + 1]);
        if !last.is_of(self.owner, start, rest) {
            before.name.set(last.name.get());
            before.rest.set(last.rest.get());
        }
        last.name.set(Name {
            owner: self.owner,
            start,
            head,
            known: Known { class, is_clean },
            says_nothing: class.says_nothing(),
            next: 0,
        });
        let mut kept = Rest::default();
        kept.0[..rest.len()].copy_from_slice(rest);
        last.rest.set(kept);
    }
}

/// The start of a name that is not too long, and the rest.
fn in_parts(name: &str) -> Option<(Start, &[u8])> {
    let (short, rest) = name.as_bytes().split_at(name.len().min(START));
    let start = Start::of(short, name.len());
    (rest.len() <= REST).then_some((start, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_taken_for_another_nor_for_that_of_other_rules() {
        let cache = NameCache::of(&RulesId::default());
        let other = NameCache::of(&RulesId::default());
        let said = |n: usize| {
            let class = NameClass {
                shown: n.is_multiple_of(2),
                ..NameClass::default()
            };
            (class, n.is_multiple_of(3))
        };
        let known = |cache: &NameCache, name: &str| {
            let known = cache.known(name)?;
            Some((known.class, known.is_clean))
        };
        let names = || (0..5_000).map(|n| ("a".repeat(n % 90) + &n.to_string(), n));
        for (name, n) in names() {
            for n in [n + 1, n] {
                let (class, is_clean) = said(n);
                cache.keep(&name, class, is_clean);
            }
            assert_eq!(known(&cache, &name), Some(said(n)));
        }
        for (name, n) in names() {
            let kept = known(&cache, &name);
            assert!(kept.is_none_or(|kept| kept == said(n)));
            assert_eq!(known(&other, &name), None);
            assert_eq!(known(&cache, &format!("b{name}")), None);
        }
    }

    #[test]
    fn a_name_follows_the_one_that_it_followed_before() {
        let mut cache = NameCache::of(&RulesId::default());
        let part = |text: &str| padded(text.as_bytes()).to_le_bytes();
        let secret = NameClass {
            shown: true,
            ..NameClass::default()
        };
        for (name, is_clean) in [("id", true), ("password", true), ("unclean", false)] {
            cache.keep(name, secret, is_clean);
        }
        let read = |cache: &mut NameCache, name: &str| {
            cache.known_short(Start::of(name.as_bytes(), name.len()))
        };
        for name in ["id", "password", "unclean"] {
            assert!(read(&mut cache, name).is_some());
        }
        assert!(read(&mut cache, "id").is_some());
        for other in [
            "\"passwords\":1",
            "\"password\" :1",
            "\"passwor\":1",
            "password\":1",
            "\"unclean\":1",
            "\"id\":1",
            "",
        ] {
            assert_eq!(cache.next(part(other)), None, "{other}");
        }
        let mut of_others = NameCache::of(&RulesId::default());
        of_others.last = cache.last;
        assert_eq!(of_others.next(part("\"password\":1")), None);
        let expected = Expected {
            length: 8,
            says_nothing: true,
        };
        assert_eq!(cache.next(part("\"password\":1")), Some(expected));
        assert_eq!(cache.last_class(), secret);
        assert_eq!(cache.next(part("\"unclean\":1")), None);
    }

    #[test]
    fn a_name_of_each_length_follows() {
        let mut cache = NameCache::of(&RulesId::default());
        for length in 0..=START - 3 {
            let name = &b"password_of_a_db"[..length];
            let text = [b"\"", name, b"\":"].concat();
            let part = padded(&text).to_le_bytes();
            cache.keep(
                std::str::from_utf8(name).unwrap_or_default(),
                NameClass::default(),
                true,
            );
            cache.last = 0;
            assert!(cache.known_short(Start::of(name, length)).is_some());
            cache.last = 0;
            let found = cache.next(part);
            let expected = Expected {
                length,
                says_nothing: true,
            };
            assert_eq!(found, Some(expected));
            for at in 0..text.len() {
                cache.last = 0;
                let mut other = part;
                other[at] ^= 1;
                assert_eq!(cache.next(other), None);
            }
        }
    }

    #[test]
    fn the_start_of_a_name_is_the_same_however_it_is_read() {
        let part = *b"password_of_a_db";
        for length in 0..part.len() {
            assert_eq!(
                Start::of(&part[..length], length),
                Start::of_part(part, length)
            );
        }
    }
}
