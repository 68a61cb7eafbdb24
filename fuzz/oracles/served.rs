//! Exchanges in memory, through an application behind a logger: without a connection and without a runtime.
//!
//! Futures and bodies are polled until they are pending once, which stands for a peer that has stopped.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt,
    future::{pending, poll_fn, Future},
    hash::Hash,
    net::SocketAddr,
    pin::{pin, Pin},
    task::Poll,
    thread::LocalKey,
};

use actix_web::{
    body::{BodyStream, BoxBody, MessageBody as _},
    dev::{Payload, Service as _, ServiceResponse},
    error::PayloadError,
    http::{
        header::{HeaderMap, HeaderValue, TRANSFER_ENCODING},
        Method, StatusCode,
    },
    test::{self, TestRequest},
    web::{self, Bytes},
    App, Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError,
};
use actix_web_body_logger::{
    sink::Memory, BodyLogger, BodyLoggerBuilder, Exchange, Record, ResponseBody,
};
use futures_util::{stream, FutureExt as _, Stream, StreamExt as _};

/// A request, and what the application answers.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub peer: Option<SocketAddr>,
    pub request: Message,
    /// None if the client disconnects before there is one.
    pub answer: Option<Message>,
    pub attributes: Vec<(String, String)>,
    /// The error that the answer is made of. Without an answer, the application's service returns it.
    pub error: Option<String>,
}

/// Headers and a body.
#[derive(Debug, Clone, Default)]
pub struct Message {
    pub head: HeaderMap,
    pub chunks: Vec<Bytes>,
    pub end: End,
}

/// What comes behind the last chunk of a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum End {
    #[default]
    Whole,
    /// Its stream fails.
    Failed,
    /// Nothing, until its reader drops it.
    Dropped,
}

/// An application behind a logger.
pub struct Served {
    memory: Memory,
    serve: Box<dyn Fn(Script) -> Serving>,
}

type Serving = Pin<Box<dyn Future<Output = Result<ServiceResponse<ResponseBody<BoxBody>>, Error>>>>;

/// A thread's applications by their settings, as building one takes as long as several exchanges.
///
/// They are never dropped: when a thread ends, actix's thread-locals, which they use, may be gone first.
pub type Kept<K> = RefCell<HashMap<K, &'static Served>>;

/// Returns the application with these settings, which is built if there is none yet.
pub fn kept<K: Eq + Hash>(
    kept: &'static LocalKey<Kept<K>>,
    settings: K,
    make: impl FnOnce() -> Served,
) -> &'static Served {
    kept.with_borrow_mut(|kept| {
        let service = kept.entry(settings);
        *service.or_insert_with(|| Box::leak(Box::new(make())))
    })
}

impl Served {
    /// Builds an application with these routes, in which all other paths have the same handler.
    pub fn new(
        patterns: &[&str],
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        // Room for one more than there should be.
        let memory = Memory::new(2);
        let logger = settings(BodyLogger::builder()).inline_sink(memory.clone());
        let app = App::new()
            .configure(|routes| {
                for pattern in patterns {
                    routes.route(pattern, web::to(play));
                }
            })
            .default_service(web::to(play))
            .wrap_fn(|request, service| {
                let answered = service.call(request);
                async {
                    let response = answered.await?;
                    let failure = response.request().extensions_mut().remove::<Failure>();
                    failure.map_or(Ok(response), |failure| Err(failure.into()))
                }
            })
            .wrap(logger.build());
        let service = test::init_service(app).now_or_never();
        let service = service.expect("nothing waits");
        Self {
            memory,
            serve: Box::new(move |script| {
                let mut request = TestRequest::with_uri(&script.target)
                    .method(script.method.clone())
                    .to_request();
                let head = request.head_mut();
                head.peer_addr = script.peer;
                head.headers = script.request.head.clone();
                let chunked = HeaderValue::from_static("chunked");
                head.headers.insert(TRANSFER_ENCODING, chunked);
                *request.payload() = Payload::Stream {
                    payload: Box::pin(script.request.stream()),
                };
                request.extensions_mut().insert(script);
                Box::pin(service.call(request))
            }),
        }
    }

    /// Runs an exchange, and returns its one record.
    pub fn record(&self, script: Script) -> Record {
        self.memory.clear();
        if let Some(Ok(response)) = (self.serve)(script).now_or_never() {
            let mut body = pin!(response.into_body());
            while let Some(Some(Ok(_))) = poll_fn(|cx| body.as_mut().poll_next(cx)).now_or_never() {
            }
        }
        let mut records = self.memory.records();
        assert_eq!(records.len(), 1, "records of one exchange");
        records.remove(0)
    }
}

/// The handler of all routes.
async fn play(
    request: HttpRequest,
    exchange: Exchange,
    mut payload: web::Payload,
) -> Result<HttpResponse, Error> {
    let script = request.extensions_mut().remove::<Script>();
    let script = script.expect("each request brings one");
    for (name, value) in script.attributes {
        assert!(exchange.set_attribute(name, value), "short attributes");
    }
    while let Some(Some(Ok(_))) = payload.next().now_or_never() {}
    let answer = script.answer.map(|answer| {
        let stream = BodyStream::new(answer.stream());
        let mut response = HttpResponse::new(StatusCode::OK).set_body(stream.boxed());
        *response.headers_mut() = answer.head;
        response
    });
    match (answer, script.error) {
        (Some(answer), None) => Ok(answer),
        (None, None) => pending().await,
        (Some(answer), Some(message)) => {
            let answer = RefCell::new(Some(answer));
            Err(Failure { message, answer }.into())
        }
        (None, Some(message)) => {
            let answer = RefCell::new(None);
            (request.extensions_mut()).insert(Failure { message, answer });
            Ok(HttpResponse::new(StatusCode::OK))
        }
    }
}

/// An error, and the response to make of it.
#[derive(Debug)]
struct Failure {
    message: String,
    answer: RefCell<Option<HttpResponse>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for Failure {
    fn error_response(&self) -> HttpResponse {
        let answer = self.answer.take();
        answer.unwrap_or_else(|| HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

impl Message {
    fn stream(&self) -> impl Stream<Item = Result<Bytes, PayloadError>> {
        let mut failure = Some(PayloadError::Incomplete(None));
        let end = self.end;
        let behind = stream::poll_fn(move |_| match end {
            End::Whole => Poll::Ready(None),
            End::Failed => Poll::Ready(failure.take().map(Err)),
            End::Dropped => Poll::Pending,
        });
        stream::iter(self.chunks.clone()).map(Ok).chain(behind)
    }
}
