//! The span of a request, on its way to the sink that writes into it. Without the feature `tracing`
//! there is none, and what stands for it here takes no room.

use std::fmt;
#[cfg(feature = "tracing")]
use std::{
    mem,
    panic::{self, AssertUnwindSafe},
};

use body_logger_core::Record;
#[cfg(feature = "tracing")]
use tracing::{dispatcher, span::Id, Dispatch, Span, Subscriber as _};
#[cfg(feature = "tracing")]
use tracing_subscriber::{registry::LookupSpan as _, Registry};

/// Keeps the span open in which a request came in: its id alone would mean nothing any more once
/// the request has been answered, which is before its record is written.
#[derive(Default)]
pub(crate) struct RequestSpan {
    #[cfg(feature = "tracing")]
    held: Held,
}

impl RequestSpan {
    /// The span that this thread is in.
    pub(crate) fn current() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            held: Held::contain(Span::current),
        }
    }

    /// The same span once more.
    pub(crate) fn share(&self) -> Self {
        Self {
            #[cfg(feature = "tracing")]
            held: Held::contain(|| self.held.0.clone()),
        }
    }

    /// Has the record lead to the span.
    pub(crate) fn travel_with(&self, record: &mut Record) {
        #[cfg(feature = "tracing")]
        if !self.held.0.is_none() {
            record.extensions_mut().insert(self.share());
        }
        #[cfg(not(feature = "tracing"))]
        let _ = record;
    }

    /// Runs `work` inside the span, with the subscriber that knows it, which need not be this thread's.
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

/// Spans that this thread is in until this is dropped.
#[cfg(feature = "tracing")]
struct Entered<'a> {
    subscriber: &'a Dispatch,
    registry: Option<&'a Registry>,
    /// The outermost first.
    spans: Vec<Id>,
}

#[cfg(feature = "tracing")]
impl<'a> Entered<'a> {
    /// Enters a span, and those around it where they are known: a layer that filters the innermost
    /// looks for the next enclosing one in the spans that the thread is in.
    ///
    /// In a registry that is done past its layers. To them nobody enters a span here.
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

/// A span whose subscriber may panic whenever it hears of it: also while a handler's panic unwinds,
/// where a second one would end the process.
// What a panic left behind in a subscriber is seen by all who use it, with or without this.
#[cfg(feature = "tracing")]
struct Held(AssertUnwindSafe<Span>);

#[cfg(feature = "tracing")]
impl Held {
    fn contain(span: impl FnOnce() -> Span) -> Self {
        let span = panic::catch_unwind(AssertUnwindSafe(span));
        Self(AssertUnwindSafe(span.unwrap_or_else(|_| Span::none())))
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
        let span = AssertUnwindSafe(mem::replace(&mut self.0 .0, Span::none()));
        // The last of its handles closes it.
        let _ = panic::catch_unwind(|| drop(span));
    }
}
