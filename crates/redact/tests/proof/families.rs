//! Secrets of every form at every place: how many are hidden.

use std::collections::BTreeMap;

use body_logger_redact::Redactor;

use crate::{
    forms::FORMS,
    generate::{Random, Secret},
    places::PLACES,
    show,
};

/// No part of a secret of this length may be seen.
const WINDOW: usize = 12;

#[derive(Default)]
pub struct Measured {
    pub all: usize,
    /// What is shown: form, place, secret.
    pub shown: Vec<String>,
    /// Shown of all, by form.
    pub by_form: BTreeMap<&'static str, (usize, usize)>,
    /// Shown of all, by place.
    pub by_place: BTreeMap<&'static str, (usize, usize)>,
}

/// Redacts `samples` secrets of each form at each place.
pub fn measure(redactor: &Redactor, samples: u64) -> Measured {
    let mut measured = Measured::default();
    for (form, written) in FORMS {
        for (place, input) in PLACES {
            for sample in 0..samples {
                let secret = Secret::of(written, &mut Random::named(form, sample));
                let whole = *place != "truncated within";
                let shown = show::all(redactor, &input(&secret));
                let seen = is_seen(&shown, secret.core(), whole);
                measured.all += 1;
                for (shown, all) in [
                    measured.by_form.entry(form).or_default(),
                    measured.by_place.entry(place).or_default(),
                ] {
                    *shown += usize::from(seen);
                    *all += 1;
                }
                if seen {
                    measured
                        .shown
                        .push(format!("{form} | {place} | {}", secret.text));
                }
            }
        }
    }
    measured
}

fn is_seen(shown: &str, core: &str, whole: bool) -> bool {
    // Of a truncated secret, three quarters are there.
    let there = if whole {
        core.len()
    } else {
        core.len() * 3 / 4
    };
    let window = WINDOW.min(there);
    core.as_bytes()[..there].windows(window).any(|part| {
        let part = std::str::from_utf8(part).expect("ASCII");
        shown.contains(part)
            || show::percent(part, true) != part && shown.contains(&show::percent(part, true))
    })
}
