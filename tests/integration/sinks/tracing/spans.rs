//! In which spans events are, and how long that keeps spans open.

use std::{
    mem,
    sync::{Arc, Mutex},
};

use actix_web::{dev::Service as _, web, App, HttpResponse};
use actix_web_body_logger::{
    sink::{Memory, Tracing, TRACING_TARGET},
    BodyLogger, Record,
};
use tracing::{dispatcher, Dispatch, Instrument as _, Level};
use tracing_actix_web::TracingLogger;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, Layer as _, Registry};

use super::{
    super::{
        captured_tracing::{self, targets, Capture, Event, Happened, Span},
        Blocking,
    },
    finish, routes, serve, serve_routes,
};
use crate::app::{Gate, TestApp};

fn is_of(span: &Span, path: &str) -> bool {
    let target = span.fields.get("http.target");
    target.is_some_and(|target| target == path)
}

fn is_closed(path: &str) -> impl Fn(&Happened) -> bool + '_ {
    move |it| matches!(it, Happened::Closed(span) if is_of(span, path))
}

/// The event is the only one of its exchange, and in the span of its request.
#[track_caller]
fn only_event_in_its_span(path: &str) -> Event {
    let event = captured_tracing::global().events(path, 1).remove(0);
    let span = event.span.as_ref().expect("a span");
    assert!(is_of(span, path), "{event:?}");
    assert_eq!(span.target, "tracing_actix_web::root_span_builder");
    event
}

#[test]
fn an_event_of_the_queue_is_in_its_request_s_span_which_closes_behind_it() {
    let capture = captured_tracing::global();
    let logger = BodyLogger::builder().sink(Tracing::default()).build();
    let app = serve(&logger, None);
    let mut client = app.connect();
    let paths = ["/queued/status/200", "/queued/status/201"];
    for path in paths {
        client.get(path);
    }
    finish(app, &logger);
    for path in paths {
        let event = only_event_in_its_span(path);
        assert_eq!(event.thread.as_deref(), Some("body-logger"));
        let happened = capture.wait(2, |it| match it {
            Happened::Event(event) => event.fields.get("url.path").is_some_and(|it| it == path),
            Happened::Closed(span) => is_of(span, path),
        });
        assert!(matches!(
            happened[..],
            [Happened::Event(_), Happened::Closed(_)]
        ));
    }
}

#[test]
fn an_inline_event_is_in_its_request_s_span() {
    captured_tracing::global();
    let logger = BodyLogger::builder()
        .inline_sink(Tracing::default())
        .build();
    let app = serve(&logger, None);
    app.connect().get("/inline/status/200");
    finish(app, &logger);
    let event = only_event_in_its_span("/inline/status/200");
    let thread = event.thread.as_deref().unwrap_or_default();
    assert!(thread.starts_with("actix-"), "{thread}");
}

#[test]
fn whatever_way_an_exchange_ends_there_is_one_event_in_its_span() {
    captured_tracing::global();
    let logger = BodyLogger::builder().sink(Tracing::default()).build();
    let app = serve(&logger, None);
    for (path, outcome) in [
        ("/ways/status/200", "completed"),
        ("/ways/nowhere", "completed"),
        ("/ways/panics", "panicked"),
        ("/ways/breaks", "body_error"),
    ] {
        let mut client = app.connect();
        client.send(format!(
            "GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"
        ));
        // Whatever comes, until it hangs up.
        let _ = client.rest();
        let event = only_event_in_its_span(path);
        assert_eq!(event.fields["body_logger.outcome"], outcome);
    }
    let mut client = app.connect();
    client.send("GET /ways/endless HTTP/1.1\r\nhost: test\r\n\r\n");
    client.head();
    client.reset();
    let event = only_event_in_its_span("/ways/endless");
    assert_eq!(event.fields["body_logger.outcome"], "response_aborted");
    finish(app, &logger);
    captured_tracing::global().events("/ways/", 5);
}

#[test]
fn an_exchange_that_ends_unanswered_has_its_event_in_its_span() {
    captured_tracing::global();
    let (gate, keeper) = Gate::new();
    let gate = web::Data::new(gate);
    let logger = BodyLogger::builder().sink(Tracing::default()).build();
    let app = serve_routes(&logger, None, move |cfg| {
        let waits = |gate: web::Data<Gate>| async move {
            gate.pass().await;
            HttpResponse::Ok()
        };
        cfg.app_data(gate.clone())
            .route("/gone/waits", web::get().to(waits));
    });
    let mut client = app.connect();
    client.send("GET /gone/waits HTTP/1.1\r\nhost: test\r\n\r\n");
    keeper.wait();
    client.reset();
    let event = only_event_in_its_span("/gone/waits");
    assert_eq!(event.fields["body_logger.outcome"], "cancelled");
    assert_eq!(event.fields["error.type"], "cancelled");
    assert_eq!(event.level, Level::WARN);
    finish(app, &logger);
}

#[test]
fn where_the_span_begins_inside_the_logger_an_event_is_in_none() {
    let capture = captured_tracing::global();
    let logger = BodyLogger::builder().sink(Tracing::default()).build();
    let app = {
        let logger = logger.clone();
        let app = move || {
            App::new()
                .wrap(TracingLogger::default())
                .wrap(logger.clone())
                .configure(routes)
        };
        TestApp::serve(Memory::new(0), app, |server| server)
    };
    app.connect().get("/inside/status/200");
    finish(app, &logger);
    let event = capture.events("/inside/", 1).remove(0);
    assert_eq!(event.span, None);
}

#[test]
fn where_no_sink_of_the_queue_writes_into_spans_none_waits_for_it() {
    let capture = captured_tracing::global();
    for (path, inline) in [("/free/status/200", false), ("/free/status/201", true)] {
        let (sink, gate) = Blocking::new();
        let logger = BodyLogger::builder().sink(sink);
        let logger = if inline {
            logger.inline_sink(Tracing::default())
        } else {
            logger
        }
        .build();
        let app = serve(&logger, None);
        app.connect().get(path);
        gate.next();
        app.stop(true);
        // The record is still being written.
        capture.wait(1, is_closed(path));
        assert_eq!(logger.counters().queued, 1);
    }
}

#[test]
fn a_copy_of_a_record_keeps_no_span_open() {
    let capture = captured_tracing::global();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let logger = BodyLogger::builder()
        .sink(Tracing::default())
        .sink(move |record: &Record| keep.lock().expect("a lock").push(record.clone()))
        .build();
    let app = serve(&logger, None);
    app.connect().get("/kept/status/200");
    finish(app, &logger);
    capture.wait(1, is_closed("/kept/status/200"));
    assert_eq!(kept.lock().expect("a lock").len(), 1);
}

/// An event stands for each layer where an ordinary one would.
#[test]
fn an_event_is_in_the_innermost_span_that_a_layer_does_not_filter() {
    const INNER: &str = "inner";
    let [all, outer_only, none] = [(); 3].map(|()| Capture::default());
    let subscriber = || {
        let inner = |targets: Targets| targets.with_target(INNER, Level::TRACE);
        let own = Targets::new().with_target(TRACING_TARGET, Level::TRACE);
        Registry::default()
            .with(all.clone().with_filter(inner(targets())))
            .with(outer_only.clone().with_filter(targets()))
            .with(none.clone().with_filter(own))
    };
    let subscriber = Dispatch::new(subscriber());
    for (path, inline) in [("/nested/queued", false), ("/nested/inline", true)] {
        let logger = BodyLogger::builder();
        let logger = match inline {
            true => logger.inline_sink(Tracing::default()),
            false => logger.sink(Tracing::default()),
        };
        let logger = logger.build();
        let (served, worker) = (logger.clone(), subscriber.clone());
        let app = TestApp::serve(
            Memory::new(0),
            move || {
                // Until the thread ends.
                mem::forget(dispatcher::set_default(&worker));
                App::new()
                    .wrap(served.clone())
                    .wrap_fn(|request, service| {
                        let outer = tracing::info_span!(target: INNER, "outer");
                        let inner = tracing::info_span!(target: INNER, parent: &outer, "inner");
                        drop(outer);
                        // A future that is called in a span, as those of handlers are.
                        let called = inner.in_scope(|| service.call(request));
                        called.instrument(inner)
                    })
                    .wrap(TracingLogger::default())
                    .default_service(web::to(HttpResponse::Ok))
            },
            |server| server,
        );
        assert_eq!(app.connect().get(path).status, 200);
        finish(app, &logger);
        let span = |capture: &Capture| capture.events(path, 1).remove(0).span;
        assert_eq!(span(&all).expect("a span").target, INNER);
        let outer = span(&outer_only).expect("a span");
        assert!(is_of(&outer, path), "{outer:?}");
        assert_eq!(span(&none), None);
    }
}
