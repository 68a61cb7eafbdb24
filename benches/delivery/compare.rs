//! Servers whose sinks are well and not, in turns, so that a busy machine slows down all of them.

use std::time::{Duration, Instant};

use actix_web_body_logger::policy::DEFAULT_MEMORY_BUDGET;

use super::{
    load::{self, CONNECTIONS},
    process::{Directory, Report, Server},
    traffic::{get, post, Client, BULK},
};

/// How long one server is loaded before it is another one's turn.
const TURN: Duration = Duration::from_secs(3);

/// How many times as fast entries come as a slow sink takes them.
const TOO_SLOW: f64 = 100.0;

/// The same where clients have to wait for the sink.
const TOO_SLOW_TO_WAIT_FOR: f64 = 20.0;

/// Of the healthy server's throughput, what a server must keep whatever its sink does.
const LEAST: f64 = 0.85;

/// What the process may take beside the budget: batches that are being encoded, and what the
/// allocator does not give back.
const BESIDE: u64 = 32 * 1024 * 1024;

/// How long an exchange that has no record may take while others wait.
const AT_ONCE: Duration = Duration::from_secs(1);

struct Contestant {
    name: &'static str,
    server: Server,
    answered: u64,
    /// Requests per second, a number for each turn.
    rates: Vec<f64>,
    /// The most captured bytes that were seen, and of those in the queue.
    captured: u64,
    queued: u64,
}

impl Contestant {
    fn new(name: &'static str, server: Server) -> Self {
        Self {
            name,
            server,
            answered: 0,
            rates: Vec::new(),
            captured: 0,
            queued: 0,
        }
    }

    fn turn(&mut self, request: &[u8]) -> Result<(), String> {
        let load = load::run(self.server.addr, request, TURN)
            .map_err(|problem| format!("{}: {problem}", self.name))?;
        self.answered += load.answered;
        self.rates.push(load.per_second);
        let report = self.server.report()?;
        self.captured = self.captured.max(report.captured_bytes);
        self.queued = self.queued.max(report.queued_bytes);
        Ok(())
    }
}

pub(crate) fn run(seconds: u64) -> Result<(), String> {
    let directory = Directory::new();
    let request = post("/bulk", &BULK);
    let start = |name: &str| Server::start(name, &directory.0);
    let healthy = start("healthy");
    let rate = load::run(healthy.addr, &request, TURN)?.per_second;
    healthy.stop()?;
    let rest = |factor: f64| (factor / rate * 1e6).round() as u64;

    let (full, disk) = Server::start_on_small_disk(&directory.0);
    let mut all = vec![
        Contestant::new("healthy", start("healthy")),
        Contestant::new("none", start("none")),
        Contestant::new("blocked", start("blocked")),
        Contestant::new("failing", start("failing")),
        Contestant::new("panicking", start("panicking")),
        Contestant::new("slow", start(&format!("slow:{}", rest(TOO_SLOW)))),
        Contestant::new("full", full),
    ];
    let turns = (seconds / TURN.as_secs()).max(1);
    println!(
        "{CONNECTIONS} connections, 1 MiB there and back, {turns} turns of {} s for each server; a \
         slow sink takes {} us for an entry; the full disk is {disk}\n",
        TURN.as_secs(),
        rest(TOO_SLOW),
    );
    for turn in 0..turns as usize {
        // Not always in the same order.
        for place in 0..all.len() {
            let next = (turn + place) % all.len();
            all[next].turn(&request)?;
        }
    }
    let mut failed = compare(all)?;
    failed.extend(wait(&directory, rest(TOO_SLOW_TO_WAIT_FOR), &request)?);
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(format!("\nthis does not hold:\n{}", failed.join("\n"))),
    }
}

fn compare(all: Vec<Contestant>) -> Result<Vec<String>, String> {
    let healthy = all[0].rates.clone();
    let without = all[1].server.usage().peak * 1024;
    let budget = DEFAULT_MEMORY_BUDGET as u64;
    let mib = |bytes: u64| bytes as f64 / (1 << 20) as f64;
    let mut failed = Vec::new();
    println!(
        "| sink | requests/s | of healthy | quartiles | peak MiB | of it captured | queued | answered | written | lost | queued |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for contestant in all {
        let Contestant {
            name,
            server,
            answered,
            rates,
            captured,
            queued,
        } = contestant;
        let peak = server.usage().peak * 1024;
        let mut ratios: Vec<f64> = rates.iter().zip(&healthy).map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        let ratio = ratios[ratios.len() / 2];
        let report = server.stop()?;
        println!(
            "| {name} | {:.0} | {ratio:.2} | {:.2}-{:.2} | {:.1} | {:.1} | {:.1} | {answered} | {} | {} | {} |",
            median(&rates),
            ratios[ratios.len() / 4],
            ratios[ratios.len() * 3 / 4],
            mib(peak),
            mib(captured),
            mib(queued),
            report.written,
            report.lost,
            report.queued,
        );
        let mut hold = |holds: bool, what: &str| {
            if !holds {
                failed.push(format!("{name}: {what}"));
            }
        };
        hold(ratio >= LEAST, "it is slower than the healthy one");
        hold(
            captured <= budget,
            "more is captured than the budget allows",
        );
        hold(
            queued <= budget / 2,
            "more is queued than the queue may hold",
        );
        hold(
            peak <= without + budget + BESIDE,
            "more memory is used than that",
        );
        hold(
            name == "none" || report.produced == answered,
            "not every exchange has a record",
        );
    }
    Ok(failed)
}

/// New exchanges wait for a slow sink: nothing is lost, and those that need not wait do not.
fn wait(directory: &Directory, rest: u64, request: &[u8]) -> Result<Vec<String>, String> {
    const TIME: Duration = Duration::from_secs(15);

    let mut server = Server::start(&format!("waiting:{rest}"), &directory.0);
    let addr = server.addr;
    let (load, free) = std::thread::scope(|scope| {
        let load = scope.spawn(|| load::run(addr, request, TIME));
        let mut times = Vec::new();
        let mut client = Client::connect(addr).map_err(|error| error.to_string())?;
        while !load.is_finished() {
            let began = Instant::now();
            client
                .exchange(&get("/free"))
                .map_err(|error| error.to_string())?;
            times.push(began.elapsed());
            std::thread::sleep(Duration::from_millis(10));
        }
        times.sort();
        Ok::<_, String>((load.join().expect("a client")?, times))
    })?;
    let peak = server.usage().peak as f64 / 1024.0;
    let waits = server.report()?.waits;
    let Report {
        produced,
        written,
        lost,
        ..
    } = server.stop()?;
    let longest = *free.last().ok_or("none was free")?;
    println!(
        "\nwhere new exchanges wait for a sink that takes {rest} us for an entry: {:.0} requests/s, {} \
         answered of which {waits} waited, {written} written, {lost} lost, {peak:.1} MiB; meanwhile {} \
         that had not to wait took {:?} in the middle and {longest:?} at most",
        load.per_second,
        load.answered,
        free.len(),
        free[free.len() / 2],
    );
    let held = [
        (waits > 0, "none had to wait"),
        (
            lost == 0 && written == produced && produced == load.answered,
            "some were lost",
        ),
        (longest < AT_ONCE, "others had to wait, too"),
    ];
    let failed = held.iter().filter(|(holds, _)| !holds);
    Ok(failed.map(|(_, what)| format!("waiting: {what}")).collect())
}

fn median(all: &[f64]) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
