//! The logger goes around anything, and inside and outside everything else.

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{header, StatusCode},
    middleware::{
        from_fn, Compress, Condition, DefaultHeaders, ErrorHandlerResponse, ErrorHandlers, Logger,
        Next, NormalizePath,
    },
    web, App, Error, HttpResponse, Responder,
};
use actix_web_body_logger::{
    record::{BodyState, ErrorKind, Json, Reason},
    BodyLogger, Outcome, Record,
};

use crate::app::TestApp;

/// What the handler answers: JSON that compresses well.
fn order(id: u32) -> String {
    format!(r#"{{"id":{id},"note":"{}"}}"#, "a".repeat(2000))
}

async fn get_order(id: web::Path<u32>) -> impl Responder {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(order(*id))
}

async fn fails() -> impl Responder {
    HttpResponse::InternalServerError()
        .content_type("application/json")
        .body(r#"{"id":0}"#)
}

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/orders/{id}", web::get().to(get_order))
        .route("/fails", web::get().to(fails));
}

/// Serves [`routes`] with the logger inside another middleware and outside it.
macro_rules! both_orders {
    ($other:expr) => {
        (
            TestApp::recording(
                |logger| logger,
                |logger| App::new().wrap(logger).wrap($other).configure(routes),
            ),
            TestApp::recording(
                |logger| logger,
                |logger| App::new().wrap($other).wrap(logger).configure(routes),
            ),
        )
    };
}

/// An order arrives, and the record says the same.
#[track_caller]
fn assert_order_is_served_and_recorded(app: &TestApp) -> Record {
    let response = app.connect().get("/orders/7");
    assert_eq!((response.status, response.text()), (200, &*order(7)));
    assert_eq!(response.header("content-length"), Some("2018"));
    let record = app.record();
    assert_is_order(&record);
    record
}

#[track_caller]
fn assert_is_order(record: &Record) {
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(record.error, None);
    assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    let response = record.response.as_ref().expect("a response");
    assert_eq!(response.status, 200);
    let body = &response.body;
    assert_eq!((body.state, body.bytes), (BodyState::Complete, Some(2018)));
    assert_eq!(body.json.as_ref().expect("JSON").get(), order(7));
}

#[track_caller]
fn response_header<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    let headers = &record.response.as_ref().expect("a response").headers;
    let header = headers.iter().find(|(n, _)| n == name);
    header.map(|(_, value)| value.as_str())
}

#[test]
fn it_wraps_an_app() {
    let app = TestApp::new(routes);
    assert_order_is_served_and_recorded(&app);
    assert_eq!(app.connect().get("/nowhere").status, 404);
    let records = app.records(2);
    assert_eq!(records[1].status(), Some(404));
    assert_eq!(records[1].request.route, None);
}

#[test]
fn it_wraps_a_scope() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new().service(
                web::scope("/v1")
                    .wrap(logger)
                    .configure(routes)
                    .service(web::scope("/deep").configure(routes)),
            )
        },
    );
    let mut client = app.connect();
    assert_eq!(client.get("/v1/orders/7").text(), order(7));
    assert_eq!(client.get("/v1/deep/orders/8").text(), order(8));
    assert_eq!(client.get("/v1/nowhere").status, 404);
    assert_eq!(client.get("/nowhere").status, 404);
    let records = app.stop(true);
    let seen: Vec<_> = records
        .iter()
        .map(|record| (record.status(), record.request.route.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(200), Some("/v1/orders/{id}")),
            (Some(200), Some("/v1/deep/orders/{id}")),
            (Some(404), None),
        ]
    );
}

#[test]
fn it_wraps_a_resource() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .service(
                    web::resource("/orders/{id}")
                        .wrap(logger)
                        .route(web::get().to(get_order)),
                )
                .route("/fails", web::get().to(fails))
        },
    );
    assert_order_is_served_and_recorded(&app);
    assert_eq!(app.connect().get("/fails").status, 500);
    let mut client = app.connect();
    client.send("DELETE /orders/7 HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(client.response().status, 405);
    let records = app.records(2);
    assert_eq!(records[1].status(), Some(405));
    assert_eq!(records[1].request.route.as_deref(), Some("/orders/{id}"));
}

#[test]
fn it_wraps_a_route() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new().service(
                web::resource("/orders/{id}")
                    .route(web::get().to(get_order).wrap(logger))
                    .route(web::post().to(get_order)),
            )
        },
    );
    assert_eq!(
        app.connect().post("/orders/7", "text/plain", "").status,
        200
    );
    assert_order_is_served_and_recorded(&app);
}

#[test]
fn it_can_be_put_in_a_condition_and_switched_on_and_off() {
    let conditional = |on| {
        TestApp::recording(
            |logger| logger,
            move |logger| {
                App::new()
                    .wrap(Condition::new(on, logger))
                    .configure(routes)
            },
        )
    };
    assert_order_is_served_and_recorded(&conditional(true));
    let off = conditional(false);
    assert_eq!(off.connect().get("/orders/7").text(), order(7));
    assert_eq!(off.stop(true), []);
}

#[test]
fn outside_a_condition_it_sees_what_comes_of_it() {
    for (on, status) in [(true, 418), (false, 500)] {
        let app = TestApp::recording(
            |logger| logger,
            move |logger| {
                App::new()
                    .wrap(Condition::new(on, teapots()))
                    .wrap(logger)
                    .configure(routes)
            },
        );
        assert_eq!(app.connect().get("/fails").status, status);
        assert_eq!(app.record().status(), Some(status));
    }
}

#[test]
fn inside_compress_it_sees_the_plain_body_and_outside_the_compressed_one() {
    let (inside, outside) = both_orders!(Compress::default());
    let request = "GET /orders/7 HTTP/1.1\r\nhost: test\r\naccept-encoding: gzip\r\n\r\n";
    let get = |app: &TestApp| app.connect().send(request).response();

    let (from_inside, from_outside) = (get(&inside), get(&outside));
    assert_eq!(from_inside.header("content-encoding"), Some("gzip"));
    assert_eq!(from_inside.body, from_outside.body);
    let mut plain = String::new();
    let mut decoder = flate2::read::GzDecoder::new(&*from_inside.body);
    std::io::Read::read_to_string(&mut decoder, &mut plain).expect("gzip");
    assert_eq!(plain, order(7));

    assert_is_order(&inside.record());
    let record = outside.record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    let body = &record.response.as_ref().expect("a response").body;
    assert_eq!(body.state, BodyState::Complete);
    assert_eq!(body.bytes, Some(from_outside.body.len() as u64));
    if cfg!(feature = "decode") {
        assert_eq!(body.encoding.as_deref(), Some("gzip"));
        assert_eq!(body.decoded, Some(plain.len() as u64));
        assert_eq!(body.json.as_ref().map(Json::get), Some(&*plain));
    } else {
        assert_eq!((body.captured, &*body.reasons), (0, &[Reason::Decode][..]));
        assert_eq!((&body.json, &body.text), (&None, &None));
    }
}

#[test]
fn compress_that_has_nothing_to_do_changes_nothing() {
    let (inside, outside) = both_orders!(Compress::default());
    assert_order_is_served_and_recorded(&inside);
    assert_order_is_served_and_recorded(&outside);
}

fn teapot<B>(response: ServiceResponse<B>) -> Result<ErrorHandlerResponse<B>, Error> {
    let (req, response) = response.into_parts();
    let mut page = response.set_body("a page".to_owned());
    *page.status_mut() = StatusCode::IM_A_TEAPOT;
    page.headers_mut().remove(header::CONTENT_TYPE);
    let page = ServiceResponse::new(req, page);
    Ok(ErrorHandlerResponse::Response(
        page.map_into_boxed_body().map_into_right_body(),
    ))
}

fn teapots<B: 'static>() -> ErrorHandlers<B> {
    ErrorHandlers::new().handler(StatusCode::INTERNAL_SERVER_ERROR, teapot)
}

#[test]
fn inside_error_handlers_it_sees_the_error_and_outside_the_page_made_of_it() {
    let (inside, outside) = both_orders!(teapots());
    for app in [&inside, &outside] {
        let response = app.connect().get("/fails");
        assert_eq!((response.status, response.text()), (418, "a page"));
    }
    let record = inside.record();
    assert_eq!(record.status(), Some(500));
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    let body = &record.response.as_ref().expect("a response").body;
    assert_eq!((body.state, body.bytes), (BodyState::Unread, Some(0)));

    let record = outside.record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(record.status(), Some(418));
    let body = &record.response.as_ref().expect("a response").body;
    assert_eq!((body.state, body.bytes), (BodyState::Complete, Some(6)));
}

#[test]
fn inside_and_outside_error_handlers_that_have_nothing_to_do() {
    let (inside, outside) = both_orders!(teapots());
    assert_order_is_served_and_recorded(&inside);
    assert_order_is_served_and_recorded(&outside);
}

#[test]
fn inside_and_outside_actixs_own_logger() {
    let (inside, outside) = both_orders!(Logger::new("%r %s %b"));
    assert_order_is_served_and_recorded(&inside);
    assert_order_is_served_and_recorded(&outside);
}

#[test]
fn inside_normalize_path_it_sees_the_new_path_and_outside_the_one_that_came() {
    let (inside, outside) = both_orders!(NormalizePath::trim());
    for (app, path) in [(inside, "/orders/7"), (outside, "//orders/7/")] {
        assert_eq!(app.connect().get("//orders/7/").text(), order(7));
        let record = app.record();
        assert_is_order(&record);
        assert_eq!(record.request.path, path);
    }
}

#[test]
fn outside_default_headers_it_sees_them() {
    let (inside, outside) = both_orders!(DefaultHeaders::new().add(("cache-control", "no-store")));
    for (app, seen) in [(inside, None), (outside, Some("no-store"))] {
        let response = app.connect().get("/orders/7");
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let record = app.record();
        assert_is_order(&record);
        assert_eq!(response_header(&record, "cache-control"), seen);
    }
}

async fn generic(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    next.call(req).await
}

async fn boxing(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    Ok(next.call(req).await?.map_into_boxed_body())
}

#[test]
fn inside_and_outside_functions() {
    let (inside, outside) = both_orders!(from_fn(generic));
    assert_order_is_served_and_recorded(&inside);
    assert_order_is_served_and_recorded(&outside);
    let (inside, outside) = both_orders!(from_fn(boxing));
    assert_order_is_served_and_recorded(&inside);
    assert_order_is_served_and_recorded(&outside);
}

#[test]
fn inside_a_function_that_takes_the_whole_body_it_records_the_body() {
    async fn takes(
        req: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        let response = next.call(req).await?;
        Ok(response.map_body(|_, body| {
            let Ok(bytes) = body.try_into_bytes() else {
                panic!("the body cannot be taken");
            };
            bytes
        }))
    }
    let (inside, outside) = both_orders!(from_fn(takes));
    assert_order_is_served_and_recorded(&inside);
    assert_order_is_served_and_recorded(&outside);
}

async fn refuses(
    _: ServiceRequest,
    _: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let refused = actix_web::error::ErrorForbidden("no entry");
    Err::<ServiceResponse<String>, _>(refused)
}

#[test]
fn outside_a_function_that_fails_it_sees_the_answer_made_of_the_error() {
    let (inside, outside) = both_orders!(from_fn(refuses));
    for app in [&inside, &outside] {
        let response = app.connect().get("/orders/7");
        assert_eq!((response.status, response.text()), (403, "no entry"));
    }
    assert_eq!(inside.stop(true), []);
    let record = outside.record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    let error = record.error.as_ref().expect("an error");
    assert_eq!((error.kind, error.status), (ErrorKind::Service, Some(403)));
    assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    let response = record.response.expect("a response");
    assert_eq!((response.status, response.body.bytes), (403, Some(8)));
}

#[test]
fn inside_itself_it_makes_two_records_of_one_id() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            let app = App::new().wrap(logger.clone());
            app.wrap(logger).configure(routes)
        },
    );
    assert_eq!(app.connect().get("/orders/7").text(), order(7));
    let records = app.records(2);
    records.iter().for_each(assert_is_order);
    assert_eq!(records[0].id, records[1].id);
}

#[test]
fn a_clone_for_each_scope_and_all_at_once() {
    fn layers(logger: BodyLogger) -> impl Fn(&mut web::ServiceConfig) + Clone {
        move |cfg| {
            cfg.service(
                web::scope("/orders")
                    .wrap(logger.clone())
                    .wrap(Compress::default())
                    .service(
                        web::resource("/{id}")
                            .wrap(from_fn(generic))
                            .wrap(logger.clone())
                            .route(web::get().to(get_order).wrap(logger.clone())),
                    ),
            );
        }
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(NormalizePath::trim())
                .wrap(Condition::new(true, logger.clone()))
                .wrap(Logger::default())
                .configure(layers(logger))
        },
    );
    assert_eq!(app.connect().get("/orders/7").text(), order(7));
    app.records(4).iter().for_each(assert_is_order);
}
