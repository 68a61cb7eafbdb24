//! A proxy that is slow, closes connections at random, or is away.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        Arc, Mutex,
    },
    thread,
    time::Duration,
};

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Reliable,
    /// Passes so many bytes at most to the server, or from it, before it closes a connection at any byte.
    ClosesWithin(usize),
    /// Waits before it passes up to 4 KiB on.
    Slow(Duration),
    /// Closes each connection at once, those included that were made before.
    Away,
}

pub(crate) struct Proxy {
    pub(crate) address: String,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    mode: Mutex<Mode>,
    closed: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    pub(crate) fn to(server: String, mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let shared = Arc::new(Shared {
            server,
            mode: Mutex::new(mode),
            closed: AtomicUsize::new(0),
            open: Mutex::default(),
        });
        let accepts = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                accepts.connect(client.expect("a connection"));
            }
        });
        Self { address, shared }
    }

    /// What becomes of connections that are made from now on.
    pub(crate) fn set(&self, mode: Mode) {
        *self.shared.mode.lock().expect("no panic") = mode;
        if mode == Mode::Away {
            for socket in self.shared.open.lock().expect("no panic").drain(..) {
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }

    /// How often it has closed a connection at random.
    pub(crate) fn closed(&self) -> usize {
        self.shared.closed.load(Relaxed)
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        // Held until the connection is known, so that none outlives the change to `Away`.
        let mode = self.mode.lock().expect("no panic");
        let (most, delay) = match *mode {
            Mode::Away => return,
            Mode::Reliable => (usize::MAX, Duration::ZERO),
            Mode::ClosesWithin(most) => (fastrand::usize(0..most), Duration::ZERO),
            Mode::Slow(delay) => (usize::MAX, delay),
        };
        let server = TcpStream::connect(&self.server).expect("a server");
        let clone = |socket: &TcpStream| socket.try_clone().expect("a socket");
        self.open
            .lock()
            .expect("no panic")
            .extend([clone(&client), clone(&server)]);
        for (from, to) in [(clone(&client), clone(&server)), (server, client)] {
            let shared = Arc::clone(self);
            thread::spawn(move || {
                if pass(&from, &to, most, delay).is_ok() {
                    shared.closed.fetch_add(1, Relaxed);
                }
                for socket in [from, to] {
                    let _ = socket.shutdown(Shutdown::Both);
                }
            });
        }
    }
}

/// Returns when so many bytes were passed; an error if the connection ended before.
fn pass(mut from: &TcpStream, mut to: &TcpStream, most: usize, delay: Duration) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut left = most;
    while left > 0 {
        let part = left.min(buffer.len());
        match from.read(&mut buffer[..part])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                thread::sleep(delay);
                to.write_all(&buffer[..read])?;
                left -= read;
            }
        }
    }
    Ok(())
}
