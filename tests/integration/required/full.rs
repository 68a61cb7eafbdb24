//! A file system that is full, and has room again.

#![cfg(target_os = "linux")]

use std::{fs, path::Path, process::Command};

use actix_web::{
    web::{self, Data},
    HttpResponse,
};
use actix_web_body_logger::{
    sink::{DurableSink, JsonLinesFile},
    Entry, Outcome,
};

use super::{options, Ran, Required};
use crate::sinks::file::{child, in_child, Directory};

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/required",
        web::to(|ran: Data<Ran>| async move {
            ran.one();
            HttpResponse::Ok()
        }),
    )
    .route("/free", web::to(|| async { "free" }));
}

/// Fills the file, which may take 64 KiB, makes room, and goes on.
fn fill_and_free(path: &Path) {
    let file = JsonLinesFile::at(path).open().expect("a file");
    let server = Required::with(
        |logger| logger.required_sink(DurableSink::new(file).expect("a file")),
        options(),
        routes,
    );
    let mut client = server.app.connect();
    let mut get = |target| client.get(target).status;
    let mut served = 0;
    while get("/required") == 200 {
        served += 1;
        assert!(served < 1000, "it does not get full");
    }
    for _ in 0..20 {
        assert_eq!((get("/required"), get("/free")), (503, 200));
    }
    assert_eq!(server.ran(), served);
    let full = fs::read_to_string(path).expect("text");
    fs::rename(path, path.with_extension("full")).expect("room");
    for _ in 0..20 {
        assert_eq!((get("/required"), get("/free")), (200, 200));
    }
    assert_eq!(server.ran(), served + 20);
    drop(client);
    server.stop();

    let freed = fs::read_to_string(path).expect("text");
    let entries = |text: &str| -> Vec<Entry> {
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("entries")
    };
    let released = |entries: Vec<Entry>| {
        let of = |entry: &Entry| matches!(entry, Entry::Record(it) if it.outcome == Some(Outcome::Released));
        entries.iter().filter(|entry| of(entry)).count()
    };
    // All that were served, but for one whose request was recorded and whose response was cut off.
    assert!(served - released(entries(&full)) <= 1);
    assert!(entries(&freed)
        .iter()
        .any(|entry| matches!(entry, Entry::Gap(_))));
    assert_eq!(released(entries(&freed)), 20);
}

/// A full disk takes what fits and then fails, as does a limit of 64 KiB a file.
#[test]
fn requests_are_refused_until_there_is_room() {
    if let Some(path) = child() {
        return fill_and_free(&path);
    }
    let directory = Directory::new("required-full");
    let test = "required::full::requests_are_refused_until_there_is_room";
    let program = std::env::current_exe().expect("a program");
    // Blocks are of 512 bytes; the signal that goes with the limit would end the process.
    let limits = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limits]).arg(program);
    let output = in_child(&mut shell, test, &directory.file()).output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}
