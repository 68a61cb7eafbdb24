//! A connection in memory, served by actix's HTTP/1 dispatcher.

use std::{
    cell::RefCell,
    future::Future,
    io,
    net::SocketAddr,
    panic::{catch_unwind, AssertUnwindSafe},
    pin::Pin,
    rc::Rc,
    sync::{
        atomic::{AtomicBool, Ordering::SeqCst},
        Arc,
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use actix_http::HttpService;
use actix_service::{map_config, Service as _, ServiceFactory as _};
use actix_web::{body::MessageBody, dev::AppConfig, App};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::application::{Endpoint, Trace};

const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// The server's end of a connection. The client's end is a clone.
#[derive(Clone)]
pub struct Wire {
    shared: Rc<RefCell<Shared>>,
    trace: Trace,
}

#[derive(Default)]
struct Shared {
    /// Sent by the client, and not read yet.
    sent: Vec<u8>,
    finished: bool,
    reset: bool,
    /// How many more bytes the client takes.
    window: usize,
    written: Vec<u8>,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Shared {
    fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take()] {
            waker.into_iter().for_each(Waker::wake);
        }
    }
}

/// The client's end.
impl Wire {
    pub fn new(window: usize, trace: Trace) -> Self {
        let shared = Shared {
            window,
            ..Shared::default()
        };
        Self {
            shared: Rc::new(RefCell::new(shared)),
            trace,
        }
    }

    fn change(&self, change: impl FnOnce(&mut Shared)) {
        let mut shared = self.shared.borrow_mut();
        change(&mut shared);
        shared.wake();
    }

    pub fn send(&self, bytes: &[u8]) {
        self.change(|it| it.sent.extend_from_slice(bytes));
    }

    pub fn open(&self, window: usize) {
        self.change(|it| it.window = it.window.saturating_add(window));
    }

    pub fn finish(&self) {
        self.change(|it| it.finished = true);
    }

    pub fn reset(&self) {
        self.change(|it| it.reset = true);
    }

    /// What the client got. Dates are masked.
    pub fn written(&self) -> Vec<u8> {
        const MARK: &[u8] = b"\r\ndate: ";
        let mut written = self.shared.borrow().written.clone();
        let starts = written.windows(MARK.len()).enumerate();
        let dates: Vec<_> = starts
            .filter_map(|(at, window)| (window == MARK).then_some(at + MARK.len()))
            .collect();
        for start in dates {
            let end = written
                .len()
                .min(start + "Thu, 01 Jan 1970 00:00:00 GMT".len());
            written[start..end].fill(b'.');
        }
        written
    }

    pub fn is_closed(&self) -> bool {
        self.shared.borrow().closed
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let shared = &mut *self.shared.borrow_mut();
        if shared.reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if shared.sent.is_empty() && !shared.finished {
            shared.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let length = shared.sent.len().min(buf.remaining());
        buf.put_slice(&shared.sent[..length]);
        shared.sent.drain(..length);
        self.trace.add(format!("server read {length} bytes"));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let shared = &mut *self.shared.borrow_mut();
        if shared.reset {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if shared.window == 0 {
            shared.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let length = bytes.len().min(shared.window);
        shared.window -= length;
        shared.written.extend_from_slice(&bytes[..length]);
        self.trace.add(format!("server wrote {length} bytes"));
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.borrow_mut().closed = true;
        self.trace.add("server closed".to_owned());
        Poll::Ready(Ok(()))
    }
}

/// A connection that is served. It is polled only by [`settle`](Self::settle).
pub struct Connection {
    served: Option<Pin<Box<dyn Future<Output = bool>>>>,
    bell: Arc<Bell>,
}

/// How a connection is after everybody has done what they could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    /// The dispatcher has ended, without an error or with one.
    Ended {
        well: bool,
    },
    Panicked,
}

/// Whether the connection was woken.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

impl Connection {
    pub fn serve<T: Endpoint<B>, B: MessageBody + 'static>(wire: &Wire, app: App<T>) -> Self {
        // However slow the machine is, no time limit of the server is reached.
        let service = HttpService::build()
            .keep_alive(TIME_LIMIT)
            .client_request_timeout(TIME_LIMIT)
            .h1(map_config(app, |()| AppConfig::default()));
        let wire = wire.clone();
        let client = SocketAddr::from(([192, 0, 2, 7], 53124));
        let served = Box::pin(async move {
            let service = service.new_service(()).await.expect("it starts");
            service.call((wire, Some(client))).await.is_ok()
        });
        let bell = Arc::new(Bell::default());
        bell.0.store(true, SeqCst);
        Self {
            served: Some(served),
            bell,
        }
    }

    /// Polls the connection as often as it is woken, until nothing wakes it any more. `others` waits for what happens on
    /// other threads.
    pub async fn settle<F: Future<Output = ()>>(&mut self, others: impl Fn() -> F) -> State {
        loop {
            if !self.bell.0.swap(false, SeqCst) {
                others().await;
                if !self.bell.0.load(SeqCst) {
                    return State::Waiting;
                }
                continue;
            }
            let Some(served) = &mut self.served else {
                return State::Waiting;
            };
            let waker = Waker::from(Arc::clone(&self.bell));
            let mut cx = Context::from_waker(&waker);
            let polled = catch_unwind(AssertUnwindSafe(|| served.as_mut().poll(&mut cx)));
            let ended = match polled {
                Ok(Poll::Pending) => continue,
                Ok(Poll::Ready(well)) => State::Ended { well },
                Err(_) => State::Panicked,
            };
            self.served = None;
            return ended;
        }
    }
}
