//! Sessions of those who have entered the token: random names, in memory.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a session lasts.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// How many there are at most; the oldest ends when one more begins.
const MOST: usize = 100;

/// When each began.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Instant>>);

impl Sessions {
    /// Begins a session, and returns its name: 256 random bits.
    ///
    /// # Panics
    ///
    /// Panics if the operating system has no random numbers.
    pub(super) fn begin(&self) -> String {
        self.begin_at(Instant::now())
    }

    fn begin_at(&self, now: Instant) -> String {
        let mut random = [0; 32];
        getrandom::fill(&mut random).expect("an operating system with random numbers");
        let mut name = String::new();
        for byte in random {
            // Writing to a `String` cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MOST {
            let oldest = sessions.iter().min_by_key(|(_, began)| **began);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(name.clone(), now);
        name
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.contains_at(name, Instant::now())
    }

    fn contains_at(&self, name: &str, now: Instant) -> bool {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let began = sessions.get(name);
        began.is_some_and(|began| now.saturating_duration_since(*began) < LIFETIME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_after_its_lifetime() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let name = sessions.begin_at(now);
        assert!(sessions.contains_at(&name, now + LIFETIME / 2));
        assert!(!sessions.contains_at(&name, now + LIFETIME));
        assert!(!sessions.contains_at("", now));
    }

    #[test]
    fn the_oldest_session_makes_way() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let first = sessions.begin_at(now);
        let second = sessions.begin_at(now + Duration::from_secs(1));
        for _ in 1..MOST {
            sessions.begin_at(now + Duration::from_secs(2));
        }
        assert!(!sessions.contains_at(&first, now + Duration::from_secs(3)));
        assert!(sessions.contains_at(&second, now + Duration::from_secs(3)));
    }
}
