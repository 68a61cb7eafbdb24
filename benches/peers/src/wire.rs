//! A connection in memory.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A request as it arrives, and how to tell that it was answered.
pub struct Requests {
    /// Nothing is there to read between two of them.
    pub pieces: Vec<Bytes>,
    /// What the answer ends with, one or the other, and no other part of it that is written at once.
    pub answers_end: Vec<Bytes>,
}

/// A connection whose client sends the same request again each time it has got its answer.
pub struct Wire {
    requests: Requests,
    /// What of the current request was read: pieces, and bytes of the next one.
    read: (usize, usize),
    paused: bool,
    answering: bool,
    answered: Rc<Cell<usize>>,
    reader: Option<Waker>,
}

impl Wire {
    pub(crate) fn new(requests: Requests) -> Self {
        Self {
            requests,
            read: (0, 0),
            paused: false,
            answering: false,
            answered: Rc::default(),
            reader: None,
        }
    }

    /// Counts the exchanges that have ended.
    pub(crate) fn answered(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.answered)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let (pieces, bytes) = this.read;
        let Some(piece) = this.requests.pieces.get(pieces) else {
            this.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
        if std::mem::take(&mut this.paused) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let end = piece.len().min(bytes + buf.remaining());
        buf.put_slice(&piece[bytes..end]);
        this.read = (pieces, end);
        if end == piece.len() {
            this.read = (pieces + 1, 0);
            this.paused = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        written: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if !std::mem::replace(&mut this.answering, true) {
            assert!(written.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }
        if (this.requests.answers_end.iter()).any(|end| written.ends_with(end)) {
            this.answering = false;
            this.paused = false;
            this.read = (0, 0);
            this.answered.set(this.answered.get() + 1);
            if let Some(reader) = this.reader.take() {
                reader.wake();
            }
        }
        Poll::Ready(Ok(written.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
