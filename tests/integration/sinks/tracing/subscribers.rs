//! To which subscribers events go, and that those cannot do harm.

use std::thread;

use actix_web_body_logger::{sink::Tracing, BodyLogger};
use tracing::{span::Id, Dispatch, Event, Subscriber};
use tracing_subscriber::{
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
    Layer, Registry,
};

use super::{
    super::{
        captured_tracing::{self, targets, Capture},
        Blocking,
    },
    finish, serve,
};

/// Panics on the queue's thread: on events, or when a span closes.
struct Panicking {
    on_events: bool,
}

impl Panicking {
    fn dispatch(self) -> Dispatch {
        Dispatch::new(Registry::default().with(self.with_filter(targets())))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Panicking {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let is_ours = event.metadata().target() == "actix_web_body_logger";
        assert!(!is_ours || !self.on_events, "an event, on purpose");
    }

    fn on_close(&self, _: Id, _: Context<'_, S>) {
        let queue = thread::current().name() == Some("body-logger");
        assert!(!queue || self.on_events, "the end of a span, on purpose");
    }
}

#[test]
fn an_event_goes_to_the_subscriber_of_its_span() {
    let own = Capture::default();
    let logger = BodyLogger::builder().sink(Tracing::default()).build();
    let app = serve(&logger, Some(&own.dispatch()));
    app.connect().get("/own/status/200");
    finish(app, &logger);
    let event = own.events("/own/", 1).remove(0);
    assert_eq!(event.thread.as_deref(), Some("body-logger"));
    assert!(event.span.is_some());
    captured_tracing::global().events("/own/", 0);
}

#[test]
fn a_subscriber_that_panics_is_contained_and_counted() {
    let subscriber = Panicking { on_events: true }.dispatch();
    for inline in [false, true] {
        let logger = BodyLogger::builder();
        let logger = if inline {
            logger.inline_sink(Tracing::default())
        } else {
            logger.sink(Tracing::default())
        }
        .build();
        let app = serve(&logger, Some(&subscriber));
        let mut client = app.connect();
        for _ in 0..3 {
            assert_eq!(client.get("/contained/status/200").status, 200);
        }
        // Where a handler's panic unwinds, a second one would end the process.
        client.send("GET /contained/panics HTTP/1.1\r\nhost: test\r\n\r\n");
        assert!(client.is_hung_up());
        finish(app, &logger);
        let counters = logger.counters();
        assert_eq!((counters.sink_panic, counters.written), (4, 0), "{inline}");
    }
}

#[test]
fn a_subscriber_that_panics_when_a_span_closes_is_contained() {
    let subscriber = Panicking { on_events: false }.dispatch();
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .sink(sink)
        .sink(Tracing::default())
        .build();
    let app = serve(&logger, Some(&subscriber));
    let mut client = app.connect();
    client.get("/closes/status/200");
    gate.next();
    client.get("/closes/status/200");
    // Now nobody but the queue holds the spans.
    app.stop(true);
    drop(gate.open);
    drop(logger.flush_guard());
    let counters = logger.counters();
    assert_eq!((counters.queued, counters.written), (0, 2), "{counters:?}");
}
