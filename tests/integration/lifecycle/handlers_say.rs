//! What a handler can say about its own exchange, and loggers inside loggers.

use std::sync::mpsc;

use actix_web::{
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::HeaderName,
    middleware::{from_fn, Next},
    rt,
    web::{self, Bytes},
    App, Error, FromRequest as _, HttpResponse,
};
use actix_web_body_logger::{
    policy::MemoryBudget,
    record::{BodyState, Reason},
    Exchange, Outcome, MAX_ATTRIBUTES,
};

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
                    assert!(exchange.set_attribute("user", "41"));
                    assert!(exchange.set_attribute("user", "42"));
                    assert!(exchange.set_attribute("tenant", "acme"));
                    assert!(exchange.set_attribute("password", "hunter2"));
                    assert!(!exchange.set_attribute("long", "x".repeat(MAX_ATTRIBUTES)));
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
fn an_attribute_that_takes_the_place_of_an_earlier_one_takes_its_room_too() {
    let budget = MemoryBudget::new(1 << 20);
    let app = TestApp::recording(|logger| logger.memory_budget(budget.clone()), {
        let budget = web::Data::new(budget.clone());
        move |logger| {
            App::new().wrap(logger).app_data(budget.clone()).route(
                "/",
                web::get().to(
                    |exchange: Exchange, budget: web::Data<MemoryBudget>| async move {
                        let room = MAX_ATTRIBUTES - "progress".len();
                        let before = budget.in_use();
                        assert!(exchange.set_attribute("progress", "x".repeat(room)));
                        let first = budget.in_use() - before;
                        for i in 0..1000 {
                            assert!(exchange.set_attribute("progress", format!("{i:0room$}")));
                        }
                        assert_eq!(budget.in_use() - before, first);
                        assert!(!exchange.set_attribute("progress", "x".repeat(room + 1)));
                        assert!(!exchange.set_attribute("more", ""));
                        assert!(exchange.set_attribute("progress", "nearly"));
                        assert!(exchange.set_attribute("progress", "done"));
                        assert!(budget.in_use() - before <= first - room + "done".len());
                        exchange.set_attribute("more", "room").to_string()
                    },
                ),
            )
        }
    });
    assert_eq!(app.connect().get("/").text(), "true");
    let attributes = app.only_record().attributes;
    let attributes: Vec<_> = attributes.iter().map(|(n, v)| (&**n, &**v)).collect();
    assert_eq!(attributes, [("more", "room"), ("progress", "done")]);
    assert_eq!(budget.in_use(), 0);
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
        assert_eq!(record.outcome, Some(Outcome::Completed));
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
                        exchange.set_attribute("user", "42");
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
        assert_eq!(record.outcome, Some(Outcome::Completed));
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
                    exchange.set_attribute("user", "42");
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
        assert_eq!(record.outcome, Some(Outcome::Panicked));
        assert_eq!(record.attributes.get("user").map(|v| &**v), Some("42"));
    }
}

/// A layer between the loggers throws the inner response away, and with it the inner exchange.
#[test]
fn the_id_is_known_while_any_of_several_loggers_is_at_work() {
    async fn replaces(
        req: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let (req, inner) = next.call(req).await?.into_parts();
        let exchange = Exchange::extract(&req).await?;
        let id = exchange.id().map(|id| id.to_string());
        drop(inner);
        assert!(exchange.set_attribute("inner", "gone"));
        assert_eq!(exchange.id().map(|id| id.to_string()), id);
        let response = HttpResponse::Ok().body(id.expect("an id"));
        Ok(ServiceResponse::new(req, response))
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(logger.clone())
                .wrap(from_fn(replaces))
                .wrap(logger)
                .route("/", web::get().to(HttpResponse::Ok))
        },
    );
    let answer = app.connect().get("/");
    assert_eq!(answer.status, 200);
    let records = app.only_records(2);
    for record in &records {
        assert_eq!(record.id, answer.text());
    }
    assert_eq!(records[0].attributes.get("inner"), None);
    let attribute = records[1].attributes.get("inner");
    assert_eq!(attribute.map(String::as_str), Some("gone"));
}

#[test]
fn without_a_logger_an_exchange_can_be_asked_for_and_does_nothing() {
    let app = TestApp::unlogged(|cfg| {
        cfg.route(
            "/",
            web::get().to(|exchange: Exchange| async move {
                exchange.omit_request_body();
                exchange.omit_response_body();
                let taken = exchange.set_attribute("user", "42");
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
                        let taken = exchange.set_attribute("user", "42");
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
