//! What is said through the `tracing` crate, kept for tests to look at.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
};

use actix_web_body_logger::sink::TRACING_TARGET;
use base64::{engine::general_purpose::STANDARD, Engine as _};
use serde_json::{json, Value};
use tracing::{
    dispatcher,
    field::{Field, Visit},
    span::{Attributes, Id},
    Dispatch, Level, Subscriber,
};
use tracing_subscriber::{
    filter::Targets,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
    Layer, Registry,
};

use crate::app::PATIENCE;

/// The fields of an event or a span.
pub type Fields = BTreeMap<&'static str, Value>;

#[derive(Debug, Clone)]
pub enum Happened {
    Event(Event),
    /// A span of tracing-actix-web has closed.
    Closed(Span),
}

#[derive(Debug, Clone)]
pub struct Event {
    pub name: &'static str,
    pub level: Level,
    pub target: &'static str,
    pub span: Option<Span>,
    pub fields: Fields,
    pub thread: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    pub target: &'static str,
    pub fields: Fields,
}

/// A subscriber's memory. It hears of this crate's events and of tracing-actix-web's spans.
#[derive(Clone, Default)]
pub struct Capture(Arc<(Mutex<Vec<Happened>>, Condvar)>);

/// The capture of the global subscriber, which all tests share.
pub fn global() -> &'static Capture {
    static GLOBAL: LazyLock<Capture> = LazyLock::new(|| {
        let capture = Capture::default();
        dispatcher::set_global_default(capture.dispatch()).expect("no other in this binary");
        capture
    });
    &GLOBAL
}

impl Capture {
    /// A subscriber that captures here.
    pub fn dispatch(&self) -> Dispatch {
        Dispatch::new(Registry::default().with(self.clone().with_filter(targets())))
    }

    /// All that has happened for which `found` holds, once there are `count` of them.
    #[track_caller]
    pub fn wait(&self, count: usize, found: impl Fn(&Happened) -> bool) -> Vec<Happened> {
        let find = |all: &[Happened]| -> Vec<Happened> {
            all.iter().filter(|it| found(it)).cloned().collect()
        };
        let (all, _) = (self.0 .1)
            .wait_timeout_while(self.lock(), PATIENCE, |all| find(all).len() < count)
            .unwrap_or_else(PoisonError::into_inner);
        let found = find(&all);
        assert_eq!(found.len(), count, "{found:#?}");
        found
    }

    /// The events of the exchanges whose paths contain `path`, once there are `count` of them.
    #[track_caller]
    pub fn events(&self, path: &str, count: usize) -> Vec<Event> {
        self.events_where(count, |fields| {
            let shown = fields.get("url.path").and_then(Value::as_str);
            shown.is_some_and(|shown| shown.contains(path))
        })
    }

    /// The events for whose fields `found` holds, once there are `count` of them.
    #[track_caller]
    pub fn events_where(&self, count: usize, found: impl Fn(&Fields) -> bool) -> Vec<Event> {
        let happened = self.wait(
            count,
            |it| matches!(it, Happened::Event(event) if found(&event.fields)),
        );
        let event = |it| match it {
            Happened::Event(event) => event,
            Happened::Closed(_) => unreachable!("events were looked for"),
        };
        happened.into_iter().map(event).collect()
    }

    /// All that has happened so far.
    pub fn all(&self) -> Vec<Happened> {
        self.lock().clone()
    }

    fn push(&self, happened: Happened) {
        self.lock().push(happened);
        self.0 .1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Happened>> {
        self.0 .0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn targets() -> Targets {
    Targets::new()
        .with_target(TRACING_TARGET, Level::TRACE)
        .with_target("tracing_actix_web", Level::TRACE)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Visitor(&mut fields));
        let target = attributes.metadata().target();
        let span = context.span(id).expect("a new span");
        // Several layers may capture one span.
        span.extensions_mut().replace(Span { target, fields });
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != TRACING_TARGET {
            return;
        }
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        let span = context.event_span(event);
        self.push(Happened::Event(Event {
            name: event.metadata().name(),
            level: *event.metadata().level(),
            target: event.metadata().target(),
            span: span.map(|span| span.extensions().get().cloned().expect("its fields")),
            fields,
            thread: thread::current().name().map(str::to_owned),
        }));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("a span that closes");
        let span = span.extensions().get().cloned().expect("its fields");
        self.push(Happened::Closed(span));
    }
}

struct Visitor<'a>(&'a mut Fields);

impl Visitor<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let earlier = self.0.insert(field.name(), value.into());
        assert_eq!(earlier, None, "{field} twice");
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        // Which OpenTelemetry has as a text.
        self.put(field, format!("{value}, unsigned"));
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        // Which is not what a text in base64 would be.
        self.put(field, json!({ "base64": STANDARD.encode(value) }));
    }
}
