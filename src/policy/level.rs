//! Capture levels: how much of an exchange is recorded.

use std::sync::atomic::{AtomicU8, Ordering};

use super::Side;

/// How much of an exchange is recorded. The names are those of Kubernetes' audit levels, plus `Response`, and
/// with `Off` for `None`.
///
/// ```
/// use actix_web_body_logger::{BodyLogger, CaptureLevel, Rule};
///
/// let logger = BodyLogger::builder()
///     .rule(Rule::new(CaptureLevel::Off).path("/health"))
///     .rule(Rule::new(CaptureLevel::Metadata).path("/files/{name}"))
///     .level(CaptureLevel::Response)
///     .build();
/// # drop(logger);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureLevel {
    /// Nothing: the exchange gets no record.
    Off,
    /// Everything except the bodies, which are only counted.
    Metadata,
    /// Metadata and the request's body.
    Request,
    /// Metadata and the response's body.
    Response,
    /// Metadata and both bodies.
    #[default]
    RequestResponse,
}

impl CaptureLevel {
    const ALL: [Self; 5] = [
        Self::Off,
        Self::Metadata,
        Self::Request,
        Self::Response,
        Self::RequestResponse,
    ];

    pub(super) fn captures(self, side: Side) -> bool {
        match self {
            Self::Off | Self::Metadata => false,
            Self::Request => side == Side::Request,
            Self::Response => side == Side::Response,
            Self::RequestResponse => true,
        }
    }
}

/// A [`CaptureLevel`] that can be changed while other threads read it.
#[derive(Debug)]
pub(super) struct AtomicLevel(AtomicU8);

impl AtomicLevel {
    pub(super) fn new(level: CaptureLevel) -> Self {
        Self(AtomicU8::new(level as u8))
    }

    pub(super) fn get(&self) -> CaptureLevel {
        // Only discriminants of `CaptureLevel` are ever stored.
        let stored = usize::from(self.0.load(Ordering::Relaxed));
        CaptureLevel::ALL.get(stored).copied().unwrap_or_default()
    }

    pub(super) fn set(&self, level: CaptureLevel) {
        self.0.store(level as u8, Ordering::Relaxed);
    }
}
