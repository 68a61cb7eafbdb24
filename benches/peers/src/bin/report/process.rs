//! What an exchange costs the whole process: a table, and the plot that `docs/benchmarks.md` opens with.

use std::process::Command;

use peers::{
    document,
    plot::{self, Line},
    Subject, Traffic,
};

use super::{beside, collected, output, platform};

const TRAFFIC: [Traffic; 3] = [Traffic::Get, Traffic::Post1300, Traffic::Post64K];

/// What is plotted, and in which colour.
const PLOTTED: [(Subject, &str, &str); 5] = [
    (Subject::ByHand, "by hand, same job", "#bf1f33"),
    (Subject::WholeLines, "redacted JSON lines", "#4a4fd4"),
    (Subject::Default, "the default, one line of log", "#8b90ff"),
    (Subject::LoggerNull, "actix Logger, sees no body", "#8f5200"),
    (Subject::None, "no middleware", "#6b6b77"),
];

pub(super) fn write() {
    let mut table = format!(
        "{}.\n\nInstructions of an exchange, of all threads, the same as a ratio to no middleware, and allocations:\n\n",
        platform(),
    );
    let names = TRAFFIC.map(Traffic::name);
    let rule = "---:|".repeat(names.len());
    table += &format!("| | {} |\n|---|{rule}\n", names.join(" | "));
    let mut lines = Vec::new();
    let mut bases = None;
    for subject in Subject::PROCESS {
        let costs = TRAFFIC.map(|traffic| cost(*subject, traffic));
        let bases = *bases.get_or_insert(costs);
        table += &format!("| {} |", subject.name());
        for (cost, base) in costs.into_iter().zip(bases) {
            table += &format!(
                " {:.0}, {:.2}, {:.1} |",
                cost.instructions,
                cost.instructions / base.instructions,
                cost.allocations
            );
        }
        table.push('\n');
        let instructions = costs.map(|cost| cost.instructions);
        eprintln!("{}: {instructions:.0?}", subject.name());
        let plotted = PLOTTED.iter().find(|(plotted, ..)| plotted == subject);
        lines.extend(plotted.map(|(_, name, colour)| Line {
            name,
            colour,
            values: instructions.into(),
        }));
    }
    print!("{table}");
    document::replace("process", &table);
    let title = "Instructions of an exchange, of all threads of the process";
    document::write_picture(
        "benchmarks.svg",
        &plot::svg(title, &names, &lines, 1e4, 1e8),
    );
}

/// What an exchange costs all threads of a process.
#[derive(Clone, Copy)]
struct Cost {
    instructions: f64,
    allocations: f64,
}

/// The cost of an exchange. A run with the measured exchanges differs from one without them by nothing else.
fn cost(subject: Subject, traffic: Traffic) -> Cost {
    let (warm_up, measured) = match traffic {
        // The queue has no room for more, as callgrind runs one thread at a time.
        Traffic::Post64K => (20, 60),
        _ => (50, 300),
    };
    let run = |valgrind: &[&str], count: usize| {
        output(
            Command::new("valgrind")
                .args(valgrind)
                .arg(beside("process"))
                .args([subject.name(), traffic.name(), &count.to_string()]),
        )
    };
    let each = |valgrind: &[&str], figure: fn(&str) -> f64| {
        let [more, less] = [warm_up + measured, warm_up].map(|count| figure(&run(valgrind, count)));
        (more - less) / measured as f64
    };
    Cost {
        instructions: each(
            &["--tool=callgrind", "--callgrind-out-file=/dev/null"],
            collected,
        ),
        allocations: each(&["--tool=memcheck"], allocated),
    }
}

/// How many blocks memcheck says that were allocated.
fn allocated(said: &str) -> f64 {
    let usage = said.split_once("total heap usage: ").expect("a summary").1;
    let count = usage.split_once(" allocs").expect("a count").0;
    count.replace(',', "").parse().expect("a number")
}
