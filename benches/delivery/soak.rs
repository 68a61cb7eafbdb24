//! Mixed traffic for a long time, after which nothing may have grown.

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    load::CONNECTIONS,
    process::{Directory, Server, Usage},
    traffic::{get, post, Client, BULK},
};

/// How much more memory than after the first minute may be in use: what an allocator does with
/// pieces of all sizes is not even.
const NOISE: f64 = 1.1;
const NOISE_KIB: u64 = 8 * 1024;

/// How long the last connections may take to be closed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The highest of a minute; of memory the least, as that of records that wait to be written comes and goes.
type Minute = Usage;

pub(crate) fn run(minutes: u64) -> Result<(), String> {
    let directory = Directory::new();
    let mut server = Server::start("soak", &directory.0);
    // What is only there once it has served.
    Client::connect(server.addr)
        .and_then(|mut client| client.exchange(&post("/echo", "{}")))
        .map_err(|error| error.to_string())?;
    let idle = server.usage();
    let (stop, exchanges) = (AtomicBool::new(false), AtomicU64::new(0));
    println!("| minute | exchanges | resident MiB, least | descriptors | threads |");
    println!("|---:|---:|---:|---:|---:|");
    let seen = thread::scope(|scope| {
        for seed in 0..CONNECTIONS as u64 {
            let (addr, stop, exchanges) = (server.addr, &stop, &exchanges);
            scope.spawn(move || misbehave(addr, seed, stop, exchanges));
        }
        let minutes = 1..=minutes.max(3);
        let seen = minutes.map(|minute| watch(&server, minute, &exchanges));
        let seen: Vec<Minute> = seen.collect();
        stop.store(true, Ordering::Relaxed);
        seen
    });
    let began = Instant::now();
    // Their records are written when the last exchange has ended.
    let is_idle = |usage: Usage| usage.descriptors <= idle.descriptors;
    while !is_idle(server.usage()) && began.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(100));
    }
    let after = server.usage();
    println!(
        "\nbefore: {} descriptors, {} threads; after: {} descriptors, {} threads, {:.1} MiB",
        idle.descriptors,
        idle.threads,
        after.descriptors,
        after.threads,
        after.resident as f64 / 1024.0,
    );
    let report = server.report()?;
    let last = server.stop()?;
    println!("{report:?}\n{last:?}");

    let first = seen[1];
    let allowed = (first.resident as f64 * NOISE) as u64 + NOISE_KIB;
    let later = || seen[2..].iter();
    let held = [
        (later().all(|it| it.resident <= allowed), "memory grows"),
        (is_idle(after), "descriptors are left open"),
        (
            later().all(|it| it.threads <= first.threads) && after.threads <= idle.threads,
            "there are more and more threads",
        ),
        (
            last.written + last.lost == last.produced,
            "records are missing",
        ),
        (
            last.accounted == last.produced,
            "the log cannot account for every number",
        ),
    ];
    let failed: Vec<_> = held.iter().filter(|(holds, _)| !holds).collect();
    match failed.first() {
        None => Ok(()),
        Some((_, what)) => Err(format!("this does not hold: {what}")),
    }
}

/// The figures of a minute.
fn watch(server: &Server, minute: u64, exchanges: &AtomicU64) -> Minute {
    let began = Instant::now();
    let mut seen = server.usage();
    while began.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(200));
        let now = server.usage();
        seen.resident = seen.resident.min(now.resident);
        seen.threads = seen.threads.max(now.threads);
        seen.descriptors = seen.descriptors.max(now.descriptors);
    }
    println!(
        "| {minute} | {} | {:.1} | {} | {} |",
        exchanges.swap(0, Ordering::Relaxed),
        seen.resident as f64 / 1024.0,
        seen.descriptors,
        seen.threads,
    );
    seen
}

/// One client after the other, of all sorts.
fn misbehave(addr: SocketAddr, seed: u64, stop: &AtomicBool, exchanges: &AtomicU64) {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while !stop.load(Ordering::Relaxed) {
        // A xorshift: which client comes next need not be hard to guess.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // Those that break off get errors, as they should.
        let _ = client(addr, random >> 32);
        exchanges.fetch_add(1, Ordering::Relaxed);
    }
}

fn client(addr: SocketAddr, random: u64) -> io::Result<()> {
    let mut client = Client::connect(addr)?;
    let size = (random >> 8) as usize % 100_000;
    let json = |bytes| format!("\"{}\"", "x".repeat(bytes));
    match random % 10 {
        0 | 1 => (0..20).try_for_each(|_| client.exchange(&post("/echo", &json(size / 100)))),
        2 => client.exchange(&post("/echo", &json(size))),
        3 => client.exchange(&post("/bulk", &BULK)),
        4 => client.exchange(&get("/error")),
        5 => client.exchange(&get("/panic")),
        6 => {
            // It goes while it sends,
            let request = post("/bulk", &BULK);
            client.send(&request[..size])
        }
        7 => {
            // or while it receives,
            client.send(&get("/download"))?;
            client.taste(1 + size % 10)
        }
        8 => {
            client.send(&get("/events"))?;
            client.taste(1 + size % 10)
        }
        _ => {
            // or before it is answered.
            client.send(&post("/bulk", &BULK))
        }
    }
}
