//! A server on the loopback interface.

use std::{io, net::SocketAddr, thread, time::Duration};

use actix_web::{body::MessageBody, dev::Server, App, HttpServer};
#[cfg(feature = "ship")]
use actix_web_body_logger::ship::ShipHandle;
use actix_web_body_logger::{sink::Counters, BodyLogger};

#[cfg(feature = "ship")]
use crate::shipping;
use crate::{
    app::Endpoint,
    subject::{remove_lines, Host, Subject},
};

/// A server that runs, and where.
pub struct Listening {
    pub server: Server,
    pub address: SocketAddr,
    pub records: Records,
}

/// What a server records.
pub struct Records {
    #[cfg(feature = "ship")]
    subject: Subject,
    logger: Option<BodyLogger>,
    #[cfg(feature = "ship")]
    shipper: Option<ShipHandle>,
}

impl Records {
    /// Waits until all records are written, and shipped where there is a shipper.
    pub fn drain(&self) {
        let Some(logger) = &self.logger else { return };
        let is_drained = |counters: Counters| {
            #[cfg(feature = "ship")]
            let shipped = self.shipper.as_ref().map(|it| it.counters().shipped);
            #[cfg(not(feature = "ship"))]
            let shipped: Option<u64> = None;
            counters.written == counters.produced
                && shipped.is_none_or(|shipped| shipped >= counters.written)
        };
        while !is_drained(logger.counters()) {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends the logger, and returns what it counted.
    pub async fn end(self) -> Option<Counters> {
        let logger = self.logger?;
        let _ = logger.shutdown(Duration::from_secs(10)).await;
        #[cfg(feature = "ship")]
        if let Some(shipper) = self.shipper {
            let stopped = shipper.stop(Duration::from_secs(10));
            stopped.expect("it has nothing left to do");
            shipping::remove(self.subject).await;
        }
        remove_lines();
        Some(logger.counters())
    }
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
        records: Records {
            #[cfg(feature = "ship")]
            subject,
            logger,
            #[cfg(feature = "ship")]
            shipper: shipping::shipper(subject),
        },
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
