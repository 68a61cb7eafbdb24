//! What a handler can say about its own exchange, and loggers inside loggers.

use std::sync::mpsc;

use actix_web::{
    http::header::HeaderName,
    rt,
    web::{self, Bytes},
    App, HttpResponse,
};
use actix_web_body_logger::{BodyState, Exchange, Outcome, Reason, MAX_ATTRIBUTES};

use super::{request_body, response, response_json};
use crate::app::{Gate, TestApp, PATIENCE};

const JSON: &str = "application/json";

#[test]
fn attributes_are_attached_and_the_id_is_known() {
    let app = TestApp::configured(
        |logger| logger.request_id_header(HeaderName::from_static("x-request-id")),
        |cfg| {
            cfg.route(
                "/",
                web::get().to(|exchange: Exchange| async move {
                    assert!(exchange.attribute("user", "41"));
                    assert!(exchange.attribute("user", "42"));
                    assert!(exchange.attribute("tenant", "acme"));
                    assert!(exchange.attribute("password", "hunter2"));
                    assert!(!exchange.attribute("long", "x".repeat(MAX_ATTRIBUTES)));
                    exchange.id().expect("an id").to_string()
                }),
            );
        },
    );
    let answer = app.connect().get("/");
    assert_eq!(answer.status, 200);
    let record = app.only_record();
    assert_eq!(answer.text(), record.id);
    assert_eq!(answer.header("x-request-id"), Some(&*record.id));
    let attributes: Vec<_> = record
        .attributes
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let expected = [("password", "***"), ("tenant", "acme"), ("user", "42")];
    assert_eq!(attributes, expected);
}

#[test]
fn a_handler_can_leave_its_own_bodies_out() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/omit",
            web::post().to(|exchange: Exchange, body: Bytes| async move {
                exchange.omit_request_body();
                exchange.omit_response_body();
                HttpResponse::Ok().content_type(JSON).body(body)
            }),
        )
        .route(
            "/keep",
            web::post()
                .to(|body: Bytes| async { HttpResponse::Ok().content_type(JSON).body(body) }),
        );
    });
    let mut client = app.connect();
    for target in ["/omit", "/keep"] {
        assert_eq!(client.post(target, JSON, "[1]").text(), "[1]");
    }
    let records = app.only_records(2);
    for record in &records {
        assert_eq!(record.outcome, Outcome::Completed);
        assert_eq!(request_body(record), (BodyState::Complete, Some(3)));
        assert_eq!(response(record), (200, BodyState::Complete, 3));
    }
    let bodies = |at: usize| {
        let response = records[at].response.as_ref().expect("a response");
        [&records[at].request.body, &response.body]
    };
    for body in bodies(0) {
        assert_eq!((body.captured, &*body.reasons), (0, &[Reason::Handler][..]));
        assert_eq!((&body.json, &body.text), (&None, &None));
    }
    for body in bodies(1) {
        assert_eq!((body.captured, &*body.reasons), (3, &[][..]));
        assert_eq!(body.json.as_ref().map(|json| json.get()), Some("[1]"));
    }
}

#[test]
fn nested_loggers_leave_a_record_each_under_one_id() {
    let app = TestApp::recording(
        |logger| logger.request_id_header(HeaderName::from_static("x-request-id")),
        |logger| {
            App::new()
                .wrap(logger.clone())
                .service(web::scope("/shop").wrap(logger).route(
                    "/orders/{id}",
                    web::post().to(|exchange: Exchange, body: Bytes| async move {
                        exchange.attribute("user", "42");
                        exchange.omit_request_body();
                        HttpResponse::Ok().content_type(JSON).body(body)
                    }),
                ))
        },
    );
    let answer = app.connect().post("/shop/orders/7", JSON, "[1]");
    assert_eq!(answer.text(), "[1]");
    let records = app.only_records(2);
    for record in &records {
        assert_eq!(answer.header("x-request-id"), Some(&*record.id));
        assert_eq!(record.outcome, Outcome::Completed);
        let route = record.request.route.as_deref();
        assert_eq!(route, Some("/shop/orders/{id}"));
        assert_eq!(record.attributes.get("user").map(|v| &**v), Some("42"));
        assert_eq!(request_body(record), (BodyState::Complete, Some(3)));
        assert_eq!(record.request.body.reasons, [Reason::Handler]);
        assert_eq!(response(record), (200, BodyState::Complete, 3));
        assert_eq!(response_json(record), Some("[1]"));
    }
}

#[test]
fn loggers_nested_on_one_application_leave_a_record_each_also_of_a_failure() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new().wrap(logger.clone()).wrap(logger).route(
                "/",
                web::get().to(|exchange: Exchange| async move {
                    exchange.attribute("user", "42");
                    if exchange.id().is_some() {
                        panic!("on purpose");
                    }
                    HttpResponse::Ok()
                }),
            )
        },
    );
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    assert!(client.is_hung_up());
    let records = app.only_records(2);
    assert_eq!(records[0].id, records[1].id);
    for record in &records {
        assert_eq!(record.outcome, Outcome::Panicked);
        assert_eq!(record.attributes.get("user").map(|v| &**v), Some("42"));
    }
}

#[test]
fn without_a_logger_an_exchange_can_be_asked_for_and_does_nothing() {
    let app = TestApp::unlogged(|cfg| {
        cfg.route(
            "/",
            web::get().to(|exchange: Exchange| async move {
                exchange.omit_request_body();
                exchange.omit_response_body();
                let taken = exchange.attribute("user", "42");
                HttpResponse::Ok().json((exchange.id().is_none(), taken))
            }),
        );
    });
    assert_eq!(app.connect().get("/").text(), "[true,false]");
}

#[test]
fn an_exchange_that_is_kept_past_its_end_takes_nothing_any_more() {
    let (gate, keeper) = Gate::new();
    let (say, said) = mpsc::channel::<(bool, Option<String>)>();
    let app = TestApp::sharing((gate, say), |cfg| {
        cfg.route(
            "/",
            web::get().to(
                |shared: web::Data<(Gate, mpsc::Sender<_>)>, exchange: Exchange| async {
                    rt::spawn(async move {
                        shared.0.pass().await;
                        let taken = exchange.attribute("user", "42");
                        exchange.omit_request_body();
                        let id = exchange.id().map(|id| id.to_string());
                        shared.1.send((taken, id)).expect("a test");
                    });
                    HttpResponse::Ok()
                },
            ),
        );
    });
    assert_eq!(app.connect().get("/").status, 200);
    let record = app.record();
    keeper.wait();
    keeper.open();
    let (taken, id) = said.recv_timeout(PATIENCE).expect("an answer");
    assert!(!taken);
    assert_eq!(id, None);
    assert_eq!(app.only_record(), record);
}
