//! Hosts that were scanned before and hide nothing: a server has a few, and comparing one costs a fifth of scanning it.

use std::{cell::RefCell, hash::BuildHasher as _};

use foldhash::fast::FixedState;

use crate::rules::Rules;

/// Number of hosts that are kept, a power of two.
const SLOTS: usize = 256;
/// Longer hosts are scanned each time.
const LENGTH_MAX: usize = 256;

thread_local! {
    /// Slots by the hash of the host. A host replaces the one that was in its slot.
    static CLEAN: RefCell<Vec<Option<Clean>>> = const { RefCell::new(Vec::new()) };
}

/// Only what may be shown is kept, so nothing secret stays in memory.
struct Clean {
    /// The rules that found nothing in it.
    rules: u64,
    host: Box<str>,
}

/// Whether this thread has scanned the same host by the same rules, and found nothing.
#[inline]
pub(crate) fn is_known(host: &str, rules: &Rules) -> bool {
    let is_same = |slot: Option<&Option<Clean>>| {
        let Some(Some(known)) = slot else {
            return false;
        };
        *known.host == *host && known.rules == rules.id()
    };
    // Fails only while the thread ends.
    let known = CLEAN.try_with(|clean| is_same(clean.borrow().get(slot(host))));
    known.unwrap_or(false)
}

/// Keeps a host in which nothing was found.
pub(crate) fn keep(host: &str, rules: &Rules) {
    if host.len() > LENGTH_MAX {
        return;
    }
    let kept = Clean {
        rules: rules.id(),
        host: host.into(),
    };
    let _ = CLEAN.try_with(|clean| {
        let mut clean = clean.borrow_mut();
        clean.resize_with(SLOTS, || None);
        clean[slot(host)] = Some(kept);
    });
}

fn slot(host: &str) -> usize {
    FixedState::default().hash_one(host.as_bytes()) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_its_rules_only() {
        let (rules, others) = (Rules::default(), Rules::default());
        for n in 0..10_000 {
            let host = format!("host{n}.example");
            keep(&host, &rules);
            assert!(is_known(&host, &rules));
            assert!(!is_known(&host, &others));
            assert!(!is_known(&host, &rules.clone()));
            assert!(!is_known(&host[1..], &rules));
        }
    }

    #[test]
    fn long_hosts_are_not_kept() {
        let rules = Rules::default();
        let long = "a".repeat(LENGTH_MAX + 1);
        keep(&long, &rules);
        assert!(!is_known(&long, &rules));
    }
}
