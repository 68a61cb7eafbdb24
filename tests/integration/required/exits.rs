//! Every exit of an exchange leaves its stages, each once, joined by the number of the first.

use actix_web::{
    body::{BoxBody, MessageBody, SizedStream},
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorBadGateway, ErrorForbidden},
    http::StatusCode,
    middleware::{from_fn, Next},
    web::{self, Bytes, Data},
    Error, HttpMessage as _, HttpRequest, HttpResponse,
};
use actix_web_body_logger::{
    policy::{BodyMode, BufferOptions, OverLimit, Unrecorded, Unsampled},
    record::{BodyState, ErrorKind, Stage},
    Exchange, Outcome, Record, TailSampling,
};
use futures_util::{stream, StreamExt as _};

use super::{
    disk::{Condition, Disk},
    durable, end,
    held::Raw,
    options, response, stages, Ran, Required, REQUEST,
};
use crate::{
    lifecycle::{chunks, endless, error, request_body, response as response_body, response_json},
    records::schema::{check, strict_schema},
};

const JSON: &str = "application/json";

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/required/echo", web::to(echo))
        .route("/required/empty", web::to(HttpResponse::Ok))
        .route("/required/ignore", web::to(|| async { "ignored" }))
        .route(
            "/required/stream",
            web::to(|| async { HttpResponse::Ok().streaming(chunks(["one", "two"])) }),
        )
        .route("/required/status/{code}", web::to(status))
        .route(
            "/required/unexpected",
            web::to(|| async { HttpResponse::NotModified().body("five!") }),
        )
        .route(
            "/required/fails",
            web::to(|| async {
                let failure = stream::once(async { Err(ErrorBadGateway("midway")) });
                HttpResponse::Ok().streaming(chunks(["one"]).chain(failure))
            }),
        )
        .route("/required/short", web::to(|| sized(10)))
        .route("/required/long", web::to(|| sized(2)))
        .route("/required/longer", web::to(|| sized(3)))
        .route(
            "/required/declared",
            web::to(|| async {
                let body = Raw::new(["one", "two"]);
                HttpResponse::Ok().no_chunking(3).body(body)
            }),
        )
        .route(
            "/required/surplus",
            web::to(|| async { HttpResponse::Ok().body(SizedStream::new(2, chunks(["one"]))) }),
        )
        .route(
            "/required/endless",
            web::to(|| async { HttpResponse::Ok().streaming(endless()) }),
        )
        .route("/required/panics", web::to(panics))
        .route("/required/hangs", web::to(hangs))
        .route(
            "/required/error",
            web::to(|| async { Err::<HttpResponse, _>(ErrorForbidden("no")) }),
        )
        .service(
            web::resource("/required/guarded")
                .wrap(from_fn(guard))
                .to(HttpResponse::Ok),
        )
        .route(
            "/required/hidden",
            web::to(|req: HttpRequest| async move {
                req.extensions_mut().insert(Unrecorded);
                "not hidden"
            }),
        )
        .route("/free", web::to(|| async { "free" }));
}

async fn echo(ran: Data<Ran>, exchange: Exchange, body: Bytes) -> HttpResponse {
    ran.one();
    exchange.set_attribute("user", "42");
    HttpResponse::Ok().content_type(JSON).body(body)
}

async fn status(code: web::Path<u16>) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(*code).expect("a status")).finish()
}

async fn sized(size: u64) -> HttpResponse {
    HttpResponse::Ok().body(SizedStream::new(size, chunks(["one", "two"])))
}

async fn panics(_: Bytes) -> HttpResponse {
    panic!("a handler, on purpose")
}

async fn hangs(ran: Data<Ran>) -> HttpResponse {
    ran.one();
    std::future::pending().await
}

async fn guard(
    _: ServiceRequest,
    _: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    Err(ErrorForbidden("no entry"))
}

fn server() -> (Disk, Required) {
    let disk = Disk::new(Condition::Works);
    let required = Required::new(&disk, options(), routes);
    (disk, required)
}

/// Checks that the records are one exchange, as the schema says, and that the disk has all of them, too.
#[track_caller]
fn assert_joined(records: &[Record]) {
    let schema = strict_schema();
    for record in records {
        check(&schema, &serde_json::to_string(record).expect("JSON"));
        assert_eq!((&record.id, record.run), (&records[0].id, records[0].run));
    }
    let (first, later) = records.split_first().expect("a record");
    assert_eq!(first.first_seq, None);
    for record in later {
        assert_eq!(record.first_seq, Some(first.seq));
    }
}

#[test]
fn an_exchange_has_two_stages_and_the_client_its_answer() {
    let (disk, server) = server();
    let answer = server
        .app
        .connect()
        .post("/required/echo", JSON, r#"{"a":1}"#);
    assert_eq!((answer.status, answer.text()), (200, r#"{"a":1}"#));
    // Both are, as soon as the client has its answer.
    assert_eq!(disk.durable().len(), 2);
    let records = server.stop();
    assert_eq!(records, disk.durable());
    assert_eq!(stages(&records), [REQUEST, response(Outcome::Released)]);
    assert_joined(&records);

    let [request, response] = &*records else {
        panic!()
    };
    assert_eq!(request_body(request), (BodyState::Pending, Some(0)));
    assert_eq!((&request.response, request.duration_us), (&None, None));
    assert!(request.attributes.is_empty());
    assert_eq!(request_body(response), (BodyState::Complete, Some(7)));
    assert_eq!(response_body(response), (200, BodyState::Complete, 7));
    assert_eq!(response_json(response), Some(r#"{"a":1}"#));
    assert_eq!(response.attributes["user"], "42");
    assert!(response.duration_us.is_some());
}

#[test]
fn the_request_stage_is_durable_before_the_handler_runs() {
    let disk = Disk::new(Condition::StallsInSync);
    let server = Required::new(&disk, options(), routes);
    let mut client = server.app.connect();
    client.send("GET /required/echo HTTP/1.1\r\nhost: test\r\n\r\n");
    disk.wait_stalled();
    // The only worker has time for others.
    assert_eq!(server.app.connect().get("/free").text(), "free");
    assert_eq!(server.ran(), 0);
    disk.becomes(Condition::Works);
    assert_eq!(client.response().status, 200);
    assert_eq!(server.ran(), 1);
    server.stop();
}

#[test]
fn a_buffered_body_is_in_both_stages() {
    let disk = Disk::new(Condition::Works);
    let server = Required::with(
        |logger| {
            logger
                .required_sink(durable(&disk))
                .request_mode(BodyMode::Buffer)
        },
        options(),
        routes,
    );
    let answer =
        server
            .app
            .connect()
            .post("/required/ignore", JSON, r#"{"password":"hunter2","n":1}"#);
    assert_eq!(answer.text(), "ignored");
    let records = server.stop();
    assert_eq!(stages(&records), [REQUEST, response(Outcome::Released)]);
    for record in &records {
        assert_eq!(request_body(record), (BodyState::Complete, Some(28)));
        let shown = record.request.body.json.as_ref().expect("JSON");
        assert_eq!(shown.get(), r#"{"password":"***","n":1}"#);
    }
}

#[test]
fn a_body_that_is_too_long_to_buffer_is_answered_and_recorded_without_the_handler() {
    let disk = Disk::new(Condition::Works);
    let limits = BufferOptions::default()
        .max_bytes(4)
        .over_limit(OverLimit::Reject);
    let server = Required::with(
        |logger| {
            let logger = logger.required_sink(durable(&disk));
            logger.request_mode(BodyMode::Buffer).buffer(limits)
        },
        options(),
        routes,
    );
    let answer = server.app.connect().post("/required/echo", JSON, "[1,2,3]");
    assert_eq!(answer.status, 413);
    assert_eq!(
        stages(&disk.durable()),
        [REQUEST, response(Outcome::Released)]
    );
    assert_eq!(server.ran(), 0);
    assert_joined(&server.stop());
}

#[track_caller]
fn check_released(target: &str, method: &str, status: u16, body: (BodyState, u64)) -> Vec<Record> {
    let (disk, server) = server();
    let mut client = server.app.connect();
    client.send(format!("{method} {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
    assert_eq!(client.response_to(method).status, status);
    assert_eq!(disk.durable().len(), 2, "{target}");
    let records = server.stop();
    assert_eq!(
        stages(&records),
        [REQUEST, response(Outcome::Released)],
        "{target}"
    );
    assert_eq!(
        response_body(&records[1]),
        (status, body.0, body.1),
        "{target}"
    );
    assert_joined(&records);
    records
}

#[test]
fn responses_of_all_kinds_are_released() {
    check_released("/required/stream", "GET", 200, (BodyState::Complete, 6));
    check_released("/required/empty", "GET", 200, (BodyState::Empty, 0));
    check_released("/required/status/204", "GET", 204, (BodyState::Empty, 0));
    check_released("/required/status/304", "GET", 304, (BodyState::Empty, 0));
    check_released("/required/nothing", "GET", 404, (BodyState::Empty, 0));
    check_released("/required/stream", "HEAD", 200, (BodyState::Empty, 0));
    let records = check_released("/required/error", "GET", 403, (BodyState::Complete, 2));
    assert_eq!(error(&records[1]), Some((ErrorKind::Handler, Some(403))));
    check_released("/required/hidden", "GET", 200, (BodyState::Complete, 10));
}

/// Over HTTP/1, actix sends the body all the same.
#[test]
fn a_body_that_its_status_does_not_allow_is_pending_in_the_stage() {
    check_released("/required/unexpected", "GET", 304, (BodyState::Pending, 0));
}

#[test]
fn an_error_of_an_inner_service_waits_as_a_whole() {
    let records = check_released("/required/guarded", "GET", 403, (BodyState::Pending, 0));
    assert_eq!(error(&records[1]), Some((ErrorKind::Service, Some(403))));
}

/// Gets what breaks off, and returns the records.
#[track_caller]
fn broken_off(target: &str) -> Vec<Record> {
    let (_, server) = server();
    let mut client = server.app.connect();
    client.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
    client.until_hung_up_or(|_| None).expect("an end");
    let records = server.stop();
    assert_joined(&records);
    records
}

#[test]
fn responses_that_break_off_are_recorded_as_what_they_are() {
    let failed = broken_off("/required/fails");
    assert_eq!(stages(&failed), [REQUEST, response(Outcome::BodyError)]);
    assert_eq!(response_body(&failed[1]), (200, BodyState::Aborted, 3));
    let short = broken_off("/required/short");
    assert_eq!(stages(&short), [REQUEST, response(Outcome::BodyError)]);
    assert_eq!(error(&short[1]), Some((ErrorKind::ResponseSize, Some(200))));
    let panicked = broken_off("/required/panics");
    assert_eq!(stages(&panicked), [REQUEST, response(Outcome::Panicked)]);
    assert_eq!(panicked[1].response, None);
}

#[test]
fn a_surplus_is_recorded_with_the_response() {
    let (disk, server) = server();
    assert_eq!(server.app.connect().get("/required/surplus").text(), "on");
    assert_eq!(
        stages(&disk.durable()),
        [REQUEST, response(Outcome::BodyError)]
    );
    let records = server.stop();
    assert_eq!(records.len(), 2, "{records:#?}");
    assert_joined(&records);
}

/// What comes after the stage cannot be in it.
#[test]
fn a_surplus_after_the_response_leaves_one_more_stage() {
    for (target, text, of_stage) in [
        ("/required/long", "on", (BodyState::Partial, 3)),
        ("/required/longer", "one", (BodyState::Complete, 3)),
        ("/required/declared", "one", (BodyState::Complete, 3)),
    ] {
        let (_, server) = server();
        assert_eq!(server.app.connect().get(target).text(), text);
        let records = server.stop();
        let outcome = match of_stage.0 {
            BodyState::Complete => Outcome::Released,
            _ => Outcome::BodyError,
        };
        let expected = [REQUEST, response(outcome), end(Outcome::BodyError)];
        assert_eq!(stages(&records), expected, "{target}");
        let (state, bytes) = of_stage;
        assert_eq!(response_body(&records[1]), (200, state, bytes), "{target}");
        let all = (200, BodyState::Partial, 6);
        assert_eq!(response_body(&records[2]), all, "{target}");
        assert_joined(&records);
    }
}

#[test]
fn a_client_that_goes_early_leaves_a_response_stage() {
    let (disk, server) = server();
    let mut client = server.app.connect();
    client.send("GET /required/hangs HTTP/1.1\r\nhost: test\r\n\r\n");
    disk.wait_durable(1);
    client.reset();
    assert_eq!(
        stages(&server.stop()),
        [REQUEST, response(Outcome::Cancelled)]
    );

    let (_, server) = self::server();
    let mut client = server.app.connect();
    client.send("GET /required/endless HTTP/1.1\r\nhost: test\r\n\r\n");
    client.head();
    client.reset();
    let records = server.stop();
    assert_eq!(
        stages(&records),
        [REQUEST, response(Outcome::ResponseAborted)]
    );
    assert_joined(&records);
}

#[test]
fn a_client_that_goes_while_the_request_waits_is_recorded_without_its_handler() {
    let disk = Disk::new(Condition::StallsInSync);
    let server = Required::new(&disk, options(), routes);
    let mut client = server.app.connect();
    client.send("GET /required/echo HTTP/1.1\r\nhost: test\r\n\r\n");
    disk.wait_stalled();
    client.reset();
    server.wait_beside(2);
    assert_eq!(server.ran(), 0);
    disk.becomes(Condition::Works);
    let records = server.stop();
    assert_eq!(stages(&records), [REQUEST, response(Outcome::Cancelled)]);
    assert_joined(&records);
}

#[test]
fn an_end_that_is_not_passed_on_after_its_stage_leaves_one_more() {
    // A last chunk that was held has not passed.
    for (target, body) in [
        ("/required/stream", (BodyState::Aborted, 6)),
        ("/required/ignore", (BodyState::Aborted, 0)),
        ("/required/empty", (BodyState::Empty, 0)),
    ] {
        let disk = Disk::new(Condition::Stalls(super::disk::is_response));
        let server = Required::new(&disk, options(), routes);
        let mut client = server.app.connect();
        client.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
        disk.wait_stalled();
        client.reset();
        server.wait_beside(3);
        disk.becomes(Condition::Works);
        let records = server.stop();
        let expected = [
            REQUEST,
            response(Outcome::Released),
            end(Outcome::ResponseAborted),
        ];
        assert_eq!(stages(&records), expected, "{target}");
        let (state, bytes) = body;
        assert_eq!(response_body(&records[2]), (200, state, bytes), "{target}");
        assert_joined(&records);
    }
}

#[test]
fn tail_sampling_does_not_apply() {
    let disk = Disk::new(Condition::Works);
    let sampling = TailSampling::if_any().otherwise(Unsampled::Nothing);
    let server = Required::with(
        |logger| logger.required_sink(durable(&disk)).tail_sampling(sampling),
        options(),
        routes,
    );
    let mut client = server.app.connect();
    client.post("/required/echo", JSON, "[1]");
    client.get("/free");
    drop(client);
    let records = server.stop();
    assert_eq!(stages(&records), [REQUEST, response(Outcome::Released)]);
    assert_eq!(response_json(&records[1]), Some("[1]"));
}

#[test]
fn other_routes_are_recorded_as_ever() {
    let (_, server) = server();
    assert_eq!(server.app.connect().get("/free").text(), "free");
    assert_eq!(stages(&server.stop()), [(None, Some(Outcome::Completed))]);
}

#[test]
fn closures_and_statistics_see_each_exchange_once() {
    let (_, server) = server();
    let beside = server.beside.clone();
    server.app.connect().post("/required/echo", JSON, "[1]");
    server.stop();
    let whole = beside.records();
    assert_eq!(stages(&whole), [response(Outcome::Released)]);
    assert_eq!(whole[0].stage, Some(Stage::Response));
}
