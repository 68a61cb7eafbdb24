//! One connection to a server, which ends for good when it breaks.

use std::{
    future::Future,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};

use async_nats::{jetstream, ConnectError, ConnectOptions, Event, ServerAddr, ServerError};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    task::JoinHandle,
};

use crate::{destination::SendError, tls};

/// Longer than anybody holds a connection that is broken.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// The client reconnects by itself, and then sends what it still holds: a part of a batch, before or after what was read
/// back. So it is kept from reconnecting, and has a runtime of its own, with which all of its tasks end at once.
pub(super) struct Connection {
    pub(super) jetstream: jetstream::Context,
    /// Why it is broken, once it is.
    broken: watch::Receiver<Option<String>>,
    _tasks: Tasks,
}

/// Ends all tasks when it is dropped, without waiting.
struct Tasks(Option<Runtime>);

impl Tasks {
    fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        match &self.0 {
            Some(runtime) => runtime.spawn(task),
            // Only while it is dropped.
            None => tokio::spawn(task),
        }
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Connection {
    pub(super) async fn open(
        options: ConnectOptions,
        servers: Vec<ServerAddr>,
    ) -> Result<Self, SendError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("ship-nats")
            .enable_all()
            .build();
        let tasks = Tasks(Some(runtime.map_err(SendError::unavailable)?));
        let (breaks, broken) = watch::channel(None);
        let is_connected = Arc::new(AtomicBool::new(false));
        let reconnects = Arc::clone(&is_connected);
        let options = options
            .reconnect_delay_callback(move |_| match reconnects.load(Relaxed) {
                true => NEVER,
                false => Duration::ZERO,
            })
            .event_callback(move |event| {
                if let Some(reason) = reason(&event) {
                    // The first one is the cause of others.
                    breaks.send_modify(|broken| {
                        broken.get_or_insert(reason);
                    });
                }
                std::future::ready(())
            });
        let opened = tasks.spawn(async move {
            let client = options.connect(servers).await?;
            is_connected.store(true, Relaxed);
            Ok::<_, ConnectError>(jetstream::new(client))
        });
        let jetstream = opened.await.map_err(SendError::unavailable)?;
        Ok(Self {
            jetstream: jetstream.map_err(cannot_connect)?,
            broken,
            _tasks: tasks,
        })
    }

    /// Returns when the connection is broken.
    pub(super) fn broken(&self) -> impl Future<Output = SendError> {
        let mut broken = self.broken.clone();
        async move {
            let reason = broken.wait_for(Option::is_some).await;
            // A sender that is gone means the same.
            let reason = reason.ok().and_then(|reason| reason.clone());
            SendError::unavailable(reason.unwrap_or_else(|| BROKEN.to_owned()))
        }
    }
}

const BROKEN: &str = "the connection is broken";

/// Why nothing more can be stored by a connection, if that is what an event means.
fn reason(event: &Event) -> Option<String> {
    match event {
        Event::Disconnected | Event::Closed => Some(BROKEN.to_owned()),
        // Such as missing permissions: a message that may not be published is never acknowledged.
        Event::ServerError(ServerError::Other(error)) => Some(format!("the server says: {error}")),
        Event::ServerError(error) => Some(error.to_string()),
        _ => None,
    }
}

fn cannot_connect(error: ConnectError) -> SendError {
    match tls::advice(&error) {
        Some(advice) => SendError::unavailable(advice),
        None => SendError::unavailable(error),
    }
}
