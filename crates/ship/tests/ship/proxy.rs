//! A proxy that closes connections at random.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    thread,
};

pub(crate) struct Proxy {
    pub(crate) address: String,
    closed: Arc<AtomicUsize>,
    is_reliable: Arc<AtomicBool>,
}

impl Proxy {
    /// Passes so many bytes at most to the server, or from it, before it closes a connection at any byte.
    pub(crate) fn to(server: String, most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let closed = Arc::new(AtomicUsize::new(0));
        let is_reliable = Arc::new(AtomicBool::new(false));
        let (count, reliable) = (Arc::clone(&closed), Arc::clone(&is_reliable));
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let server = TcpStream::connect(&server).expect("a server");
                let most = if reliable.load(Relaxed) {
                    usize::MAX
                } else {
                    fastrand::usize(0..most)
                };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone(), to.try_clone());
                    let (from, to) = (from.expect("a socket"), to.expect("a socket"));
                    let count = Arc::clone(&count);
                    thread::spawn(move || {
                        if pass(&from, &to, most).is_ok() {
                            count.fetch_add(1, Relaxed);
                        }
                        for socket in [from, to] {
                            let _ = socket.shutdown(Shutdown::Both);
                        }
                    });
                }
            }
        });
        Self {
            address,
            closed,
            is_reliable,
        }
    }

    /// Closes no connection that is made from now on.
    pub(crate) fn be_reliable(&self) {
        self.is_reliable.store(true, Relaxed);
    }

    /// How often it has closed a connection.
    pub(crate) fn closed(&self) -> usize {
        self.closed.load(Relaxed)
    }
}

/// Returns when so many bytes were passed; an error if the connection ended before.
fn pass(mut from: &TcpStream, mut to: &TcpStream, most: usize) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut left = most;
    while left > 0 {
        let part = left.min(buffer.len());
        match from.read(&mut buffer[..part])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                to.write_all(&buffer[..read])?;
                left -= read;
            }
        }
    }
    Ok(())
}
