//! Serves the page to this machine.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use actix_web::{rt::System, web, App, HttpServer};
use body_logger_inspector::Inspector;
use body_logger_store::Store;

use crate::{failure::Failure, output::Output};

const PATH: &str = "/_inspector";

/// How long open pages are waited for at the end, in seconds: each keeps a connection for what is new.
const SHUTDOWN_TIMEOUT: u64 = 1;

/// A page over a store, on a port of the loopback interface.
#[derive(Debug)]
pub(super) struct Server {
    inspector: Inspector,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    pub(super) fn bind(store: Store, port: u16) -> Result<Self, Failure> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let cannot = |error| Failure::cannot(format_args!("listen on {address}"), error);
        let listener = TcpListener::bind(address).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self {
            inspector: Inspector::over(store).localhost_only().at(PATH),
            listener,
            address,
        })
    }

    /// Prints the address, and serves until the process is interrupted.
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut output = Output::new();
        output.write_line(format!("http://{}{PATH}", self.address))?;
        output.flush()?;
        let served: io::Result<()> = System::new().block_on(async {
            HttpServer::new(move || {
                App::new()
                    .service(self.inspector.clone())
                    .service(web::redirect("/", PATH))
            })
            .workers(1)
            .shutdown_timeout(SHUTDOWN_TIMEOUT)
            .listen(self.listener)?
            .run()
            .await
        });
        served.map_err(|error| Failure::cannot(format_args!("serve {}", self.address), error))
    }
}
