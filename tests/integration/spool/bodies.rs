//! Responses of all sizes and framings are in their files, byte by byte.

use actix_web_body_logger::{
    policy::{BodyMode, WhenSlow},
    record::{BodyState, NoFile, Reason},
};

use super::{content, file, names, response, spool, Kept};
use crate::app::TestApp;

/// Sizes around those of a body that is kept in memory, of a block, and of what may wait.
const SIZES: [usize; 12] = [
    1,
    1_000,
    32 * 1024,
    32 * 1024 + 1,
    64 * 1024 - 1,
    64 * 1024,
    64 * 1024 + 1,
    128 * 1024,
    1_000_000,
    4 * 1024 * 1024,
    4 * 1024 * 1024 + 1,
    9_999_999,
];

fn slowing_down(path: &std::path::Path) -> actix_web_body_logger::policy::Spool {
    BodyMode::spool_raw(path, super::MUCH)
        .when_slow(WhenSlow::SlowDown)
        .open()
        .expect("a directory")
}

#[test]
fn the_file_of_a_response_has_what_the_client_got() {
    let kept = Kept::new("bodies-sizes", slowing_down);
    let mut client = kept.app.connect();
    let mut targets = Vec::new();
    for size in SIZES {
        targets.push(format!("/sized/{size}"));
        for chunk in [7_001, 64 * 1024, 200_000] {
            targets.push(format!("/chunked/{size}/{chunk}"));
        }
    }
    let got: Vec<_> = targets.iter().map(|it| client.get(it).body).collect();
    let records = kept.app.records(targets.len());
    for ((target, got), record) in targets.iter().zip(&got).zip(&records) {
        assert_eq!(*record.request.path, **target);
        let body = response(record);
        assert_eq!(body.state, BodyState::Complete, "{target}");
        assert!(content(&kept.path, body) == *got, "{target}");
        assert_eq!(file(body).bytes, got.len() as u64, "{target}");
        assert_eq!((body.bytes, body.no_file), (Some(got.len() as u64), None));
        assert_eq!(record.request.body.file, None);
    }
    assert_eq!(names(&kept.path).len(), targets.len());
}

#[test]
fn a_record_shows_what_it_shows_without_a_file() {
    let kept = Kept::new("bodies-record", spool);
    let json = r#"{"password":"opensesame","item":"server"}"#;
    let echoed = kept.app.connect().post("/echo", "application/json", json);
    assert_eq!(echoed.text(), json);
    let record = kept.app.record();
    for body in [&record.request.body, response(&record)] {
        let shown = body.json.as_ref().expect("JSON").get();
        assert_eq!(shown, r#"{"password":"***","item":"server"}"#);
        assert_eq!((body.captured, body.reasons.len()), (json.len() as u64, 0));
        assert_eq!(
            content(&kept.path, body),
            json.as_bytes(),
            "raw, as the docs say"
        );
    }
    assert!(file(&record.request.body).name.ends_with(".request"));
    assert!(file(response(&record)).name.ends_with(".response"));
}

#[test]
fn a_body_of_any_media_type_has_a_file_unless_its_level_leaves_it_out() {
    use actix_web_body_logger::{CaptureLevel, Rule};

    let kept = Kept::new("bodies-levels", spool);
    let levels = [
        (CaptureLevel::Metadata, (false, false)),
        (CaptureLevel::Request, (true, false)),
        (CaptureLevel::Response, (false, true)),
        (CaptureLevel::RequestResponse, (true, true)),
    ];
    for (level, expected) in levels {
        let both = super::both(&spool(&kept.path));
        let app = TestApp::configured(|logger| both(logger).rule(Rule::new(level)), super::routes);
        app.connect().post("/echo", "image/png", [0xff, 0, 1]);
        let record = app.record();
        let body = response(&record);
        let has = |body: &actix_web_body_logger::record::Body| body.file.is_some();
        assert_eq!(
            (has(&record.request.body), has(body)),
            expected,
            "{level:?}"
        );
        if expected.1 {
            assert_eq!(body.reasons, [Reason::MediaType]);
            assert_eq!(content(&kept.path, body), [0xff, 0, 1]);
        }
    }
    assert_eq!(names(&kept.path).len(), 4);
}

#[test]
fn a_body_that_is_too_long_has_no_file_and_says_why() {
    let kept = Kept::new("bodies-long", |path| {
        let most = BodyMode::spool_raw(path, 100_000);
        most.when_slow(WhenSlow::SlowDown)
            .open()
            .expect("a directory")
    });
    let mut client = kept.app.connect();
    for target in [
        "/sized/100000",
        "/sized/100001",
        "/chunked/100000/9000",
        "/chunked/1000000/9000",
    ] {
        client.get(target);
    }
    for record in kept.app.records(4) {
        // Records that wait for no file overtake those that do.
        let is_long =
            record.request.path.contains("00001") || record.request.path.contains("1000000");
        let body = response(&record);
        assert_eq!(body.no_file, is_long.then_some(NoFile::TooLong));
        assert_eq!(body.file.is_none(), is_long);
    }
    super::wait_for_files(&kept.path, 2);
}

#[test]
fn a_body_without_bytes_has_no_file_and_no_reason() {
    let kept = Kept::new("bodies-empty", spool);
    let mut client = kept.app.connect();
    client.get("/chunked/0/1");
    client.get("/sized/0");
    client
        .send("HEAD /sized/10 HTTP/1.1\r\nhost: test\r\n\r\n")
        .response_to("HEAD");
    client.post("/echo", "text/plain", "");
    for record in kept.app.records(4) {
        for body in [&record.request.body, response(&record)] {
            assert_eq!((&body.file, body.no_file), (&None, None), "{record:#?}");
        }
    }
    assert!(names(&kept.path).is_empty());
}

#[cfg(feature = "hash")]
#[test]
fn the_digest_of_a_file_is_the_one_that_the_application_asked_for() {
    use actix_web_body_logger::redact::{BodyDigest, HashKey};
    use sha2::{Digest as _, Sha256};

    let kept = Kept::new("bodies-digest", spool);
    for digest in [
        BodyDigest::PlainSha256,
        BodyDigest::Keyed(HashKey::new("k", b"a key")),
    ] {
        let both = super::both(&spool(&kept.path));
        let app = TestApp::configured(
            |logger| both(logger).digest_bodies(digest.clone()),
            super::routes,
        );
        let got = app.connect().get("/chunked/1000000/7001").body;
        assert_eq!(got, super::pattern(1_000_000));
        let record = app.record();
        let body = response(&record);
        let of_file = file(body).digest.as_deref().expect("a digest");
        assert_eq!(body.digest.as_deref(), Some(of_file));
        let plain: String = Sha256::digest(&got)
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect();
        match digest {
            BodyDigest::PlainSha256 => assert_eq!(of_file, format!("sha-256:{plain}")),
            _ => assert!(of_file.starts_with("hmac-sha-256:k:"), "{of_file}"),
        }
    }
}
