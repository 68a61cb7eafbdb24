//! What an application has recorded proves itself.

use actix_web::{rt::System, web, App, HttpResponse};
use actix_web_body_logger::{
    proofs::{find_lines, log_state, prove, LineProof, Proofs, SigningKey, Verifier},
    record::MIN_MAX_RECORD_BYTES,
    sink::{DurableSink, Fsync, JsonLinesFile, Memory, Retry},
    BodyLogger, BodyLoggerBuilder, Entry,
};

use crate::{
    app::{TestApp, PATIENCE},
    sinks::file::Directory,
};

/// Each sink of the logger keeps to the limit, however its lines get longer, and whatever else it has.
#[test]
fn lines_keep_the_limit_with_their_salt() {
    type Wrapped = fn(BodyLoggerBuilder, JsonLinesFile) -> BodyLoggerBuilder;
    let ways: [Wrapped; 5] = [
        |logger, file| logger.sink(file),
        |logger, file| logger.inline_sink(file),
        |logger, file| logger.sink(Some(std::sync::Arc::new(file))),
        |logger, file| logger.sink(Retry::new(file)).sink(Memory::new(1)),
        |logger, file| logger.required_sink(DurableSink::new(file).expect("a file")),
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let directory = Directory::new(&format!("proofs-limit-{number}"));
        let key = SigningKey::create_file(directory.path.join("key"), "example.com/limit");
        let file = JsonLinesFile::at(directory.file())
            .fsync(Fsync::EveryBatch)
            .observer(Proofs::new(key.expect("a key")))
            .open()
            .expect("a log");
        let logger = BodyLogger::builder().max_record_bytes(MIN_MAX_RECORD_BYTES);
        let logger = way(logger.capture_media_types([mime::TEXT_PLAIN]), file).build();
        let wrapped = logger.clone();
        let app = TestApp::serve(
            Memory::new(0),
            move || {
                let echo = web::post().to(|body: String| async { body });
                App::new().wrap(wrapped.clone()).route("/", echo)
            },
            |server| server,
        );
        app.connect()
            .post("/", "text/plain", "a line\n".repeat(2000));
        app.stop(true);
        let written = System::new().block_on(logger.shutdown(PATIENCE));
        written.expect("sinks that work");
        let log = std::fs::read_to_string(directory.file()).expect("a log");
        assert_eq!(log.lines().count(), 1, "{number}");
        let length = log.len();
        assert!(
            log.ends_with("\"}\n") && length <= MIN_MAX_RECORD_BYTES,
            "{number}: {length}"
        );
        // Nor is more hidden than has to be; the number of a record may get 20 digits.
        assert!(length + 40 > MIN_MAX_RECORD_BYTES, "{number}: {length}");
    }
}

#[test]
fn exchanges_of_an_application_are_verified_and_proven() {
    let directory = Directory::new("proofs");
    let published = directory.path.join("published");
    let key = directory.path.join("key");
    let key = SigningKey::create_file(key, "example.com/audit").expect("a key");
    let keys = [key.verifier_key().clone()];
    let file = JsonLinesFile::at(directory.file())
        .fsync(Fsync::EveryBatch)
        .observer(Proofs::new(key).publish_to(&published))
        .open()
        .expect("a log");
    let memory = Memory::new(100);
    let builder = BodyLogger::builder().sink(file).sink(memory.clone());
    let logger = builder.build();
    let wrapped = logger.clone();
    let app = TestApp::serve(
        memory.clone(),
        move || {
            App::new().wrap(wrapped.clone()).route(
                "/orders/{id}",
                web::post().to(|body: String| async { HttpResponse::Ok().body(body) }),
            )
        },
        |server| server,
    );
    let mut client = app.connect();
    for order in 0..20 {
        let posted = client.post(&format!("/orders/{order}"), "text/plain", "one server");
        assert_eq!(posted.status, 200);
    }
    app.stop(true);
    let written = System::new().block_on(logger.shutdown(PATIENCE));
    written.expect("sinks that work");
    let records = memory.records();

    let kept = std::fs::read_to_string(published).expect("a checkpoint");
    let verify = || {
        let verifier = Verifier::new(keys.clone()).checkpoint(&kept);
        let mut verifier = verifier.expect("a checkpoint");
        verifier.verify(directory.file()).expect("a log")
    };
    let verification = verify();
    assert!(verification.holds(), "{verification:?}");
    assert_eq!((verification.size, verification.uncovered), (20, 0));
    let state = log_state(directory.file(), &keys).expect("a log");
    assert_eq!(
        (&*state.origin, state.size, state.uncovered),
        ("example.com/audit", 20, 0)
    );

    let found = find_lines(directory.file(), &records[7].id).expect("a log");
    assert_eq!(found.len(), 1);
    let proof = prove(directory.file(), found[0], &keys).expect("a proof");
    let checked = LineProof::check(&proof.to_string(), &keys).expect("a proof");
    let Ok(Entry::Record(proven)) = serde_json::from_slice(checked.line()) else {
        panic!("a record");
    };
    assert_eq!(proven.id, records[7].id);

    let text = std::fs::read_to_string(directory.file()).expect("a log");
    std::fs::write(directory.file(), text.replacen("/orders/7", "/orders/8", 1)).expect("a log");
    assert!(!verify().holds());
}
