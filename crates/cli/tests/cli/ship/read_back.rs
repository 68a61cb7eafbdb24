//! What was shipped, shown, summed up and served.

use super::{super::*, services::Place};

/// Ships a log with these lines to a place.
fn shipped(directory: &Directory, name: &str, lines: &str, place: &Place) {
    let log = directory.with(name, lines);
    let run = run(&["ship", &log, "--once", "--to", &place.url]);
    assert_eq!(run.code, 0, "{}", run.err);
}

fn ids(out: &str) -> Vec<String> {
    let records = out
        .lines()
        .map(|line| serde_json::from_str::<Record>(line).expect(line));
    records.map(|record| record.id.to_string()).collect()
}

#[test]
fn shows_what_was_shipped_filtered_and_in_every_format() {
    for place in Place::all("show") {
        let directory = Directory::new("stored-show");
        shipped(&directory, "audit.jsonl", &lines(0..4), &place);
        let shown = run(&["show", &place.url, "--format", "json"]);
        assert_eq!(
            (shown.code, ids(&shown.out)),
            (0, ["0", "1", "2", "3"].map(str::to_owned).to_vec()),
            "{}",
            shown.err
        );
        let one = run(&["show", &place.url, "id:2", "--format", "json"]);
        assert_eq!(ids(&one.out), ["2"]);
        for format in ["text", "curl", "har"] {
            let shown = run(&["show", &place.url, "id:2", "--format", format]);
            let file = run(&[
                "show",
                &text(&directory.file("audit.jsonl")),
                "id:2",
                "--format",
                format,
            ]);
            // PostgreSQL writes JSON with white space of its own.
            let words = |run: &Run| run.out.split_whitespace().collect::<String>();
            assert_eq!(words(&shown), words(&file), "{format}");
        }
    }
}

#[test]
fn each_entry_says_which_service_it_is_from() {
    for place in Place::all("origin") {
        let directory = Directory::new("stored-origin");
        let other = lines(1..2)
            .replace("orders-7f9c", "orders-b")
            .replace("web-3", "web-4");
        shipped(&directory, "audit.jsonl", &(lines(0..1) + &other), &place);
        let shown = run(&["show", &place.url]);
        let lines: Vec<&str> = shown.out.lines().collect();
        assert_eq!(lines.len(), 2, "{}", shown.err);
        assert!(
            lines[0].contains("Z service=orders instance=orders-7f9c host=web-3 127.0.0.1:"),
            "{}",
            lines[0]
        );
        assert!(
            lines[1].contains("Z service=orders instance=orders-b host=web-4 127.0.0.1:"),
            "{}",
            lines[1]
        );
        let text = run(&["show", &place.url, "--format", "text"]).out;
        assert!(
            text.contains("  service: orders 1.4.2, instance orders-b, host web-4\n"),
            "{text}"
        );
    }
}

#[test]
fn sums_up_what_was_shipped_as_it_does_the_log() {
    for place in Place::all("stats") {
        let directory = Directory::new("stored-stats");
        let log = lines(1..4) + &gap_text(&gap(4..6, "dropped_newest")) + &lines(7..9);
        shipped(&directory, "audit.jsonl", &log, &place);
        let shipped = run(&["stats", &place.url, "--json"]);
        let file = run(&["stats", &text(&directory.file("audit.jsonl")), "--json"]);
        assert_eq!(
            (shipped.code, shipped.out),
            (0, file.out),
            "{}",
            shipped.err
        );
    }
}

#[test]
fn follows_what_arrives() {
    for place in Place::all("follow_stored") {
        let directory = Directory::new("stored-follow");
        shipped(&directory, "audit.jsonl", &lines(0..1), &place);
        let mut following = show_follow::Following::of(&[&place.url]);
        assert_eq!(following.next(), "0");
        shipped(&directory, "audit.jsonl", &lines(0..2), &place);
        assert_eq!(following.next(), "1");
    }
}

#[test]
fn serves_what_was_shipped_and_follows_it() {
    for place in Place::all("inspect") {
        let directory = Directory::new("stored-inspect");
        let other = lines(1..2).replace("/orders/7", "/arrived");
        shipped(&directory, "audit.jsonl", &lines(0..1), &place);
        let inspecting = inspect::Inspecting::of(&place.url);
        let mut events = inspecting.get("/api/events?after=0", None);
        inspect::wait_for(&mut events, "/orders/7");
        shipped(&directory, "audit.jsonl", &(lines(0..1) + &other), &place);
        inspect::wait_for(&mut events, "/arrived");
    }
}

#[test]
fn fails_if_a_destination_cannot_be_read() {
    for command in ["show", "stats"] {
        let away = run(&[command, "postgres://127.0.0.1:1/audit"]);
        assert_eq!((away.code, &away.out[..]), (3, ""), "{}", away.err);
        assert!(
            away.err
                .contains("body-logger: cannot read what was shipped: "),
            "{}",
            away.err
        );
    }
    for (url, message) in [
        (
            "postgres://me:hunter2@127.0.0.1/audit",
            "cannot read from the URL: ",
        ),
        ("http://127.0.0.1:4318", "cannot be read back"),
        ("kafka://127.0.0.1", "begins with nats://"),
    ] {
        for command in ["show", "stats", "inspect"] {
            let run = run(&[command, url]);
            assert_eq!(
                (run.code, &run.out[..]),
                (2, ""),
                "{command} {url}: {}",
                run.err
            );
            assert!(run.err.contains(message), "{}", run.err);
            assert!(!run.err.contains("hunter2"), "{}", run.err);
        }
    }
}
