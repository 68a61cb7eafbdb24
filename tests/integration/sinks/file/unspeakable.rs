//! An entry that has no line.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use actix_web_body_logger::{
    sink::{JsonLinesFile, Memory},
    BodyLogger, Record,
};

use super::{
    super::{get, serve},
    Directory,
};

#[test]
fn an_entry_that_cannot_be_written_as_json_is_counted_alone() {
    let directory = Directory::new("unspeakable");
    let logger = BodyLogger::builder()
        .redact_with(|record: &mut Record| {
            if record.request.path == "/2" {
                record.time = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
            }
        })
        .sink(JsonLinesFile::at(directory.file()).open().expect("a file"))
        .build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &Memory::new(0));
    get(&app, 0..5);
    app.stop(true);
    drop(guard);
    let text = fs::read_to_string(directory.file()).expect("a file");
    // Where more than one batch was made of them, the next one begins with the gap.
    let is_gap = |line: &&str| line.contains(r#""gap":"#);
    assert_eq!(text.lines().filter(|line| !is_gap(line)).count(), 4);
    assert_eq!(logger.counters().sink_error, 1);
}
