//! Counts what an exchange costs, and says so: `report` writes the tables of `docs/benchmarks.md`, `report budgets` the
//! figures to keep to, `report check` looks whether they are kept to, and `report process` counts all threads of the process.

#![forbid(unsafe_code)]

mod process;
mod redaction;

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use peers::{document, Subject, Traffic, MEASURED};
use serde::{Deserialize, Serialize};

/// By how much a figure may differ from the one that is kept to.
const TOLERANCE: f64 = 0.03;
/// The same of instructions over [`LARGE`]: whether the heap moves a buffer that grows is a tenth of them, and not ours to say.
const LARGE_TOLERANCE: f64 = 0.15;
const LARGE: f64 = 200_000.0;

/// What an exchange costs on the worker.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Cost {
    instructions: f64,
    allocations: f64,
}

/// What all figures depend on.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Platform {
    toolchain: String,
    target_cpu: String,
    libc: String,
    valgrind: String,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            toolchain,
            target_cpu,
            libc,
            valgrind,
        } = self;
        write!(f, "{toolchain}, {target_cpu}, {libc}, {valgrind}")
    }
}

/// Costs, by subject and traffic.
type Costs = BTreeMap<String, BTreeMap<String, Cost>>;

#[derive(Serialize, Deserialize)]
struct Budgets {
    platform: Platform,
    costs: Costs,
}

fn main() -> ExitCode {
    match env::args().nth(1).as_deref() {
        None => write_tables(),
        Some("budgets") => write_budgets(),
        Some("check") => return check(),
        Some("process") => process::write(),
        Some(other) => panic!("no such command: {other}"),
    }
    ExitCode::SUCCESS
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What a command prints.
fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        printed(&output.stderr)
    );
    // Valgrind tells its counts on stderr.
    printed(&output.stdout) + &printed(&output.stderr)
}

/// The binary of this name beside this one.
fn beside(name: &str) -> PathBuf {
    let this = env::current_exe().expect("a program has a path");
    this.with_file_name(name)
}

fn cost(subject: Subject, traffic: Traffic) -> Cost {
    let args = [subject.name(), traffic.name()];
    let counted = output(
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            // Threads have switches of their own: what other threads do is not counted.
            .args(["--collect-atstart=no", "--toggle-collect=*::measured"])
            .arg(beside("instructions"))
            .args(args),
    );
    let instructions = collected(&counted);
    let allocations = output(Command::new(beside("allocations")).args(args));
    let allocations: f64 = allocations.trim().parse().expect("a number");
    Cost {
        instructions: instructions / MEASURED as f64,
        allocations: allocations / MEASURED as f64,
    }
}

/// What callgrind says that it counted.
fn collected(counted: &str) -> f64 {
    let mut lines = counted.lines();
    let count = lines.find_map(|line| line.split_once("Collected : "));
    count.expect("a count").1.parse().expect("a number")
}

fn platform() -> Platform {
    let first = |text: String| text.lines().next().unwrap_or_default().trim().to_owned();
    let avx2 = fs::read_to_string("/proc/cpuinfo").is_ok_and(|info| info.contains(" avx2 "));
    Platform {
        toolchain: first(output(Command::new("rustc").arg("--version"))),
        // The build is for any CPU of the target; libc chooses how it copies by what there is.
        target_cpu: format!("{}{}", env::consts::ARCH, if avx2 { ", AVX2" } else { "" }),
        libc: first(output(Command::new("ldd").arg("--version"))),
        valgrind: first(output(Command::new("valgrind").arg("--version"))),
    }
}

/// Everything that is of this crate, and what it is compared with.
fn budgeted() -> Costs {
    // How large bodies find memory depends on what the queue's thread has freed by then, so of those
    // none is held that goes through it.
    const ALL: &[Traffic] = &[Traffic::Get, Traffic::Post1K, Traffic::Post64K];
    const SMALL: &[Traffic] = &[Traffic::Get, Traffic::Post1K];
    let ours = [
        (Subject::None, ALL),
        (Subject::Discard, SMALL),
        (Subject::Late, ALL),
        (Subject::Off, ALL),
        (Subject::ManyRules, SMALL),
    ];
    let of = |(subject, traffic): (Subject, &[Traffic])| {
        let costs = traffic.iter().copied();
        let costs = costs.map(|traffic| (traffic.name().to_owned(), cost(subject, traffic)));
        (subject.name().to_owned(), costs.collect())
    };
    ours.map(of).into()
}

fn budgets_file() -> PathBuf {
    here("budgets.json")
}

fn write_budgets() {
    let budgets = Budgets {
        platform: platform(),
        costs: budgeted(),
    };
    let text = serde_json::to_string_pretty(&budgets).expect("plain data");
    fs::write(budgets_file(), text + "\n").expect("the file can be written");
}

fn check() -> ExitCode {
    let text = fs::read_to_string(budgets_file()).expect("there are budgets");
    let budgets: Budgets = serde_json::from_str(&text).expect("they are as they were written");
    let platform = platform();
    let binding = platform == budgets.platform;
    let mut kept = true;
    for (subject, costs) in budgeted() {
        for (traffic, now) in costs {
            let Some(then) = budgets
                .costs
                .get(&subject)
                .and_then(|costs| costs.get(&traffic))
            else {
                panic!("no budget for {subject}, {traffic}");
            };
            let off = |now: f64, then: f64, tolerance: f64| (now / then - 1.0).abs() > tolerance;
            let large = if then.instructions > LARGE {
                LARGE_TOLERANCE
            } else {
                TOLERANCE
            };
            let is_off = off(now.instructions, then.instructions, large)
                || off(now.allocations, then.allocations, TOLERANCE);
            kept &= !is_off;
            println!(
                "{}{subject}, {traffic}: {:.0} instructions, {:.2} allocations; the budget is {:.0} and {:.2}",
                if is_off { "DIFFERS: " } else { "" },
                now.instructions, now.allocations, then.instructions, then.allocations,
            );
        }
    }
    if !binding {
        println!(
            "only reported: the budgets are of {:?}, and this is {platform:?}",
            budgets.platform
        );
        return ExitCode::SUCCESS;
    }
    if kept {
        return ExitCode::SUCCESS;
    }
    println!("what differs wants a look; then `just budgets`");
    ExitCode::FAILURE
}

fn write_tables() {
    let mut table = format!(
        "{}.\n\nInstructions of an exchange on its worker's thread, as a ratio to no middleware, and allocations over it:\n\n",
        platform(),
    );
    let names: Vec<_> = Traffic::ALL.iter().map(|traffic| traffic.name()).collect();
    table += &format!(
        "| | {} |\n|---|{}\n",
        names.join(" | "),
        "---:|".repeat(names.len())
    );
    let mut bases = Vec::new();
    for subject in Subject::counted() {
        if !subject.is_ours() && !cfg!(feature = "all") {
            continue;
        }
        table += &format!("| {} |", subject.name());
        for (n, traffic) in Traffic::ALL.into_iter().enumerate() {
            if subject.refuses(traffic) {
                table += " refused |";
                continue;
            }
            let now = cost(subject, traffic);
            eprintln!("{}, {}: {now:?}", subject.name(), traffic.name());
            if subject == Subject::None {
                bases.push(now);
                table += &format!(" {:.0}, {:.1} |", now.instructions, now.allocations);
            } else {
                let ratio = now.instructions / bases[n].instructions;
                let more = now.allocations - bases[n].allocations;
                table += &format!(" {ratio:.3}, {more:+.1} |");
            }
        }
        table.push('\n');
    }
    print!("{table}");
    document::replace("instructions", &table);
}
