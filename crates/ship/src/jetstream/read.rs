//! Messages in the order of their stream.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::consumer::{pull, AckPolicy, Consumer, DeliverPolicy};
use futures_util::StreamExt;

use super::{connection::Connection, JetStream};
use crate::{
    destination::SendError,
    read_back::{Page, PageFuture, Source, Wanted},
};

/// Number of messages that are asked for at once.
const MESSAGES: usize = 256;

/// How long the server keeps a consumer that nobody asks for more.
const INACTIVE: Duration = Duration::from_secs(300);

/// The clocks of an application and of a server may differ so much.
const CLOCK_SKEW: Duration = Duration::from_secs(60 * 60);

/// A consumer that acknowledges nothing, and is made anew at the position where it is lost.
pub(super) struct Messages {
    jetstream: JetStream,
    open: Option<Open>,
}

struct Open {
    consumer: Consumer<pull::Config>,
    connection: Connection,
}

impl Messages {
    pub(super) fn of(jetstream: JetStream) -> Self {
        Self {
            jetstream,
            open: None,
        }
    }

    async fn open(&self, wanted: &Wanted) -> Result<Open, SendError> {
        let jetstream = &self.jetstream;
        let options = jetstream.options().map_err(SendError::unavailable)?;
        let servers = jetstream.servers.clone();
        let connection = Connection::open(options, servers).await?;
        let stream = connection.jetstream.get_stream(&jetstream.stream).await;
        let stream = stream.map_err(SendError::unavailable)?;
        let filter_subject = match jetstream.instance.is_empty() {
            true => String::new(),
            false => (jetstream.template).of_instance(&jetstream.service, &jetstream.instance),
        };
        let consumer = stream.create_consumer(pull::Config {
            deliver_policy: deliver_policy(wanted),
            ack_policy: AckPolicy::None,
            filter_subject,
            inactive_threshold: INACTIVE,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        });
        Ok(Open {
            consumer: consumer.await.map_err(SendError::unavailable)?,
            connection,
        })
    }

    async fn next_page(&mut self, wanted: &Wanted) -> Result<Page, SendError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => self.open(wanted).await?,
        };
        let broken = open.connection.broken();
        let page = tokio::select! {
            page = fetch(&open.consumer) => page,
            error = broken => Err(error),
        }?;
        self.open = Some(open);
        Ok(page)
    }
}

impl Source for Messages {
    fn page<'a>(&'a mut self, wanted: &'a Wanted) -> PageFuture<'a> {
        // What fails leaves no connection behind.
        Box::pin(self.next_page(wanted))
    }
}

/// A message is stored after its exchange began.
fn deliver_policy(wanted: &Wanted) -> DeliverPolicy {
    let since = wanted.from.and_then(|from| from.checked_sub(CLOCK_SKEW));
    match since.filter(|since| wanted.behind == 0 && *since > SystemTime::UNIX_EPOCH) {
        Some(since) => DeliverPolicy::ByStartTime {
            start_time: since.into(),
        },
        None => DeliverPolicy::ByStartSequence {
            start_sequence: wanted.behind.saturating_add(1),
        },
    }
}

async fn fetch(consumer: &Consumer<pull::Config>) -> Result<Page, SendError> {
    let messages = consumer.fetch().max_messages(MESSAGES).messages().await;
    let mut messages = messages.map_err(SendError::unavailable)?;
    let mut page = Page {
        rows: Vec::new(),
        is_last: true,
    };
    while let Some(message) = messages.next().await {
        let message = message.map_err(SendError::unavailable)?;
        let info = message.info().map_err(SendError::unavailable)?;
        page.is_last = info.pending == 0;
        page.rows
            .push((info.stream_sequence, message.payload.clone()));
    }
    Ok(page)
}
