//! Every exit of an exchange leaves exactly one record, and the record says which exit it was.

use actix_web::{error, web, HttpRequest, HttpResponse, Responder};
use actix_web_body_logger::{BodyState, Outcome};

use crate::app::TestApp;

#[test]
fn a_completed_exchange_is_recorded_whole() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/orders/{id}",
            web::post().to(|body: web::Json<serde_json::Value>| async move {
                HttpResponse::Ok().json(body.into_inner())
            }),
        );
    });
    let sent = r#"{"item":"server","password":"hunter2"}"#;
    let response = app
        .connect()
        .post("/orders/7?page=2&token=abc", "application/json", sent);
    assert_eq!((response.status, response.text()), (200, sent));

    let record = app.record();
    assert_eq!(record.outcome, Outcome::Completed);
    assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    assert_eq!(record.request.query.as_deref(), Some("page=2&token=***"));
    let body = &record.request.body;
    assert_eq!(
        (body.state, body.bytes, body.captured),
        (BodyState::Complete, Some(38), 38)
    );
    let masked = r#"{"item":"server","password":"***"}"#;
    assert_eq!(body.json.as_ref().map(|json| json.get()), Some(masked));
    let response = record.response.expect("a response");
    assert_eq!(
        response.body.json.as_ref().map(|json| json.get()),
        Some(masked)
    );
}

#[test]
fn a_panicking_handler_and_one_that_fails() {
    async fn fails() -> Result<HttpResponse, actix_web::Error> {
        Err(error::ErrorImATeapot("no"))
    }
    async fn panics(_: HttpRequest) -> impl Responder {
        if true {
            panic!("on purpose");
        }
        "never"
    }
    let app = TestApp::new(|cfg| {
        cfg.route("/fails", web::get().to(fails))
            .route("/panics", web::get().to(panics));
    });
    assert_eq!(app.connect().get("/fails").status, 418);
    assert!(app
        .connect()
        .send("GET /panics HTTP/1.1\r\nhost: test\r\n\r\n")
        .is_hung_up());
    let records = app.records(2);
    assert_eq!(records[0].outcome, Outcome::Completed);
    assert_eq!(records[0].status(), Some(418));
    assert_eq!(records[1].outcome, Outcome::Panicked);
    assert_eq!(records[1].request.route.as_deref(), Some("/panics"));
    assert_eq!(records[1].response, None);
}
