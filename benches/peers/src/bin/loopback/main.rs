//! Puts servers under load over the loopback interface, in turns, and writes what they cost beside the one without
//! middleware into `docs/benchmarks.md`. Needs wrk and h2load; a word on the command line chooses one of the tables.

#![forbid(unsafe_code)]

mod bulk;
mod figures;
mod load;
mod process;
mod saturation;

use std::env;

use peers::{document, Subject, Traffic};

use self::{
    figures::{median, quartiles},
    load::{Protocol, Slice},
    process::Process,
};

/// How often each is put under load for a slice of time.
const ROUNDS: usize = 7;

struct Setting {
    name: &'static str,
    protocol: Protocol,
    workers: usize,
    /// Whether a slice of time ends when all that it recorded is written and shipped.
    drains: bool,
}

const SETTINGS: [Setting; 3] = [
    Setting {
        name: "http1",
        protocol: Protocol::Http1,
        workers: 1,
        drains: false,
    },
    Setting {
        name: "http1-two-workers",
        protocol: Protocol::Http1,
        workers: 2,
        drains: false,
    },
    Setting {
        name: "h2c",
        protocol: Protocol::H2c,
        workers: 1,
        drains: false,
    },
];

fn main() {
    let wanted = env::args().nth(1);
    let is_wanted = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    for setting in SETTINGS.iter().filter(|setting| is_wanted(setting.name)) {
        document::replace(setting.name, &load_table(setting));
    }
    if is_wanted("saturation") {
        document::replace("saturation", &saturation::table());
    }
    if is_wanted("bulk") {
        document::replace("bulk", &bulk::table());
    }
}

/// What was seen of a subject under one kind of load.
#[derive(Default)]
struct Seen {
    slices: Vec<Slice>,
    peak_mib: f64,
    lost: f64,
}

fn load_table(setting: &Setting) -> String {
    let traffic = [Traffic::Get, Traffic::Post1K, Traffic::Post64K];
    let subjects: Vec<_> = Subject::loaded().collect();
    let mut table = format!("{}\n\n| |", document::machine());
    let seen = traffic.map(|traffic| {
        table += &format!(
            " {0}: CPU | requests/s | p50 | p99 | peak MiB | lost |",
            traffic.name()
        );
        under_load(setting, traffic, &subjects)
    });
    table += &format!("\n|---|{}\n", "---:|".repeat(6 * traffic.len()));
    for (n, subject) in subjects.iter().enumerate() {
        table += &format!("| {} |", subject.name());
        for seen in &seen {
            table += &cells(&seen[n], &seen[0]);
        }
        table.push('\n');
    }
    println!("{table}");
    table
}

/// Servers of all kinds, which take turns at being asked.
fn under_load(setting: &Setting, traffic: Traffic, subjects: &[Subject]) -> Vec<Seen> {
    let mut servers: Vec<_> = (subjects.iter())
        .map(|subject| (Process::start(*subject, setting.workers), Seen::default()))
        .collect();
    let load = load::Load::new(setting.protocol, traffic);
    for round in 0..=ROUNDS {
        for (server, seen) in &mut servers {
            let mut slice = load.slice(server);
            if setting.drains {
                let took = load::SLICE + server.drain();
                slice.per_second *= load::SLICE.as_secs_f64() / took.as_secs_f64();
            }
            // The first is for warming up.
            if round > 0 {
                seen.slices.push(slice);
            }
        }
    }
    let end = |(server, mut seen): (Process, Seen)| {
        seen.peak_mib = server.peak_mib();
        seen.lost = server.end();
        seen
    };
    servers.into_iter().map(end).collect()
}

fn cells(seen: &Seen, base: &Seen) -> String {
    let is_base = std::ptr::eq(seen, base);
    let of = |figure: fn(&Slice) -> f64| -> Vec<f64> {
        let rounds = seen.slices.iter().zip(&base.slices);
        rounds
            .map(|(slice, base)| figure(slice) / if is_base { 1.0 } else { figure(base) })
            .collect()
    };
    let cpu = of(|slice| slice.cpu_us);
    let [low, high] = quartiles(&cpu);
    let [per_second, p50, p99] = [
        of(|slice| slice.per_second),
        of(|slice| slice.p50_us),
        of(|slice| slice.p99_us),
    ]
    .map(|all| median(&all));
    let peak = seen.peak_mib;
    if is_base {
        let cpu = median(&cpu);
        return format!(
            " {cpu:.1} µs | {per_second:.0} | {p50:.0} µs | {p99:.0} µs | {peak:.0} | |"
        );
    }
    format!(
        " {:.2} ({low:.2}–{high:.2}) | {per_second:.2} | {p50:.2} | {p99:.2} | {peak:.0} | {:.0} % |",
        median(&cpu),
        seen.lost * 100.0
    )
}
