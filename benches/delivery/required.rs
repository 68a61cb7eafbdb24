//! What it costs that clients wait for their records: a server that requires delivery, and the same one best effort, in
//! turns.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use super::{
    load::{self, CONNECTIONS},
    process::{Directory, Server},
    traffic::post,
};

/// How long one server is loaded before it is the other one's turn.
const TURN: Duration = Duration::from_secs(3);

/// What a server that requires delivery must reach: this share of best effort's throughput, or that of what the disk's
/// own syncs allow, whichever is lower.
const OF_BEST_EFFORT: f64 = 0.3;
const OF_SYNCS: f64 = 0.7;

/// Each exchange waits for two syncs, and shares them with all others that wait.
const SYNCS: f64 = 2.0;

pub(crate) fn run(seconds: u64) -> Result<(), String> {
    let directory = Directory::new();
    let request = post("/echo", r#"{"item":"server","quantity":2}"#);
    let start = |name: &str| Server::start(name, &directory.0);
    let (best_effort, required) = (start("file"), start("required"));
    let turns = (seconds / TURN.as_secs()).max(1);
    println!(
        "{CONNECTIONS} connections, {turns} turns of {} s for each server\n",
        TURN.as_secs()
    );
    println!("| turn | best effort, requests/s | required | of best effort | sync | of what syncs allow |");
    println!("|---:|---:|---:|---:|---:|---:|");
    let mut reached = Vec::new();
    for turn in 1..=turns {
        // In the order of their dependence on the disk, which may be busy with others.
        let free = load::run(best_effort.addr, &request, TURN)?.per_second;
        let waiting = load::run(required.addr, &request, TURN)?.per_second;
        let sync = sync_time(&directory.0).map_err(|error| format!("cannot sync: {error}"))?;
        let allowed = CONNECTIONS as f64 / (SYNCS * sync.as_secs_f64());
        println!(
            "| {turn} | {free:.0} | {waiting:.0} | {:.2} | {sync:.1?} | {:.2} |",
            waiting / free,
            waiting / allowed,
        );
        reached.push(waiting / (OF_BEST_EFFORT * free).min(OF_SYNCS * allowed));
    }
    best_effort.stop()?;
    let report = required.stop()?;
    if report.lost > 0 {
        return Err(format!("the log lost {} entries", report.lost));
    }
    reached.sort_by(f64::total_cmp);
    let median = reached[reached.len() / 2];
    println!("\nthe median turn reached {median:.2} of what is required");
    if median < 1.0 {
        return Err("required delivery is too slow".to_owned());
    }
    Ok(())
}

/// Returns the median time of a sync after a write of about a batch.
fn sync_time(directory: &Path) -> io::Result<Duration> {
    static BATCH: [u8; 64 * 1024] = [b'x'; 64 * 1024];
    const TIMES: usize = 50;

    let mut file = File::create(directory.join("syncs"))?;
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        file.write_all(&BATCH)?;
        let began = Instant::now();
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times[TIMES / 2])
}
