//! A browser on a page of a server.

use std::{
    env,
    future::Future,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    panic::Location,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use body_logger_inspector::Inspector;
use body_logger_store::Store;
use fantoccini::{key::Key, wd::Capabilities, Client, ClientBuilder, Locator};
use serde_json::{json, Value};
use uuid::Uuid;

use crate::support::Server;

/// How long something that is awaited may take. Only a failure reaches it.
const PATIENCE: Duration = Duration::from_secs(20);

const INSTALL: &str = "chromedriver is needed: apt-get install chromium chromium-driver";

/// A browser, and the server whose page it shows.
pub(crate) struct Browser {
    pub(crate) client: Client,
    pub(crate) server: Server,
    /// Where the driver listens, for commands that the client does not know.
    #[allow(dead_code, reason = "only the bench needs it")]
    pub(crate) driver: SocketAddr,
}

/// The driver of the browser, ended with the test.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a test with a browser that shows the inspector of a store, on this machine only.
pub(crate) fn browse(store: &Store, test: impl AsyncFnOnce(Browser)) {
    browse_with(Inspector::over(store.clone()).localhost_only(), &[], test);
}

/// Like [`browse`], with an inspector and arguments of the browser.
pub(crate) fn browse_with(
    inspector: Inspector,
    arguments: &[&str],
    test: impl AsyncFnOnce(Browser),
) {
    browse_as(inspector, capabilities(arguments), test);
}

/// What a browser with these arguments is asked for.
pub(crate) fn capabilities(arguments: &[&str]) -> Capabilities {
    let mut all = vec![
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--window-size=1440,1040",
    ];
    all.extend(arguments);
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": all }));
    capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
    capabilities
}

/// Like [`browse`], with an inspector and what is asked of the browser.
pub(crate) fn browse_as(
    inspector: Inspector,
    capabilities: Capabilities,
    test: impl AsyncFnOnce(Browser),
) {
    let started = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else {
        assert!(
            env::var_os("BODY_LOGGER_BROWSER_REQUIRED").is_none(),
            "{INSTALL}"
        );
        return;
    };
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let _driver = Driver(child);
    let port = output.lines().find_map(|line| {
        let line = line.expect("output of chromedriver");
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse::<u16>().ok()
    });
    let port = port.expect("the driver's port");
    let driver = SocketAddr::from(([127, 0, 0, 1], port));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut builder =
            ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let builder = builder.capabilities(capabilities);
        let client = builder
            .connect(&format!("http://{driver}"))
            .await
            .expect("a browser");
        let server = Server::start(inspector);
        let browser = Browser {
            client: client.clone(),
            server,
            driver,
        };
        browser.open("").await;
        test(browser).await;
        client.close().await.expect("a browser that closes");
    });
}

impl Browser {
    pub(crate) fn url(&self, query: &str) -> String {
        format!("http://{}/_inspector{query}", self.server.address)
    }

    pub(crate) async fn open(&self, query: &str) {
        self.client.goto(&self.url(query)).await.expect("the page");
    }

    /// Runs a script of the test and returns what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, vec![])
            .await
            .expect("a script that runs")
    }

    /// Waits until a script returns something true, and returns it.
    #[track_caller]
    pub(crate) fn until<'a>(&'a self, script: &'a str) -> impl Future<Output = Value> + 'a {
        let caller = Location::caller();
        async move {
            let deadline = Instant::now() + PATIENCE;
            loop {
                let value = self.run(&format!("return {script}")).await;
                let waits =
                    matches!(value, Value::Null | Value::Bool(false)) || value == "" || value == 0;
                if !waits {
                    return value;
                }
                if Instant::now() > deadline {
                    let text = self.run("return document.body.innerText").await;
                    panic!("{caller}: never true: {script}\n{text}");
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Waits until the page shows a text.
    #[track_caller]
    pub(crate) fn sees(&self, text: &str) -> impl Future<Output = ()> + '_ {
        let script = format!("document.body.innerText.includes({})", json!(text));
        self.happens(script)
    }

    /// Waits until there is an element.
    #[track_caller]
    pub(crate) fn finds(&self, selector: &str) -> impl Future<Output = ()> + '_ {
        self.happens(format!("!!document.querySelector({})", json!(selector)))
    }

    /// Waits until an element, which need not be there yet, shows a text.
    #[track_caller]
    pub(crate) fn shows(&self, selector: &str, text: &str) -> impl Future<Output = ()> + '_ {
        let (selector, text) = (json!(selector), json!(text));
        let script = format!("document.querySelector({selector})?.innerText.includes({text})");
        self.happens(script)
    }

    /// Waits until a script returns something true.
    #[track_caller]
    fn happens(&self, script: String) -> impl Future<Output = ()> + '_ {
        let caller = Location::caller();
        async move {
            let deadline = Instant::now() + PATIENCE;
            while self.run(&format!("return !!({script})")).await != true {
                if Instant::now() > deadline {
                    let text = self.run("return document.body.innerText").await;
                    panic!("{caller}: never true: {script}\n{text}");
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Waits until there are that many rows in the list, by its own count.
    #[track_caller]
    pub(crate) fn rows(&self, count: usize) -> impl Future<Output = ()> + '_ {
        // The head is a row, too.
        let script = format!(
            "document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '{}'",
            count + 1
        );
        let counted = self.happens(script);
        async move {
            counted.await;
            self.drawn().await;
        }
    }

    /// Opens a record by its address, and waits until both sides are there.
    #[track_caller]
    pub(crate) fn open_record(&self, id: Uuid) -> impl Future<Output = ()> + '_ {
        let shown = self.finds("[aria-label=Response]");
        async move {
            self.open(&format!("?record={id}")).await;
            shown.await;
        }
    }

    /// The texts of all elements that match.
    pub(crate) async fn texts(&self, selector: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll({})].map((it) => it.textContent)",
            json!(selector)
        );
        serde_json::from_value(self.run(&script).await).expect("texts")
    }

    /// Clicks the button with this text.
    pub(crate) async fn choose(&self, within: &str, text: &str) {
        let (within, text) = (json!(within), json!(text));
        let script = format!(
            "[...document.querySelectorAll(`${{{within}}} button`)].find((it) => it.innerText === {text}).click()"
        );
        self.run(&script).await;
    }

    /// Waits until what is due has been drawn: the list draws in the frame after it knows of a row.
    async fn drawn(&self) {
        self.run(
            "window.drawn = false;
            requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = true; }));
            return null",
        )
        .await;
        self.until("window.drawn").await;
    }

    /// Types keys where the focus is.
    pub(crate) async fn keys(&self, keys: &str) {
        let element = self
            .client
            .active_element()
            .await
            .expect("a focused element");
        element.send_keys(keys).await.expect("keys");
    }

    pub(crate) async fn press(&self, key: Key) {
        self.keys(&String::from(char::from(key))).await;
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self
            .client
            .find(Locator::Css(selector))
            .await
            .expect("an element to click");
        element.click().await.expect("a click");
    }

    pub(crate) async fn address(&self) -> String {
        self.client
            .current_url()
            .await
            .expect("an address")
            .to_string()
    }

    /// The text of an element.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let element = self
            .client
            .find(Locator::Css(selector))
            .await
            .expect("an element");
        element.text().await.expect("its text")
    }
}
