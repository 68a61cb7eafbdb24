//! Prints the figures of `docs/redaction.md`: `cargo run -p body-logger-redact --release --example figures`.
//!
//! With an argument (`kinds`, `families`, `names`, `harmless`, `documents`, `paragraphs`) it prints of that what was not
//! hidden, or not shown.

#![allow(clippy::print_stdout, reason = "it prints")]
#![allow(dead_code, unreachable_pub, reason = "it shares the tests' modules")]

#[path = "../tests/proof/documents.rs"]
mod documents;
#[path = "../tests/proof/families.rs"]
mod families;
#[path = "../tests/proof/forms.rs"]
mod forms;
#[path = "../tests/proof/generate.rs"]
mod generate;
#[path = "../tests/proof/harmless.rs"]
mod harmless;
#[path = "../tests/proof/kinds.rs"]
mod kinds;
#[path = "../tests/proof/names.rs"]
mod names;
#[path = "../tests/proof/places.rs"]
mod places;
#[path = "../tests/proof/show.rs"]
mod show;

use std::collections::BTreeMap;

use body_logger_redact::{Extent, Redactor};

fn main() {
    let details = std::env::args().nth(1).unwrap_or_default();
    let redactor = Redactor::default();
    kinds_figures(&redactor, details == "kinds");
    families_figures(&redactor, details == "families");
    names_figures(&redactor, details == "names");
    harmless_figures(&redactor, details == "harmless");
    documents_figures(&redactor, details == "documents");
    paragraphs_figures(&redactor, details == "paragraphs");
    let builder = Redactor::builder();
    option_figures(
        "redact_high_entropy",
        &redactor,
        &builder.redact_high_entropy().build(),
    );
    let builder = Redactor::builder();
    option_figures(
        "redact_personal_data",
        &redactor,
        &builder.redact_personal_data().build(),
    );
}

fn percent(part: usize, all: usize) -> f64 {
    part as f64 * 100.0 / all as f64
}

fn list(details: bool, lines: &[String]) {
    if details {
        lines.iter().for_each(|line| println!("    {line}"));
    }
}

fn kinds_figures(redactor: &Redactor, details: bool) {
    let (mut all, mut failures) = (0, Vec::new());
    for kind in kinds::kinds() {
        for case in [&kind.case].into_iter().chain(&kind.variants) {
            all += 1;
            if let Some(failure) = kinds::failure(redactor, case) {
                failures.push(format!("{}: {failure}", kind.kind));
            }
        }
    }
    let passed = all - failures.len();
    println!("kinds: {passed} of {all} cases and variants pass");
    list(details, &failures);
}

fn families_figures(redactor: &Redactor, details: bool) {
    let measured = families::measure(redactor, 5);
    println!(
        "families: {:.2} % hidden of {} secrets in {} forms at {} places",
        100.0 - percent(measured.shown.len(), measured.all),
        measured.all,
        forms::FORMS.len(),
        places::PLACES.len(),
    );
    for (place, (shown, all)) in measured.by_place {
        println!("  {:6.2} % {place}", 100.0 - percent(shown, all));
    }
    for (form, (shown, all)) in measured
        .by_form
        .into_iter()
        .filter(|(_, (shown, _))| *shown > 0)
    {
        println!("  {:6.2} % {form}", 100.0 - percent(shown, all));
    }
    list(details, &measured.shown);
}

fn names_figures(redactor: &Redactor, details: bool) {
    let mut sources = BTreeMap::<&str, (usize, usize)>::new();
    let (mut all, mut published, mut shown) = (0, 0, Vec::new());
    for name in names::names() {
        published += 1;
        let source = name.source.split(':').next().expect("a first piece");
        for spelling in name.spellings {
            all += 1;
            let (hidden, of) = sources.entry(source).or_default();
            *of += 1;
            if names::is_hidden(redactor, &spelling) {
                *hidden += 1;
            } else {
                shown.push(spelling);
            }
        }
    }
    println!(
        "names: {:.2} % hidden of {all} spellings of {published} names",
        100.0 - percent(shown.len(), all)
    );
    for (source, (hidden, of)) in sources {
        println!("  {:6.2} % {source} ({of})", percent(hidden, of));
    }
    list(details, &shown);
}

fn harmless_figures(redactor: &Redactor, details: bool) {
    let failures: Vec<String> = harmless::HARMLESS
        .iter()
        .filter_map(|(name, value)| {
            let body = format!("{{\"{name}\":{value}}}");
            let shown = redactor.json(body.as_bytes(), Extent::Whole).into_string();
            (shown != body).then(|| format!("{body} is shown as {shown}"))
        })
        .collect();
    println!(
        "harmless: {} of {} changed",
        failures.len(),
        harmless::HARMLESS.len()
    );
    list(details, &failures);
}

fn documents_figures(redactor: &Redactor, details: bool) {
    for (set, compressed, _) in documents::SETS {
        let outcome = documents::redact(redactor, compressed);
        let wrong = outcome.wrong().count();
        println!(
            "documents, {set}: {wrong} of {} values in {} documents wrongly hidden ({:.3} %), {} rightly, {} documents withheld",
            outcome.values,
            outcome.documents,
            percent(wrong, outcome.values),
            outcome.changes.len() - wrong,
            outcome.withheld.len(),
        );
        let lines: Vec<String> = outcome
            .wrong()
            .map(|change| {
                let value: String = change.value.chars().take(90).collect();
                format!(
                    "{}\t{}\t{value}\t{}",
                    change.source, change.path, change.shown
                )
            })
            .collect();
        list(details, &lines);
    }
}

fn paragraphs_figures(redactor: &Redactor, details: bool) {
    let (all, changes) = documents::paragraphs(redactor);
    println!(
        "paragraphs: {} of {all} changed ({:.2} %)",
        changes.len(),
        percent(changes.len(), all)
    );
    let lines: Vec<String> = changes
        .iter()
        .map(|change| {
            format!(
                "{}\n{}\n=>\n{}\n",
                change.source, change.value, change.shown
            )
        })
        .collect();
    list(details, &lines);
}

/// What an option hides in the documents and paragraphs beyond the defaults, rightly or not.
fn option_figures(option: &str, default: &Redactor, with: &Redactor) {
    for (set, compressed, _) in documents::SETS {
        let hidden = |redactor| documents::redact(redactor, compressed).changes.len();
        let values = documents::redact(default, compressed).values;
        let more = hidden(with).saturating_sub(hidden(default));
        println!(
            "{option}, {set}: {more} more of {values} values hidden ({:.3} %)",
            percent(more, values)
        );
    }
    let ((all, usual), (_, changes)) =
        (documents::paragraphs(default), documents::paragraphs(with));
    let more = changes.len().saturating_sub(usual.len());
    println!(
        "{option}, paragraphs: {more} more of {all} changed ({:.2} %)",
        percent(more, all)
    );
}
