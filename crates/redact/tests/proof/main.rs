//! What is hidden and what is shown, measured on what was not written for the rules: the corpora's own judgement is in
//! their files, `examples/figures.rs` prints the same figures.

#![allow(dead_code, unreachable_pub, reason = "the figures share these modules")]

mod documents;
mod families;
mod forms;
mod generate;
mod harmless;
mod kinds;
mod names;
mod places;
mod show;

use body_logger_redact::{Extent, Redactor};

#[track_caller]
fn assert_none<T: std::fmt::Display>(failures: impl IntoIterator<Item = T>) {
    let failures: Vec<String> = failures
        .into_iter()
        .map(|failure| failure.to_string())
        .collect();
    assert!(
        failures.is_empty(),
        "{} fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn every_kind_is_hidden_and_nothing_beside_it() {
    let redactor = Redactor::default();
    let mut failures = Vec::new();
    for kind in kinds::kinds() {
        let cases = [&kind.case].into_iter().chain(&kind.variants);
        for case in cases {
            if let Some(failure) = kinds::failure(&redactor, case) {
                failures.push(format!("{}: {}: {failure}", kind.kind, case.body));
            }
        }
    }
    assert_none(failures);
}

#[test]
fn secrets_of_every_family_are_hidden_at_every_place() {
    let seen = families::measure(&Redactor::default(), 1);
    assert!(forms::FORMS.len() >= 150);
    let hidden = 1.0 - seen.shown.len() as f64 / seen.all as f64;
    assert!(
        hidden >= 0.99,
        "{hidden:.4} hidden of {}; shown:\n{}",
        seen.all,
        seen.shown.join("\n")
    );
}

#[test]
fn names_that_vendors_declare_secret_are_hidden_in_every_spelling() {
    let redactor = Redactor::default();
    let (mut all, mut shown) = (0, Vec::new());
    for name in names::names() {
        for spelling in name.spellings {
            all += 1;
            if !names::is_hidden(&redactor, &spelling) {
                shown.push(spelling);
            }
        }
    }
    assert!(all >= 800);
    let hidden = 1.0 - shown.len() as f64 / all as f64;
    assert!(
        hidden >= 0.95,
        "{hidden:.4} hidden of {all}; shown:\n{}",
        shown.join("\n")
    );
}

#[test]
fn harmless_values_are_shown() {
    let redactor = Redactor::default();
    assert!(harmless::HARMLESS.len() >= 120);
    assert_none(harmless::HARMLESS.iter().filter_map(|(name, value)| {
        let body = format!("{{\"{name}\":{value}}}");
        let shown = redactor.json(body.as_bytes(), Extent::Whole).into_string();
        (shown != body).then(|| format!("{body} is shown as {shown}"))
    }));
}

/// At most so many of 10,000 values of a set are wrongly hidden, and no document is withheld.
#[track_caller]
fn assert_documents(set: &str) {
    let (_, compressed, allowed) = documents::SETS
        .iter()
        .find(|(name, ..)| *name == set)
        .expect("a set");
    let outcome = documents::redact(&Redactor::default(), compressed);
    assert_none(&outcome.withheld);
    let wrong: Vec<_> = outcome.wrong().collect();
    let share = wrong.len() as f64 * 10_000.0 / outcome.values as f64;
    assert!(
        share <= *allowed,
        "{set}: {share:.2} of 10,000 values changed: {wrong:#?}"
    );
}

#[test]
fn webhooks_of_a_code_host_are_shown_as_they_are() {
    assert_documents("webhooks of a code host");
}

#[test]
fn responses_of_public_apis_are_shown_as_they_are() {
    assert_documents("responses of public APIs");
}

#[test]
fn documents_about_payments_identity_and_secrets_lose_hardly_more_than_secrets() {
    assert_documents("payments, identity, secrets");
}

#[test]
fn paragraphs_of_ordinary_text_are_shown_as_they_are() {
    let (all, changes) = documents::paragraphs(&Redactor::default());
    assert!(all >= 5_000);
    assert!(
        changes.len() * 1_000 <= all * 5,
        "{} of {all}: {changes:#?}",
        changes.len()
    );
}
