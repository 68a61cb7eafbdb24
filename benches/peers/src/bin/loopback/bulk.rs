//! Large bodies, and slow ones.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use peers::{document, Subject, BULK, EVENTS};

use crate::{figures::median, process::Process};

const ROUNDS: usize = 7;

/// What one turn has shown.
struct Seen {
    down: Transfer,
    up: Transfer,
    first_byte_us: f64,
    gap_us: f64,
}

struct Transfer {
    seconds: f64,
    cpu_us: f64,
    peak_mib: f64,
}

pub(crate) fn table() -> String {
    let subjects: Vec<_> = Subject::loaded().collect();
    let mut seen: Vec<Vec<Seen>> = subjects.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (subject, seen) in subjects.iter().zip(&mut seen) {
            seen.push(turn(*subject));
        }
    }
    let mut table = format!(
        "{}\n\n| | 1 GiB down: time | CPU | peak MiB | 1 GiB up: time | CPU | peak MiB | first byte | between events |\n|---|{}\n",
        document::machine(),
        "---:|".repeat(8)
    );
    for (subject, turns) in subjects.iter().zip(&seen) {
        table += &format!("| {} |", subject.name());
        let is_base = *subject == Subject::None;
        let ratio = |figure: fn(&Seen) -> f64| -> f64 {
            let pairs = turns.iter().zip(&seen[0]);
            let ratios: Vec<_> = pairs
                .map(|(turn, base)| figure(turn) / figure(base))
                .collect();
            median(&ratios)
        };
        let plain = |figure: fn(&Seen) -> f64| -> f64 {
            median(&turns.iter().map(figure).collect::<Vec<_>>())
        };
        let cells = [
            (
                ratio(|seen| seen.down.seconds),
                plain(|seen| seen.down.seconds),
                "s",
            ),
            (
                ratio(|seen| seen.down.cpu_us),
                plain(|seen| seen.down.cpu_us) / 1e6,
                "s",
            ),
            (f64::NAN, plain(|seen| seen.down.peak_mib), ""),
            (
                ratio(|seen| seen.up.seconds),
                plain(|seen| seen.up.seconds),
                "s",
            ),
            (
                ratio(|seen| seen.up.cpu_us),
                plain(|seen| seen.up.cpu_us) / 1e6,
                "s",
            ),
            (f64::NAN, plain(|seen| seen.up.peak_mib), ""),
        ];
        for (ratio, plain, unit) in cells {
            table += &match (is_base, ratio.is_nan()) {
                _ if plain.is_nan() => " refused |".to_owned(),
                (_, true) => format!(" {plain:.1} |"),
                (true, _) => format!(" {plain:.2} {unit} |"),
                (false, _) => format!(" {ratio:.2} |"),
            };
        }
        let (first, gap) = (plain(|seen| seen.first_byte_us), plain(|seen| seen.gap_us));
        let gap = if gap.is_nan() {
            "all at once".to_owned()
        } else {
            format!("{gap:.0} µs")
        };
        table += &format!(" {first:.0} µs | {gap} |\n");
    }
    println!("{table}");
    table
}

fn turn(subject: Subject) -> Seen {
    let server = Process::start(subject, 1);
    let (first_byte_us, gap_us) = events(&server);
    server.end();
    let [down, up] = [download, upload].map(|transfer| {
        let server = Process::start(subject, 1);
        let before = server.cpu_us();
        let start = Instant::now();
        let whole = transfer(&server);
        let counts = if whole { 1.0 } else { f64::NAN };
        let seen = Transfer {
            seconds: counts * start.elapsed().as_secs_f64(),
            cpu_us: counts * (server.cpu_us() - before),
            peak_mib: server.peak_mib(),
        };
        server.end();
        seen
    });
    Seen {
        down,
        up,
        first_byte_us,
        gap_us,
    }
}

fn connect(server: &Process, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).expect("it listens");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("it can be set");
    let head = format!("{head}\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("it reads");
    stream
}

fn download(server: &Process) -> bool {
    let mut stream = connect(server, "GET /download HTTP/1.1");
    let mut bytes = 0;
    let mut buffer = vec![0; 256 << 10];
    loop {
        match stream.read(&mut buffer).expect("it writes") {
            0 => break,
            read => bytes += read as u64,
        }
    }
    assert!(bytes > BULK, "{bytes}");
    true
}

/// False if that is too large for it.
fn upload(server: &Process) -> bool {
    let head = format!("POST /upload HTTP/1.1\r\ncontent-length: {BULK}");
    let mut stream = connect(server, &head);
    let piece = vec![b'x'; 256 << 10];
    for _ in 0..BULK / piece.len() as u64 {
        if stream.write_all(&piece).is_err() {
            // It has answered without reading all.
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let refused = answer.starts_with("HTTP/1.1 413 ");
    assert!(refused || answer.ends_with(&BULK.to_string()), "{answer}");
    !refused
}

/// How long until there is an answer, and between its events, if they do not come all at once.
fn events(server: &Process) -> (f64, f64) {
    let start = Instant::now();
    let mut stream = connect(server, "GET /events HTTP/1.1");
    let mut buffer = [0; 4096];
    let (mut answer, mut arrived) = (Vec::new(), Vec::new());
    loop {
        let read = stream.read(&mut buffer).expect("it writes");
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..read]);
        arrived.push(start.elapsed().as_secs_f64() * 1e6);
    }
    let last = format!("data: {}\n\n", EVENTS - 1);
    assert!(String::from_utf8_lossy(&answer).contains(&last));
    let gaps: Vec<_> = arrived.windows(2).map(|pair| pair[1] - pair[0]).collect();
    (arrived[0], median(&gaps))
}
