//! What redaction takes alone: a table for `docs/benchmarks.md`.

use std::process::Command;

use peers::Style;

use super::{beside, collected, output};

/// How many documents warm up.
const WARM_UP: usize = 3;

pub(super) fn table() -> String {
    let names = Style::ALL.map(Style::name);
    let figures = Style::ALL.map(|style| format!("{:.1}", of_a_byte(style)));
    format!(
        "\nRedaction alone, instructions a byte:\n\n| {} |\n|{}\n| {} |\n",
        names.join(" | "),
        "---:|".repeat(names.len()),
        figures.join(" | "),
    )
}

/// The instructions for a byte of a document. A run that reads it once more differs from one that does not by nothing else.
fn of_a_byte(style: Style) -> f64 {
    let [more, less] = [WARM_UP + 1, WARM_UP].map(|count| {
        let counted = output(
            Command::new("valgrind")
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(beside("redaction"))
                .args([style.name(), &count.to_string()]),
        );
        collected(&counted)
    });
    (more - less) / style.document().len() as f64
}
