//! A server without a socket.

use std::{future::Future, net::SocketAddr, pin::Pin, time::Duration};

use actix_http::HttpService;
use actix_service::{map_config, Service as _, ServiceFactory as _};
use actix_web::{body::MessageBody, dev::AppConfig, App};

use crate::{app::Endpoint, subject::Host, wire::Wire};

/// Time limits of the server that no run reaches, however slow it is under valgrind.
const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// The server's side of a connection, until it is closed.
pub(crate) type Connection = Pin<Box<dyn Future<Output = ()>>>;

impl Host for Wire {
    type Served = Connection;

    fn serve<T: Endpoint<B>, B: MessageBody + 'static>(
        self,
        app: impl Fn() -> App<T> + Clone + Send + 'static,
    ) -> Connection {
        let service = HttpService::build()
            .keep_alive(TIME_LIMIT)
            .client_request_timeout(TIME_LIMIT)
            .h1(map_config(app(), |()| AppConfig::default()));
        let client = SocketAddr::from(([192, 0, 2, 7], 53124));
        Box::pin(async move {
            let service = service.new_service(()).await.expect("it starts");
            let closed = service.call((self, Some(client))).await;
            closed.expect("no connection fails in memory");
        })
    }
}
