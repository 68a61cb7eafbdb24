//! Values that were scanned before and hide nothing. Clients repeat the values of most headers from request to request,
//! and comparing one costs a fifth of scanning it: a tenth of all that recording a short request costs.

use std::{cell::RefCell, hash::BuildHasher as _};

use foldhash::fast::FixedState;

use crate::rules::Rules;

/// A power of two.
const SLOTS: usize = 256;
/// Longer values are scanned each time.
const LENGTH_MAX: usize = 256;

thread_local! {
    /// By the hash of the value. A value takes the place of the one before it.
    static CLEAN: RefCell<Vec<Option<Clean>>> = const { RefCell::new(Vec::new()) };
}

/// Only what may be shown is kept, so nothing secret stays in memory.
struct Clean {
    /// The rules by which it is clean.
    rules: u64,
    scanned: ScannedAs,
    value: Box<str>,
}

/// What a value was scanned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScannedAs {
    Header,
    Host,
}

/// Whether this thread has scanned the same value by the same rules, and found nothing.
#[inline]
pub(crate) fn is_known(scanned: ScannedAs, value: &str, rules: &Rules) -> bool {
    let is_same = |slot: Option<&Option<Clean>>| {
        let Some(Some(known)) = slot else {
            return false;
        };
        *known.value == *value && known.rules == rules.id() && known.scanned == scanned
    };
    // Fails only while the thread ends.
    let known = CLEAN.try_with(|clean| is_same(clean.borrow().get(slot(value))));
    known.unwrap_or(false)
}

/// Keeps a value in which nothing was found.
pub(crate) fn keep(scanned: ScannedAs, value: &str, rules: &Rules) {
    if value.len() > LENGTH_MAX {
        return;
    }
    let kept = Clean {
        rules: rules.id(),
        scanned,
        value: value.into(),
    };
    let _ = CLEAN.try_with(|clean| {
        let mut clean = clean.borrow_mut();
        clean.resize_with(SLOTS, || None);
        clean[slot(value)] = Some(kept);
    });
}

fn slot(value: &str) -> usize {
    FixedState::default().hash_one(value.as_bytes()) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_its_rules_and_its_kind_only() {
        let (rules, others) = (Rules::default(), Rules::default());
        for n in 0..10_000 {
            let value = format!("value {n}");
            keep(ScannedAs::Header, &value, &rules);
            assert!(is_known(ScannedAs::Header, &value, &rules));
            assert!(!is_known(ScannedAs::Host, &value, &rules));
            assert!(!is_known(ScannedAs::Header, &value, &others));
            assert!(!is_known(ScannedAs::Header, &value, &rules.clone()));
            assert!(!is_known(ScannedAs::Header, &value[1..], &rules));
        }
    }

    #[test]
    fn long_values_are_not_kept() {
        let rules = Rules::default();
        let long = "a".repeat(LENGTH_MAX + 1);
        keep(ScannedAs::Header, &long, &rules);
        assert!(!is_known(ScannedAs::Header, &long, &rules));
    }
}
