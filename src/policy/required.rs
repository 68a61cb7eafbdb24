//! Required delivery: no request is handled, and no response ends, without a durable record.

use std::time::Duration;

/// Default maximum time that a request or response waits for its record to be durable: 5 seconds.
pub const DEFAULT_REQUIRED_TIMEOUT: Duration = Duration::from_secs(5);

/// What holds of the records of an exchange. Set for a [rule](crate::Rule::guarantee).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Guarantee {
    /// The client comes first: no request and no response waits for a record. Records that are lost are counted, and
    /// named by gap records.
    #[default]
    BestEffort,
    /// The record comes first: nothing is done unrecorded. The exchange has two records, with the stages
    /// [`Request`](crate::record::Stage::Request) and [`Response`](crate::record::Stage::Response).
    ///
    /// - Before the handler is called, the request stage is durable in the
    ///   [required sinks](crate::BodyLoggerBuilder::required_sink): metadata, and the body if it is
    ///   [buffered](crate::policy::BodyMode::Buffer). If it is not
    ///   [in time](RequiredOptions::timeout), the response is 503 (Service Unavailable) with `Retry-After`, the handler
    ///   is not called, and one more record says [`Refused`](crate::Outcome::Refused).
    /// - Before the response ends, the response stage is durable, too. Its outcome is
    ///   [`Released`](crate::Outcome::Released). Of a body with a known size the chunk that completes it waits, of a
    ///   stream only its end; a response without a body waits as a whole. If the record is not durable in time,
    ///   [`OnLoss`] applies: the handler has run, and a 503 would be a lie.
    /// - If the response is not passed on to its end after that, or goes on past it, a stage
    ///   [`End`](crate::record::Stage::End) with the true outcome follows, best effort. An exchange that ends earlier, as by
    ///   a panic, because the client has gone, or because the body fails or ends short, has no end to wait for: its response
    ///   stage has the true outcome, and is best effort.
    ///
    /// Over HTTP/1 serve such routes with `HttpServer::tcp_nodelay(true)`: actix sends the head before the held end of a
    /// body, which the operating system otherwise holds back until the client has acknowledged the head, for 40 ms and
    /// more. From actix-web 4.19 on that is the default.
    ///
    /// Tail sampling does not apply, nor [`Unrecorded`](crate::policy::Unrecorded) once the handler runs.
    Required,
}

/// What to do with a response whose record is not durable in time, on routes that
/// [require](Guarantee::Required) it. The handler has run by then.
///
/// A response without a body, such as a 204 or one to `HEAD`, cannot be cut. It is passed on and counted in any case,
/// and so is an error of an inner service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnLoss {
    /// Cut it off before its end: the connection is closed, or the stream reset in HTTP/2. Counted in
    /// [`required_cut`](crate::sink::Counters::required_cut).
    #[default]
    Cut,
    /// Pass it on. Counted in [`required_released`](crate::sink::Counters::required_released).
    Release,
}

/// How many of several required sinks must have a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quorum {
    /// Each of them. If one is down, requests are refused.
    #[default]
    All,
    /// One of them.
    Any,
}

/// Options of [required delivery](Guarantee::Required).
///
/// ```
/// use std::time::Duration;
///
/// use actix_web_body_logger::{
///     policy::{Guarantee, OnLoss, RequiredOptions},
///     sink::{DurableSink, JsonLines},
///     BodyLogger, CaptureLevel, Rule,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-required-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// let logger = BodyLogger::builder()
///     .rule(Rule::new(CaptureLevel::RequestResponse).path("/payments").guarantee(Guarantee::Required))
///     .required(RequiredOptions::default().timeout(Duration::from_secs(2)).on_loss(OnLoss::Release))
///     .required_sink(DurableSink::new(JsonLines::open(path)?)?)
///     .build();
/// # drop(logger);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "it does nothing until it is given to a builder"]
pub struct RequiredOptions {
    pub(crate) timeout: Duration,
    pub(crate) retry_after: Duration,
    pub(crate) on_loss: OnLoss,
    pub(crate) quorum: Quorum,
}

impl Default for RequiredOptions {
    fn default() -> Self {
        Self {
            timeout: DEFAULT_REQUIRED_TIMEOUT,
            retry_after: Duration::from_secs(1),
            on_loss: OnLoss::default(),
            quorum: Quorum::default(),
        }
    }
}

impl RequiredOptions {
    /// Maximum time that a request waits for its record to be durable before it is refused, and a response before
    /// [`on_loss`](Self::on_loss) applies.
    ///
    /// Defaults to [`DEFAULT_REQUIRED_TIMEOUT`], 5 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Time after which a refused client may try again, in the `Retry-After` of the 503. Rounded up to whole seconds.
    ///
    /// Defaults to one second.
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// What to do with a response whose record is not durable in time.
    ///
    /// Defaults to [`OnLoss::Cut`].
    pub fn on_loss(mut self, choice: OnLoss) -> Self {
        self.on_loss = choice;
        self
    }

    /// How many of several required sinks must have a record.
    ///
    /// Defaults to [`Quorum::All`].
    pub fn quorum(mut self, quorum: Quorum) -> Self {
        self.quorum = quorum;
        self
    }
}
