//! One connection to a server, which ends for good when it breaks.

use std::{
    future::Future,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};

use async_nats::{jetstream, ConnectError, ConnectOptions, Event, ServerAddr};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    task::JoinHandle,
};

use crate::SendError;

/// Longer than anybody holds a connection that is broken.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// The client reconnects by itself, and then sends what it still holds: a part of a batch, before or after what was read
/// back. So it is kept from reconnecting, and has a runtime of its own, with which all of its tasks end at once.
pub(super) struct Connection {
    pub(super) jetstream: jetstream::Context,
    broken: watch::Receiver<bool>,
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
        max_in_flight: usize,
    ) -> Result<Self, SendError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("ship-nats")
            .enable_all()
            .build();
        let tasks = Tasks(Some(runtime.map_err(SendError::unavailable)?));
        let (breaks, broken) = watch::channel(false);
        let is_connected = Arc::new(AtomicBool::new(false));
        let reconnects = Arc::clone(&is_connected);
        let options = options
            .reconnect_delay_callback(move |_| match reconnects.load(Relaxed) {
                true => NEVER,
                false => Duration::ZERO,
            })
            .event_callback(move |event| {
                if let Event::Disconnected | Event::Closed = event {
                    breaks.send_replace(true);
                }
                std::future::ready(())
            });
        let opened = tasks.spawn(async move {
            let client = options.connect(servers).await?;
            is_connected.store(true, Relaxed);
            let jetstream = jetstream::context::ContextBuilder::new()
                .max_ack_inflight(max_in_flight)
                .backpressure_on_inflight(true)
                .build(client);
            Ok::<_, ConnectError>(jetstream)
        });
        let jetstream = opened.await.map_err(SendError::unavailable)?;
        Ok(Self {
            jetstream: jetstream.map_err(SendError::unavailable)?,
            broken,
            _tasks: tasks,
        })
    }

    /// Returns when the connection is broken.
    pub(super) fn broken(&self) -> impl Future<Output = SendError> {
        let mut broken = self.broken.clone();
        async move {
            // A sender that is gone means the same.
            let _ = broken.wait_for(|broken| *broken).await;
            SendError::unavailable("the connection is broken")
        }
    }
}
