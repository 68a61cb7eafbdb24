//! Which exchanges are recorded, which of their bodies are captured, and which of those are kept in
//! the end.

mod keep_bodies;
mod level;
mod rule;

use actix_web::dev::ServiceRequest;
use mime::Mime;

pub use self::{
    keep_bodies::{KeepBodies, Otherwise, Summary},
    level::Level,
    rule::Rule,
};
use self::{level::AtomicLevel, rule::Rules};
use crate::{
    known_headers::KnownHeaders,
    media_type::{Essence, Kind},
    request_id::RequestId,
};
use body_logger_core::record::Reason;

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

/// What the policy said of an exchange when it began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection {
    level: Level,
    rule: Option<usize>,
}

/// How a body is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Treatment {
    /// Why it is counted but not captured, if it is not.
    pub(crate) withheld: Option<Reason>,
    /// Whether it is a stream of events that can be told apart.
    pub(crate) events: bool,
}

impl Treatment {
    pub(crate) fn withheld(reason: Reason) -> Self {
        Self {
            withheld: Some(reason),
            events: false,
        }
    }
}

/// All that decides on what is recorded.
#[derive(Debug)]
pub(crate) struct Policy {
    rules: Rules,
    level: AtomicLevel,
    pub(crate) max_body_bytes: usize,
    extra_media_types: Vec<Mime>,
    pub(crate) keep: Option<KeepBodies>,
    pub(crate) keep_refused: bool,
}

impl Policy {
    pub(crate) fn new(max_body_bytes: usize) -> Self {
        Self {
            rules: Rules::default(),
            level: AtomicLevel::new(Level::default()),
            max_body_bytes,
            extra_media_types: Vec::new(),
            keep: None,
            keep_refused: false,
        }
    }

    pub(crate) fn push(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(crate) fn capture(&mut self, media_type: Mime) {
        self.extra_media_types.push(media_type);
    }

    pub(crate) fn set_level(&self, level: Level) {
        self.level.set(level);
    }

    pub(crate) fn level(&self) -> Level {
        self.level.get()
    }

    /// What is recorded of an exchange, or none if it gets no record.
    pub(crate) fn select(&self, req: &ServiceRequest) -> Option<Selection> {
        let rule = self.rules.first_match(req);
        let level = match rule.and_then(|rule| self.rules.get(rule)) {
            Some(rule) => rule.level,
            None => self.level.get(),
        };
        (level != Level::Off).then_some(Selection { level, rule })
    }

    fn rule(&self, selection: Selection) -> Option<&Rule> {
        self.rules.get(selection.rule?)
    }

    /// Whether the exchange's level asks for a body.
    pub(crate) fn captures(&self, selection: Selection, side: Side) -> bool {
        selection.level.captures(side)
    }

    /// The most bytes of a body that are kept.
    pub(crate) fn max_body_bytes(&self, selection: Selection) -> usize {
        let rule = self.rule(selection);
        rule.and_then(|rule| rule.max_body_bytes)
            .unwrap_or(self.max_body_bytes)
    }

    /// How a body under these headers is recorded.
    pub(crate) fn treatment(
        &self,
        selection: Selection,
        side: Side,
        headers: &KnownHeaders<'_>,
    ) -> Treatment {
        let essence = headers.essence();
        let essence = essence.map(|essence| (essence, essence.kind()));
        let withheld = if !selection.level.captures(side) {
            Some(Reason::Level)
        } else if !essence.is_some_and(|(essence, kind)| self.wants(selection, essence, kind)) {
            Some(Reason::MediaType)
        } else if side == Side::Response && headers.codings().is_none() {
            // What a client says of its request may not be so.
            Some(Reason::Decode)
        } else {
            None
        };
        Treatment {
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

    /// What becomes, in the end, of the bodies that were captured. The id and the summary are made
    /// if someone looks at them.
    pub(crate) fn verdict<'s>(
        &self,
        status: Option<u16>,
        id: impl FnOnce() -> &'s RequestId,
        summary: impl FnOnce() -> Summary<'s>,
    ) -> Verdict {
        match &self.keep {
            Some(keep) if !keep.holds(&summary(), id) => match keep.otherwise {
                Otherwise::Metadata => Verdict::Metadata,
                Otherwise::Nothing => Verdict::Nothing,
            },
            _ if !self.keep_refused && matches!(status, Some(401 | 403)) => {
                Verdict::WithoutRequestBody
            }
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
