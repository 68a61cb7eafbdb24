//! What an exchange costs the whole process: a table, and the plot that `docs/benchmarks.md` opens with.

use std::{collections::HashSet, env, fs, process::Command};

use peers::{
    document,
    plot::{self, Line},
    Subject, Traffic,
};

use super::{beside, collected, output, platform, redaction};

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
    table += &rendering();
    table += &redaction::table();
    print!("{table}");
    document::replace("process", &table);
    let title = "Instructions of an exchange, of all threads of the process";
    document::write_picture(
        "benchmarks.svg",
        &plot::svg(title, &names, &lines, 1e4, 1e8),
    );
}

/// The threads that render, with one of them and with two, in batches that are full: callgrind runs one thread at a time, so that
/// how many records a batch has, and which thread renders them, would else depend on how threads take turns. Not of large bodies,
/// for which the queue has no room.
fn rendering() -> String {
    const RENDERED: [Traffic; 2] = [Traffic::Get, Traffic::Post1300];
    let names = RENDERED.map(Traffic::name);
    let mut table = format!(
        "\nInstructions of an exchange on the busiest of the threads that render, and on all threads, and allocations on those \
         that render:\n\n| | {} |\n|---|{}\n",
        names.join(" | "),
        "---:|".repeat(names.len())
    );
    let mut ones = None;
    for (subject, name) in [
        (Subject::LastLines, "one thread renders"),
        (Subject::LastTwoThreads, "two threads render"),
    ] {
        let seen = RENDERED.map(|traffic| threads(subject, traffic));
        let ones = *ones.get_or_insert(seen);
        table += &format!("| {name} |");
        for (seen, of_one) in seen.into_iter().zip(ones) {
            table += &format!(" {:.0} and {:.0}", seen.busiest, seen.all);
            if subject == Subject::LastTwoThreads {
                let (less, more) = (of_one.busiest / seen.busiest, seen.all / of_one.all);
                table += &format!(", {less:.2} times less and {more:.2} times as many");
            }
            table += &format!(", {:.1} allocations |", seen.allocations);
        }
        table.push('\n');
    }
    table
}

/// What an exchange costs the threads of a process.
#[derive(Clone, Copy)]
struct Threads {
    /// Instructions on the busiest thread but the worker's, and on all threads.
    busiest: f64,
    all: f64,
    /// On all threads but the worker's.
    allocations: f64,
}

fn threads(subject: Subject, traffic: Traffic) -> Threads {
    let directory = env::temp_dir().join(format!("body-logger-threads-{}", std::process::id()));
    let run = |count: usize| -> Vec<Cost> {
        fs::create_dir_all(&directory).expect("there is room");
        let file = directory.join("callgrind");
        output(
            Command::new("valgrind")
                .args(["--tool=callgrind", "--separate-threads=yes"])
                .arg(format!("--callgrind-out-file={}", file.display()))
                .arg(beside("process"))
                .args([subject.name(), traffic.name(), &count.to_string()]),
        );
        // Of each thread, and an empty one of the whole process.
        let mut files: Vec<_> = (fs::read_dir(&directory).expect("it is there"))
            .map(|file| file.expect("it can be read").path())
            .filter(|path| path.extension().is_none() && *path != file)
            .collect();
        files.sort();
        let costs = files.iter().map(|file| {
            let profile = fs::read_to_string(file).expect("it is text");
            Cost {
                instructions: total(&profile),
                allocations: allocations(&profile),
            }
        });
        let costs = costs.collect();
        fs::remove_dir_all(&directory).expect("it can be removed");
        costs
    };
    let (warm_up, measured) = exchanges(traffic);
    let (more, less) = (run(warm_up + measured), run(warm_up));
    let each = |more: f64, less: f64| (more - less) / measured as f64;
    // The worker is the first.
    let (mut busiest, mut all, mut allocations) = (0.0_f64, 0.0, 0.0);
    for (n, (more, less)) in more.into_iter().zip(less).enumerate() {
        let instructions = each(more.instructions, less.instructions);
        all += instructions;
        if n > 0 {
            busiest = busiest.max(instructions);
            allocations += each(more.allocations, less.allocations);
        }
    }
    Threads {
        busiest,
        all,
        allocations,
    }
}

/// How many instructions callgrind has counted in a profile.
fn total(profile: &str) -> f64 {
    let total = profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    total.expect("a total").parse().expect("a number")
}

/// How often a profile of callgrind calls the allocator.
fn allocations(profile: &str) -> f64 {
    const ALLOCATORS: [&str; 4] = ["malloc", "calloc", "realloc", "posix_memalign"];
    let mut of_allocators = HashSet::new();
    let mut is_allocator = false;
    let mut calls = 0.0;
    for line in profile.lines() {
        // A name follows its number only the first time.
        if let Some((kind @ ("fn" | "cfn"), named)) = line.split_once('=') {
            let (number, name) = named.split_once(' ').unwrap_or((named, ""));
            if ALLOCATORS.contains(&name) {
                of_allocators.insert(number);
            }
            is_allocator = kind == "cfn" && of_allocators.contains(number);
        } else if let Some(count) = line.strip_prefix("calls=").filter(|_| is_allocator) {
            let count = count.split(' ').next().unwrap_or_default();
            calls += count.parse::<f64>().expect("a number");
        }
    }
    calls
}

/// What an exchange costs one thread of a process, or all of them.
#[derive(Clone, Copy)]
struct Cost {
    instructions: f64,
    allocations: f64,
}

/// The cost of an exchange. A run with the measured exchanges differs from one without them by nothing else.
fn cost(subject: Subject, traffic: Traffic) -> Cost {
    let (warm_up, measured) = exchanges(traffic);
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

/// How many exchanges warm up, and how many are measured.
fn exchanges(traffic: Traffic) -> (usize, usize) {
    match traffic {
        // The queue has no room for more, as callgrind runs one thread at a time.
        Traffic::Post64K => (20, 60),
        _ => (50, 300),
    }
}

/// How many blocks memcheck says that were allocated.
fn allocated(said: &str) -> f64 {
    let usage = said.split_once("total heap usage: ").expect("a summary").1;
    let count = usage.split_once(" allocs").expect("a count").0;
    count.replace(',', "").parse().expect("a number")
}
