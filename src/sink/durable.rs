//! `DurableSink`, a sink that may be required.

use std::{error::Error, fmt};

use super::{QueueOptions, Sink};

/// A sink that [says that it is durable](Sink::is_durable), for
/// [`required_sink`](crate::BodyLoggerBuilder::required_sink).
///
/// ```
/// use actix_web_body_logger::{sink::DurableSink, Record};
///
/// // What is printed is not durable.
/// let refused = DurableSink::new(|record: &Record| println!("{}", record.id));
/// assert!(refused.is_err());
/// ```
#[must_use = "it does nothing until it is given to a builder"]
pub struct DurableSink {
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) queue: QueueOptions,
}

impl DurableSink {
    /// Accepts a sink that is durable, such as a [`JsonLinesFile`](super::JsonLinesFile).
    ///
    /// # Errors
    ///
    /// Returns an error if it says that it is not.
    pub fn new(sink: impl Sink) -> Result<Self, NotDurable> {
        if !sink.is_durable() {
            return Err(NotDurable {
                name: sink.name().into_owned(),
            });
        }
        Ok(Self {
            sink: Box::new(sink),
            queue: QueueOptions::default(),
        })
    }

    /// Options of its queue.
    ///
    /// Defaults to [those of all queues](crate::BodyLoggerBuilder::queue).
    pub fn queue(mut self, options: QueueOptions) -> Self {
        self.queue = options;
        self
    }
}

impl fmt::Debug for DurableSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableSink")
            .field("sink", &self.sink.name())
            .field("queue", &self.queue)
            .finish()
    }
}

/// Error: a sink cannot be required, as it [does not say that it is durable](Sink::is_durable).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotDurable {
    name: String,
}

impl fmt::Display for NotDurable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        write!(f, "{name} cannot be required: it is not durable")
    }
}

impl Error for NotDurable {}
