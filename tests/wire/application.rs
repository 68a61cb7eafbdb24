//! An application that does as its script says.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::{poll_fn, Future},
    mem,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceFactory, ServiceRequest, ServiceResponse},
    error::{ErrorBadGateway, ErrorBadRequest, ErrorForbidden},
    http::StatusCode,
    middleware::{from_fn, Next},
    web::{self, Bytes},
    App, Error, HttpRequest, HttpResponse,
};
use futures_util::{Stream as _, StreamExt as _};

/// How one request is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub reads: Reads,
    /// How often the handler waits before it answers.
    pub waits: usize,
    pub result: Answers,
    pub status: u16,
    pub size: Size,
    pub body: Vec<Step>,
    /// Whether the response closes the connection.
    pub closes: bool,
}

/// What a handler does with its request's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    Nothing,
    /// Drops it when it answers.
    Late,
    First,
    All,
    /// Reads it while the response is sent.
    Echo,
    /// Keeps it unread as long as the response is sent.
    Kept,
}

/// What comes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    Response,
    HandlerError,
    /// The service fails before or after the handler.
    ErrorBefore,
    ErrorAfter,
    Panic,
}

/// What a response says of its body's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    None,
    Sized(u64),
    Stream,
    /// A stream whose length is in the head only.
    Declared(u64),
}

/// The result of one poll of a response's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Chunk(usize),
    Pending,
    Fail,
    Panic,
}

/// What happened, in the order in which it did.
#[derive(Clone, Default)]
pub struct Trace(Rc<RefCell<Vec<String>>>);

impl Trace {
    pub fn add(&self, event: String) {
        self.0.borrow_mut().push(event);
    }

    pub fn take(&self) -> Vec<String> {
        mem::take(&mut self.0.borrow_mut())
    }
}

/// What an application is to do on one connection, and what passed the layer around it.
pub struct Script {
    pub answers: Vec<Answer>,
    pub trace: Trace,
    pub rest: Rc<Rest>,
    /// How often each request came.
    pub begun: RefCell<Vec<usize>>,
    pub passed: RefCell<Vec<Option<Passed>>>,
}

/// Where layers wait until nothing else moves.
#[derive(Default)]
pub struct Rest {
    ended: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
}

impl Rest {
    pub fn end(&self) {
        self.ended.set(self.ended.get() + 1);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    pub fn wait(self: &Rc<Self>) -> impl Future<Output = ()> {
        let (rest, began) = (Rc::clone(self), self.ended.get());
        poll_fn(move |cx| {
            if rest.ended.get() > began {
                return Poll::Ready(());
            }
            rest.waiting.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
    }
}

/// What passed of a response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    pub bytes: u64,
    pub polled_to_end: bool,
}

impl Script {
    pub fn new(answers: Vec<Answer>, trace: Trace) -> Rc<Self> {
        Rc::new(Self {
            begun: RefCell::new(vec![0; answers.len()]),
            passed: RefCell::new(vec![None; answers.len()]),
            answers,
            trace,
            rest: Rc::default(),
        })
    }

    fn add(&self, request: usize, event: impl std::fmt::Display) {
        self.trace.add(format!("request {request}: {event}"));
    }
}

/// The script, and the request's place in it.
pub fn scripted(req: &HttpRequest) -> (Rc<Script>, usize) {
    let script = req.app_data::<Rc<Script>>().expect("a script");
    let place = req
        .path()
        .trim_start_matches(|it: char| !it.is_ascii_digit());
    (Rc::clone(script), place.parse().expect("a number"))
}

pub trait Endpoint<B>:
    ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<B>,
        Error = Error,
        InitError = (),
    > + 'static
{
}

impl<T, B> Endpoint<B> for T where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static
{
}

pub fn application(script: &Rc<Script>) -> App<impl Endpoint<BoxBody>> {
    App::new()
        .app_data(Rc::clone(script))
        .default_service(web::to(handle))
        .wrap(from_fn(fail))
}

async fn fail<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let (script, request) = scripted(req.request());
    let result = script.answers[request].result;
    if result == Answers::ErrorBefore {
        return Err(ErrorForbidden("before"));
    }
    let response = next.call(req).await;
    if result == Answers::ErrorAfter {
        return Err(ErrorForbidden("after"));
    }
    response
}

async fn handle(req: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error> {
    let (script, request) = scripted(&req);
    let answer = script.answers[request].clone();
    let mut payload = Some(payload.into_inner());
    script.add(request, "handled");
    match (answer.reads, &mut payload) {
        (Reads::Nothing, _) => payload = None,
        (Reads::First, Some(first)) => {
            read(&script, request, first).await;
            payload = None;
        }
        (Reads::All, Some(all)) => while read(&script, request, all).await {},
        _ => {}
    }
    for _ in 0..answer.waits {
        wait().await;
    }
    match answer.result {
        Answers::HandlerError => return Err(ErrorBadRequest("handler")),
        Answers::Panic => panic!("a handler, on purpose"),
        _ => {}
    }
    if !matches!(answer.reads, Reads::Echo | Reads::Kept) {
        payload = None;
    }
    let status = StatusCode::from_u16(answer.status).expect("a status");
    let mut response = HttpResponse::build(status);
    if answer.closes {
        response.force_close();
    }
    let size = match answer.size {
        Size::None => BodySize::None,
        Size::Sized(length) => BodySize::Sized(length),
        Size::Stream => BodySize::Stream,
        Size::Declared(length) => {
            response.no_chunking(length);
            BodySize::Stream
        }
    };
    Ok(response.body(Scripted {
        script,
        request,
        size,
        steps: answer.body.into(),
        echoes: answer.reads == Reads::Echo,
        payload,
        passed: 0,
    }))
}

/// Reads a chunk. Returns whether there may be more.
async fn read(script: &Script, request: usize, payload: &mut Payload) -> bool {
    let chunk = payload.next().await;
    script.add(request, format_args!("read {}", described(&chunk)));
    matches!(chunk, Some(Ok(_)))
}

fn described<E>(chunk: &Option<Result<Bytes, E>>) -> String {
    match chunk {
        Some(Ok(chunk)) => {
            let begin = chunk.slice(..chunk.len().min(8));
            format!("{} bytes, {begin:?}", chunk.len())
        }
        Some(Err(_)) => "an error".to_owned(),
        None => "the end".to_owned(),
    }
}

/// Lets others go first, once.
async fn wait() {
    let mut waited = false;
    poll_fn(|cx| {
        if mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A body as its script says, and then what was sent with the request.
struct Scripted {
    script: Rc<Script>,
    request: usize,
    size: BodySize,
    steps: VecDeque<Step>,
    echoes: bool,
    payload: Option<Payload>,
    passed: usize,
}

impl MessageBody for Scripted {
    type Error = Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let this = self.get_mut();
        this.script.add(this.request, "asked for a chunk");
        match (this.steps.pop_front(), &mut this.payload) {
            (Some(Step::Chunk(length)), _) => {
                let from = this.passed;
                this.passed += length;
                let letters = (from..this.passed).map(|n| b'a' + (n % 26) as u8);
                Poll::Ready(Some(Ok(letters.collect())))
            }
            (Some(Step::Pending), _) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            (Some(Step::Fail), _) => Poll::Ready(Some(Err(ErrorBadGateway("midway")))),
            (Some(Step::Panic), _) => panic!("a body, on purpose"),
            (None, Some(payload)) if this.echoes => {
                Pin::new(payload).poll_next(cx).map_err(Into::into)
            }
            (None, _) => Poll::Ready(None),
        }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.script.add(self.request, "body dropped");
    }
}

/// The outermost layer: traces what passes it.
pub async fn observe<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Observed<B>>, Error> {
    let (script, request) = scripted(req.request());
    script.begun.borrow_mut()[request] += 1;
    let response = next.call(req).await;
    match &response {
        Ok(response) => script.add(request, response.status()),
        Err(error) => script.add(request, error),
    }
    Ok(response?.map_body(|_, body| {
        script.passed.borrow_mut()[request] = Some(Passed::default());
        Observed {
            body: Box::pin(body),
            script,
            request,
        }
    }))
}

pub struct Observed<B> {
    body: Pin<Box<B>>,
    script: Rc<Script>,
    request: usize,
}

impl<B: MessageBody> MessageBody for Observed<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.get_mut();
        let polled = this.body.as_mut().poll_next(cx);
        if let Some(passed) = &mut this.script.passed.borrow_mut()[this.request] {
            match &polled {
                Poll::Ready(Some(Ok(chunk))) => passed.bytes += chunk.len() as u64,
                Poll::Ready(None) => passed.polled_to_end = true,
                _ => {}
            }
        }
        match &polled {
            Poll::Ready(polled) => {
                let described = described(polled);
                this.script
                    .add(this.request, format_args!("passed {described}"));
            }
            Poll::Pending => this.script.add(this.request, "passed nothing yet"),
        }
        polled
    }
}
