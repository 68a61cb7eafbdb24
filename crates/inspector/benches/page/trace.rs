//! The browser's trace, taken through its driver.

use std::net::SocketAddr;

use fantoccini::wd::Capabilities;
use serde_json::{json, Value};

use crate::{
    driver::{self, Browser},
    http::send,
};

/// Few, as a trace ends after a hundred thousand events.
const CATEGORIES: &str =
    "blink.user_timing,rail,devtools.timeline,disabled-by-default-devtools.timeline.frame";

/// Marks when the first row is in the page.
const MARK_ROWS: &str = "new MutationObserver((_, observer) => {
    if (!document.querySelector('.rows .row:not(.loading)')) return;
    observer.disconnect();
    performance.mark('bench-rows');
}).observe(document, { childList: true, subtree: true });";

/// Asks for a browser that traces itself.
pub(crate) fn capabilities() -> Capabilities {
    let mut capabilities = driver::capabilities(&[]);
    capabilities["goog:chromeOptions"]["perfLoggingPrefs"] =
        json!({ "enableNetwork": false, "enablePage": false, "traceCategories": CATEGORIES });
    capabilities["goog:loggingPrefs"]["performance"] = json!("ALL");
    capabilities
}

/// Reads the trace of a browser.
pub(crate) struct Tracer<'b> {
    browser: &'b Browser,
    session: String,
    driver: SocketAddr,
}

/// When a load painted what, in milliseconds since its beginning.
pub(crate) struct Load {
    pub(crate) first_paint: f64,
    pub(crate) first_rows: f64,
}

pub(crate) struct Frames {
    pub(crate) per_second: f64,
    /// Milliseconds within which 95 % of frames follow the one before.
    pub(crate) most_within: f64,
}

impl<'b> Tracer<'b> {
    pub(crate) async fn new(browser: &'b Browser) -> Self {
        let session = browser.client.session_id().await;
        let tracer = Self {
            browser,
            session: session.expect("an answer").expect("a session"),
            driver: browser.driver,
        };
        let script = json!({ "source": MARK_ROWS });
        tracer.devtools("Page.addScriptToEvaluateOnNewDocument", &script);
        tracer
    }

    /// All loads of the page after the first, which began before rows were marked. The trace is read once: it ends with that.
    pub(crate) fn loads(&self) -> Vec<Load> {
        let events = self.events();
        let navigation = |event: &Value| {
            event["args"]["data"]["navigationId"]
                .as_str()
                .map(str::to_owned)
        };
        let starts = events.iter().filter(|event| {
            let address = event["args"]["data"]["documentLoaderURL"].as_str();
            event["name"] == "navigationStart"
                && address.is_some_and(|it| it.contains("_inspector"))
        });
        let load = |start: &Value| {
            let of_it = |name: &str| {
                let found = |event: &&Value| {
                    event["name"] == name && navigation(event) == navigation(start)
                };
                events.iter().find(found)
            };
            let rows = of_it("bench-rows")?;
            let painted = events
                .iter()
                .filter(|event| event["name"] == "Paint" && event["pid"] == rows["pid"]);
            let painted =
                painted.map(|event| time(event) + event["dur"].as_f64().unwrap_or_default());
            let painted = painted
                .filter(|end| *end > time(rows))
                .fold(f64::INFINITY, f64::min);
            Some(Load {
                first_paint: (time(of_it("firstContentfulPaint")?) - time(start)) / 1e3,
                first_rows: (painted - time(start)) / 1e3,
            })
        };
        starts.filter_map(load).collect()
    }

    /// Turns the wheel over the list.
    pub(crate) async fn scroll(&self, pixels_per_second: u32, seconds: u32) {
        self.browser.run("performance.mark('bench-scroll')").await;
        let gesture = json!({
            "x": 500, "y": 600, "yDistance": -f64::from(pixels_per_second * seconds), "speed": pixels_per_second,
            "gestureSourceType": "mouse", "preventFling": true
        });
        self.devtools("Input.synthesizeScrollGesture", &gesture);
        self.browser.run("performance.mark('bench-scrolled')").await;
    }

    /// The frames of all scrolls. The trace is read once: it ends with that.
    pub(crate) fn scrolls(&self) -> Vec<Frames> {
        let events = self.events();
        let times = |name: &str| {
            let found = events.iter().filter(|event| event["name"] == name);
            let mut times: Vec<f64> = found.map(time).collect();
            times.sort_by(f64::total_cmp);
            times
        };
        let drawn = times("DrawFrame");
        let frames = |(begun, ended): (f64, f64)| {
            let drawn: Vec<f64> = drawn
                .iter()
                .copied()
                .filter(|at| *at > begun && *at < ended)
                .collect();
            let mut gaps: Vec<f64> = drawn
                .windows(2)
                .map(|pair| (pair[1] - pair[0]) / 1e3)
                .collect();
            gaps.sort_by(f64::total_cmp);
            Frames {
                per_second: gaps.len() as f64 / gaps.iter().sum::<f64>() * 1e3,
                most_within: gaps[gaps.len() * 95 / 100],
            }
        };
        times("bench-scroll")
            .into_iter()
            .zip(times("bench-scrolled"))
            .map(frames)
            .collect()
    }

    fn events(&self) -> Vec<Value> {
        let entries = self.command("se/log", &json!({ "type": "performance" }));
        let entries = entries.as_array().cloned().unwrap_or_default();
        let message = |entry: &Value| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &message["message"];
            (message["method"] == "Tracing.dataCollected").then(|| message["params"].clone())
        };
        entries.iter().filter_map(message).collect()
    }

    pub(crate) fn devtools(&self, command: &str, parameters: &Value) {
        let body = json!({ "cmd": command, "params": parameters });
        self.command("goog/cdp/execute", &body);
    }

    fn command(&self, command: &str, body: &Value) -> Value {
        let path = format!("POST /session/{}/{command}", self.session);
        let response = send(
            self.driver,
            &path,
            &["content-type: application/json"],
            &body.to_string(),
        );
        assert_eq!(response.status, 200, "{command}: {}", response.body);
        let answer: Value = serde_json::from_str(&response.body).expect("JSON");
        answer["value"].clone()
    }
}

/// In microseconds.
fn time(event: &Value) -> f64 {
    event["ts"].as_f64().unwrap_or_default()
}
