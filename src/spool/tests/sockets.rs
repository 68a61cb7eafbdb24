//! The same over real sockets: who waits for a disk that stalls, and who does not.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    thread,
};

use actix_web::{dev::ServerHandle, rt::System, App, HttpServer};
use body_logger_core::record::NoFile;

use super::{
    super::{SpoolBuilder, WhenSlow},
    disk::Mood,
    pattern, routes, Bench, CHUNK, PATIENCE,
};

/// More than sockets buffer.
const LENGTH: usize = 512 * CHUNK;

struct Server {
    addr: SocketAddr,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Serves on one worker.
    fn new(bench: &Bench) -> Self {
        let logger = bench.logger.clone();
        let (sender, started) = mpsc::channel();
        let thread = thread::spawn(move || {
            let app = move || App::new().wrap(logger.clone()).configure(routes);
            System::new().block_on(async move {
                let server = HttpServer::new(app).workers(1).disable_signals();
                // The server's own time limit counts from before the worker made a long body.
                let server = server.client_request_timeout(PATIENCE);
                let server = server.bind("127.0.0.1:0").expect("a port");
                let addr = server.addrs()[0];
                let server = server.run();
                sender.send((addr, server.handle())).expect("a test");
                server.await.expect("a server");
            });
        });
        let (addr, handle) = started.recv_timeout(PATIENCE).expect("a server");
        let thread = Some(thread);
        Self {
            addr,
            handle,
            thread,
        }
    }

    /// Sends a request, after whose answer the connection ends.
    fn get(&self, target: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.addr).expect("a server");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let head = format!("GET {target} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("a request");
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    answer
}

fn limited(spool: SpoolBuilder) -> SpoolBuilder {
    spool.waiting_bytes(4 * CHUNK)
}

#[test]
fn a_client_gets_everything_while_the_disk_stalls_where_files_are_given_up() {
    let bench = Bench::new(limited);
    bench.valve.set(Mood::Stalls);
    let server = Server::new(&bench);
    let answer = answer(server.get(&format!("/{LENGTH}/{CHUNK}")));
    assert!(answer.len() > LENGTH && answer.ends_with(b"\r\n0\r\n\r\n"));
    let body = &bench.record().response.expect("a response").body;
    assert_eq!(
        (body.bytes, body.no_file),
        (Some(LENGTH as u64), Some(NoFile::TooSlow))
    );
}

#[test]
fn only_the_stream_that_is_slowed_down_waits_while_the_disk_stalls() {
    let bench = Bench::new(|spool| limited(spool).when_slow(WhenSlow::SlowDown));
    bench.valve.set(Mood::Stalls);
    let server = Server::new(&bench);
    let slow = server.get(&format!("/{LENGTH}/{CHUNK}"));
    bench.valve.wait_for_stall();
    // The same worker answers others, with a short body to be kept and without one.
    for target in ["/unspooled", "/10/10", "/unspooled"] {
        let answer = answer(server.get(target));
        assert!(answer.starts_with(b"HTTP/1.1 20"));
    }
    let others = bench.memory.wait_for(2, PATIENCE);
    assert_eq!(others.len(), 2, "the others of them wait for their files");
    bench.valve.open();
    let answer = answer(slow);
    assert!(answer.ends_with(b"\r\n0\r\n\r\n"));
    let records = bench.memory.wait_for(4, PATIENCE);
    let longest = records
        .iter()
        .filter_map(|it| it.response.as_ref())
        .map(|it| &it.body);
    let longest = longest.max_by_key(|body| body.bytes).expect("a record");
    assert!(bench.content(longest) == pattern(LENGTH));
}
