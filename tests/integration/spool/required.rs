//! Routes that require the delivery of their records: the response's end waits for the file, too.

use actix_web::{rt::System, App};
use actix_web_body_logger::{
    policy::{Guarantee, RequiredOptions},
    record::{BodyState, Stage},
    sink::{DurableSink, JsonLines, Memory},
    BodyLogger, CaptureLevel, Entry, Record, Rule,
};

use super::{both, content, file, names, pattern, response, routes, spool};
use crate::{
    app::{TestApp, PATIENCE, TIME_LIMIT},
    sinks::file::Directory,
};

#[test]
fn a_response_stage_names_the_files_of_both_bodies() {
    let directory = Directory::new("spool-required");
    let bodies = directory.path.join("bodies");
    let log = JsonLines::open(directory.file()).expect("a file");
    let both = both(&spool(&bodies));
    let logger = both(BodyLogger::builder())
        .rule(Rule::new(CaptureLevel::RequestResponse).guarantee(Guarantee::Required))
        .required(RequiredOptions::default().timeout(TIME_LIMIT))
        .required_sink(DurableSink::new(log).expect("a durable sink"))
        .build();
    let wrapped = logger.clone();
    let app = TestApp::serve(
        Memory::new(0),
        move || App::new().wrap(wrapped.clone()).configure(routes),
        |server| server,
    );
    for size in [10, 300_000] {
        let got = app.connect().post("/echo", "image/png", pattern(size));
        assert!(got.body == pattern(size));
        // What the client has is in the log already, and so are its files.
        let text = std::fs::read_to_string(directory.file()).expect("a file");
        let last = text.lines().last().expect("a line");
        let Ok(Entry::Record(record)) = serde_json::from_str(last) else {
            panic!("no record: {last}");
        };
        let record: Record = record;
        assert_eq!(record.stage, Some(Stage::Response));
        for body in [&record.request.body, response(&record)] {
            assert_eq!(body.state, BodyState::Complete);
            assert!(content(&bodies, body) == pattern(size));
            assert!(!file(body).name.ends_with(".partial"));
        }
    }
    app.stop(true);
    let written = System::new().block_on(logger.shutdown(PATIENCE));
    written.expect("sinks that work");
    assert_eq!(names(&bodies).len(), 4);
}
