//! The way in, with a token and without.

use body_logger_inspector::Inspector;
use fantoccini::key::Key;
use serde_json::json;

use crate::{
    driver::{browse, browse_with},
    support::{fill, store},
};

#[test]
fn the_token_opens_the_page_that_was_asked_for() {
    let store = store();
    fill(&store, [json!({}), json!({"response": {"status": 503}})]);
    browse_with(
        Inspector::over(store).token("open sesame"),
        &[],
        async |browser| {
            browser.open("?q=status:5xx").await;
            browser.sees("Access token").await;
            browser.keys("wrong").await;
            browser.press(Key::Enter).await;
            browser
                .sees("That token is not valid. 4 tries left this minute.")
                .await;
            let text = browser
                .run("return document.documentElement.innerHTML")
                .await;
            assert!(!text.as_str().expect("text").contains("orders"), "{text}");
            browser.keys("open sesame").await;
            browser.press(Key::Enter).await;
            browser.rows(1).await;
            assert!(browser.address().await.contains("?q=status:5xx"));
            let cookies = browser.run("return document.cookie").await;
            assert_eq!(cookies, "");
        },
    );
}

#[test]
fn a_page_of_another_origin_gets_nothing() {
    let store = store();
    fill(&store, [json!({})]);
    // A name that leads here, as it does with DNS rebinding.
    browse(&store, async |browser| {
        let port = browser.server.address.port();
        let inspector = browser.url("/api/entries?limit=1");
        // Another port of this machine: what answers there is a page of its own.
        let other = crate::support::Server::start(
            Inspector::over(crate::support::store()).localhost_only(),
        );
        browser
            .client
            .goto(&format!("http://{}/elsewhere", other.address))
            .await
            .expect("a page");
        let script = format!(
            "return Promise.all(['cors', 'no-cors'].map((mode) => fetch('{inspector}', {{ mode, credentials: 'include' }})
                .then((response) => response.text(), (error) => 'refused'))).then((all) => all.join())"
        );
        let got = browser.run(&script).await;
        assert!(!got.as_str().expect("text").contains("orders"), "{got}");
        assert_ne!(port, other.address.port());
    });
}

#[test]
fn a_rebound_name_gets_nothing() {
    let store = store();
    fill(&store, [json!({})]);
    let inspector = Inspector::over(store).localhost_only();
    let rebind = "--host-resolver-rules=MAP evil.example 127.0.0.1";
    browse_with(inspector, &[rebind], async |browser| {
        let port = browser.server.address.port();
        browser
            .client
            .goto(&format!("http://evil.example:{port}/_inspector"))
            .await
            .expect("a page");
        assert_eq!(browser.text("body").await, "403 Forbidden");
    });
}
