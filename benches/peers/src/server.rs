//! A server on the loopback interface.

use std::{io, net::SocketAddr};

use actix_web::{body::MessageBody, dev::Server, App, HttpServer};
use actix_web_body_logger::BodyLogger;

use crate::{
    app::Endpoint,
    subject::{Host, Subject},
};

/// A server that runs, and where.
pub struct Listening {
    pub server: Server,
    pub address: SocketAddr,
    pub logger: Option<BodyLogger>,
}

/// Serves the application over HTTP/1 and, without TLS, HTTP/2. A runtime has to be there.
///
/// # Errors
///
/// No port is to be had.
pub fn listen(subject: Subject, workers: usize) -> io::Result<Listening> {
    let (served, logger) = subject.on(Loopback { workers });
    let (server, address) = served?;
    Ok(Listening {
        server,
        address,
        logger,
    })
}

struct Loopback {
    workers: usize,
}

impl Host for Loopback {
    type Served = io::Result<(Server, SocketAddr)>;

    fn serve<T: Endpoint<B>, B: MessageBody + 'static>(
        self,
        app: impl Fn() -> App<T> + Clone + Send + 'static,
    ) -> Self::Served {
        let server = HttpServer::new(app)
            .workers(self.workers)
            .shutdown_timeout(1)
            .bind_auto_h2c(("127.0.0.1", 0))?;
        let address = server.addrs()[0];
        Ok((server.run(), address))
    }
}
