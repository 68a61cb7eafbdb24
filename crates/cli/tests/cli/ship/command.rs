//! The command itself.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::Child,
    time::Instant,
};

use rustix::process::{kill_process, Pid, Signal};
use serde_json::Value;

use super::{super::*, services::Place};

/// The metrics that were printed last for a URL.
fn metrics(out: &str, url: &str) -> Value {
    let lines = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect(line));
    lines.rev().find(|line| line["to"] == *url).expect(url)
}

/// Runs the command until all is shipped, and returns how it ended and how many entries it has shipped to each place.
fn ship_once(log: &str, places: &[Place], more: &[&str]) -> (Run, Vec<u64>) {
    let mut args = vec!["ship", log, "--once", "--metrics", "0"];
    args.extend(places.iter().flat_map(|place| ["--to", &place.url]));
    args.extend(more);
    let run = run(&args);
    let shipped = places.iter().map(|place| {
        metrics(&run.out, &place.url)["shipped"]
            .as_u64()
            .expect("a number")
    });
    let shipped = shipped.collect();
    (run, shipped)
}

#[test]
fn ships_all_files_to_all_destinations_and_goes_on_there() {
    let directory = Directory::new("ship");
    directory.with("audit.jsonl.1", lines(0..3));
    let live = directory.with("audit.jsonl", lines(3..5));
    let places = Place::all("once");
    if places.is_empty() {
        return;
    }
    let (run, shipped) = ship_once(&live, &places, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(shipped, vec![5; places.len()]);
    let positions = fs::read_dir(directory.file("audit.jsonl.ship")).expect("positions");
    assert!(positions.count() >= places.len());

    directory.with("audit.jsonl", lines(3..6));
    let (_, shipped) = ship_once(&live, &places, &[]);
    assert_eq!(shipped, vec![1; places.len()]);
}

#[test]
fn ships_what_the_filter_matches_with_positions_where_they_are_asked_for() {
    let directory = Directory::new("ship-filter");
    let live = directory.with("audit.jsonl", lines(0..5));
    let places = Place::all("filter");
    if places.is_empty() {
        return;
    }
    let positions = text(&directory.file("kept/here"));
    let (run, shipped) = ship_once(&live, &places, &["id:3", "--positions", &positions]);
    assert_eq!(
        (run.code, shipped),
        (0, vec![1; places.len()]),
        "{}",
        run.err
    );
    assert_eq!(metrics(&run.out, &places[0].url)["filtered"], 4);
    assert!(directory.file("kept/here").is_dir());
    assert!(!directory.file("audit.jsonl.ship").exists());
}

#[test]
fn a_line_that_is_no_entry_is_reported_and_in_the_exit_code() {
    let directory = Directory::new("ship-broken");
    let live = directory.with("audit.jsonl", lines(0..1) + "no entry\n" + &lines(1..2));
    let places = Place::all("broken");
    if places.is_empty() {
        return;
    }
    let (run, shipped) = ship_once(&live, &places, &[]);
    assert_eq!((run.code, shipped), (1, vec![2; places.len()]));
    // Each says which it is.
    let told =
        |line: &&str| line.starts_with("body-logger: ") && line.contains(".position: cannot ship ");
    let lines = run.err.lines().filter(told);
    assert_eq!(lines.count(), places.len(), "{}", run.err);
    assert!(!run.err.contains("body logger: "), "{}", run.err);
}

/// The command, which ships until it is asked to stop.
pub(super) struct Shipping {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    /// All that was read of it.
    printed: String,
}

/// What credentials are taken from, where the tests say so.
const VARIABLES: [&str; 7] = [
    "NATS_CREDS",
    "NATS_USER",
    "NATS_PASSWORD",
    "NATS_TOKEN",
    "PGPASSWORD",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
];

impl Shipping {
    fn of(args: &[&str]) -> Self {
        Self::with(args, &[])
    }

    /// With these variables.
    pub(super) fn with(args: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut program = program(&[&["ship"], args].concat());
        for variable in VARIABLES {
            program.env_remove(variable);
        }
        let mut child = program
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        Self {
            child,
            out,
            printed: String::new(),
        }
    }

    pub(super) fn wait_for_metrics(&mut self, is_it: impl Fn(&Value) -> bool) {
        let start = Instant::now();
        let mut line = String::new();
        loop {
            assert!(start.elapsed() < PATIENCE, "the last metrics: {line}");
            line.clear();
            assert_ne!(
                self.out.read_line(&mut line).expect("metrics"),
                0,
                "it has ended"
            );
            self.printed.push_str(&line);
            if is_it(&serde_json::from_str(&line).expect(&line)) {
                return;
            }
        }
    }

    /// Sends a signal, and returns how it ended.
    pub(super) fn stop(mut self, signal: Signal) -> Stopped {
        let start = Instant::now();
        kill_process(Pid::from_child(&self.child), signal).expect("a process");
        let code = self.child.wait().expect("the program").code();
        let took = start.elapsed();
        let mut err = String::new();
        let mut pipe = self.child.stderr.take().expect("a pipe");
        pipe.read_to_string(&mut err).expect("text");
        self.out.read_to_string(&mut self.printed).expect("text");
        Stopped {
            code,
            out: self.printed,
            err,
            took,
        }
    }
}

/// How the command has ended, and all that it printed.
pub(super) struct Stopped {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
    took: Duration,
}

#[test]
fn goes_on_with_what_is_appended_until_a_signal() {
    for signal in [Signal::TERM, Signal::INT] {
        let directory = Directory::new("ship-follow");
        let live = directory.with("audit.jsonl", lines(0..1));
        let places = Place::all("follow");
        for place in &places {
            let mut shipping = Shipping::of(&[&live, "--to", &place.url, "--metrics", "1"]);
            shipping.wait_for_metrics(|metrics| metrics["shipped"] == 1);
            let mut file = File::options().append(true).open(&live).expect("a file");
            file.write_all(lines(1..2).as_bytes())
                .expect("a disk with room");
            shipping
                .wait_for_metrics(|metrics| metrics["shipped"] == 2 && metrics["lag_entries"] == 0);
            let stopped = shipping.stop(signal);
            assert_eq!((stopped.code, &stopped.err[..]), (Some(0), ""));
            fs::write(&live, lines(0..1)).expect("a file");
        }
    }
}

#[test]
fn stops_in_time_while_a_destination_is_away_or_does_not_answer() {
    let directory = Directory::new("ship-away");
    let live = directory.with("audit.jsonl", lines(0..1));
    // It accepts connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = silent.local_addr().expect("a port").port();
    for port in [1, silent] {
        let url = format!("postgres://127.0.0.1:{port}/audit");
        let shipping = Shipping::of(&[&live, "--to", &url, "--metrics", "1", "--stop-within", "1"]);
        let mut shipping = shipping;
        shipping.wait_for_metrics(|metrics| metrics["lag_entries"] == 1);
        let Stopped {
            code, err, took, ..
        } = shipping.stop(Signal::TERM);
        assert_eq!(code, Some(0), "{err}");
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}

#[test]
fn two_commands_on_one_position_exclude_each_other() {
    let directory = Directory::new("ship-twice");
    let live = directory.with("audit.jsonl", lines(0..1));
    let args = [
        &live[..],
        "--to",
        "postgres://127.0.0.1:1/audit",
        "--metrics",
        "1",
    ];
    let mut first = Shipping::of(&args);
    first.wait_for_metrics(|_| true);
    let second = run(&[&["ship"], &args[..]].concat());
    assert_eq!(second.code, 3);
    assert!(
        second.err.contains("another shipper uses the position"),
        "{}",
        second.err
    );
    assert_eq!(first.stop(Signal::TERM).code, Some(0));
}

#[test]
fn wrong_arguments_ship_nothing_and_show_no_password() {
    let directory = Directory::new("ship-usage");
    let live = directory.with("audit.jsonl", lines(0..1));
    for (args, message) in [
        (
            &["--to", "postgres://me:hunter2@127.0.0.1/audit"][..],
            "cannot ship to a URL of --to",
        ),
        (
            &["--to", "nats://me:hunter2@127.0.0.1?stream=A"],
            "cannot ship to a URL of --to",
        ),
        (&["--to", "kafka://127.0.0.1"], "begins with nats://"),
        (
            &["--to", "nats://127.0.0.1?stream=A"],
            "needs the parameter service",
        ),
        (
            &[
                "--to",
                "postgres://127.0.0.1/a",
                "--to",
                "postgresql://me@127.0.0.1/a",
            ],
            "the same stream, table or receiver",
        ),
        (
            &["--to", "postgres://127.0.0.1/a", "status:9xx"],
            "is not a status",
        ),
        (&[], "--to <URL>"),
    ] {
        let run = run(&[&["ship", &live][..], args].concat());
        assert_eq!((run.code, &run.out[..]), (2, ""), "{}", run.err);
        assert!(run.err.contains(message), "{}", run.err);
        assert!(!run.err.contains("hunter2"), "{}", run.err);
    }
    assert!(!directory.file("audit.jsonl.ship").exists());
    let none = run(&[
        "ship",
        &format!("{live}.none"),
        "--once",
        "--to",
        "postgres://127.0.0.1/a",
    ]);
    assert_eq!(none.code, 3, "{}", none.err);
}

#[test]
fn prints_the_statements_that_make_a_table_and_ships_nothing() {
    let directory = Directory::new("ship-migrations");
    let live = directory.with("audit.jsonl", lines(0..1));
    let url = "postgres://127.0.0.1:1/audit?table=of_mine";
    let run = run(&["ship", &live, "--to", url, "--print-migrations"]);
    assert_eq!((run.code, &run.err[..]), (0, ""));
    assert!(
        run.out.contains("CREATE TABLE") && run.out.contains("of_mine"),
        "{}",
        run.out
    );
    assert!(!directory.file("audit.jsonl.ship").exists());
}
