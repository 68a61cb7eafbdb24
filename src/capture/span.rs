//! The span of a request, carried to the sink that writes into it. Without the feature `tracing` its type is empty.

use std::fmt;
#[cfg(feature = "tracing")]
use std::{mem, panic::AssertUnwindSafe};

#[cfg(feature = "tracing")]
use body_logger_core::contain;
use body_logger_core::Record;
#[cfg(feature = "tracing")]
use tracing::{dispatcher, span::Id, Dispatch, Span, Subscriber as _};
#[cfg(feature = "tracing")]
use tracing_subscriber::{registry::LookupSpan as _, Registry};

/// Keeps the request's span open until its record is written, which is after the response: the id of a closed span
/// is useless.
#[derive(Default)]
pub(crate) struct RequestSpan {
    #[cfg(feature = "tracing")]
    held: Held,
}

impl RequestSpan {
    /// Returns the span that this thread is in.
    pub(crate) fn current() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            held: Held::contain(Span::current),
        }
    }

    /// Returns another handle of the same span. Like `clone`, but contains panics of the subscriber.
    pub(crate) fn share(&self) -> Self {
        Self {
            #[cfg(feature = "tracing")]
            held: Held::contain(|| self.held.0.clone()),
        }
    }

    /// Attaches the span to a record.
    pub(crate) fn travel_with(&self, record: &mut Record) {
        #[cfg(feature = "tracing")]
        if !self.held.0.is_none() {
            record.extensions_mut().insert(self.share());
        }
        #[cfg(not(feature = "tracing"))]
        let _ = record;
    }

    /// Runs `work` inside the span, with the span's own subscriber, which need not be this thread's.
    #[cfg(feature = "tracing")]
    pub(crate) fn in_scope(&self, work: impl FnOnce()) {
        let known = (self.held.0).with_subscriber(|(id, by)| (id.clone(), by.clone()));
        match known {
            Some((id, subscriber)) => dispatcher::with_default(&subscriber, || {
                let _entered = Entered::enter(&subscriber, id);
                work();
            }),
            None => work(),
        }
    }
}

/// Spans that this thread has entered, exited on drop.
#[cfg(feature = "tracing")]
struct Entered<'a> {
    subscriber: &'a Dispatch,
    registry: Option<&'a Registry>,
    /// Outermost first.
    spans: Vec<Id>,
}

#[cfg(feature = "tracing")]
impl<'a> Entered<'a> {
    /// Enters a span, and the known spans around it: a layer that filters out the innermost span searches for the next
    /// enclosing one among the spans that the thread has entered.
    ///
    /// With a [`Registry`] this bypasses its layers, which do not see the spans entered.
    fn enter(subscriber: &'a Dispatch, id: Id) -> Self {
        let registry = subscriber.downcast_ref::<Registry>();
        let found = registry.and_then(|registry| registry.span(&id));
        let entered = match found {
            Some(span) => {
                let mut spans: Vec<Id> = span.scope().map(|span| span.id()).collect();
                spans.reverse();
                Self {
                    subscriber,
                    registry,
                    spans,
                }
            }
            None => Self {
                subscriber,
                registry: None,
                spans: vec![id],
            },
        };
        for id in &entered.spans {
            match entered.registry {
                Some(registry) => registry.enter(id),
                None => subscriber.enter(id),
            }
        }
        entered
    }
}

#[cfg(feature = "tracing")]
impl Drop for Entered<'_> {
    fn drop(&mut self) {
        for id in self.spans.iter().rev() {
            match self.registry {
                Some(registry) => registry.exit(id),
                None => self.subscriber.exit(id),
            }
        }
    }
}

impl fmt::Debug for RequestSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestSpan")
    }
}

/// A span handle that contains panics of its subscriber: it may be dropped while a handler's panic unwinds, where a
/// second panic would abort the process.
// Unwind-safe: if a panic breaks the subscriber's state, all its users see that anyway.
#[cfg(feature = "tracing")]
struct Held(AssertUnwindSafe<Span>);

#[cfg(feature = "tracing")]
impl Held {
    fn contain(span: impl FnOnce() -> Span) -> Self {
        let span = contain(span).unwrap_or_else(|_| Span::none());
        Self(AssertUnwindSafe(span))
    }
}

#[cfg(feature = "tracing")]
impl Default for Held {
    fn default() -> Self {
        Self(AssertUnwindSafe(Span::none()))
    }
}

#[cfg(feature = "tracing")]
impl Drop for Held {
    fn drop(&mut self) {
        let span = mem::replace(&mut self.0 .0, Span::none());
        // Dropping the last handle closes the span, which calls the subscriber.
        let _ = contain(|| drop(span));
    }
}
