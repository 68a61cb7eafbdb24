//! Inner services that return `Err`, and futures that are dropped before they answer.

use std::{
    fmt,
    sync::{mpsc, Mutex},
    time::Duration,
};

use actix_web::{
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorImATeapot, ErrorRequestTimeout},
    http::StatusCode,
    middleware::{from_fn, Condition, Next},
    web, App, Error, HttpResponse, ResponseError,
};
use actix_web_body_logger::{
    policy::MemoryBudget,
    record::{BodyState, ErrorKind},
    Outcome, Record,
};

use super::{error, request_body, response, response_json};
use crate::app::{TestApp, PATIENCE};

const REFUSAL: &str = r#"{"reason":"unknown"}"#;

#[derive(Debug)]
struct Refusal;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::Unauthorized()
            .content_type("application/json")
            .body(REFUSAL)
    }
}

async fn refuse<B: MessageBody>(
    _: ServiceRequest,
    _: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    Err(Refusal.into())
}

#[test]
fn an_inner_error_is_recorded_with_the_status_and_body_it_becomes() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(from_fn(refuse))
                .wrap(logger)
                .route("/orders/{id}", web::post().to(HttpResponse::Ok))
        },
    );
    let answer = app.connect().post("/orders/7", "application/json", "[1]");
    assert_eq!((answer.status, answer.text()), (401, REFUSAL));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(error(&record), Some((ErrorKind::Service, Some(401))));
    assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
    assert_eq!(response(&record), (401, BodyState::Complete, 20));
    assert_eq!(response_json(&record), Some(REFUSAL));
}

#[test]
fn an_inner_error_is_recorded_likewise_where_the_logger_wraps_a_scope() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new().service(
                web::scope("/shop")
                    .wrap(from_fn(refuse))
                    .wrap(logger)
                    .route("/orders/{id}", web::get().to(HttpResponse::Ok)),
            )
        },
    );
    let answer = app.connect().get("/shop/orders/7");
    assert_eq!((answer.status, answer.text()), (401, REFUSAL));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(error(&record), Some((ErrorKind::Service, Some(401))));
    assert_eq!(record.request.route.as_deref(), Some("/shop/orders/{id}"));
    assert_eq!(response(&record), (401, BodyState::Complete, 20));
    assert_eq!(response_json(&record), Some(REFUSAL));
}

#[test]
fn an_error_of_which_several_responses_are_made_leaves_one_record_of_the_last() {
    async fn try_thrice<B: MessageBody>(
        req: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        let result = next.call(req).await;
        if let Err(error) = &result {
            let first = error.error_response();
            let second = error.error_response();
            let first = actix_web::body::to_bytes(first.into_body()).await;
            assert_eq!(first.expect("a body"), REFUSAL);
            drop(second);
        }
        result
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(from_fn(refuse))
                .wrap(logger)
                .wrap(from_fn(try_thrice))
        },
    );
    let answer = app.connect().get("/");
    assert_eq!((answer.status, answer.text()), (401, REFUSAL));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(error(&record), Some((ErrorKind::Service, Some(401))));
    assert_eq!(response(&record), (401, BodyState::Complete, 20));
    assert_eq!(response_json(&record), Some(REFUSAL));
}

/// Has a look at the response that an error will be, and passes the error on.
async fn peek<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let result = next.call(req).await;
    if let Err(error) = &result {
        assert_eq!(error.error_response().status(), StatusCode::UNAUTHORIZED);
    }
    result
}

#[test]
fn all_responses_made_of_an_error_have_the_route_of_its_request() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(from_fn(refuse))
                .wrap(logger)
                .wrap(from_fn(peek))
                .route("/orders/{id}", web::get().to(HttpResponse::Ok))
        },
    );
    for target in ["/orders/7", "/%6frders/7"] {
        assert_eq!(app.connect().get(target).text(), REFUSAL);
    }
    for record in app.only_records(2) {
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    }
}

#[test]
fn an_error_of_which_several_responses_are_made_is_paid_for_as_of_one() {
    let cost = |peeks: bool| {
        let budget = MemoryBudget::new(1 << 20);
        let (tell, told) = mpsc::channel();
        let (at_the_end, tell) = (budget.clone(), Mutex::new(tell));
        let app = TestApp::recording(
            |logger| {
                // What is captured is still paid for while a sink on the worker has it.
                logger.memory_budget(budget).inline_sink(move |_: &Record| {
                    let tell = tell.lock().expect("a lock");
                    tell.send(at_the_end.in_use()).expect("a test");
                })
            },
            move |logger| {
                App::new()
                    .wrap(from_fn(refuse))
                    .wrap(logger)
                    .wrap(Condition::new(peeks, from_fn(peek)))
                    .wrap(Condition::new(peeks, from_fn(peek)))
            },
        );
        assert_eq!(app.connect().get("/").text(), REFUSAL);
        told.recv_timeout(PATIENCE).expect("a record")
    };
    assert_eq!(cost(true), cost(false));
}

#[test]
fn an_error_that_an_outer_middleware_answers_past_its_mappers_has_a_predicted_status() {
    async fn answer<B: MessageBody + 'static>(
        req: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let request = req.request().clone();
        let error = match next.call(req).await {
            Ok(res) => return Ok(res.map_into_boxed_body()),
            Err(error) => error,
        };
        Ok(ServiceResponse::new(
            request,
            HttpResponse::from_error(error),
        ))
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(from_fn(refuse))
                .wrap(logger)
                .wrap(from_fn(answer))
        },
    );
    let answer = app.connect().get("/");
    assert_eq!((answer.status, answer.text()), (401, REFUSAL));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ServiceError));
    assert_eq!(error(&record), Some((ErrorKind::Service, Some(401))));
    assert_eq!(record.status(), Some(401));
    assert_eq!(response_json(&record), None, "nobody has seen it");
}

#[test]
fn an_error_that_an_outer_middleware_replaces_has_a_predicted_status() {
    async fn replace<B: MessageBody>(
        req: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        next.call(req).await.map_err(|_| ErrorImATeapot("another"))
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(from_fn(refuse))
                .wrap(logger)
                .wrap(from_fn(replace))
        },
    );
    assert_eq!(app.connect().get("/").status, 418);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ServiceError));
    assert_eq!(error(&record), Some((ErrorKind::Service, Some(401))));
    assert_eq!(record.status(), Some(401));
}

/// Its mapper runs after ours: a middleware cannot see what is done outside it.
#[test]
fn a_status_that_an_outer_mapper_changes_is_recorded_as_it_was() {
    async fn recast<B: MessageBody>(
        req: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        next.call(req).await.map_err(|mut error| {
            error.add_response_mapper(|mut res| {
                *res.status_mut() = StatusCode::IM_A_TEAPOT;
                res
            });
            error
        })
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(from_fn(refuse))
                .wrap(logger)
                .wrap(from_fn(recast))
        },
    );
    let answer = app.connect().get("/");
    assert_eq!((answer.status, answer.text()), (418, REFUSAL));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(response(&record), (401, BodyState::Complete, 20));
}

#[test]
fn an_exchange_that_an_outer_timeout_drops_is_cancelled() {
    async fn hurry<B: MessageBody>(
        req: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        tokio::time::timeout(Duration::from_millis(1), next.call(req))
            .await
            .unwrap_or_else(|_| Err(ErrorRequestTimeout("too slow")))
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new().wrap(logger).wrap(from_fn(hurry)).route(
                "/orders/{id}",
                web::post().to(std::future::pending::<HttpResponse>),
            )
        },
    );
    let answer = app.connect().post("/orders/7", "application/json", "[1]");
    assert_eq!(answer.status, 408);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Cancelled));
    assert_eq!(record.error, None);
    assert_eq!(record.response, None);
    assert_eq!(record.ttfb_us, None);
    assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
}
