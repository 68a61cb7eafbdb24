//! Which exchanges are recorded, which of their bodies are captured, and which are kept in the end.

use std::{
    sync::{mpsc, Mutex},
    time::Duration,
};

use actix_web::{
    http::{header::HeaderName, Method, StatusCode},
    web::{self, Bytes},
    App, HttpResponse,
};
use actix_web_body_logger::{
    policy::Unsampled,
    record::{Body, BodyState, Reason},
    sink::Memory,
    BodyLogger, BodyLoggerBuilder, CaptureLevel, Outcome, Record, Rule, TailSampling,
};

use crate::{
    app::{TestApp, PATIENCE},
    capture::{check, content, JSON},
};

const SENT: &str = r#""a server, please""#;
const ANSWER: &str = r#""here you are""#;

/// Reads what it gets, and answers JSON; with a status of the client's choice where it has one, and
/// by a panic where that is 0.
fn routes(cfg: &mut web::ServiceConfig) {
    async fn answer(path: web::Path<String>, sent: Bytes) -> HttpResponse {
        let status = path.strip_prefix("status/").unwrap_or("200");
        let status = status.parse().expect("a number");
        assert_ne!(status, 0, "on purpose, after {} bytes", sent.len());
        let status = StatusCode::from_u16(status).expect("a status");
        HttpResponse::build(status).content_type(JSON).body(ANSWER)
    }
    cfg.route("/{tail:.*}", web::to(answer));
}

fn app(settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder) -> TestApp {
    TestApp::configured(settings, routes)
}

/// Posts to a target of a server that has seen nothing else.
#[track_caller]
fn post(app: &TestApp, target: &str) -> Record {
    app.memory().clear();
    let response = app.connect().post(target, JSON, SENT);
    assert_eq!(response.text(), ANSWER);
    app.record()
}

#[track_caller]
fn response_body(record: &Record) -> &Body {
    &record.response.as_ref().expect("a response").body
}

#[track_caller]
fn check_shown(body: &Body, text: &str) {
    check(body, BodyState::Complete, text.len(), text.len(), &[]);
    assert_eq!(content(body), Some(text));
}

#[track_caller]
fn check_left_out(body: &Body, text: &str, reason: Reason) {
    check(body, BodyState::Complete, text.len(), 0, &[reason]);
    assert_eq!(content(body), None);
}

/// Both bodies are shown, or neither is because it was decided so in the end.
#[track_caller]
fn check_kept(record: &Record, kept: bool) {
    for (body, text) in [
        (&record.request.body, SENT),
        (response_body(record), ANSWER),
    ] {
        if kept {
            check_shown(body, text);
        } else {
            check_left_out(body, text, Reason::SampledOut);
        }
    }
}

/// The paths of all records of a server that is stopped.
#[track_caller]
fn paths(app: TestApp) -> Vec<String> {
    let records = app.stop(true);
    let path = |record: Record| record.request.path.into();
    records.into_iter().map(path).collect()
}

#[test]
fn each_level_shows_its_own_bodies_and_counts_the_others() {
    for (level, request, response) in [
        (CaptureLevel::Metadata, false, false),
        (CaptureLevel::Request, true, false),
        (CaptureLevel::Response, false, true),
        (CaptureLevel::RequestResponse, true, true),
    ] {
        let by_default = app(|logger| logger.level(level));
        let by_rule = app(|logger| logger.level(CaptureLevel::Off).rule(Rule::new(level)));
        for app in [by_default, by_rule] {
            let record = post(&app, "/");
            assert_eq!(record.outcome, Some(Outcome::Completed));
            for (shown, body, text) in [
                (request, &record.request.body, SENT),
                (response, response_body(&record), ANSWER),
            ] {
                if shown {
                    check_shown(body, text);
                } else {
                    check_left_out(body, text, Reason::Level);
                }
            }
        }
    }
}

#[test]
fn an_exchange_whose_level_is_off_leaves_no_record() {
    let by_default = app(|logger| logger.level(CaptureLevel::Off));
    let by_rule = app(|logger| logger.rule(Rule::new(CaptureLevel::Off)));
    for app in [by_default, by_rule] {
        assert_eq!(app.connect().post("/", JSON, SENT).text(), ANSWER);
        assert_eq!(app.connect().post("/status/500", JSON, SENT).status, 500);
        assert_eq!(app.stop(true), []);
    }
}

#[test]
fn of_several_rules_the_first_that_matches_decides() {
    let narrow = || Rule::new(CaptureLevel::Metadata).path("/status/201");
    let wide = || Rule::new(CaptureLevel::Off).path("/status/{status}");

    let narrow_first = app(|logger| logger.rule(narrow()).rule(wide()));
    let record = post(&narrow_first, "/status/201");
    check_left_out(&record.request.body, SENT, Reason::Level);
    narrow_first.memory().clear();
    for target in ["/status/202", "/", "/status/201"] {
        narrow_first.connect().post(target, JSON, SENT);
    }
    assert_eq!(paths(narrow_first), ["/", "/status/201"]);

    let wide_first = app(|logger| logger.rule(wide()).rule(narrow()));
    for target in ["/status/202", "/", "/status/201"] {
        wide_first.connect().post(target, JSON, SENT);
    }
    assert_eq!(paths(wide_first), ["/"]);
}

#[test]
fn a_rule_matches_where_one_path_and_one_method_and_all_closures_do() {
    let rule = Rule::new(CaptureLevel::Metadata)
        .path("/status/201")
        .path("/status/202")
        .method(Method::POST)
        .method(Method::PUT)
        .when(|req| req.headers().contains_key("x-first"))
        .when(|req| req.headers().contains_key("x-second"));
    let app = app(|logger| logger.level(CaptureLevel::Off).rule(rule));
    let both = "x-first: 1\r\nx-second: 1\r\n";
    let mut client = app.connect();
    for (host, method, target, headers) in [
        ("one-path", "POST", "/status/201?a=1", both),
        ("other-path", "PUT", "/status/202", both),
        ("no-path", "POST", "/status/203", both),
        ("no-method", "GET", "/status/201", both),
        ("no-second-closure", "POST", "/status/201", "x-first: 2\r\n"),
        ("no-first-closure", "POST", "/status/201", "x-second: 2\r\n"),
    ] {
        let request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n");
        assert_eq!(client.send(request).response().text(), ANSWER);
    }
    drop(client);
    let records = app.stop(true);
    let hosts: Vec<_> = records.iter().map(|r| r.request.host.as_deref()).collect();
    assert_eq!(hosts, [Some("one-path"), Some("other-path")]);
}

#[test]
fn a_rule_is_not_evaded_by_an_encoded_path() {
    let app = app(|logger| {
        logger
            .level(CaptureLevel::Off)
            .rule(Rule::new(CaptureLevel::RequestResponse).path("/status/{status}"))
    });
    let targets = ["/status/201", "/%73tatus/201", "/sta%74us/20%31"];
    for target in targets {
        assert_eq!(app.connect().post(target, JSON, SENT).status, 201);
    }
    assert_eq!(paths(app), targets);
}

#[test]
fn an_excluded_path_is_excluded_in_whatever_way_it_is_encoded() {
    let app = app(|logger| logger.exclude_path("/status/204"));
    for target in ["/status/204", "/%73tatus/204", "/", "/status/20%34"] {
        app.connect().post(target, JSON, SENT);
    }
    assert_eq!(paths(app), ["/"]);
}

#[test]
fn several_paths_are_excluded_at_once() {
    let app = app(|logger| logger.exclude_paths(["/status/204", "/left/{out}"]));
    for target in ["/status/204", "/left/here", "/", "/left"] {
        app.connect().post(target, JSON, SENT);
    }
    assert_eq!(paths(app), ["/", "/left"]);
}

#[test]
fn a_rule_whose_closure_panics_does_not_match_and_the_client_gets_its_answer() {
    let by_rule = Rule::new(CaptureLevel::Metadata).when(|_| panic!("on purpose, in a rule"));
    let app = app(|logger| {
        logger
            .exclude_if(|_| panic!("on purpose, in an exclusion"))
            .rule(by_rule)
    });
    check_kept(&post(&app, "/"), true);
    assert_eq!(app.only_records(1).len(), 1);
}

#[test]
#[should_panic(expected = "malformed dynamic segment")]
fn a_rule_for_a_malformed_pattern_panics_where_it_is_made() {
    let _ = Rule::new(CaptureLevel::Off).path("/{");
}

#[test]
fn a_rule_has_a_limit_of_its_own() {
    let app = app(|logger| {
        logger
            .max_body_bytes(6)
            .rule(
                Rule::new(CaptureLevel::RequestResponse)
                    .path("/status/201")
                    .max_body_bytes(3),
            )
            .rule(
                Rule::new(CaptureLevel::RequestResponse)
                    .path("/status/202")
                    .max_body_bytes(1000),
            )
            .rule(Rule::new(CaptureLevel::RequestResponse).path("/status/203"))
    });
    for (target, limit) in [("/", 6), ("/status/201", 3), ("/status/203", 6)] {
        let record = post(&app, target);
        for (body, text) in [
            (&record.request.body, SENT),
            (response_body(&record), ANSWER),
        ] {
            let reasons = [Reason::BodyLimit];
            check(body, BodyState::Complete, text.len(), limit, &reasons);
            assert_eq!(content(body), Some(&text[..limit]));
        }
    }
    check_kept(&post(&app, "/status/202"), true);
}

#[test]
fn a_rule_that_names_media_types_captures_those_and_no_others() {
    let app = app(|logger| {
        logger.capture_media_types([mime::TEXT_CSV]).rule(
            Rule::new(CaptureLevel::RequestResponse)
                .path("/status/201")
                .media_types([mime::TEXT_PLAIN]),
        )
    });
    for (target, media_type, captured) in [
        ("/status/201", "text/plain", true),
        ("/status/201", "text/csv", false),
        ("/status/201", JSON, false),
        ("/", "text/plain", false),
        ("/", "text/csv", true),
        ("/", JSON, true),
    ] {
        app.memory().clear();
        app.connect().post(target, media_type, "7");
        let record = app.record();
        if captured {
            check_shown(&record.request.body, "7");
        } else {
            check_left_out(&record.request.body, "7", Reason::MediaType);
        }
    }
}

#[test]
fn the_level_can_be_changed_by_any_clone_while_the_server_runs() {
    let memory = Memory::new(100);
    let logger = BodyLogger::builder()
        .rule(Rule::new(CaptureLevel::Metadata).path("/status/201"))
        .inline_sink(memory.clone())
        .build();
    let handle = logger.clone();
    let app = TestApp::serve(
        memory,
        move || App::new().wrap(logger.clone()).configure(routes),
        |server| server,
    );
    assert_eq!(handle.level(), CaptureLevel::RequestResponse);
    check_kept(&post(&app, "/"), true);

    handle.set_level(CaptureLevel::Request);
    assert_eq!(handle.level(), CaptureLevel::Request);
    let record = post(&app, "/");
    check_shown(&record.request.body, SENT);
    check_left_out(response_body(&record), ANSWER, Reason::Level);

    handle.set_level(CaptureLevel::Off);
    assert_eq!(app.connect().post("/", JSON, SENT).text(), ANSWER);
    // What a rule says it says all the same.
    let record = post(&app, "/status/201");
    check_left_out(&record.request.body, SENT, Reason::Level);

    handle.set_level(CaptureLevel::RequestResponse);
    check_kept(&post(&app, "/"), true);
}

const HEALTH_CHECKS: [&str; 9] = [
    "/health",
    "/healthz",
    "/livez",
    "/readyz",
    "/startupz",
    "/ping",
    "/up",
    "/-/healthy",
    "/-/ready",
];

const PROBES: [&str; 5] = [
    "kube-probe/1.31",
    "ELB-HealthChecker/2.0",
    "GoogleHC/1.0",
    "Consul Health Check",
    "Amazon-Route53-Health-Check-Service (ref 1; report http://amzn.to/1vsZADi)",
];

/// Sends GETs of these paths under these names, one after the other, and stops the server.
#[track_caller]
fn recorded(app: TestApp, requests: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut client = app.connect();
    for (path, agent) in requests {
        client.send(format!(
            "GET {path} HTTP/1.1\r\nhost: test\r\nuser-agent: {agent}\r\n\r\n"
        ));
        assert_eq!(client.response().status, 200, "{path} {agent}");
    }
    drop(client);
    let recorded = app.stop(true).into_iter().map(|record| {
        let mut headers = record.request.headers.into_iter();
        let agent = headers.find(|(name, _)| name == "user-agent");
        (
            record.request.path.into(),
            agent.expect("an agent").1.into(),
        )
    });
    recorded.collect()
}

fn any_path(cfg: &mut web::ServiceConfig) {
    cfg.default_service(web::to(HttpResponse::Ok));
}

#[test]
fn health_checks_are_left_out_by_path_and_by_agent_where_that_was_asked_for() {
    let others = [
        ("/", "curl/8.5.0"),
        ("/health/", "curl/8.5.0"),
        ("/health/7", "curl/8.5.0"),
        ("/healthy", "curl/8.5.0"),
        ("/api/health", "curl/8.5.0"),
        ("/up/", "curl/8.5.0"),
        ("/orders", "not a kube-probe/1.31"),
        ("/orders", "kube-prober"),
    ];
    let by_path = HEALTH_CHECKS.map(|path| (path, "curl/8.5.0"));
    let by_agent = PROBES.map(|agent| ("/orders", agent));
    let all = [&by_path[..], &by_agent, &others].concat();
    let owned = |requests: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = requests.iter().map(|(p, a)| (p.to_string(), a.to_string()));
        owned.collect()
    };

    let excluding = TestApp::configured(|logger| logger.exclude_health_checks(), any_path);
    assert_eq!(recorded(excluding, &all), owned(&others));
    let recording = TestApp::new(any_path);
    assert_eq!(recorded(recording, &all), owned(&all));
}

fn keeping(keep: TailSampling) -> TestApp {
    app(|logger| logger.tail_sampling(keep))
}

#[test]
fn bodies_that_no_reason_keeps_are_counted_only_and_said_to_be_late() {
    check_kept(&post(&keeping(TailSampling::if_any()), "/"), false);
    check_kept(&post(&app(|logger| logger), "/"), true);
}

#[test]
fn an_exchange_that_no_reason_keeps_leaves_no_record_where_that_was_asked_for() {
    let keep = TailSampling::if_any()
        .status_from(500)
        .otherwise(Unsampled::Nothing);
    let app = keeping(keep);
    for status in [200, 500, 404, 503] {
        let target = format!("/status/{status}");
        assert_eq!(app.connect().post(&target, JSON, SENT).status, status);
    }
    assert_eq!(paths(app), ["/status/500", "/status/503"]);
}

#[test]
fn bodies_are_kept_from_a_status_on() {
    let app = keeping(TailSampling::if_any().status_from(404));
    for (status, kept) in [(200, false), (400, false), (404, true), (500, true)] {
        check_kept(&post(&app, &format!("/status/{status}")), kept);
    }
}

#[test]
fn bodies_are_kept_from_any_status_on_where_there_was_no_response() {
    let panicking = format!(
        "POST /status/0 HTTP/1.1\r\nhost: test\r\ncontent-type: {JSON}\r\n\
         content-length: {}\r\n\r\n{SENT}",
        SENT.len()
    );
    for (keep, kept) in [
        (TailSampling::if_any().status_from(u16::MAX), true),
        (TailSampling::if_any(), false),
    ] {
        let app = keeping(keep);
        let mut client = app.connect();
        assert!(client.send(&panicking).is_hung_up());
        let record = app.only_record();
        assert_eq!(record.outcome, Some(Outcome::Panicked));
        assert_eq!(record.response, None);
        if kept {
            check_shown(&record.request.body, SENT);
        } else {
            check_left_out(&record.request.body, SENT, Reason::SampledOut);
        }
    }
}

#[test]
fn bodies_are_kept_of_exchanges_that_take_longer_than_they_may() {
    for (limit, kept) in [(Duration::ZERO, true), (PATIENCE, false)] {
        let app = keeping(TailSampling::if_any().slower_than(limit));
        check_kept(&post(&app, "/"), kept);
    }
}

#[test]
fn bodies_are_kept_of_exchanges_whose_first_byte_takes_longer_than_it_may() {
    for (limit, kept) in [(Duration::ZERO, true), (PATIENCE, false)] {
        let app = keeping(TailSampling::if_any().first_byte_slower_than(limit));
        check_kept(&post(&app, "/"), kept);
    }
}

#[test]
fn bodies_are_kept_of_all_exchanges_or_of_none_where_all_or_none_are_sampled() {
    for (share, kept) in [(0.0, false), (1.0, true)] {
        let app = keeping(TailSampling::if_any().sampled(share));
        for _ in 0..20 {
            check_kept(&post(&app, "/"), kept);
        }
    }
}

#[test]
fn bodies_are_kept_where_one_of_several_reasons_does() {
    let keep = TailSampling::if_any()
        .status_from(500)
        .sampled(0.0)
        .slower_than(PATIENCE)
        .when(|summary| summary.status == Some(201))
        .when(|summary| summary.status == Some(202));
    let app = keeping(keep);
    for (status, kept) in [
        (200, false),
        (201, true),
        (202, true),
        (203, false),
        (500, true),
    ] {
        check_kept(&post(&app, &format!("/status/{status}")), kept);
    }
}

#[test]
fn a_closure_that_decides_is_told_what_the_record_says() {
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let keep = TailSampling::if_any().when(move |summary| {
        let told = (
            summary.method.to_string(),
            summary.route.map(str::to_owned),
            (summary.status, summary.outcome),
            (summary.request_bytes, summary.response_bytes),
            (summary.duration, summary.ttfb),
        );
        tell.lock().expect("a lock").send(told).expect("a test");
        false
    });
    let app = keeping(keep);
    let record = post(&app, "/status/201");
    let (method, route, ended, bytes, (duration, ttfb)) =
        told.recv_timeout(PATIENCE).expect("a summary");
    assert_eq!(
        (method, route.as_deref()),
        ("POST".to_owned(), Some("/{tail:.*}"))
    );
    assert_eq!(ended, (Some(201), Outcome::Completed));
    assert_eq!(bytes, (SENT.len() as u64, ANSWER.len() as u64));
    assert_eq!(
        duration.as_micros(),
        u128::from(record.duration_us.expect("an end"))
    );
    let ttfb = ttfb.map(|ttfb| ttfb.as_micros());
    assert_eq!(ttfb, record.ttfb_us.map(u128::from));
}

#[test]
fn bodies_are_kept_where_the_closure_that_decides_panics() {
    let app = keeping(TailSampling::if_any().when(|_| panic!("on purpose, in a decision")));
    check_kept(&post(&app, "/"), true);
}

#[test]
fn the_body_of_a_request_that_is_refused_is_left_out_whatever_else_would_keep_it() {
    let by_default = app(|logger| logger);
    let beside_a_reason = keeping(TailSampling::if_any().status_from(400));
    for app in [by_default, beside_a_reason] {
        for status in [401, 403] {
            let record = post(&app, &format!("/status/{status}"));
            check_left_out(&record.request.body, SENT, Reason::SampledOut);
            check_shown(response_body(&record), ANSWER);
        }
        for status in [400, 402, 404] {
            check_kept(&post(&app, &format!("/status/{status}")), true);
        }
    }
}

#[test]
fn the_body_of_a_request_that_is_refused_is_kept_where_that_was_asked_for() {
    let by_default = app(|logger| logger.keep_refused_request_bodies());
    let keep = TailSampling::if_any().status_from(403);
    let beside_a_reason = app(|logger| logger.tail_sampling(keep).keep_refused_request_bodies());
    for (app, status, kept) in [
        (&by_default, 401, true),
        (&by_default, 403, true),
        (&beside_a_reason, 403, true),
        // It is refused, and no reason keeps it.
        (&beside_a_reason, 401, false),
    ] {
        check_kept(&post(app, &format!("/status/{status}")), kept);
    }
}

/// Where an id falls between 0 and 1, by what the documentation of `TailSampling::sampled` says.
fn position(id: &str) -> f64 {
    let mut hash: u64 = 14_695_981_039_346_656_037;
    for byte in id.bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(1_099_511_628_211);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    hash as f64 / 2_f64.powi(64)
}

const SHARE: f64 = 0.5;

fn sampling(keep: TailSampling) -> TestApp {
    let header = HeaderName::from_static("x-request-id");
    app(|logger| logger.adopt_request_id(header).tail_sampling(keep))
}

/// Whether the bodies are kept of a request that comes with this id.
#[track_caller]
fn is_kept(app: &TestApp, id: &str) -> bool {
    app.memory().clear();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: test\r\nx-request-id: {id}\r\ncontent-type: {JSON}\r\n\
         content-length: {}\r\n\r\n{SENT}",
        SENT.len()
    );
    assert_eq!(app.connect().send(head).response().text(), ANSWER);
    let record = app.record();
    assert_eq!(record.id, id);
    let kept = record.request.body.captured > 0;
    check_kept(&record, kept);
    kept
}

#[test]
fn sampling_goes_by_the_hash_of_the_id() {
    let app = sampling(TailSampling::if_any().sampled(SHARE));
    for _ in 0..64 {
        let record = post(&app, "/");
        check_kept(&record, position(&record.id) < SHARE);
    }
}

#[test]
fn sampling_goes_by_an_adopted_id_where_that_was_asked_for() {
    let app = sampling(TailSampling::if_any().sampled(SHARE).sample_adopted_ids());
    for i in 0..64 {
        let id = format!("client-{i}");
        assert_eq!(is_kept(&app, &id), position(&id) < SHARE, "{id}");
    }
}

/// Of 64 exchanges all are kept, or none is, with a chance of one in 2⁶³.
#[test]
fn sampling_goes_by_chance_where_a_client_chose_the_id() {
    let app = sampling(TailSampling::if_any().sampled(SHARE));
    let kept = (0..64).filter(|_| is_kept(&app, "mine")).count();
    assert!((1..64).contains(&kept), "{kept} of 64");
}
