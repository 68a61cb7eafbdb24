//! The policy: which exchanges are recorded, which of their bodies are captured, and which of those are kept when the
//! exchange ends.

mod body_mode;
mod level;
mod required;
mod rule;
mod tail_sampling;

use actix_web::{dev::ServiceRequest, http::header::HeaderName, HttpMessage as _};
use body_logger_core::record::Reason;
pub use body_logger_core::Unrecorded;
use mime::Mime;

pub use self::{
    body_mode::{BodyMode, BufferOptions, OverLimit, DEFAULT_BUFFER_BYTES, DEFAULT_BUFFER_TIMEOUT},
    level::CaptureLevel,
    required::{Guarantee, OnLoss, Quorum, RequiredOptions, DEFAULT_REQUIRED_TIMEOUT},
    rule::Rule,
    tail_sampling::{Summary, TailSampling, Unsampled},
};
use self::{level::AtomicLevel, rule::Rules};
pub use crate::capture::{MemoryBudget, DEFAULT_MEMORY_BUDGET, MAX_HEAD, MAX_HEAD_VALUE};
#[cfg(feature = "hash")]
use crate::content::BodyDigest;
pub(crate) use crate::spool::Side;
#[cfg(feature = "encrypt")]
#[cfg_attr(docsrs, doc(cfg(feature = "encrypt")))]
pub use crate::spool::{AgeRecipient, ParseAgeRecipientError};
pub use crate::spool::{Spool, SpoolBuilder, SpoolSync, WhenSlow, DEFAULT_SPOOL_WAITING, PARTIAL};
use crate::{
    capture::{CapturedBody, KeptPart, RequestId},
    content::{Essence, EventCounter, Kind, KnownHeaders},
    spool::{BodySpool, LoggerOptions},
};

/// Default maximum number of bytes kept of a body, for each direction: 32 KiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 32 * 1024;

/// Whether long-lived exchanges are announced by a [start stage](crate::record::Stage::Start).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartRecords {
    /// No start stages.
    #[default]
    Off,
    /// A start stage when a long-lived response begins: server-sent events, a WebSocket or another tunnel.
    LongLived,
}

/// What the policy decided at the beginning of an exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection {
    level: CaptureLevel,
    rule: Option<usize>,
}

/// How a body is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyPolicy {
    /// Why it is only counted and not captured, if so.
    pub(crate) withheld: Option<Reason>,
    /// Whether it is an uncompressed event stream, whose events can be separated.
    pub(crate) events: bool,
}

impl BodyPolicy {
    pub(crate) fn withheld(reason: Reason) -> Self {
        Self {
            withheld: Some(reason),
            events: false,
        }
    }
}

/// All options that decide what is recorded.
#[derive(Debug)]
pub(crate) struct Policy {
    rules: Rules,
    level: AtomicLevel,
    pub(crate) max_body_bytes: usize,
    pub(crate) memory_budget: MemoryBudget,
    #[cfg(feature = "hash")]
    pub(crate) digest: Option<BodyDigest>,
    pub(crate) request_mode: BodyMode,
    pub(crate) response_mode: BodyMode,
    pub(crate) buffer: BufferOptions,
    pub(crate) required: RequiredOptions,
    pub(crate) start_records: StartRecords,
    pub(crate) show_error_messages: bool,
    /// The request header whose value is adopted as the id.
    pub(crate) adopted_id: Option<HeaderName>,
    /// The response headers to add: the id, and the processing time.
    pub(crate) id_header: Option<HeaderName>,
    pub(crate) time_header: Option<HeaderName>,
    pub(crate) extra_media_types: Vec<Mime>,
    pub(crate) tail_sampling: Option<TailSampling>,
    pub(crate) keep_refused: bool,
}

impl Policy {
    pub(crate) fn new() -> Self {
        Self {
            rules: Rules::default(),
            level: AtomicLevel::new(CaptureLevel::default()),
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            memory_budget: MemoryBudget::process(),
            #[cfg(feature = "hash")]
            digest: None,
            request_mode: BodyMode::default(),
            response_mode: BodyMode::default(),
            buffer: BufferOptions::default(),
            required: RequiredOptions::default(),
            start_records: StartRecords::default(),
            show_error_messages: false,
            adopted_id: None,
            id_header: None,
            time_header: None,
            extra_media_types: Vec::new(),
            tail_sampling: None,
            keep_refused: false,
        }
    }

    pub(crate) fn push(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(crate) fn set_level(&self, level: CaptureLevel) {
        self.level.set(level);
    }

    pub(crate) fn level(&self) -> CaptureLevel {
        self.level.get()
    }

    /// Decides how an exchange is recorded. Returns `None` if it gets no record.
    pub(crate) fn select(&self, req: &ServiceRequest) -> Option<Selection> {
        if req.extensions().contains::<Unrecorded>() {
            return None;
        }
        let rule = self.rules.first_match(req);
        let level = match rule.and_then(|rule| self.rules.get(rule)) {
            Some(rule) => rule.level,
            None => self.level.get(),
        };
        (level != CaptureLevel::Off).then_some(Selection { level, rule })
    }

    fn rule(&self, selection: Selection) -> Option<&Rule> {
        self.rules.get(selection.rule?)
    }

    /// Returns what holds of the exchange's records.
    pub(crate) fn guarantee(&self, selection: Selection) -> Guarantee {
        let rule = self.rule(selection);
        rule.map_or(Guarantee::default(), |rule| rule.guarantee)
    }

    /// Whether a rule requires delivery.
    pub(crate) fn requires_delivery(&self) -> bool {
        self.rules.iter().any(Rule::requires_delivery)
    }

    /// Whether the exchange's level includes the body of this side.
    pub(crate) fn captures(&self, selection: Selection, side: Side) -> bool {
        selection.level.captures(side)
    }

    /// Returns the maximum number of bytes kept of a body.
    pub(crate) fn max_body_bytes(&self, selection: Selection) -> usize {
        let rule = self.rule(selection);
        rule.and_then(|rule| rule.max_body_bytes)
            .unwrap_or(self.max_body_bytes)
    }

    /// Creates the capture of a body.
    pub(crate) fn body(&self, selection: Selection, body_policy: BodyPolicy) -> CapturedBody {
        let BodyPolicy { withheld, events } = body_policy;
        // The latest events of a stream matter most.
        let part = if events {
            KeptPart::Suffix
        } else {
            KeptPart::Prefix
        };
        CapturedBody {
            events: events.then(EventCounter::default),
            #[cfg(feature = "hash")]
            digest: (self.digest.as_ref())
                .filter(|_| !matches!(withheld, Some(Reason::Upgrade | Reason::Head)))
                .map(BodyDigest::start),
            ..CapturedBody::new(
                self.max_body_bytes(selection),
                part,
                withheld,
                &self.memory_budget,
            )
        }
    }

    /// Begins to keep a body whole, if that is configured and the exchange's level includes the body. Its media type does
    /// not matter, as nothing of the file is shown.
    pub(crate) fn spool(
        &self,
        side: Side,
        length: Option<u64>,
        withheld: Option<Reason>,
    ) -> Option<Box<BodySpool>> {
        let mode = match side {
            Side::Request => &self.request_mode,
            Side::Response => &self.response_mode,
        };
        let BodyMode::Spool(spool) = mode else {
            return None;
        };
        let has_file = matches!(withheld, None | Some(Reason::MediaType | Reason::Decode));
        let logger = || LoggerOptions {
            budget: self.memory_budget.clone(),
            #[cfg(feature = "hash")]
            digest: self.digest.clone(),
        };
        has_file.then(|| Box::new(spool.begin(side, length, logger())))
    }

    /// Whether any body may be slowed down to the disk that keeps it.
    pub(crate) fn slows_down(&self) -> bool {
        let slows_down =
            |mode: &BodyMode| matches!(mode, BodyMode::Spool(spool) if spool.slows_down());
        slows_down(&self.request_mode) || slows_down(&self.response_mode)
    }

    /// Decides how a body with these headers is recorded.
    pub(crate) fn body_policy(
        &self,
        selection: Selection,
        side: Side,
        headers: &KnownHeaders<'_>,
    ) -> BodyPolicy {
        let essence = headers.essence();
        let essence = essence.map(|essence| (essence, essence.kind()));
        let withheld = if !selection.level.captures(side) {
            Some(Reason::Level)
        } else if !essence.is_some_and(|(essence, kind)| self.wants(selection, essence, kind)) {
            Some(Reason::MediaType)
        } else if side == Side::Response && headers.codings().is_none() {
            // Responses only: a request's `Content-Encoding` may be false, and is checked against its bytes.
            Some(Reason::Decode)
        } else {
            None
        };
        BodyPolicy {
            withheld,
            events: essence.is_some_and(|(_, kind)| kind == Kind::Events)
                && (headers.codings()).is_some_and(|codings| codings.is_empty()),
        }
    }

    fn wants(&self, selection: Selection, essence: Essence<'_>, kind: Kind) -> bool {
        let in_ranges = |ranges: &[Mime]| ranges.iter().any(|range| essence.is_in(range));
        let own = self
            .rule(selection)
            .and_then(|rule| rule.media_types.as_deref());
        match own {
            Some(own) => in_ranges(own),
            None => kind.is_captured_by_default() || in_ranges(&self.extra_media_types),
        }
    }

    /// Whether the request's body is discarded because the response has this status.
    pub(crate) fn discards_request_body(&self, status: Option<u16>) -> bool {
        !self.keep_refused && matches!(status, Some(401 | 403))
    }

    /// Decides what is kept of an exchange that has ended. The id and the summary are computed only if needed.
    pub(crate) fn verdict<'s>(
        &self,
        status: Option<u16>,
        id: impl FnOnce() -> &'s RequestId,
        summary: impl FnOnce() -> Summary<'s>,
    ) -> Verdict {
        match &self.tail_sampling {
            Some(sampling) if !sampling.is_sampled(&summary(), id) => match sampling.otherwise {
                Unsampled::Metadata => Verdict::Metadata,
                Unsampled::Nothing => Verdict::Nothing,
            },
            _ if self.discards_request_body(status) => Verdict::WithoutRequestBody,
            _ => Verdict::Everything,
        }
    }
}

/// What is kept of an exchange that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Everything,
    WithoutRequestBody,
    Metadata,
    Nothing,
}
