//! What compiles without a logger compiles with one.

use std::{
    cell::Cell,
    convert::Infallible,
    fmt::Debug,
    future::{Future, Ready},
    marker::PhantomPinned,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::Pin,
    task::{Context, Poll},
};

use actix_service::{boxed, fn_service, Service, Transform};
use actix_web::{
    body::{to_bytes, BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    test::{self, TestRequest},
    web::{self, Bytes},
    App, Error, HttpResponse, Responder,
};
use actix_web_body_logger::{
    record::BodyState, sink::Memory, BodyLogger, BodyLoggerMiddleware, Entry, Outcome, Record,
    ResponseBody, ResponseFuture,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::app::TestApp;

assert_impl_all!(BodyLogger: Clone, Send, Sync, Debug, Default, Unpin);
// With each set of features.
assert_impl_all!(Entry: Clone, Send, Sync, Debug, PartialEq, Unpin, UnwindSafe, RefUnwindSafe);

/// A service whose future is `F`.
struct Answers<F>(F);

impl<F, B> Service<ServiceRequest> for Answers<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = F;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, _: ServiceRequest) -> F {
        unreachable!("only its type is of use")
    }
}

#[derive(Debug)]
struct NotUnpin(PhantomPinned);
struct NotDebug;

type Answer<B> = Result<ServiceResponse<B>, Error>;
type Moving = Answers<Ready<Answer<BoxBody>>>;
type Pinned = Answers<PinnedFuture>;

struct PinnedFuture(PhantomPinned);

impl Future for PinnedFuture {
    type Output = Answer<BoxBody>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Pending
    }
}

assert_impl_all!(ResponseBody<String>: Debug, Unpin);
assert_impl_all!(ResponseBody<BoxBody>: Debug, Unpin);
assert_impl_all!(ResponseBody<NotUnpin>: Debug);
assert_impl_all!(ResponseBody<NotDebug>: Unpin);
assert_not_impl_any!(ResponseBody<NotUnpin>: Unpin);
assert_impl_all!(ResponseFuture<Moving>: Debug, Unpin);
assert_impl_all!(ResponseFuture<Pinned>: Debug);
assert_not_impl_any!(ResponseFuture<Pinned>: Unpin);
assert_impl_all!(BodyLoggerMiddleware<String>: Debug, Unpin);

/// A body that must not be moved once it is polled, and that lends its text to others.
struct Lent<'a> {
    text: &'a str,
    sent: Cell<bool>,
    _pinned: PhantomPinned,
}

impl<'a> Lent<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            sent: Cell::new(false),
            _pinned: PhantomPinned,
        }
    }
}

impl MessageBody for Lent<'_> {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.text.len() as u64)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let first = !self.sent.replace(true);
        Poll::Ready(first.then(|| Ok(Bytes::copy_from_slice(self.text.as_bytes()))))
    }
}

fn remembering() -> (Memory, BodyLogger) {
    let memory = Memory::new(10);
    (memory.clone(), BodyLogger::builder().sink(memory).build())
}

/// Calls `service` through a logger and reads the response.
async fn through<S, B>(service: S) -> (Bytes, Record)
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (memory, logger) = remembering();
    let service = logger.new_transform(service).await.expect("a service");
    let request = TestRequest::get().uri("/lent").to_srv_request();
    let response = service.call(request).await.expect("a response");
    let bytes = to_bytes(response.into_body()).await;
    (bytes.expect("a body"), memory.records().remove(0))
}

#[track_caller]
fn assert_completed(record: &Record, bytes: usize) {
    assert_eq!(record.outcome, Some(Outcome::Completed));
    let body = &record.response.as_ref().expect("a response").body;
    assert_eq!(
        (body.state, body.bytes),
        (BodyState::Complete, Some(bytes as u64))
    );
}

#[actix_web::test]
async fn a_body_that_borrows_from_outside_can_be_logged() {
    let text = String::from("not for ever");
    let borrowed = text.as_str();
    let service = fn_service(move |req: ServiceRequest| async move {
        let response = HttpResponse::with_body(StatusCode::OK, Lent::new(borrowed));
        Ok::<_, Error>(req.into_response(response))
    });
    let (bytes, record) = through(service).await;
    assert_eq!(bytes, text);
    assert_completed(&record, text.len());
}

#[actix_web::test]
async fn a_static_str_is_a_body_that_can_be_logged() {
    let service = fn_service(|req: ServiceRequest| async {
        Ok::<_, Error>(req.into_response(HttpResponse::with_body(StatusCode::OK, "static")))
    });
    let (bytes, record) = through(service).await;
    assert_eq!(bytes, "static");
    assert_completed(&record, 6);
}

#[actix_web::test]
async fn a_service_behind_a_pointer_can_be_logged() {
    let service = boxed::service(fn_service(|req: ServiceRequest| async {
        Ok::<_, Error>(req.into_response(HttpResponse::with_body(StatusCode::OK, "boxed")))
    }));
    let (bytes, record) = through(service).await;
    assert_eq!(bytes, "boxed");
    assert_completed(&record, 5);
}

#[test]
fn a_body_of_the_applications_own_is_served_by_a_handler() {
    async fn lends() -> impl Responder {
        HttpResponse::with_body(StatusCode::OK, Lent::new("a body of my own"))
    }
    let app = TestApp::new(|cfg| {
        cfg.route("/", web::get().to(lends));
    });
    assert_eq!(app.connect().get("/").text(), "a body of my own");
    assert_completed(&app.record(), 16);
}

#[actix_web::test]
async fn a_whole_body_can_be_taken_by_a_layer_outside_and_is_recorded() {
    let (memory, logger) = remembering();
    let app = App::new()
        .route(
            "/",
            web::get().to(|| async { HttpResponse::Ok().json([1, 2]) }),
        )
        .wrap(logger);
    let app = test::init_service(app).await;
    let response = test::call_service(&app, TestRequest::get().to_request()).await;
    let body = response.into_body();
    assert_eq!(body.size(), BodySize::Sized(5));
    let bytes = body.try_into_bytes().expect("a whole body");
    assert_eq!(bytes, "[1,2]");
    let record = memory.records().remove(0);
    assert_completed(&record, 5);
    let json = record.response.expect("a response").body.json;
    assert_eq!(json.expect("JSON").get(), "[1,2]");
}

#[actix_web::test]
async fn a_body_that_cannot_be_taken_whole_comes_back_and_is_still_recorded() {
    let (memory, logger) = remembering();
    let app = App::new()
        .route(
            "/",
            web::get().to(|| async {
                let chunk = Ok::<_, Error>(Bytes::from_static(b"streamed"));
                HttpResponse::Ok().streaming(futures_util::stream::iter([chunk]))
            }),
        )
        .wrap(logger);
    let app = test::init_service(app).await;
    let response = test::call_service(&app, TestRequest::get().to_request()).await;
    let body = response.into_body();
    assert_eq!(body.size(), BodySize::Stream);
    let Err(body) = body.try_into_bytes() else {
        panic!("a stream cannot be taken whole");
    };
    assert_eq!(memory.records(), []);
    assert_eq!(to_bytes(body).await.expect("a body"), "streamed");
    assert_completed(&memory.records()[0], 8);
}
